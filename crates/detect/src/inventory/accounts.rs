//! Accounts and administrators, from `passwd`, `group` and `sudoers`.

use super::clean;
use baluardo_model::inventory::{Account, MAX_ACCOUNTS};
use std::collections::BTreeMap;

/// Groups whose members may become root or read every log, on Debian, Ubuntu and Red Hat.
const ADMIN_GROUPS: [&str; 6] = ["sudo", "wheel", "admin", "adm", "root", "lxd"];

/// The accounts of `passwd`, each with why it is an administrator. `sudoers` holds the texts of the file and of what it
/// includes. `adm` reads logs and is told, though it is no right to become root.
#[must_use]
pub fn accounts(passwd: &str, group: &str, sudoers: &[String]) -> Vec<Account> {
    let groups = Groups::read(group);
    let granted = granted(sudoers);
    let mut found = Vec::new();
    for line in passwd.lines().take(MAX_ACCOUNTS * 4) {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, uid, gid, _, _, shell] = fields.as_slice() else { continue };
        let (Ok(uid), false) = (uid.parse::<u64>(), name.is_empty()) else { continue };
        let mut admin = Vec::new();
        if uid == 0 {
            admin.push("uid 0".to_owned());
        }
        let member_of = groups.of(name, gid);
        admin.extend(
            ADMIN_GROUPS.iter().filter(|it| uid != 0 && member_of.contains(*it)).map(|it| format!("group {it}")),
        );
        if granted.iter().any(|who| {
            who == name
                || who.strip_prefix('%').is_some_and(|it| !ADMIN_GROUPS.contains(&it) && member_of.contains(&it))
        }) {
            admin.push("sudoers".to_owned());
        }
        let login = !["nologin", "false", "sync", "shutdown", "halt"].iter().any(|it| shell.ends_with(it));
        found.push(Account { name: clean(name), uid, login, admin });
        if found.len() > MAX_ACCOUNTS {
            break;
        }
    }
    found
}

/// The name of each account by its number.
#[must_use]
pub fn names(passwd: &str) -> BTreeMap<u64, String> {
    let entry = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        Some((fields.nth(1)?.parse().ok()?, clean(name)))
    };
    // Where several have one number, the first is meant.
    passwd.lines().rev().filter_map(entry).collect()
}

/// Groups with their members.
struct Groups<'g> {
    members: Vec<(&'g str, &'g str, Vec<&'g str>)>,
}

impl<'g> Groups<'g> {
    fn read(group: &'g str) -> Self {
        let line = |line: &'g str| {
            let fields: Vec<&str> = line.split(':').collect();
            let [name, _, gid, members] = fields.as_slice() else { return None };
            Some((*name, *gid, members.split(',').filter(|one| !one.is_empty()).collect()))
        };
        Self { members: group.lines().filter_map(line).collect() }
    }

    /// The groups of an account, that of its number included.
    fn of(&self, account: &str, gid: &str) -> Vec<&'g str> {
        let belongs = |(_, number, members): &&(&str, &str, Vec<&str>)| *number == gid || members.contains(&account);
        self.members.iter().filter(belongs).map(|(name, _, _)| *name).collect()
    }
}

/// Who is granted anything as anybody: names, and groups with `%`. Aliases are taken apart.
fn granted(sudoers: &[String]) -> Vec<String> {
    let mut aliases: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut found: Vec<String> = Vec::new();
    for text in sudoers {
        for line in text.replace("\\\n", " ").lines() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if let Some(alias) = line.strip_prefix("User_Alias") {
                if let Some((name, who)) = alias.split_once('=') {
                    aliases.insert(name.trim().to_owned(), who.split(',').map(|one| one.trim().to_owned()).collect());
                }
                continue;
            }
            let is_setting = ["Defaults", "Cmnd_Alias", "Host_Alias", "Runas_Alias", "@include"];
            if !line.contains('=') || is_setting.iter().any(|it| line.starts_with(it)) {
                continue;
            }
            if let Some(who) = line.split_whitespace().next() {
                found.extend(who.split(',').map(str::to_owned));
            }
        }
    }
    let spread = |who: String| aliases.get(&who).cloned().unwrap_or_else(|| vec![who]);
    found.into_iter().flat_map(spread).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\ntoor:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/var/www:/usr/sbin/nologin\n\
        anna:x:1000:1000:Anna:/home/anna:/bin/bash\nbruno:x:1001:1001::/home/bruno:/bin/bash\nciro:x:1002:27::/home/ciro:/bin/bash\n\
        dora:x:1003:1003::/home/dora:/bin/bash\nnonsense\n:x:1:1:::\n";
    const GROUP: &str = "root:x:0:\nsudo:x:27:anna\nadm:x:4:syslog,anna\nanna:x:1000:\ntecnici:x:2000:dora\n";

    fn admin(name: &str, sudoers: &[&str]) -> Vec<String> {
        let sudoers: Vec<String> = sudoers.iter().map(|it| (*it).to_owned()).collect();
        accounts(PASSWD, GROUP, &sudoers).into_iter().find(|one| one.name == name).unwrap().admin
    }

    #[test]
    fn administrators_are_told_with_the_reason() {
        assert_eq!(admin("root", &[]), ["uid 0"]);
        assert_eq!(admin("toor", &[]), ["uid 0"]);
        assert_eq!(admin("anna", &[]), ["group sudo", "group adm"]);
        assert_eq!(admin("ciro", &[]), ["group sudo"], "by the group of its own number");
        assert!(admin("bruno", &["Defaults env_reset\n# bruno ALL=(ALL) ALL\nanna ALL=(ALL) ALL\n"]).is_empty());
        assert_eq!(admin("bruno", &["bruno\tALL=(ALL:ALL) NOPASSWD: ALL"]), ["sudoers"]);
        assert_eq!(admin("dora", &["%tecnici ALL = /usr/bin/apt"]), ["sudoers"]);
        assert_eq!(admin("dora", &["User_Alias CAPI = bruno, \\\n dora\nCAPI ALL=(ALL) ALL"]), ["sudoers"]);
    }

    #[test]
    fn who_cannot_log_in_is_told_so() {
        let found = accounts(PASSWD, GROUP, &[]);
        assert_eq!(found.len(), 7, "what is no account is passed over");
        let login: Vec<_> = found.iter().filter(|one| !one.login).map(|one| one.name.as_str()).collect();
        assert_eq!(login, ["www-data"]);
        assert_eq!(names(PASSWD).get(&0).map(String::as_str), Some("root"));
    }
}
