//! Everything that can be found of a domain: a stable code each, with what it is about and how good or bad it is.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How good something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// As it should be.
    Good,
    /// It could not be found out; that says nothing against the domain.
    Unknown,
    /// It works, but leaves something open.
    Warning,
    /// It does harm: mail is lost, or anybody can write in the domain's name.
    Bad,
}

impl Grade {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Unknown => "unknown",
            Self::Warning => "warning",
            Self::Bad => "bad",
        }
    }
}

/// What a check is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// Where mail for the domain goes (RFC 5321 section 5).
    Mx,
    /// Which machines may send in its name (RFC 7208).
    Spf,
    /// With which keys its mail is signed (RFC 6376).
    Dkim,
    /// What is to be done with mail that proves neither (RFC 7489, RFC 9989).
    Dmarc,
    /// Whether mail for it must be encrypted on its way (RFC 8461).
    MtaSts,
    /// Whether anybody hears when that fails (RFC 8460).
    TlsRpt,
    /// Whether answers of the DNS can be forged (RFC 4033).
    Dnssec,
    /// Whether its servers stand on blacklists (RFC 5782).
    Blacklist,
}

impl Topic {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 8] =
        [Self::Mx, Self::Spf, Self::Dkim, Self::Dmarc, Self::MtaSts, Self::TlsRpt, Self::Dnssec, Self::Blacklist];

    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Mx => "mx",
            Self::Spf => "spf",
            Self::Dkim => "dkim",
            Self::Dmarc => "dmarc",
            Self::MtaSts => "mta_sts",
            Self::TlsRpt => "tls_rpt",
            Self::Dnssec => "dnssec",
            Self::Blacklist => "blacklist",
        }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $topic:ident, $grade:ident;)+) => {
        /// One thing that was found.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $name),+ }

        impl Code {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The stable word.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// What it is about.
            #[must_use]
            pub const fn topic(self) -> Topic {
                match self { $(Self::$name => Topic::$topic),+ }
            }

            /// How good that is.
            #[must_use]
            pub const fn grade(self) -> Grade {
                match self { $(Self::$name => Grade::$grade),+ }
            }
        }
    };
}

