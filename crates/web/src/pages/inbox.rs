//! The local inbox of an installation that sends no mail. Whoever reads it can sign in as anybody, so it answers only to
//! this computer, and only where the settings keep mail here.

use crate::answer::{PageError, PageResult};
use crate::pages::lists;
use crate::render::{page, wants_live};
use crate::routes::routes;
use crate::view::chrome::Section;
use crate::view::inbox::{InboxPage, MailPage, MailRow};
use crate::visit::Visit;
use axum::extract::Path;
use axum::http::HeaderMap;
use baluardo_service::Error;
use baluardo_service::outbox::{self, LocalMail};
use std::net::IpAddr;

routes! {
    own {
        get "/inbox" inbox, Public;
        get "/inbox/{id}" mail, Public;
    }
    tenant {}
}

async fn inbox(visit: Visit) -> PageResult {
    let all = mails(&visit).await?;
    let q = lists::query(&visit).text("q");
    let wanted = q.to_lowercase();
    let holds = |text: &str| text.to_lowercase().contains(&wanted);
    let rows =
        all.iter().filter(|mail| holds(&mail.to) || holds(&mail.subject) || holds(&mail.text)).map(row).collect();
    let (rows, paging) = lists::cut(&visit, rows);
    // Mails are read one by one: there is nothing to export.
    let paging = crate::view::Paging { export: None, ..paging };
    let view = InboxPage { chrome: visit.chrome(Section::Inbox), rows, q, paging };
    Ok(if wants_live(&visit.headers) { page(visit.lang, &view.as_live()) } else { page(visit.lang, &view) })
}

fn row(mail: &LocalMail) -> MailRow {
    MailRow { id: mail.id.to_string(), to: mail.to.clone(), subject: mail.subject.clone(), at: mail.at }
}

async fn mail(visit: Visit, Path(id): Path<String>) -> PageResult {
    let found = mails(&visit).await?.into_iter().find(|mail| mail.id.to_string() == id);
    let found = found.ok_or_else(|| fail(&visit, Error::NotFound))?;
    let view = MailPage {
        chrome: visit.chrome(Section::Inbox),
        from: visit.app.house.settings().mail_from.clone(),
        to: found.to,
        subject: found.subject,
        at: found.at,
        body: found.text,
    };
    Ok(page(visit.lang, &view))
}

async fn mails(visit: &Visit) -> Result<Vec<LocalMail>, PageError> {
    if !is_here(visit.ip, &visit.headers) {
        return Err(fail(visit, Error::NotFound));
    }
    outbox::list_local_mail(&visit.app.house).await.map_err(|error| fail(visit, error))
}

/// Whether the reader sits at this computer. A proxy on this computer speaks for others, and says so in a header.
fn is_here(ip: Option<IpAddr>, headers: &HeaderMap) -> bool {
    let proxied = ["forwarded", "x-forwarded-for", "x-real-ip", "via"].iter().any(|name| headers.contains_key(*name));
    ip.is_some_and(|ip| ip.to_canonical().is_loopback()) && !proxied
}

fn fail(visit: &Visit, error: Error) -> PageError {
    PageError { lang: visit.lang, path: visit.path.clone(), error }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_this_computer_reads_the_inbox() {
        let mut headers = HeaderMap::new();
        for (address, here) in
            [("127.0.0.1", true), ("::1", true), ("::ffff:127.0.0.1", true), ("10.0.0.1", false), ("::2", false)]
        {
            assert_eq!(is_here(address.parse().ok(), &headers), here, "{address}");
        }
        assert!(!is_here(None, &headers));
        headers.insert("x-forwarded-for", HeaderValue::from_static("10.0.0.1"));
        assert!(!is_here("127.0.0.1".parse().ok(), &headers));
    }
}
