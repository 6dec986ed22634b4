//! Whether anybody hears when mail for the domain could not be encrypted (TLS-RPT, RFC 8460).

use super::tags::{Tags, of_version};
use super::{Book, Check, Code, Publish};

/// Looks at the record.
pub(super) fn look(book: &mut Book, domain: &str) -> Vec<Check> {
    let name = format!("_smtp._tls.{domain}");
    let Some(texts) = book.texts(&name) else { return vec![Check::new(Code::RptUnknown, domain)] };
    let records = of_version(&texts, "TLSRPTv1");
    let publish = [Publish::txt(name, format!("v=TLSRPTv1; rua=mailto:tlsrpt@{domain}"))];
    vec![match records[..] {
        [] => Check::new(Code::RptMissing, domain).with(publish),
        [record] if has_address(record) => Check::new(Code::RptGood, record),
        [record] => Check::new(Code::RptBroken, record).with(publish),
        _ => Check::new(Code::RptMany, records.join(&b" | "[..])).with(publish),
    }]
}

fn has_address(record: &[u8]) -> bool {
    let is_address = |address: &str| {
        let address = address.trim().to_ascii_lowercase();
        let mail = address.strip_prefix("mailto:").is_some_and(|address| address.contains('@'));
        mail || address.strip_prefix("https://").is_some_and(|rest| !rest.is_empty())
    };
    Tags::read(record).is_some_and(|tags| tags.get("rua").is_some_and(|rua| rua.split(',').all(is_address)))
}
