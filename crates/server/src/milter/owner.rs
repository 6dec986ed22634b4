//! Whether a message says that it comes from a domain that is protected here.

use baluardo_model::mail::domain_of;
use baluardo_service::{Error, House, mail};

/// Names above an author's that are asked about: `posta.comune.siena.it` belongs to whom `comune.siena.it` does.
const MOST_ABOVE: usize = 4;

/// The author's domain that is one of ours, if any. Without a house ours are those of the recipients.
///
/// # Errors
/// What the store says.
pub(super) async fn own_of(
    house: Option<&House>,
    authors: &[String],
    recipients: &[String],
) -> Result<Option<String>, Error> {
    let Some(house) = house else {
        let ours: Vec<String> = recipients.iter().filter_map(|recipient| domain_of(recipient)).collect();
        return Ok(authors.iter().find(|author| ours.iter().any(|domain| is_below(author, domain))).cloned());
    };
    let asked: Vec<(&String, String)> = authors
        .iter()
        .flat_map(|author| with_those_above(author).map(move |name| (author, format!("postmaster@{name}"))))
        .collect();
    let places: Vec<String> = asked.iter().map(|(_, address)| address.clone()).collect();
    let found = mail::destinations(house, &places).await?;
    Ok(asked.iter().zip(found).find(|(_, owner)| owner.is_some()).map(|((author, _), _)| (*author).clone()))
}

fn is_below(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// A name and those above it, as long as they have a dot.
fn with_those_above(name: &str) -> impl Iterator<Item = &str> {
    let all = std::iter::successors(Some(name), |name| name.split_once('.').map(|(_, above)| above));
    all.filter(|name| name.contains('.')).take(MOST_ABOVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_a_house_the_domains_of_the_recipients_are_ours() {
        let strings = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let own = async |authors: &[&str]| {
            own_of(None, &strings(authors), &strings(&["ufficio@Comune.Siena.it", "nobody"])).await.unwrap()
        };
        assert_eq!(own(&["evil.example", "comune.siena.it"]).await.as_deref(), Some("comune.siena.it"));
        assert_eq!(own(&["posta.comune.siena.it"]).await.as_deref(), Some("posta.comune.siena.it"));
        assert_eq!(own(&["ilcomune.siena.it"]).await, None);
        assert_eq!(own(&["siena.it"]).await, None);
        assert_eq!(own(&[]).await, None);
    }

    #[test]
    fn names_above_are_asked_as_long_as_they_are_domains() {
        let names: Vec<_> = with_those_above("a.posta.comune.siena.it").collect();
        assert_eq!(names, ["a.posta.comune.siena.it", "posta.comune.siena.it", "comune.siena.it", "siena.it"]);
    }
}
