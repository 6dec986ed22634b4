//! A comune whose mail lies with a provider, and the server that guards it.

use super::dovecot::{Dovecot, PASSWORD};
use super::server::Server;
use super::wait_for;
use crate::house::World;
use baluardo_model::MailboxId;
use baluardo_model::mailbox::{MailboxKind, MailboxTls, MailboxTrouble};
use baluardo_service::mail::HeldRow;
use baluardo_service::mailbox::{self, MailboxRow, NewMailbox, PecNote};
use std::path::Path;

/// The folder for quarantine, as Dovecot keeps it.
pub(crate) const QUARANTINE: &str = ".Baluardo-Quarantena";

/// The comune, its provider and its server.
pub(crate) struct Town {
    pub(crate) world: World,
    pub(crate) dovecot: Dovecot,
    pub(crate) server: Server,
}

impl Town {
    /// With a provider on this machine that needs no TLS.
    pub(crate) async fn on(folder: &Path) -> Self {
        Self::with(folder, Dovecot::start(folder, ""), &[]).await
    }

    /// With this provider, and a server with more arguments.
    pub(crate) async fn with(folder: &Path, dovecot: Dovecot, args: &[&str]) -> Self {
        let world = World::on(&folder.join("state")).await;
        let server = Server::start(folder, args);
        Self { world, dovecot, server }
    }

    pub(crate) async fn add(&self, kind: MailboxKind, login: &str, password: &str) -> MailboxId {
        let new = NewMailbox {
            kind,
            host: "127.0.0.1".to_owned(),
            port: self.dovecot.port,
            tls: MailboxTls::Plain,
            password: password.to_owned(),
            ..described(login)
        };
        self.add_as(&new).await
    }

    /// Adds a mailbox as it is described.
    pub(crate) async fn add_as(&self, new: &NewMailbox) -> MailboxId {
        let rtd = &self.world.siena;
        mailbox::add_mailbox(&self.world.test.house, &rtd.actor, rtd.tenant.id, new).await.unwrap()
    }

    /// Changes one.
    pub(crate) async fn change(&self, id: MailboxId, new: &NewMailbox) {
        let rtd = &self.world.siena;
        mailbox::change_mailbox(&self.world.test.house, &rtd.actor, rtd.tenant.id, id, new).await.unwrap();
    }

    /// Adds the ordinary mailbox, and waits until it is guarded.
    pub(crate) async fn guarded(&self) -> MailboxId {
        let id = self.add(MailboxKind::Mailbox, "posta", PASSWORD).await;
        self.wait_read(id);
        id
    }

    pub(crate) fn wait_read(&self, id: MailboxId) {
        wait_for("the mailbox is read", || self.row(id).read_at);
    }

    /// Waits until this is wrong with a mailbox, and gives the mailbox as it is then.
    pub(crate) fn wait_trouble(&self, id: MailboxId, trouble: MailboxTrouble) -> MailboxRow {
        let told = || Some(self.row(id)).filter(|row| row.trouble == Some(trouble));
        let mut last = None;
        wait_for(&format!("{} is told", trouble.code()), || {
            let row = self.row(id);
            if row.trouble != last {
                last = row.trouble;
                println!("the mailbox: {:?} {}", row.trouble, row.said);
            }
            told()
        })
    }

    /// Waits until nothing is wrong with a mailbox that was looked at after this row was.
    pub(crate) fn wait_well(&self, before: &MailboxRow) {
        wait_for("the mailbox is well again", || {
            let row = self.row(before.id);
            (row.trouble.is_none() && row.checked_at > before.checked_at).then_some(())
        });
    }

    pub(crate) fn row(&self, id: MailboxId) -> MailboxRow {
        let rtd = &self.world.siena;
        now(mailbox::get_mailbox(&self.world.test.house, &rtd.actor, rtd.tenant.id, id)).unwrap()
    }

    pub(crate) fn held(&self) -> Vec<HeldRow> {
        now(self.world.held(&self.world.siena))
    }

    pub(crate) fn pec(&self) -> Vec<PecNote> {
        let rtd = &self.world.siena;
        now(mailbox::list_pec(&self.world.test.house, &rtd.actor, rtd.tenant.id)).unwrap()
    }

    pub(crate) fn inbox(&self) -> Vec<Vec<u8>> {
        self.folder("posta", "")
    }

    pub(crate) fn aside(&self, folder: &str) -> Vec<Vec<u8>> {
        self.folder("posta", folder)
    }

    /// The messages of a folder of any mailbox.
    pub(crate) fn folder(&self, mailbox: &str, folder: &str) -> Vec<Vec<u8>> {
        self.dovecot.messages(mailbox, folder).into_iter().map(|(_, bytes)| bytes).collect()
    }
}

/// An ordinary mailbox of the comune; how it is reached is left to whoever adds it.
pub(crate) fn described(login: &str) -> NewMailbox {
    NewMailbox {
        address: format!("{login}@comune.siena.it"),
        host: "localhost".to_owned(),
        login: login.to_owned(),
        enabled: true,
        ..NewMailbox::default()
    }
}

/// Waits for something of the house in the middle of a test.
pub(crate) fn now<T>(work: impl Future<Output = T>) -> T {
    tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(work))
}

/// A message as Dovecot keeps it.
pub(crate) fn as_kept(message: &[u8]) -> Vec<u8> {
    message.iter().copied().filter(|byte| *byte != b'\r').collect()
}
