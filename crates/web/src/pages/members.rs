//! The member comuni of a consortium, worst first.

use crate::answer::PageResult;
use crate::csv;
use crate::pages::fleet::may;
use crate::pages::{lists, rows};
use crate::render::{page, wants_live};
use crate::routes::routes;
use crate::view::chrome::Section;
use crate::view::members::{AdheringComune, AdhesionPage, ComuniFilter, ComuniPage};
use crate::view::overview::RankedComune;
use crate::visit::Signed;
use baluardo_model::identity::Management;
use baluardo_service::rights::Act;
use baluardo_service::{Error, fleet, identity};

routes! {
    own { get "/comuni" comuni, Signed; }
    tenant {}
}

async fn comuni(signed: Signed) -> PageResult {
    let query = lists::query(&signed.visit);
    let filter = ComuniFilter { q: query.text("q"), management: query.text("management"), state: query.text("state") };
    let members = match fleet::member_overview(signed.house(), &signed.actor).await {
        Err(Error::Forbidden) => return adhesion(&signed, filter).await,
        answer => answer.map_err(|e| signed.fail(e))?,
    };
    let found: Vec<RankedComune> = members.iter().map(rows::ranked).filter(|row| fits(row, &filter)).collect();
    if query.raw("format") == "csv" {
        return Ok(csv::answer(
            "comuni",
            &["id", "nome", "provincia", "gestione", "dispositivi", "silenziosi"],
            found.iter().map(|row| {
                vec![
                    row.id.clone(),
                    row.name.clone(),
                    row.province.clone(),
                    managed_by(row.management).to_owned(),
                    row.devices.total().to_string(),
                    row.devices.silent.to_string(),
                ]
            }),
        ));
    }
    let (shown, paging) = lists::cut(&signed.visit, found);
    let refusals = if may(&signed, Act::SeeDevices).await {
        let refused = fleet::list_refusals(signed.house(), &signed.actor, signed.tenant).await;
        refused.map_err(|e| signed.fail(e))?.into_iter().map(rows::refusal).collect()
    } else {
        Vec::new()
    };
    let view = ComuniPage { chrome: signed.chrome(Section::Comuni).await?, rows: shown, filter, paging, refusals };
    Ok(if wants_live(&signed.visit.headers) {
        page(signed.lang(), &view.as_live())
    } else {
        page(signed.lang(), &view)
    })
}

/// Who takes part, for those who see no comune's devices.
async fn adhesion(signed: &Signed, filter: ComuniFilter) -> PageResult {
    let members = identity::list_tenants(signed.house(), &signed.actor).await.map_err(|e| signed.fail(e))?;
    let found = members.iter().map(rows::adhering);
    let found: Vec<_> = found.filter(|row| named(&filter, &row.name, &row.province, row.management)).collect();
    if lists::query(&signed.visit).raw("format") == "csv" {
        let line = |row: &AdheringComune| {
            vec![row.name.clone(), row.province.clone(), managed_by(row.management).to_owned(), row.since.rfc3339()]
        };
        return Ok(csv::answer("comuni", &["nome", "provincia", "gestione", "dal"], found.iter().map(line)));
    }
    let (shown, paging) = lists::cut(&signed.visit, found);
    let view = AdhesionPage { chrome: signed.chrome(Section::Comuni).await?, rows: shown, filter, paging };
    Ok(if wants_live(&signed.visit.headers) {
        page(signed.lang(), &view.as_live())
    } else {
        page(signed.lang(), &view)
    })
}

const fn managed_by(management: Management) -> &'static str {
    match management {
        Management::Central => "centrale",
        Management::Local => "locale",
    }
}

fn fits(row: &RankedComune, filter: &ComuniFilter) -> bool {
    named(filter, &row.name, &row.province, row.management) && (filter.state != "burning" || !row.risks.is_empty())
}

fn named(filter: &ComuniFilter, name: &str, province: &str, management: Management) -> bool {
    let text = filter.q.to_lowercase();
    let holds = name.to_lowercase().contains(&text) || province.to_lowercase().contains(&text);
    let managed = match filter.management.as_str() {
        "central" => management == Management::Central,
        "local" => management == Management::Local,
        _ => true,
    };
    holds && managed
}
