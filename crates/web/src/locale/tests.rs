//! Both locale files say the same things, and every word in them is used.

use super::*;
use std::collections::BTreeSet;
use std::path::Path;

fn placeholders(words: &str) -> BTreeSet<&str> {
    words.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
}

fn walk(dir: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else if !path.ends_with("tests.rs") {
            found.push(std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// Every file with words in it: templates and sources, without tests.
fn texts() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    walk(&root.join("templates"), &mut found);
    walk(&root.join("src"), &mut found);
    found
}

/// The string literals of a text: what stands between two quotes on one line.
fn literals(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split('"').skip(1)).filter(|word| word.contains('.') && !word.contains(' '))
}

#[test]
fn both_languages_have_the_same_keys_and_placeholders() {
    assert!(!ITALIAN.is_empty());
    assert_eq!(ITALIAN.keys().collect::<Vec<_>>(), ENGLISH.keys().collect::<Vec<_>>());
    for (key, words) in ITALIAN.iter() {
        assert_eq!(placeholders(words), placeholders(&ENGLISH[key]), "{key}");
        assert!(!words.trim().is_empty() && !ENGLISH[key].trim().is_empty(), "{key}");
    }
}

#[test]
fn every_singular_has_its_plural() {
    for key in ITALIAN.keys() {
        if let Some(stem) = key.strip_suffix(".one").filter(|stem| ITALIAN[key].contains("{count}") && !stem.is_empty())
        {
            assert!(ITALIAN.contains_key(&format!("{stem}.other")), "{key}");
        }
    }
}

#[test]
fn every_key_that_is_asked_for_exists() {
    for text in texts() {
        for (call, plural) in
            [(".t(\"", false), (".t1(\"", false), (".t2(\"", false), (".n(\"", true), ("count_word(\"", true)]
        {
            for rest in text.split(call).skip(1) {
                let key = rest.split('"').next().unwrap_or("");
                let forms =
                    if plural { vec![format!("{key}.one"), format!("{key}.other")] } else { vec![key.to_owned()] };
                for form in forms {
                    assert!(ITALIAN.contains_key(&form), "{call}{key}");
                }
            }
        }
    }
}

#[test]
fn every_word_is_used() {
    let texts = texts();
    let used: BTreeSet<&str> = texts.iter().flat_map(|text| literals(text)).collect();
    // A key put together at run time shows here as its beginning: `"flash."`, `"todo.{}.title"`.
    let beginnings: Vec<&str> = used
        .iter()
        .filter_map(|word| word.split_once('{').map(|(head, _)| head).or_else(|| word.ends_with('.').then_some(*word)))
        .filter(|head| head.len() > 2)
        .collect();
    for key in ITALIAN.keys() {
        let stem = key.strip_suffix(".one").or_else(|| key.strip_suffix(".other")).unwrap_or(key);
        let found =
            used.contains(key.as_str()) || used.contains(stem) || beginnings.iter().any(|head| key.starts_with(head));
        assert!(found, "nobody uses {key}");
    }
}

/// The first or second argument of every call of `name`, where it is a literal.
fn arguments<'a>(text: &'a str, name: &'a str, place: usize) -> impl Iterator<Item = &'a str> {
    text.split(name).skip(1).filter_map(move |rest| {
        let argument = rest.split(',').nth(place)?.trim();
        argument.strip_prefix('"').and_then(|rest| rest.split('"').next())
    })
}

#[test]
fn every_error_of_the_service_has_words() {
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../service/src"), &mut found);
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pages"), &mut found);
    let mut codes = BTreeSet::new();
    for text in &found {
        codes.extend(arguments(text, "Error::invalid(", 1));
        codes.extend(arguments(text, "Error::conflict(", 0));
        codes.extend(arguments(text, "return refuse(", 0));
    }
    assert!(codes.len() > 30, "the service has more errors than {codes:?}");
    let missing: Vec<_> = codes.iter().filter(|code| !ITALIAN.contains_key(&format!("error.{code}"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_refusal_at_the_agents_door_has_words() {
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../service/src/fleet"), &mut found);
    let codes: BTreeSet<_> = found.iter().flat_map(|text| arguments(text, "Self::new(", 0)).collect();
    assert!(codes.len() > 20, "the door has more refusals than {codes:?}");
    let missing: Vec<_> = codes.iter().filter(|code| !ITALIAN.contains_key(&format!("refusal.{code}"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_key_without_words_shows_itself() {
    assert_eq!(Lang::It.t("no.such.key"), "⟦no.such.key⟧");
    assert_eq!(Lang::It.word_or_code("act.", "tomorrow"), "tomorrow");
}

#[test]
fn a_value_that_looks_like_a_placeholder_stays_a_value() {
    let words = Lang::En.t2("list.shown", ("shown", &"{total}"), ("total", &"9"));
    assert_eq!(words, "{total} of 9");
}

#[test]
fn the_browser_s_wish_is_read_and_italian_is_the_default() {
    assert_eq!(Lang::from_accept("de-DE,en-GB;q=0.8,it;q=0.5"), Lang::En);
    assert_eq!(Lang::from_accept("it-IT,en;q=0.8"), Lang::It);
    assert_eq!(Lang::from_accept("fr"), Lang::It);
    assert_eq!(Lang::from_accept("é"), Lang::It);
}

#[test]
fn numbers_sizes_and_times_follow_the_language() {
    assert_eq!(Lang::It.number(1_234_567), "1.234.567");
    assert_eq!(Lang::En.number(999), "999");
    assert_eq!(Lang::It.bytes(999), "999 B");
    assert_eq!(Lang::It.bytes(1_536), "1,5 kB");
    assert_eq!(Lang::En.bytes(2_147_483_648), "2.1 GB");
    let at = Timestamp::from_micros(1_795_339_800_000_000);
    assert_eq!(Lang::It.exact(at), "22 novembre 2026, 10:30");
    assert_eq!(Lang::En.weekday(at), "Sunday 22 November 2026");
}

#[test]
fn a_deadline_at_midnight_is_the_end_of_the_day_before() {
    // The midnight in Rome that ends the day, in seconds: in winter at 23:00 UTC, in summer at 22:00.
    let due = |lang: Lang, seconds: i64| lang.due(Timestamp::from_micros(seconds * 1_000_000));
    assert_eq!(due(Lang::It, 1_795_820_400), "entro il 27 novembre 2026");
    assert_eq!(due(Lang::En, 1_795_820_400), "by 27 November 2026");
    assert_eq!(due(Lang::It, 1_774_738_800), "entro il 28 marzo 2026", "the day before the clocks go forward");
    assert_eq!(due(Lang::It, 1_774_821_600), "entro il 29 marzo 2026", "the day on which they do");
    assert_eq!(due(Lang::It, 1_792_969_200), "entro il 25 ottobre 2026", "the day on which they go back");
    assert_eq!(due(Lang::It, 1_798_758_000), "entro il 31 dicembre 2026");
    assert_eq!(due(Lang::It, 1_795_820_340), "entro il 27 novembre 2026, 23:59", "another instant is told whole");
}

#[test]
fn relative_times_round_down_and_know_the_future() {
    let now = Timestamp::from_micros(1_795_339_800_000_000);
    let span = std::time::Duration::from_secs;
    assert_eq!(Lang::It.relative(now.minus(span(59)), now), "adesso");
    assert_eq!(Lang::It.relative(now.minus(span(60)), now), "1 minuto fa");
    assert_eq!(Lang::It.relative(now.minus(span(7_199)), now), "1 ora fa");
    assert_eq!(Lang::En.relative(now.plus(span(2 * 86_400)), now), "in 2 days");
}
