//! Walks folders without following symbolic links and without stopping at what cannot be read.

use std::path::{Path, PathBuf};

/// All folders from `root` down, `root` first, except those (and what lies below) for which `skip` says so.
pub fn folders(root: &Path, skip: &dyn Fn(&Path) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(root, skip, &mut |path| found.push(path.to_owned()), &mut |_| ());
    found
}

/// Calls `with` for each regular file from `root` down, except below folders for which `skip` says so.
pub fn files(root: &Path, skip: &dyn Fn(&Path) -> bool, with: &mut dyn FnMut(&Path)) {
    walk(root, skip, &mut |_| (), with);
}

/// Calls `with` for each symbolic link from `root` down, with where it points.
pub fn links(root: &Path, skip: &dyn Fn(&Path) -> bool, with: &mut dyn FnMut(PathBuf, PathBuf)) {
    for folder in folders(root, skip) {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            if let Ok(target) = std::fs::read_link(entry.path()) {
                with(entry.path(), target);
            }
        }
    }
}

fn walk(root: &Path, skip: &dyn Fn(&Path) -> bool, on_folder: &mut dyn FnMut(&Path), on_file: &mut dyn FnMut(&Path)) {
    let is_folder = |path: &Path| std::fs::symlink_metadata(path).is_ok_and(|meta| meta.is_dir());
    let mut waiting = vec![root.to_owned()];
    while let Some(folder) = waiting.pop() {
        if skip(&folder) || !is_folder(&folder) {
            continue;
        }
        on_folder(&folder);
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => waiting.push(entry.path()),
                Ok(kind) if kind.is_file() => on_file(&entry.path()),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_not_followed_and_skipped_folders_not_entered() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["a/b", "a/skip/deep"] {
            std::fs::create_dir_all(dir.path().join(name)).unwrap();
        }
        std::fs::write(dir.path().join("a/b/file"), b"").unwrap();
        std::fs::write(dir.path().join("a/skip/deep/file"), b"").unwrap();
        std::os::unix::fs::symlink(dir.path().join("a"), dir.path().join("a/b/loop")).unwrap();
        let skip = |path: &Path| path.ends_with("skip");
        let mut found = folders(dir.path(), &skip);
        found.sort();
        assert_eq!(found, [dir.path().to_owned(), dir.path().join("a"), dir.path().join("a/b")]);
        let mut seen = Vec::new();
        files(dir.path(), &skip, &mut |path| seen.push(path.to_owned()));
        assert_eq!(seen, [dir.path().join("a/b/file")]);
    }
}
