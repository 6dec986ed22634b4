//! Packs of rules and indicators on this device: each lies under its digest, which stands in the signed policy. A pack whose
//! bytes are others is none: it is removed and fetched again.

use crate::platform::file::private_folder;
use crate::vault::seal;
use baluardo_detect::indicators::IndicatorsBuilder;
use baluardo_detect::packs::{self, LONGEST};
use baluardo_detect::scan::RuleSource;
use baluardo_model::fleet::PackRef;
use std::fs::{self, File};
use std::io::{self, BufReader, Seek as _, Write as _};
use std::path::{Path, PathBuf};

/// The folder of packs.
#[derive(Clone, Debug)]
pub struct Packs {
    folder: PathBuf,
}

/// What the packs of a policy hold, as far as they are here.
#[derive(Debug, Default)]
pub struct Loaded {
    /// YARA files; each name begins with the name of its pack.
    pub rules: Vec<RuleSource>,
    /// Digests.
    pub indicators: IndicatorsBuilder,
    /// Packs that are not here yet, or not whole.
    pub missing: Vec<PackRef>,
    /// Those of them whose bytes were there and were not those that were signed.
    pub changed: Vec<PackRef>,
}

impl Packs {
    /// Those below the agent's own folder.
    #[must_use]
    pub fn below(state_dir: &Path) -> Self {
        Self { folder: state_dir.join("packs") }
    }

    /// Reads the packs of a policy and forgets all others.
    #[must_use]
    pub fn load(&self, wanted: &[PackRef]) -> Loaded {
        self.forget_others(wanted);
        let mut loaded = Loaded::default();
        for pack in wanted {
            match self.read(pack, &mut loaded) {
                Ok(()) => {}
                Err(error) => {
                    if error.kind() != io::ErrorKind::NotFound {
                        tracing::warn!("the pack {:?} is fetched again: {error}", pack.name);
                        let _ = fs::remove_file(self.path(pack));
                    }
                    if error.kind() == io::ErrorKind::InvalidData {
                        loaded.changed.push(pack.clone());
                    }
                    loaded.missing.push(pack.clone());
                }
            }
        }
        loaded
    }

    fn read(&self, pack: &PackRef, loaded: &mut Loaded) -> io::Result<()> {
        let mut file = File::open(self.path(pack))?;
        if digest(&mut file)? != pack.sha256 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "its bytes are not those that the server signed"));
        }
        file.rewind()?;
        match packs::read(&mut BufReader::new(file), &mut loaded.indicators) {
            Ok(rules) => {
                loaded.rules.extend(
                    rules
                        .into_iter()
                        .map(|rule| RuleSource { name: format!("{}/{}", pack.name, rule.name), text: rule.text }),
                );
                Ok(())
            }
            // The server signed it so: fetching it again would bring the same.
            Err(error) => {
                tracing::warn!("the pack {:?} cannot be used: {error}", pack.name);
                Ok(())
            }
        }
    }

    /// How many bytes of a pack have come so far.
    #[must_use]
    pub fn come(&self, pack: &PackRef) -> u64 {
        fs::metadata(self.part(pack)).map_or(0, |meta| meta.len())
    }

    /// Keeps the next bytes of a pack, which begin at `at`.
    ///
    /// # Errors
    /// When the disk does not take them, or would get more than the pack has.
    pub fn add(&self, pack: &PackRef, at: u64, bytes: &[u8]) -> io::Result<()> {
        private_folder(&self.folder)?;
        if at.saturating_add(bytes.len() as u64) > pack.bytes.min(LONGEST) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the server sends more than it signed"));
        }
        let mut file = fs::OpenOptions::new().create(true).truncate(false).write(true).open(self.part(pack))?;
        file.set_len(at)?;
        file.seek(io::SeekFrom::Start(at))?;
        file.write_all(bytes)
    }

    /// Takes a pack that has come whole in use, if its bytes are those that were signed; else it is begun anew.
    ///
    /// # Errors
    /// When it is not, or the disk fails.
    pub fn finish(&self, pack: &PackRef) -> io::Result<()> {
        let part = self.part(pack);
        let mut file = File::open(&part)?;
        if digest(&mut file)? != pack.sha256 {
            let _ = fs::remove_file(&part);
            return Err(io::Error::new(io::ErrorKind::InvalidData, "its bytes are not those that the server signed"));
        }
        file.sync_all()?;
        fs::rename(part, self.path(pack))
    }

    fn forget_others(&self, wanted: &[PackRef]) {
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let of = name.strip_suffix(PART).unwrap_or(&name);
            if wanted.iter().all(|pack| pack.sha256 != of) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// The digest is 64 hexadecimal digits in every policy that can be read as one; whatever else it were, it names no other
    /// folder.
    fn path(&self, pack: &PackRef) -> PathBuf {
        self.folder.join(pack.sha256.replace(['/', '.'], "_"))
    }

    fn part(&self, pack: &PackRef) -> PathBuf {
        let mut name = self.path(pack).into_os_string();
        name.push(PART);
        name.into()
    }
}

/// The end of the name of a pack that is still coming.
const PART: &str = ".part";

fn digest(file: &mut File) -> io::Result<String> {
    Ok(seal::digest(file)?.sha256)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack(bytes: &[u8]) -> PackRef {
        let sha256 = seal::sha256_hex(bytes);
        PackRef { name: "prova".to_owned(), sha256, bytes: bytes.len() as u64 }
    }

    fn bytes() -> Vec<u8> {
        let rule = RuleSource { name: "a.yar".to_owned(), text: "rule a { condition: false }".to_owned() };
        packs::write(&[rule], &IndicatorsBuilder::default())
    }

    #[test]
    fn a_pack_comes_in_pieces_and_goes_when_no_policy_names_it() {
        let dir = tempfile::tempdir().unwrap();
        let (packs, bytes) = (Packs::below(dir.path()), bytes());
        let pack = pack(&bytes);
        assert_eq!(packs.load(std::slice::from_ref(&pack)).missing, std::slice::from_ref(&pack));
        packs.add(&pack, 0, &bytes[..10]).unwrap();
        assert_eq!(packs.come(&pack), 10);
        packs.add(&pack, 10, &bytes[10..]).unwrap();
        assert!(packs.add(&pack, bytes.len() as u64, b"x").is_err());
        packs.finish(&pack).unwrap();
        let loaded = packs.load(std::slice::from_ref(&pack));
        assert_eq!((loaded.missing.len(), loaded.rules[0].name.as_str()), (0, "prova/a.yar"));
        drop(packs.load(&[]));
        assert_eq!(fs::read_dir(dir.path().join("packs")).unwrap().count(), 0);
    }

    #[test]
    fn bytes_that_were_not_signed_are_refused_when_they_come_and_when_they_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let (packs, bytes) = (Packs::below(dir.path()), bytes());
        let pack = pack(&bytes);
        packs.add(&pack, 0, &vec![b'x'; bytes.len()]).unwrap();
        assert!(packs.finish(&pack).is_err());
        assert_eq!(packs.come(&pack), 0, "it is begun anew");
        packs.add(&pack, 0, &bytes).unwrap();
        packs.finish(&pack).unwrap();
        fs::write(packs.path(&pack), b"changed on the disk").unwrap();
        let loaded = packs.load(std::slice::from_ref(&pack));
        assert_eq!((&loaded.missing[..], &loaded.changed[..]), (&[pack.clone()][..], &[pack.clone()][..]));
        assert!(!packs.path(&pack).exists());
        assert!(packs.load(std::slice::from_ref(&pack)).changed.is_empty(), "it is told once");
    }
}
