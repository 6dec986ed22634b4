//! How the mail domains of a comune stand.

use crate::answer::PageResult;
use crate::locale::Lang;
use crate::pages::fleet::back;
use crate::posted::SignedForm;
use crate::render::page;
use crate::routes::routes;
use crate::view::chrome::Section;
use crate::view::health::{DomainHealthRow, HealthCheckRow, HealthMarkRow, HealthPage, HealthRecordRow};
use crate::visit::Signed;
use baluardo_service::Error;
use baluardo_service::mail::{self, DomainHealth, HealthCheck};

routes! {
    own {}
    tenant {
        get "/mail/health" list;
        post "/mail/health" act;
    }
}

/// A domain and how it stands, in the reader's language.
pub(crate) fn domain_row(found: DomainHealth, lang: Lang) -> DomainHealthRow {
    DomainHealthRow {
        domain: found.domain,
        mark: found.mark,
        fallen_from: found.fallen_from,
        looked_at: found.looked_at,
        tried_at: found.tried_at,
        checks: found.checks.into_iter().map(|check| check_row(check, lang)).collect(),
        marks: found.marks.into_iter().map(|(since, mark)| HealthMarkRow { mark, since }).collect(),
        named: found.named,
        reported: found.reported,
    }
}

fn check_row(check: HealthCheck, lang: Lang) -> HealthCheckRow {
    let words = if lang == Lang::It { check.it } else { check.en };
    let record = |(name, kind, value)| HealthRecordRow { name, kind, value };
    HealthCheckRow {
        topic: check.topic.to_owned(),
        code: check.code.to_owned(),
        grade: check.grade.to_owned(),
        text: words.text,
        why: words.why,
        publish: check.publish.into_iter().map(record).collect(),
    }
}

async fn list(signed: Signed) -> PageResult {
    let found = mail::list_health(signed.house(), &signed.actor, signed.tenant).await.map_err(|e| signed.fail(e))?;
    let domains = found.into_iter().map(|found| domain_row(found, signed.lang())).collect();
    Ok(page(signed.lang(), &HealthPage { chrome: signed.chrome(Section::Mail).await?, domains }))
}

/// Looks at a domain now, names its selectors, or notes that a fall was seen.
async fn act(form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let (house, domain) = (signed.house(), fields.text("domain"));
    let (done, code) = match fields.raw("act") {
        "selectors" => {
            let typed = fields.text("selectors");
            let names: Vec<String> = typed.split([' ', ',', ';']).map(str::to_owned).collect();
            (mail::name_selectors(house, &signed.actor, signed.tenant, &domain, &names).await, "settings_saved")
        }
        "seen" => (mail::see_fall(house, &signed.actor, signed.tenant, &domain).await, "settings_saved"),
        _ => (mail::look_at_domain(house, &signed.actor, signed.tenant, &domain).await, "domain_looked_at"),
    };
    let code = match done {
        Ok(()) => code,
        Err(Error::Conflict { code: "mail.looked_just_now", .. }) => "domain_looked_just_now",
        Err(Error::Conflict { code: "mail.no_dns", .. }) => "domain_no_dns",
        Err(Error::Invalid { code: "mail.selector_bad", .. }) => "selector_bad",
        Err(error) => return Err(signed.fail(error)),
    };
    Ok(back(&signed, &format!("/mail/health?done={code}")))
}
