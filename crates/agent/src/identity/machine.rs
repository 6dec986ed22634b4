//! What this computer calls itself.

/// The computer's name on its network, `unknown` when it does not say.
#[must_use]
pub fn hostname() -> String {
    first_line("/proc/sys/kernel/hostname").unwrap_or_else(|| "unknown".to_owned())
}

/// Operating system and version, for people ("Debian GNU/Linux 12 (bookworm)").
#[must_use]
pub fn operating_system() -> String {
    let named = std::fs::read_to_string("/etc/os-release").ok().and_then(|text| pretty_name(&text));
    named.unwrap_or_else(|| std::env::consts::OS.to_owned())
}

fn pretty_name(os_release: &str) -> Option<String> {
    let value = os_release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    let name = value.trim().trim_matches('"');
    (!name.is_empty()).then(|| name.to_owned())
}

fn first_line(path: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    let line = text.lines().next()?.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pretty_name_is_read_without_its_quotes() {
        let text = "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n";
        assert_eq!(pretty_name(text).as_deref(), Some("Debian GNU/Linux 12 (bookworm)"));
        assert_eq!(pretty_name("ID=x\n"), None);
    }
}
