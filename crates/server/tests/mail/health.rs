//! `baluardo mail domain` and the server's daily look, with a DNS of the test's own that signs, and a web server for the file of
//! MTA-STS.

use crate::house::World;
use crate::stage::names::{Names, why_not};
use crate::stage::server::Server;
use crate::stage::wait_for;
use baluardo_service::mail;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

const DOMAIN: &str = "comune.siena.it";

/// Where the web server of the policy stands: its port is the usual one, so it has an address of its own.
const WEB: &str = "127.0.0.77";

/// The key of RFC 8463 appendix A.2: an Ed25519 one fits into a line.
const KEY: &str = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

/// The names of a comune that has all in order but for MTA-STS.
fn well() -> String {
    format!(
        "{DOMAIN}. MX 10 mail.{DOMAIN}.\nmail.{DOMAIN}. A 192.0.2.25\n\
         {DOMAIN}. TXT \"v=spf1 mx include:_spf.{DOMAIN} -all\"\n_spf.{DOMAIN}. TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n\
         anno2026._domainkey.{DOMAIN}. TXT \"{KEY}\"\n\
         _dmarc.{DOMAIN}. TXT \"v=DMARC1; p=reject; rua=mailto:dmarc@{DOMAIN}\"\n\
         _smtp._tls.{DOMAIN}. TXT \"v=TLSRPTv1; rua=mailto:tls@{DOMAIN}\"\n"
    )
}

/// Runs the command; the names of the test are the whole DNS.
fn run(names: &Names, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_baluardo"));
    command.args(["mail", "domain"]).args(names.args()).args(more);
    command.output().unwrap()
}

/// The lines of `--json`, and how it ended.
fn told(output: &Output) -> (Vec<Value>, i32) {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (lines, output.status.code().unwrap())
}

/// The codes of a topic.
fn codes<'a>(line: &'a Value, topic: &str) -> Vec<&'a str> {
    let checks = line["checks"].as_array().unwrap().iter();
    checks.filter(|check| check["topic"] == topic).map(|check| check["code"].as_str().unwrap()).collect()
}

#[test]
fn domains_are_looked_at_one_line_each_and_the_exit_code_says_how_it_ended() {
    if let Some(why) = why_not() {
        return println!("not run: {why}");
    }
    let folder = tempfile::tempdir().unwrap();
    let poor =
        "povero.test. MX 10 mail.povero.test.\npovero.test. TXT \"v=spf1 +all\"\npovero.test. TXT \"v=spf1 -all\"\n";
    let mut names = Names::start(folder.path(), &format!("{}{poor}", well()));
    let output = run(&names, &["--json", "--selector", "anno2026", DOMAIN, "povero.test"]);
    let (lines, code) = told(&output);
    assert_eq!((lines.len(), code), (2, 1), "{output:?}");
    let expected = [
        ("mx", "mx_good"),
        ("dkim", "dkim_good"),
        ("dmarc", "dmarc_reject"),
        ("mta_sts", "sts_missing"),
        ("tls_rpt", "rpt_good"),
        ("dnssec", "signed_good"),
    ];
    for (topic, code) in expected {
        assert_eq!(codes(&lines[0], topic), [code], "{}", lines[0]);
    }
    assert_eq!(codes(&lines[0], "spf"), ["spf_lookups", "spf_all_hard"], "{}", lines[0]);
    assert_eq!(lines[0]["mark"], "A");
    assert_eq!(codes(&lines[1], "mx"), ["mx_unresolved"]);
    assert_eq!(codes(&lines[1], "spf"), ["spf_many"]);
    assert_eq!(lines[1]["mark"], "F");
    let words = lines[1]["checks"][0]["text"].as_str().unwrap();
    assert!(words.contains("mail.povero.test"), "{words}");
    let table = String::from_utf8(run(&names, &["--lang", "en", "povero.test"]).stdout).unwrap();
    assert!(table.starts_with("povero.test: F\n") && table.contains("publish: povero.test TXT"), "{table}");
    assert!(!table.contains('\u{1b}'), "{table}");
    names.stop();
    let output = run(&names, &["--json", DOMAIN]);
    let (lines, code) = told(&output);
    assert_eq!((code, &lines[0]["mark"]), (2, &Value::Null), "{output:?}");
    let checks = lines[0]["checks"].as_array().unwrap();
    assert!(checks.iter().all(|check| check["grade"] == "unknown"), "{}", lines[0]);
    assert_eq!(run(&names, &["comune"]).status.code(), Some(2));
}

