//! What every list page shares: its query, its pages, its export.

use crate::posted::Fields;
use crate::view::Paging;
use crate::visit::Visit;

/// How many rows a page of a list shows.
pub const PAGE: usize = 100;

/// The query string of a page.
#[must_use]
pub fn query(visit: &Visit) -> Fields {
    Fields::read(visit.path.split_once('?').map_or("", |(_, query)| query).as_bytes())
}

/// The path of a page without its query.
#[must_use]
pub fn bare_path(visit: &Visit) -> &str {
    visit.path.split_once('?').map_or(visit.path.as_str(), |(path, _)| path)
}

/// The address of the same list with one field of the query changed.
#[must_use]
pub fn with(visit: &Visit, field: &str, value: &str) -> String {
    let kept = query(visit);
    let mut out = form_urlencoded::Serializer::new(String::new());
    for (name, text) in kept.pairs().filter(|(name, text)| *name != field && *name != "done" && !text.is_empty()) {
        out.append_pair(name, text);
    }
    if !value.is_empty() {
        out.append_pair(field, value);
    }
    let query = out.finish();
    if query.is_empty() { bare_path(visit).to_owned() } else { format!("{}?{query}", bare_path(visit)) }
}

/// Cuts the asked page out of all rows and tells where the others are.
#[must_use]
pub fn cut<T>(visit: &Visit, rows: Vec<T>) -> (Vec<T>, Paging) {
    let total = rows.len();
    let last = total.saturating_sub(1) / PAGE;
    let page = query(visit).text("page").parse::<usize>().unwrap_or(0).min(last);
    let shown = rows.into_iter().skip(page * PAGE).take(PAGE).collect();
    let address = |page: usize| with(visit, "page", &if page == 0 { String::new() } else { page.to_string() });
    let paging = Paging {
        total: total as u64,
        previous: (page > 0).then(|| address(page - 1)),
        next: (page < last).then(|| address(page + 1)),
        export: Some(with(visit, "format", "csv")),
    };
    (shown, paging)
}
