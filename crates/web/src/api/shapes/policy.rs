//! The policy of a tenant in JSON.

use utoipa::ToSchema;

/// What agents watch.
#[derive(Debug, ToSchema)]
pub struct Policy {
    /// Grows with every change.
    pub version: u64,
    /// Folders where files are scanned on write and on execution; absolute paths.
    pub scan_folders: Vec<String>,
    /// Folders whose documents are guarded and kept in the vault; absolute paths.
    pub guard_folders: Vec<String>,
    /// Bytes of disk that the vault may use.
    pub vault_bytes: u64,
    /// Largest file that is scanned or kept, in bytes.
    pub max_file_bytes: u64,
    /// Longest time that one verdict may hold a file back, in milliseconds.
    pub verdict_ms: u64,
    /// Whether what is found is stopped or only told.
    pub respond: bool,
    /// SHA-256 indicators, lower-case hexadecimal.
    pub bad_sha256: Vec<String>,
    /// SHA-256 of files that people judged harmless.
    pub good_sha256: Vec<String>,
    /// Whether files that only a model finds suspicious are taken into quarantine.
    pub hold_suspicious: bool,
    /// For how many hours a device cuts itself off from the network once it stopped an attack; 0 for not at all.
    pub isolate_hours: u64,
    /// For how many hours the vault keeps versions after newer ones replaced them.
    pub superseded_hours: u64,
    /// Whether a device gathers evidence by itself after an attack.
    pub collect_evidence: bool,
    /// What of log-ins and program starts is watched.
    pub intrusion: IntrusionPolicy,
    /// Packs of rules and indicators beside those that ship.
    pub packs: Vec<PackRef>,
}

/// A pack that devices follow.
#[derive(Debug, ToSchema)]
pub struct PackRef {
    /// What people call it.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// How many bytes it has.
    pub bytes: u64,
}

/// What of log-ins and program starts agents watch.
#[derive(Debug, ToSchema)]
pub struct IntrusionPolicy {
    /// Whether they do.
    pub watch: bool,
    /// The hour on the wall clock of Europe/Rome (0 to 23) from which a log-in with a password is unusual.
    pub odd_from: u8,
    /// The hour (0 to 23) until which it is. The same as `odd_from`: no hour is unusual.
    pub odd_until: u8,
    /// Whether it is on the whole of a Sunday, too.
    pub odd_sundays: bool,
}

/// A policy as a person writes it.
#[derive(Debug, ToSchema)]
pub struct PolicyChange {
    /// The version that the change was made from; another one by now is a conflict. None overwrites.
    pub based_on: Option<u64>,
    /// Folders where files are scanned; absolute paths.
    pub scan_folders: Vec<String>,
    /// Folders whose documents are guarded; absolute paths.
    pub guard_folders: Vec<String>,
    /// Bytes of disk for the vault, 16 MiB to 1 TiB.
    pub vault_bytes: u64,
    /// Largest file that is scanned or kept, 64 KiB to 4 GiB.
    pub max_file_bytes: u64,
    /// Longest time that a verdict may hold a file back, 50 to 10,000 milliseconds.
    pub verdict_ms: u64,
    /// Whether what is found is stopped or only told.
    pub respond: bool,
    /// SHA-256 indicators.
    #[schema(required = false)]
    pub bad_sha256: Vec<String>,
    /// SHA-256 of files of which nothing is said; none leaves them as they are.
    pub good_sha256: Option<Vec<String>>,
    /// Whether files that only a model finds suspicious are taken into quarantine.
    #[schema(required = false)]
    pub hold_suspicious: bool,
    /// For how many hours a device cuts itself off from the network once it stopped an attack, 0 to 168; 0 for not at all.
    #[schema(required = false)]
    pub isolate_hours: u64,
    /// For how many hours the vault keeps versions after newer ones replaced them, 1 to 2160; none leaves it as it is.
    pub superseded_hours: Option<u64>,
    /// Whether a device gathers evidence by itself after an attack; none leaves it as it is.
    pub collect_evidence: Option<bool>,
    /// What of log-ins and program starts is watched; none leaves it as it is.
    pub intrusion: Option<IntrusionPolicy>,
}

/// What a comune wants to happen to its mail.
#[derive(Debug, ToSchema)]
pub struct MailPolicy {
    /// `hold`, `refuse` or `tag`.
    pub on_suspicion: String,
    /// `try_later` or `deliver`.
    pub on_trouble: String,
    /// Put before the subject of marked messages; empty for nothing.
    pub prefix: String,
    /// `nothing`, `list` or `content`.
    pub consortium: String,
    /// Days, 1 to 180; more than 21 with a legal basis only.
    pub keep_days: u32,
    /// Why held mail may be kept for longer than 21 days.
    pub legal_basis: String,
    /// Whether what the RTD confirmed as hostile is held for the other comuni of the consortium, and theirs for this one.
    pub share_reports: bool,
    /// When people are told by letter which of their mail is held: `every_day`, `working_days` or `off`.
    pub digest: String,
    /// At which hour of Europe/Rome, 0 to 23.
    pub digest_hour: u8,
    /// What recipients may release by themselves: `nothing`, or `uncertain` for spam and what was not sure.
    pub recipients_may: String,
}
