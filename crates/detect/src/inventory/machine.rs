//! The machine and its system, from `os-release`, `cpuinfo`, `meminfo` and `stat`.

use super::clean;
use baluardo_model::Timestamp;
use baluardo_model::inventory::System;

/// Name, id, version and code name of an `os-release` file (freedesktop.org, os-release(5)).
#[must_use]
pub fn system(os_release: &str) -> System {
    let mut system = System::default();
    for line in os_release.lines().take(200) {
        let Some((name, value)) = line.split_once('=') else { continue };
        let value = clean(&unquote(value.trim()));
        match name.trim() {
            "PRETTY_NAME" => system.name = value,
            "ID" => system.id = value,
            "VERSION_ID" => system.version = value,
            "VERSION_CODENAME" => system.codename = value,
            _ => {}
        }
    }
    system
}

fn unquote(value: &str) -> String {
    let quoted = |quote| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    match (quoted('"'), quoted('\'')) {
        (Some(inner), _) => inner.replace("\\\"", "\"").replace("\\\\", "\\"),
        (None, Some(inner)) => inner.to_owned(),
        (None, None) => value.to_owned(),
    }
}

/// Name of the processor and its threads.
#[must_use]
pub fn processor(cpuinfo: &str) -> (String, u64) {
    let value = |line: &str, name: &str| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| clean(value))
    };
    let name = |wanted| cpuinfo.lines().find_map(|line| value(line, wanted));
    let threads = cpuinfo.lines().filter(|line| value(line, "processor").is_some()).count();
    (name("model name").or_else(|| name("Model")).unwrap_or_default(), threads as u64)
}

/// Bytes of memory.
#[must_use]
pub fn memory(meminfo: &str) -> u64 {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0).saturating_mul(1024)
}

/// When the system started, from `/proc/stat`.
#[must_use]
pub fn booted_at(stat: &str) -> Option<Timestamp> {
    let seconds: i64 = stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    Some(Timestamp::from_micros(seconds.checked_mul(1_000_000)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_is_named_by_its_os_release() {
        let text = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian\"\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\nID=debian\n#x\n";
        let system = system(text);
        assert_eq!(system.name, "Debian GNU/Linux 12 (bookworm)");
        assert_eq!(
            (system.id.as_str(), system.version.as_str(), system.codename.as_str()),
            ("debian", "12", "bookworm")
        );
    }

    #[test]
    fn the_machine_is_counted() {
        let info = "processor\t: 0\nmodel name\t: Intel(R) Core(TM) i5-6500 CPU\nflags\t: a b\n\nprocessor\t: 1\nmodel name\t: x\n";
        assert_eq!(processor(info), ("Intel(R) Core(TM) i5-6500 CPU".to_owned(), 2));
        assert_eq!(processor(""), (String::new(), 0));
        assert_eq!(memory("MemTotal:        8000 kB\nMemFree: 1 kB\n"), 8_192_000);
        assert_eq!(booted_at("cpu 1 2\nbtime 1795339800\n"), Some(Timestamp::from_micros(1_795_339_800_000_000)));
        assert_eq!(booted_at("btime x"), None);
    }
}
