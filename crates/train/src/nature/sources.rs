//! The collections: where each stands, what it holds, and under which licence (data/nature/README.md tells the same to people).

/// What the files of a collection are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Honest files.
    Honest,
    /// Malware, or tools that are used like it.
    Hostile,
    /// Malware in locked or plain archives, beside honest files.
    HostileArchives,
    /// Malware beside honest files.
    HostileMixed,
}

/// How files are put into groups that are left out together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grouped {
    /// The collection is one group.
    Whole,
    /// By so many parts of the path.
    Parts(usize),
    /// By the first so many letters of the file's name: a time.
    Letters(usize),
}

/// One collection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source {
    /// OWNER/NAME.
    pub(crate) repo: &'static str,
    /// What it holds.
    pub(crate) holds: Holds,
    /// Only paths that begin so.
    pub(crate) under: &'static str,
    /// Only paths that end so, separated by spaces; all when empty.
    pub(crate) ends: &'static str,
    /// Groups.
    pub(crate) grouped: Grouped,
}

macro_rules! sources {
    ($($repo:literal $holds:ident $under:literal $ends:literal $grouped:expr;)+) => {
        /// All collections.
        pub(crate) const SOURCES: &[Source] = &[$(
            Source { repo: $repo, holds: Holds::$holds, under: $under, ends: $ends, grouped: $grouped },
        )+];
    };
}

use Grouped::{Letters, Parts, Whole};

sources! {
    "das-lab/mpsd" Hostile "malicious_pure/" "" Whole;
    "das-lab/mpsd" Honest "powershell_benign_dataset/" "" Whole;
    "PowerShellMafia/PowerSploit" Hostile "" ".ps1 .psm1" Whole;
    "samratashok/nishang" Hostile "" ".ps1" Whole;
    "EmpireProject/Empire" Hostile "data/" ".ps1 .py" Whole;
    "BC-SECURITY/Empire" Hostile "empire/server/data/" ".ps1 .py" Whole;
    "danielbohannon/Invoke-Obfuscation" Hostile "" ".ps1 .psm1" Whole;
    "S3cur3Th1sSh1t/WinPwn" Hostile "" ".ps1" Whole;
    "besimorhino/powercat" Hostile "" ".ps1" Whole;
    "S3cur3Th1sSh1t/OffensiveVBA" Hostile "src/" "" Whole;
    "HynekPetrak/javascript-malware-collection" Hostile "" ".js" Letters(6);
    "InQuest/malware-samples" HostileArchives "" "" Parts(1);
    "ytisf/theZoo" HostileArchives "malware/Binaries/" ".zip" Parts(3);
    "MalwareSamples/Linux-Malware-Samples" Hostile "" "" Whole;
    "timb-machine/linux-malware" HostileMixed "malware/binaries/" "" Parts(3);
    "lxyeternal/pypi_malregistry" HostileArchives "" ".tar.gz .whl .zip" Whole;
    "tennc/webshell" Hostile "" ".php" Whole;
    "bartblaze/PHP-backdoors" Hostile "" ".php" Whole;
    "JohnTroony/php-webshells" Hostile "" ".php" Whole;
    "fleschutz/PowerShell" Honest "" ".ps1" Whole;
    "chocolatey-community/chocolatey-packages" Honest "" ".ps1" Whole;
    "PowerShell/PowerShell" Honest "" ".ps1 .psm1 .psd1 .sh .py .js" Whole;
    "ScoopInstaller/Scoop" Honest "" ".ps1" Whole;
    "pester/Pester" Honest "" ".ps1 .psm1" Whole;
    "lazywinadmin/PowerShell" Honest "" ".ps1" Whole;
    "ChrisTitusTech/winutil" Honest "" ".ps1" Whole;
    "VBA-tools/VBA-Web" Honest "" ".bas .cls .js" Whole;
    "VBA-tools/VBA-Dictionary" Honest "" ".bas .cls" Whole;
    "sdkn104/VBA-CSV" Honest "" ".bas .cls .vbs" Whole;
    "todar/VBA" Honest "" ".bas .cls .vbs .js" Whole;
    "cristianbuse/VBA-FileTools" Honest "" ".bas .cls" Whole;
    "areed1192/sigma_coding_youtube" Honest "" ".bas .cls .vb .py" Whole;
    "rubberduck-vba/Rubberduck" Honest "" ".bas .cls .frm .ps1" Whole;
    "mrnettek/VBScript" Honest "" ".vbs" Whole;
    "koswald/VBScript" Honest "" ".vbs .hta .wsf .js" Whole;
    "siggib007/vbScripts" Honest "" ".vbs .bas" Whole;
    "GeertBellekens/Enterprise-Architect-VBScript-Library" Honest "" ".vbs .js" Whole;
    "hullm/VBScript-Archive" Honest "" ".vbs" Whole;
    "bcit-ci/CodeIgniter" Honest "" ".php .js .py" Whole;
    "roundcube/roundcubemail" Honest "" ".php .js .sh" Whole;
    "PHPMailer/PHPMailer" Honest "" ".php .sh" Whole;
    "composer/composer" Honest "" ".php" Whole;
    "decalage2/oletools" Honest "oletools/" ".py" Whole;
}

impl Source {
    /// Whether the collection takes this path.
    pub(crate) fn takes(&self, path: &str) -> bool {
        let lower = path.to_lowercase();
        let ends = self.ends.is_empty() || self.ends.split(' ').any(|end| lower.ends_with(end));
        path.starts_with(self.under) && ends
    }

    /// The group of a path.
    pub(crate) fn group(&self, path: &str) -> String {
        match self.grouped {
            Grouped::Whole => self.repo.to_owned(),
            Grouped::Parts(count) => {
                let parts: Vec<_> = path.split('/').take(count).collect();
                format!("{}: {}", self.repo, parts.last().copied().unwrap_or_default())
            }
            Grouped::Letters(count) => {
                let name = path.rsplit('/').next().unwrap_or_default();
                format!("{}: {}", self.repo, name.get(..count).unwrap_or_default())
            }
        }
    }
}