codes! {
    /// Mail servers are named and can be found.
    MxGood = "mx_good", Mx, Good;
    /// The domain says that it takes no mail (RFC 7505).
    MxNull = "mx_null", Mx, Good;
    /// It could not be found out.
    MxUnknown = "mx_unknown", Mx, Unknown;
    /// No server is named; the domain's own address stands in (RFC 5321 section 5.1).
    MxImplicit = "mx_implicit", Mx, Warning;
    /// Some of the servers cannot be found.
    MxPartly = "mx_partly", Mx, Warning;
    /// Mail for the domain goes nowhere.
    MxMissing = "mx_missing", Mx, Bad;
    /// None of the servers can be found.
    MxUnresolved = "mx_unresolved", Mx, Bad;
    /// A number stands where a name has to.
    MxNumber = "mx_number", Mx, Bad;
    /// It says at once that it takes no mail and who takes it.
    MxNullMixed = "mx_null_mixed", Mx, Bad;

    /// It could not be found out, or not all of it.
    SpfUnknown = "spf_unknown", Spf, Unknown;
    /// There is no record.
    SpfMissing = "spf_missing", Spf, Bad;
    /// There are several, which counts as an error (section 4.5).
    SpfMany = "spf_many", Spf, Bad;
    /// The record breaks the grammar.
    SpfBroken = "spf_broken", Spf, Bad;
    /// How many questions it costs, within the ten allowed.
    SpfLookups = "spf_lookups", Spf, Good;
    /// It costs more than ten (section 4.6.4).
    SpfTooMany = "spf_too_many", Spf, Bad;
    /// More than two of its questions have no answer (section 4.6.4).
    SpfVoid = "spf_void", Spf, Bad;
    /// What it includes has no record that can be used.
    SpfInclude = "spf_include", Spf, Bad;
    /// It includes itself.
    SpfLoop = "spf_loop", Spf, Bad;
    /// It allows everybody.
    SpfAllPass = "spf_all_pass", Spf, Bad;
    /// It allows far more addresses than any office has.
    SpfWide = "spf_wide", Spf, Bad;
    /// It says nothing of those that it does not name.
    SpfAllNeutral = "spf_all_neutral", Spf, Warning;
    /// It has no end.
    SpfNoAll = "spf_no_all", Spf, Warning;
    /// It only doubts those that it does not name, and DMARC stops nobody either.
    SpfAllSoft = "spf_all_soft", Spf, Warning;
    /// It doubts those that it does not name, and DMARC does the rest.
    SpfAllSoftCovered = "spf_all_soft_covered", Spf, Good;
    /// It refuses those that it does not name.
    SpfAllHard = "spf_all_hard", Spf, Good;
    /// It uses `ptr`, which is not to be used (section 5.5).
    SpfPtr = "spf_ptr", Spf, Warning;

    /// It could not be found out.
    DkimUnknown = "dkim_unknown", Dkim, Unknown;
    /// No key under the usual names, and no other name is known.
    DkimUnseen = "dkim_unseen", Dkim, Unknown;
    /// A key as it should be.
    DkimGood = "dkim_good", Dkim, Good;
    /// A key of fewer than 2048 bits.
    DkimShort = "dkim_short", Dkim, Warning;
    /// A key of fewer than 1024 bits (RFC 8301 section 3.2).
    DkimWeak = "dkim_weak", Dkim, Bad;
    /// Only keys that were withdrawn.
    DkimRevoked = "dkim_revoked", Dkim, Warning;
    /// A key that says it is only being tried.
    DkimTesting = "dkim_testing", Dkim, Warning;
    /// A key for signatures by SHA-1 only, which prove nothing (RFC 8301 section 3.1).
    DkimSha1 = "dkim_sha1", Dkim, Bad;
    /// A key that cannot be read.
    DkimBroken = "dkim_broken", Dkim, Bad;
    /// No key under a name that somebody here gave.
    DkimAbsent = "dkim_absent", Dkim, Bad;
    /// No key under a name with which receivers saw mail signed.
    DkimGone = "dkim_gone", Dkim, Warning;

    /// It could not be found out.
    DmarcUnknown = "dmarc_unknown", Dmarc, Unknown;
    /// There is no record.
    DmarcMissing = "dmarc_missing", Dmarc, Bad;
    /// There are several: none counts.
    DmarcMany = "dmarc_many", Dmarc, Bad;
    /// The record cannot be read.
    DmarcBroken = "dmarc_broken", Dmarc, Bad;
    /// Nothing is done with false mail.
    DmarcNone = "dmarc_none", Dmarc, Warning;
    /// Nothing is done, and the reports say that more could be.
    DmarcNoneReady = "dmarc_none_ready", Dmarc, Warning;
    /// False mail is put aside.
    DmarcQuarantine = "dmarc_quarantine", Dmarc, Good;
    /// It is put aside, and the reports say that it could be refused.
    DmarcQuarantineReady = "dmarc_quarantine_ready", Dmarc, Warning;
    /// False mail is refused.
    DmarcReject = "dmarc_reject", Dmarc, Good;
    /// That is asked for a part of the mail only.
    DmarcPartial = "dmarc_partial", Dmarc, Warning;
    /// Names below the domain are free for all.
    DmarcChildren = "dmarc_children", Dmarc, Warning;
    /// Nobody hears what receivers see.
    DmarcNoReports = "dmarc_no_reports", Dmarc, Warning;
    /// Reports go to another domain, which did not say that it takes them (RFC 7489 section 7.1).
    DmarcReportsRefused = "dmarc_reports_refused", Dmarc, Warning;
    /// The record is that of the domain above.
    DmarcInherited = "dmarc_inherited", Dmarc, Good;

    /// It could not be found out.
    StsUnknown = "sts_unknown", MtaSts, Unknown;
    /// There is none.
    StsMissing = "sts_missing", MtaSts, Warning;
    /// Several records: none counts.
    StsMany = "sts_many", MtaSts, Bad;
    /// The record cannot be read.
    StsBroken = "sts_broken", MtaSts, Bad;
    /// The record speaks of a policy that is not there.
    StsNoPolicy = "sts_no_policy", MtaSts, Bad;
    /// The policy could not be fetched now.
    StsPolicyUnknown = "sts_policy_unknown", MtaSts, Unknown;
    /// The policy cannot be read.
    StsPolicyBroken = "sts_policy_broken", MtaSts, Bad;
    /// The policy is switched off.
    StsOff = "sts_off", MtaSts, Warning;
    /// The policy is only being tried.
    StsTesting = "sts_testing", MtaSts, Warning;
    /// The policy is forgotten within a day.
    StsShort = "sts_short", MtaSts, Warning;
    /// The policy leaves out a mail server: mail for it is lost.
    StsUncovered = "sts_uncovered", MtaSts, Bad;
    /// As it should be.
    StsGood = "sts_good", MtaSts, Good;

    /// It could not be found out.
    RptUnknown = "rpt_unknown", TlsRpt, Unknown;
    /// There is none.
    RptMissing = "rpt_missing", TlsRpt, Warning;
    /// Several records: none counts.
    RptMany = "rpt_many", TlsRpt, Warning;
    /// The record cannot be read.
    RptBroken = "rpt_broken", TlsRpt, Warning;
    /// As it should be.
    RptGood = "rpt_good", TlsRpt, Good;

    /// It could not be found out.
    SignedUnknown = "signed_unknown", Dnssec, Unknown;
    /// Answers are signed.
    SignedGood = "signed_good", Dnssec, Good;
    /// They are not.
    SignedMissing = "signed_missing", Dnssec, Warning;
    /// The signatures do not hold: who checks them gets no answer.
    SignedBroken = "signed_broken", Dnssec, Bad;

    /// A list gave no answer that says anything.
    ListedUnknown = "listed_unknown", Blacklist, Unknown;
    /// No list has a server of the domain.
    ListedNone = "listed_none", Blacklist, Good;
    /// A list has one.
    Listed = "listed", Blacklist, Bad;
}

impl Code {
    /// The one of a stable word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.code() == code)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Self::from_code(&word).ok_or_else(|| serde::de::Error::custom(format!("no check is called {word:?}")))
    }
}
