//! Reports as receivers write them, packed as they pack them, and as somebody hostile would.

use super::*;
use baluardo_model::Timestamp;
use baluardo_model::dmarc::{Disposition, DmarcRow};

const REPORT: &str = r#"<?xml version="1.0" encoding="UTF-8" ?>
<feedback>
  <version>1.0</version>
  <report_metadata>
    <org_name>Ricevente &amp; figli</org_name>
    <email>dmarc@ricevente.example</email>
    <report_id>2026-11-20.0001</report_id>
    <date_range><begin>1763596800</begin><end>1763683199</end></date_range>
  </report_metadata>
  <policy_published>
    <domain>Comune.Esempio.IT</domain><adkim>r</adkim><aspf>r</aspf><p>quarantine</p><sp>none</sp><pct>100</pct>
  </policy_published>
  <record>
    <row>
      <source_ip>192.0.2.25</source_ip><count>41</count>
      <policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated>
    </row>
    <identifiers><header_from>comune.esempio.it</header_from></identifiers>
    <auth_results>
      <dkim><domain>comune.esempio.it</domain><selector>k1</selector><result>pass</result></dkim>
      <dkim><domain>fornitore.example</domain><result>pass</result></dkim>
      <spf><domain>fornitore.example</domain><result>pass</result></spf>
    </auth_results>
  </record>
  <record>
    <row>
      <source_ip>2001:db8::bad</source_ip><count>7</count>
      <policy_evaluated><disposition>quarantine</disposition><dkim>fail</dkim><spf>fail</spf>
        <reason><type>local_policy</type><comment>known</comment></reason></policy_evaluated>
    </row>
    <identifiers><envelope_from>altrove.example</envelope_from><header_from>comune.esempio.it</header_from></identifiers>
    <auth_results><spf><domain>altrove.example</domain><result>softfail</result></spf></auth_results>
  </record>
</feedback>
"#;

fn one(bytes: &[u8]) -> DmarcReport {
    let mut found = reports(bytes);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0).unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    out.extend(miniz_oxide::deflate::compress_to_vec(bytes, 6));
    out.extend([0; 4]);
    out.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
    out
}

#[test]
fn a_report_tells_who_sent_in_the_name_of_the_domain() {
    let report = one(REPORT.as_bytes());
    assert_eq!((report.org.as_str(), report.id.as_str()), ("Ricevente & figli", "2026-11-20.0001"));
    assert_eq!((report.domain.as_str(), report.policy), ("comune.esempio.it", Disposition::Quarantine));
    assert_eq!(report.begin, Timestamp::from_micros(1_763_596_800_000_000));
    let own = DmarcRow {
        source: "192.0.2.25".parse().unwrap(),
        count: 41,
        disposition: Disposition::None,
        dkim: true,
        spf: false,
        header_from: "comune.esempio.it".to_owned(),
        signed_by: "comune.esempio.it".to_owned(),
        envelope: "fornitore.example".to_owned(),
    };
    assert_eq!(report.rows[0], own);
    assert_eq!(report.selectors, ["k1"], "that of the provider signs for the provider");
    let strange = &report.rows[1];
    assert_eq!((strange.source.to_string().as_str(), strange.count), ("2001:db8::bad", 7));
    assert_eq!((strange.disposition, strange.dkim, strange.spf), (Disposition::Quarantine, false, false));
    assert_eq!((strange.signed_by.as_str(), strange.envelope.as_str()), ("", "altrove.example"));
}

#[test]
fn a_report_is_found_in_gzip_and_in_a_message() {
    let packed = gzip(REPORT.as_bytes());
    let expected = one(REPORT.as_bytes());
    assert_eq!(one(&packed), expected);
    let lines: String = base64(&packed)
        .as_bytes()
        .chunks(76)
        .map(|line| format!("{}\r\n", std::str::from_utf8(line).unwrap()))
        .collect();
    let message = format!(
        "From: dmarc@ricevente.example\r\nTo: dmarc@comune.esempio.it\r\nSubject: Report domain: comune.esempio.it\r\n\
         MIME-Version: 1.0\r\nContent-Type: application/gzip; name=\"ricevente!comune.esempio.it!1!2.xml.gz\"\r\n\
         Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"ricevente!comune.esempio.it!1!2.xml.gz\"\r\n\r\n{lines}"
    );
    assert_eq!(one(message.as_bytes()), expected);
    assert!(reports(b"Subject: ciao\r\n\r\nnessun rapporto").is_empty());
}

#[test]
fn a_report_is_known_by_its_name() {
    assert!(is_dmarc_name("google.com!comune.it!1763596800!1763683199.zip"));
    assert!(is_dmarc_name("Ricevente!comune.it!1!2!0001.xml.gz"));
    assert!(!is_dmarc_name("fattura!!!.pdf") && !is_dmarc_name("report.zip"));
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    let told = |from: &str, to: &str| reports(REPORT.replacen(from, to, 1).as_bytes()).remove(0).unwrap_err();
    assert_eq!(told("Comune.Esempio.IT", "no domain"), DmarcError::Missing("policy_published/domain"));
    assert_eq!(told("192.0.2.25", "192.0.2"), DmarcError::Missing("row/source_ip"));
    assert_eq!(told("<count>41", "<count>-41"), DmarcError::Missing("row/count"));
    assert_eq!(told("<begin>1763596800", "<begin>99999999999999999"), DmarcError::Missing("date_range/begin"));
    assert_eq!(told("<end>1763683199", "<end>1"), DmarcError::Missing("date_range/end"));
    assert_eq!(told("2026-11-20.0001", ""), DmarcError::Missing("report_metadata/report_id"));
    assert!(matches!(told("</report_metadata>", "</other>"), DmarcError::Xml(_)));
    assert!(matches!(told("</feedback>", ""), DmarcError::Xml(_)));
}

#[test]
fn entities_of_a_document_type_mean_nothing() {
    let hostile = REPORT.replacen("<feedback>", "<!DOCTYPE f [<!ENTITY a \"aaaa\">]><feedback>", 1);
    assert!(matches!(&reports(hostile.as_bytes())[..], [Err(DmarcError::Xml(_))]));
    let unknown = REPORT.replacen("&amp;", "&a;", 1);
    assert_eq!(one(unknown.as_bytes()).org, "Ricevente  figli");
}

#[test]
fn depth_and_rows_are_bounded() {
    let deep = format!("<feedback>{}", "<a>".repeat(100_000));
    assert!(matches!(&reports(deep.as_bytes())[..], [Err(DmarcError::Xml(_))]));
    let start = REPORT.find("<record>").unwrap();
    let end = REPORT.find("</record>").unwrap() + "</record>".len();
    let many = REPORT.replacen(&REPORT[start..end], &REPORT[start..end].repeat(MOST_ROWS), 1);
    assert!(matches!(&reports(many.as_bytes())[..], [Err(DmarcError::TooLarge)]));
}

/// Base64 as mail has it.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |three: &[u8]| {
        let at = |index: usize| u32::from(three.get(index).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        let letter = |shift: u32| char::from(LETTERS[(bits >> shift & 63) as usize]);
        let mut four = [letter(18), letter(12), letter(6), letter(0)];
        four.iter_mut().skip(three.len() + 1).for_each(|letter| *letter = '=');
        four
    };
    bytes.chunks(3).flat_map(group).collect()
}
