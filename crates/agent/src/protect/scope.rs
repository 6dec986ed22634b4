//! Which files the policy means.

use baluardo_model::fleet::Policy;
use std::path::{Component, Path, PathBuf};

/// Folders below guarded ones that hold no documents but change all day.
const LEFT_ALONE: [&str; 5] = [".cache", ".thumbnails", "node_modules", ".git", "__pycache__"];

/// The folders of a policy as they really lie on disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    scan: Vec<PathBuf>,
    guard: Vec<PathBuf>,
    own: PathBuf,
    /// What of the policy cannot be followed, and why.
    pub(crate) notes: Vec<String>,
}

impl Scope {
    /// Resolves the folders of `policy`; `own` is the agent's own folder, which is never watched.
    pub(crate) fn of(policy: &Policy, own: &Path) -> Self {
        let own = own.canonicalize().unwrap_or_else(|_| own.to_owned());
        let mut scope = Self { own, ..Self::default() };
        scope.scan = scope.resolve(&policy.scan_folders);
        scope.guard = scope.resolve(&policy.guard_folders);
        scope.notes.sort();
        scope.notes.dedup();
        scope
    }

    fn resolve(&mut self, folders: &[String]) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for folder in folders {
            match real_folder(folder, &self.own) {
                Ok(path) if !found.contains(&path) => found.push(path),
                Ok(_) => {}
                Err(why) => self.notes.push(why),
            }
        }
        found
    }

    /// Every folder that must be watched, none below another.
    pub(crate) fn roots(&self) -> Vec<PathBuf> {
        let mut all: Vec<PathBuf> = self.scan.iter().chain(&self.guard).cloned().collect();
        all.sort();
        all.dedup_by(|below, above| below.starts_with(above));
        all
    }

    /// The folders whose documents are guarded.
    pub(crate) fn guarded_roots(&self) -> &[PathBuf] {
        &self.guard
    }

    /// Whether files at `path` are scanned.
    pub(crate) fn scans(&self, path: &Path) -> bool {
        under(path, &self.scan) && !self.is_own(path)
    }

    /// Whether the file at `path` is a guarded document.
    pub(crate) fn guards(&self, path: &Path) -> bool {
        under(path, &self.guard) && !self.is_own(path) && !self.left_alone(path)
    }

    /// Whether walks for documents pass by `folder`.
    pub(crate) fn passes_by(&self, folder: &Path) -> bool {
        folder == self.own || self.left_alone(folder)
    }

    /// Folders of the agent that nobody else may open: copies of documents, and what was taken away.
    pub(crate) fn private(&self) -> [PathBuf; 2] {
        ["vault", "quarantine"].map(|name| self.own.join(name))
    }

    /// Whether nobody else may open `path`.
    pub(crate) fn is_private(&self, path: &Path) -> bool {
        self.is_own(path) && self.private().iter().any(|folder| path.starts_with(folder))
    }

    /// The agent's own folder.
    pub(crate) fn own(&self) -> &Path {
        &self.own
    }

    fn is_own(&self, path: &Path) -> bool {
        path.starts_with(&self.own)
    }

    fn left_alone(&self, path: &Path) -> bool {
        let root = self.guard.iter().find(|root| path.starts_with(root));
        let rest = root.and_then(|root| path.strip_prefix(root).ok()).unwrap_or(path);
        rest.components().any(|part| matches!(part, Component::Normal(name) if LEFT_ALONE.iter().any(|it| name == *it)))
    }
}

fn under(path: &Path, folders: &[PathBuf]) -> bool {
    folders.iter().any(|folder| path.starts_with(folder))
}

fn real_folder(folder: &str, own: &Path) -> Result<PathBuf, String> {
    let given = Path::new(folder);
    if !given.is_absolute() {
        return Err(format!("{folder} is not watched: give an absolute path"));
    }
    let real = given.canonicalize().map_err(|e| format!("{folder} is not watched: {e}"))?;
    if real == Path::new("/") {
        return Err(
            "/ is not watched: name the folders that hold documents; holding back the whole system could hang it"
                .to_owned(),
        );
    }
    if !real.is_dir() {
        return Err(format!("{folder} is not watched: it is not a folder"));
    }
    if real.starts_with(own) {
        return Err(format!("{folder} is not watched: it lies in the agent's own folder {}", own.display()));
    }
    Ok(real)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(folders: &[&Path]) -> Policy {
        let folders: Vec<String> = folders.iter().map(|path| path.to_str().unwrap().to_owned()).collect();
        Policy { scan_folders: folders.clone(), guard_folders: folders, ..Policy::starting() }
    }

    #[test]
    fn the_whole_system_and_the_agents_own_folder_are_refused_with_a_reason() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("state");
        std::fs::create_dir_all(state.join("below")).unwrap();
        let below = state.join("below");
        let scope =
            Scope::of(&policy(&[Path::new("/"), &below, Path::new("relative"), &dir.path().join("absent")]), &state);
        assert!(scope.roots().is_empty());
        assert_eq!(scope.notes.len(), 4, "{:?}", scope.notes);
    }

    #[test]
    fn the_agents_own_folder_inside_a_watched_one_is_spared() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let state = root.join("state");
        std::fs::create_dir(&state).unwrap();
        let scope = Scope::of(&policy(&[&root]), &state);
        assert!(scope.guards(&root.join("a.doc")) && scope.scans(&root.join("a.doc")));
        assert!(!scope.guards(&state.join("key")) && !scope.scans(&state.join("key")));
        assert!(!scope.guards(&root.join("x/.cache/y")) && scope.scans(&root.join("x/.cache/y")));
    }

    #[test]
    fn a_link_in_the_policy_is_followed_once_and_nested_folders_count_once() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        std::fs::create_dir_all(root.join("real/below")).unwrap();
        std::os::unix::fs::symlink(root.join("real"), root.join("link")).unwrap();
        let scope = Scope::of(&policy(&[&root.join("link"), &root.join("real/below")]), Path::new("/nowhere"));
        assert_eq!(scope.roots(), [root.join("real")]);
    }
}
