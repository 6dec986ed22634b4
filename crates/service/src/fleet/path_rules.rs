//! Which folders may be watched and scanned.

use crate::error::Error;

/// The most bytes of one path.
const MAX_PATH: usize = 1_024;

/// Where the kernel shows itself as files: nothing there is a document, and marking it can stop the machine.
const KERNEL: [&str; 3] = ["/proc", "/sys", "/dev"];

/// The folders, tidied: no spaces around, no slash at the end, no path twice.
///
/// # Errors
/// [`Error::Invalid`] for `field`: `policy.too_many` beyond `most`, `policy.path_relative`, `policy.path_root`,
/// `policy.path_kernel`, `policy.path_bad` (too long, `..`, control characters).
pub(super) fn check_folders(field: &'static str, folders: &[String], most: usize) -> Result<Vec<String>, Error> {
    let mut tidy: Vec<String> = Vec::new();
    for folder in folders.iter().map(|folder| folder.trim()).filter(|folder| !folder.is_empty()) {
        let path = check_folder(field, folder)?;
        if !tidy.contains(&path) {
            tidy.push(path);
        }
    }
    if tidy.len() > most {
        let message = format!("{} folders are given, {most} is the most: name a folder above them", tidy.len());
        return Err(Error::invalid(field, "policy.too_many", message));
    }
    Ok(tidy)
}

fn check_folder(field: &'static str, folder: &str) -> Result<String, Error> {
    let refuse = |code, why: &str| Err(Error::invalid(field, code, format!("{folder:?} {why}")));
    if !folder.starts_with('/') {
        return refuse("policy.path_relative", "must be the whole path, from the first slash on");
    }
    if folder.len() > MAX_PATH || folder.chars().any(char::is_control) || folder.split('/').any(|part| part == "..") {
        return refuse("policy.path_bad", "is too long, or holds `..` or control characters");
    }
    let parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.is_empty() {
        return refuse("policy.path_root", "is the whole disk: name the folders that hold documents");
    }
    let path = format!("/{}", parts.join("/"));
    if KERNEL.iter().any(|kernel| path == *kernel || path.starts_with(&format!("{kernel}/"))) {
        return refuse("policy.path_kernel", "belongs to the system and holds no documents");
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(folder: &str) -> &'static str {
        match check_folders("scan_folders", &[folder.to_owned()], 8) {
            Ok(_) => "ok",
            Err(error) => error.code(),
        }
    }

    #[test]
    fn folders_that_hold_no_documents_are_refused_with_their_reason() {
        for (folder, expected) in [
            ("home", "policy.path_relative"),
            ("/", "policy.path_root"),
            ("//./", "policy.path_root"),
            ("/proc", "policy.path_kernel"),
            ("/./sys/fs", "policy.path_kernel"),
            ("/dev/", "policy.path_kernel"),
            ("/srv/../etc", "policy.path_bad"),
            ("/srv/a\nb", "policy.path_bad"),
            ("/devices", "ok"),
        ] {
            assert_eq!(code(folder), expected, "{folder}");
        }
        assert_eq!(code(&format!("/{}", "a".repeat(1_024))), "policy.path_bad");
    }

    #[test]
    fn folders_are_tidied_and_counted_once() {
        let given = [" /srv//condivisa/ ".to_owned(), "/srv/condivisa".to_owned(), String::new()];
        assert_eq!(check_folders("scan_folders", &given, 1).unwrap(), ["/srv/condivisa"]);
        let two = ["/a".to_owned(), "/b".to_owned()];
        assert_eq!(check_folders("scan_folders", &two, 1).unwrap_err().code(), "policy.too_many");
    }
}
