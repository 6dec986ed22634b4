//! Every page renders in both languages, has words for everything it says, and lets no foreign text become markup.

use super::sample::{Maker, all};
use crate::locale::Lang;

#[test]
fn every_page_has_words_for_everything_it_says() {
    for lang in Lang::ALL {
        for sheet in all(Maker { lang, hostile: false }) {
            let missing: Vec<&str> =
                sheet.html.split('⟦').skip(1).map(|rest| rest.split('⟧').next().unwrap_or("")).collect();
            assert!(missing.is_empty(), "{} in {}: {missing:?}", sheet.name, lang.code());
            assert!(!sheet.html.contains("{count}") || sheet.html.contains("data-found"), "{}", sheet.name);
        }
    }
}

#[test]
fn hostile_text_never_becomes_markup() {
    for sheet in all(Maker { lang: Lang::It, hostile: true }) {
        for markup in ["<script>alert", "<img src=x", "\"'><", "href=\"javascript:"] {
            assert!(!sheet.html.contains(markup), "{}: {markup}", sheet.name);
        }
    }
}

#[test]
fn no_page_has_inline_code_or_styles() {
    for sheet in all(Maker { lang: Lang::It, hostile: false }) {
        for inline in [" style=", " onclick=", " onload=", "<style", "hx-on", "javascript:"] {
            let text = sheet.html.replace("javascript:alert(1)", "");
            assert!(!text.contains(inline), "{}: {inline}", sheet.name);
        }
        assert_eq!(sheet.html.matches("<script").count(), 1, "{}", sheet.name);
    }
}

#[test]
fn every_form_that_changes_something_carries_the_token() {
    for sheet in all(Maker { lang: Lang::It, hostile: false }) {
        for form in sheet.html.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap_or("");
            let posts = form.split('>').next().unwrap_or("").contains("method=\"post\"");
            assert_eq!(posts, form.contains("name=\"csrf\""), "{}: {form}", sheet.name);
        }
    }
}

#[test]
fn a_page_has_one_heading_and_no_two_equal_ids() {
    for sheet in all(Maker { lang: Lang::En, hostile: false }) {
        assert_eq!(sheet.html.matches("<h1").count(), 1, "{}", sheet.name);
        let mut ids: Vec<&str> = sheet.html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "{}", sheet.name);
    }
}

#[test]
fn the_live_block_is_part_of_its_page_and_not_a_page() {
    let page = super::sample::finding_ransomware(Lang::It);
    let block = askama::Template::render(&page.as_live()).unwrap();
    let whole = askama::Template::render(&page).unwrap();
    assert!(whole.contains(block.trim()));
    assert!(!block.contains("<html"));
}
