//! Tables for spreadsheets: what an Italian Excel opens with a double click, and what runs nothing there.

use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse as _, Response};

/// Tells Excel that the text is UTF-8.
const BOM: char = '\u{feff}';

/// What divides cells: an Italian Excel takes the comma for the decimal mark.
const SEPARATOR: char = ';';

/// An answer that a browser keeps as `<name>.csv`. `name` is ours: lower-case letters and hyphens.
pub fn answer(name: &str, heads: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Response {
    let mut response = table(heads, rows).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}.csv\"")) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    response
}

/// The table as text, its heads first, each line ended as RFC 4180 says.
fn table(heads: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text = String::from(BOM);
    line(&mut text, heads.iter().copied());
    for row in rows {
        line(&mut text, row.iter().map(String::as_str));
    }
    text
}

fn line<'a>(text: &mut String, cells: impl Iterator<Item = &'a str>) {
    for (at, value) in cells.enumerate() {
        if at > 0 {
            text.push(SEPARATOR);
        }
        cell(text, value);
    }
    text.push_str("\r\n");
}

/// One cell. A text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection): file
/// names come from attackers.
fn cell(text: &mut String, value: &str) {
    let formula = value.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
        || value.starts_with(['\t', '\r', '\n']);
    let quoted = value.contains([SEPARATOR, '"', '\r', '\n']);
    if quoted {
        text.push('"');
    }
    if formula {
        text.push('\'');
    }
    text.push_str(&value.replace('"', "\"\""));
    if quoted {
        text.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(value: &str) -> String {
        let mut text = String::new();
        cell(&mut text, value);
        text
    }

    #[test]
    fn a_table_opens_in_an_italian_excel() {
        let text = table(&["nome", "note"], [vec!["Forlì".to_owned(), "a;b".to_owned()]]);
        assert_eq!(text, "\u{feff}nome;note\r\nForlì;\"a;b\"\r\n");
    }

    #[test]
    fn quotes_separators_and_line_ends_stay_inside_their_cell() {
        assert_eq!(one("plain, with comma"), "plain, with comma");
        assert_eq!(one("a;b"), "\"a;b\"");
        assert_eq!(one("he said \"no\""), "\"he said \"\"no\"\"\"");
        assert_eq!(one("two\nlines"), "\"two\nlines\"");
    }

    #[test]
    fn no_cell_is_a_formula() {
        for evil in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"] {
            assert!(one(evil).trim_start_matches('"').starts_with('\''), "{evil:?}");
        }
        assert_eq!(one("=HYPERLINK(\"x\";\"y\")"), "\"'=HYPERLINK(\"\"x\"\";\"\"y\"\")\"");
        assert_eq!(one("a=1"), "a=1");
    }

    #[test]
    fn the_answer_is_a_file_that_no_cache_keeps() {
        let response = answer("registro", &["n"], []);
        assert_eq!(response.headers()[CONTENT_DISPOSITION], "attachment; filename=\"registro.csv\"");
        assert_eq!(response.headers()[CONTENT_TYPE], "text/csv; charset=utf-8");
        assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
    }
}
