//! Mailboxes of a comune that lie at a provider: how they are reached, and what can be wrong with them.

use crate::mail::words;
use serde::{Deserialize, Serialize};

/// The folder into which suspicious messages are moved, unless the comune names another.
pub const QUARANTINE_FOLDER: &str = "Baluardo-Quarantena";

/// The keyword that marks a message that is delivered with a warning.
pub const SUSPICIOUS_KEYWORD: &str = "$Baluardo-Sospetto";

words! {
    /// What kind of mailbox it is.
    MailboxKind {
        /// Ordinary mail: suspicious messages are moved into a folder.
        #[default]
        Mailbox = "mailbox",
        /// Certified mail (PEC): it is read, and never touched.
        Pec = "pec",
    }
}

words! {
    /// How the connection is protected.
    MailboxTls {
        /// By TLS from the first byte (port 993).
        #[default]
        Implicit = "implicit",
        /// By TLS that is asked for (port 143).
        Starttls = "starttls",
        /// Not at all: only on the very machine.
        Plain = "plain",
    }
}

words! {
    /// How one signs in.
    MailboxAuth {
        /// With a name and a password.
        #[default]
        Password = "password",
        /// With a token that is renewed (OAuth 2, XOAUTH2).
        Oauth2 = "oauth2",
    }
}

words! {
    /// What is wrong with a mailbox.
    MailboxTrouble {
        /// The name of the server is not known.
        #[default]
        NameNotFound = "name_not_found",
        /// Nobody answers there.
        Unreachable = "unreachable",
        /// The address belongs to an inner network, which the operator did not allow.
        PrivateAddress = "private_address",
        /// The certificate is not for the name by which the server is called.
        Certificate = "certificate",
        /// The certificate has ended, or has not begun.
        CertificateExpired = "certificate_expired",
        /// Nobody whom this machine trusts stands for the certificate.
        CertificateUnknown = "certificate_unknown",
        /// The server offers no STARTTLS.
        NoStarttls = "no_starttls",
        /// What answers there does not speak IMAP.
        NotImap = "not_imap",
        /// Name or password are wrong.
        LoginRefused = "login_refused",
        /// The server does not take this way of signing in.
        LoginUnknown = "login_unknown",
        /// The server does not take a token that the provider gave just now.
        TokenUnfit = "token_unfit",
        /// The provider gave no token, and does not say that this stays so.
        TokenRefused = "token_refused",
        /// The provider wants consent again: it was withdrawn, or it ended.
        ConsentNeeded = "consent_needed",
        /// The provider does not know the application, or not by this secret.
        ClientRefused = "client_refused",
        /// A folder cannot be opened or made.
        Folder = "folder",
        /// The server refuses what was asked of it.
        Refused = "refused",
        /// The connection was lost.
        Lost = "lost",
        /// Something of ours failed.
        Internal = "internal",
    }
}

words! {
    /// What a server cannot do, and what we do instead.
    MailboxRemark {
        /// It does not tell of new messages: they are looked for every minute.
        #[default]
        NoIdle = "no_idle",
        /// It does not move messages: they are copied and taken away.
        NoMove = "no_move",
        /// It does neither: suspicious messages are only flagged.
        OnlyFlags = "only_flags",
        /// It keeps no keywords: messages with a warning carry no mark.
        NoKeywords = "no_keywords",
        /// It tells of no folder for the trash: messages deleted in the console stay in quarantine.
        NoTrash = "no_trash",
    }
}

words! {
    /// Where a held message lies on its mail server.
    HeldPlace {
        /// Still in the inbox: it is about to be moved.
        #[default]
        Inbox = "inbox",
        /// In the folder for quarantine.
        Quarantine = "quarantine",
        /// In the inbox, flagged, because the server moves nothing.
        Flagged = "flagged",
        /// Back in the inbox.
        Returned = "returned",
        /// In the trash.
        Trash = "trash",
        /// Deleted here, but left in the folder for quarantine, because there is no trash.
        Kept = "kept",
    }
}

/// Whether a text can be the name of the folder for quarantine: printable ASCII without what means something to servers.
#[must_use]
pub fn is_folder(name: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b" -_./".contains(&byte);
    !name.is_empty()
        && name.len() <= 100
        && name.bytes().all(good)
        && name.trim() == name
        && !name.starts_with(['.', '/'])
        && !name.ends_with(['.', '/'])
        && !name.eq_ignore_ascii_case("inbox")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_has_a_name_that_every_server_takes() {
        assert!(is_folder(QUARANTINE_FOLDER) && is_folder("INBOX.Baluardo") && is_folder("Posta sospetta/2026"));
        for bad in ["", " a", "INBOX", "inbox", "a\"b", "a*", "è", "a\r\nb", ".a", "a/", "&AOg-"] {
            assert!(!is_folder(bad), "{bad:?}");
        }
        assert!(!is_folder(&"a".repeat(101)));
    }
}