#[test]
fn domains_that_are_signed_unsigned_or_signed_wrongly_are_told_apart() {
    if let Some(why) = why_not() {
        return println!("not run: {why}");
    }
    let folder = tempfile::tempdir().unwrap();
    let digest = "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF";
    let delegated = format!(
        "piano.test. NS ns.names.test.\nrotto.test. NS ns.names.test.\nrotto.test. DS 12345 13 2 {digest}\n{}",
        well()
    );
    let zones = [("piano.test", "piano.test. MX 0 .\n"), ("rotto.test", "rotto.test. MX 0 .\n")];
    let names = Names::with(folder.path(), &delegated, &zones);
    let output = run(&names, &["--json", DOMAIN, "piano.test", "rotto.test"]);
    let (lines, _) = told(&output);
    let found: Vec<_> = lines.iter().flat_map(|line| codes(line, "dnssec")).collect();
    assert_eq!(found, ["signed_good", "signed_missing", "signed_broken"], "{output:?}");
    assert_eq!(codes(&lines[1], "mx"), ["mx_null"]);
}

/// Gives out a policy over HTTPS; the file with the certificate to trust, or nothing where the port cannot be had.
fn serve(folder: &Path, status: &'static str, policy: String) -> Option<PathBuf> {
    let listener = match TcpListener::bind((WEB, 443)) {
        Ok(listener) => listener,
        Err(error) => {
            println!("not run: {WEB}:443: {error}");
            return None;
        }
    };
    let made = rcgen::generate_simple_self_signed(vec![format!("mta-sts.{DOMAIN}")]).unwrap();
    let trusted = folder.join("trusted.pem");
    std::fs::write(&trusted, made.cert.pem()).unwrap();
    let key = rustls_pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key).unwrap();
    let config = Arc::new(config);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
            let mut head = [0; 1024];
            // Who does not trust the certificate hangs up here.
            if stream.read(&mut head).is_err() {
                continue;
            }
            assert!(head.starts_with(b"GET /.well-known/mta-sts.txt HTTP/1.1"));
            let length = policy.len();
            let _ =
                write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{policy}");
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    Some(trusted)
}

#[test]
fn the_file_of_mta_sts_is_fetched_and_held_against_the_mail_servers() {
    if let Some(why) = why_not() {
        return println!("not run: {why}");
    }
    let folder = tempfile::tempdir().unwrap();
    let policy = format!("version: STSv1\nmode: enforce\nmx: mail.{DOMAIN}\nmax_age: 604800\n");
    let Some(trusted) = serve(folder.path(), "200 OK", policy) else { return };
    let sts = format!("_mta-sts.{DOMAIN}. TXT \"v=STSv1; id=1\"\nmta-sts.{DOMAIN}. A {WEB}\n");
    let names = Names::start(folder.path(), &format!("{}{sts}", well()));
    let look = |trusted: Option<&Path>, more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_baluardo"));
        command.args(["mail", "domain", "--json", "--selector", "anno2026", DOMAIN]).args(names.args()).args(more);
        if let Some(trusted) = trusted {
            command.env("SSL_CERT_FILE", trusted);
        }
        command.output().unwrap()
    };
    let output = look(Some(&trusted), &["--private-sources"]);
    let (lines, code) = told(&output);
    assert_eq!((codes(&lines[0], "mta_sts"), code), (vec!["sts_good"], 0), "{output:?}");
    // A certificate that nobody trusts is the domain's fault; an address within is none that is called.
    let (lines, code) = told(&look(None, &["--private-sources"]));
    assert_eq!((codes(&lines[0], "mta_sts"), code), (vec!["sts_no_policy"], 1), "{}", lines[0]);
    let (lines, _) = told(&look(Some(&trusted), &[]));
    assert_eq!(codes(&lines[0], "mta_sts"), ["sts_policy_unknown"], "{}", lines[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_looks_at_approved_domains_by_itself() {
    if let Some(why) = why_not() {
        return println!("not run: {why}");
    }
    let folder = tempfile::tempdir().unwrap();
    let world = World::on(&folder.path().join("state")).await;
    let names = Names::start(folder.path(), &well());
    let (house, siena) = (&world.test.house, &world.siena);
    let selector = ["anno2026".to_owned()];
    mail::name_selectors(house, &siena.actor, siena.tenant.id, DOMAIN, &selector).await.unwrap();
    let _server = Server::with(folder.path(), &names.args());
    let runtime = tokio::runtime::Handle::current();
    let listed = || {
        let all = runtime.block_on(mail::list_health(house, &siena.actor, siena.tenant.id)).unwrap();
        all.into_iter().next().filter(|found| found.tried_at.is_some())
    };
    let found = tokio::task::block_in_place(|| wait_for("the server looks at the domain", listed));
    assert_eq!((found.domain.as_str(), found.mark.as_deref()), (DOMAIN, Some("A")), "{found:?}");
    let codes: Vec<_> = found.checks.iter().map(|check| check.code).collect();
    assert!(codes.contains(&"dkim_good") && codes.contains(&"sts_missing"), "{codes:?}");
    assert_eq!(found.marks.len(), 1);
}
