//! The member comuni of a consortium, worst first.

use crate::answer::PageResult;
use crate::csv;
use crate::pages::fleet::may;
use crate::pages::{lists, rows};
use crate::render::{page, wants_live};
use crate::routes::routes;
use crate::view::chrome::Section;
use crate::view::members::{ComuniFilter, ComuniPage};
use crate::view::overview::RankedComune;
use crate::visit::Signed;
use baluardo_model::identity::Management;
use baluardo_service::fleet;
use baluardo_service::rights::Act;

routes! {
    own { get "/comuni" comuni, Signed; }
    tenant {}
}

async fn comuni(signed: Signed) -> PageResult {
    let query = lists::query(&signed.visit);
    let filter = ComuniFilter { q: query.text("q"), management: query.text("management"), state: query.text("state") };
    let members = fleet::member_overview(signed.house(), &signed.actor).await.map_err(|e| signed.fail(e))?;
    let found: Vec<RankedComune> = members.iter().map(rows::ranked).filter(|row| fits(row, &filter)).collect();
    if query.raw("format") == "csv" {
        return Ok(csv::answer(
            "comuni",
            &["id", "nome", "provincia", "gestione", "dispositivi", "silenziosi"],
            found.iter().map(|row| {
                let management = if row.management == Management::Central { "centrale" } else { "locale" };
                vec![
                    row.id.clone(),
                    row.name.clone(),
                    row.province.clone(),
                    management.to_owned(),
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

fn fits(row: &RankedComune, filter: &ComuniFilter) -> bool {
    let text = filter.q.to_lowercase();
    let holds = row.name.to_lowercase().contains(&text) || row.province.to_lowercase().contains(&text);
    let managed = match filter.management.as_str() {
        "central" => row.management == Management::Central,
        "local" => row.management == Management::Local,
        _ => true,
    };
    holds && managed && (filter.state != "burning" || !row.risks.is_empty())
}
