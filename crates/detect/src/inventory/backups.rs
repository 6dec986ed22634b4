//! When a backup last ran, from the names and small files that backup programs leave.

use baluardo_model::Timestamp;

/// The instant in the name of one of duplicity's files: `duplicity-full.20261122T093000Z.manifest.gpg`; of an increment
/// the later of the two.
#[must_use]
pub fn of_duplicity(name: &str) -> Option<Timestamp> {
    if !name.starts_with("duplicity-") || !name.contains(".manifest") {
        return None;
    }
    name.split('.').filter_map(compact).max()
}

/// `20261122T093000Z`.
fn compact(text: &str) -> Option<Timestamp> {
    let (day, hour) = text.strip_suffix('Z')?.split_once('T')?;
    let part = |text: &str, from: usize, to: usize| text.get(from..to).map(str::to_owned);
    if day.len() != 8 || hour.len() != 6 {
        return None;
    }
    let (year, month, day) = (part(day, 0, 4)?, part(day, 4, 6)?, part(day, 6, 8)?);
    let (hour, minute, second) = (part(hour, 0, 2)?, part(hour, 2, 4)?, part(hour, 4, 6)?);
    utc(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))
}

/// The instant in the name of one of timeshift's snapshots, by the wall clock of the place: `2026-11-22_09-30-01`.
#[must_use]
pub fn of_timeshift(name: &str) -> Option<Timestamp> {
    let (day, time) = name.split_once('_')?;
    let mut day = day.split('-');
    let mut time = time.split('-');
    let date = (day.next()?.parse().ok()?, day.next()?.parse().ok()?, day.next()?.parse().ok()?);
    let clock = (time.next()?.parse().ok()?, time.next()?.parse().ok()?, time.next()?.parse().ok()?);
    Timestamp::of_wall(date, clock)
}

/// The instant in borg's file `manifest-timestamp`: `2026-11-22T09:30:00.123456`, in UTC.
#[must_use]
pub fn of_borg(text: &str) -> Option<Timestamp> {
    let text = text.trim().trim_end_matches("+00:00").trim_end_matches('Z');
    utc(&format!("{text}Z"))
}

/// The folder of rsnapshot's backups in its configuration.
#[must_use]
pub fn folder_of_rsnapshot(conf: &str) -> Option<&str> {
    conf.lines().find_map(|line| line.strip_prefix("snapshot_root")).map(str::trim).filter(|path| path.starts_with('/'))
}

fn utc(text: &str) -> Option<Timestamp> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(at: Option<Timestamp>) -> Option<String> {
        at.map(Timestamp::rfc3339)
    }

    #[test]
    fn each_program_tells_its_time_in_its_own_way() {
        let increment = "duplicity-inc.20261101T000000Z.to.20261122T093000Z.manifest.gpg";
        assert_eq!(told(of_duplicity(increment)).as_deref(), Some("2026-11-22T09:30:00Z"));
        assert_eq!(told(of_timeshift("2026-11-22_10-30-00")).as_deref(), Some("2026-11-22T09:30:00Z"));
        assert_eq!(told(of_borg("2026-11-22T09:30:00.5\n")).as_deref(), Some("2026-11-22T09:30:00.5Z"));
        assert_eq!(told(of_borg("2026-11-22T09:30:00+00:00")).as_deref(), Some("2026-11-22T09:30:00Z"));
        assert_eq!(folder_of_rsnapshot("# x\nsnapshot_root\t/srv/copie/\n"), Some("/srv/copie/"));
    }

    #[test]
    fn what_is_no_time_tells_none() {
        for name in
            ["duplicity-full.20261322T093000Z.manifest", "duplicity-full.x.manifest", "photo.20261122T093000Z.manifest"]
        {
            assert_eq!(of_duplicity(name), None, "{name}");
        }
        assert_eq!(of_timeshift("2026-11-22"), None);
        assert_eq!(of_timeshift("2026-11-31_10-30-00"), None);
        assert_eq!(of_borg("yesterday"), None);
        assert_eq!(folder_of_rsnapshot("snapshot_root relative"), None);
    }
}
