//! A provider of tokens (OAuth 2): gives them for one that renews, takes them back, and tells Dovecot which are good.

use super::authority::Papers;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// The application that the provider knows, and its secret.
pub(crate) const CLIENT: &str = "app-baluardo";
pub(crate) const CLIENT_SECRET: &str = "Segreto~Dell_App";

/// What the provider knows and how it is minded.
pub(crate) struct Books {
    /// The token that renews now.
    pub(crate) renews: String,
    /// Whether one that renewed is worth nothing any more, and another comes with each token.
    pub(crate) rotates: bool,
    /// For how many seconds tokens are said to last.
    pub(crate) lasts: u64,
    /// The tokens that are good, whatever was said.
    pub(crate) good: Vec<String>,
    /// Every secret that was ever handed out.
    pub(crate) handed_out: Vec<String>,
    /// What is answered instead.
    pub(crate) instead: Option<(u16, &'static str)>,
}

/// The provider.
pub(crate) struct Provider {
    /// Where applications ask, by HTTPS.
    pub(crate) port: u16,
    /// Where mail servers ask, on this machine.
    inner: u16,
    books: Arc<Mutex<Books>>,
}

impl Provider {
    pub(crate) fn start(papers: &Papers) -> Self {
        let renews = "renews-0".to_owned();
        let handed_out = vec![renews.clone()];
        let books = Books { renews, rotates: false, lasts: 3_600, good: Vec::new(), handed_out, instead: None };
        let books = Arc::new(Mutex::new(books));
        let tls = tls(papers);
        let to_applications = Arc::clone(&books);
        let port = listen(move |stream| {
            let connection = ServerConnection::new(Arc::clone(&tls)).unwrap();
            answer(StreamOwned::new(connection, stream), &to_applications)
        });
        let to_servers = Arc::clone(&books);
        let inner = listen(move |stream| answer(stream, &to_servers));
        Self { port, inner, books }
    }

    /// What it knows; it answers nobody as long as somebody looks.
    pub(crate) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }

    /// How many tokens it gave.
    pub(crate) fn gave(&self) -> usize {
        self.books().handed_out.iter().filter(|secret| secret.starts_with("opens-")).count()
    }

    /// Lines for a Dovecot that takes tokens by these ways of signing in, and asks here about them.
    pub(crate) fn for_dovecot(&self, folder: &Path, ways: &str) -> String {
        let file: PathBuf = folder.join("oauth2.conf");
        let settings = format!(
            "introspection_mode = post\nintrospection_url = http://127.0.0.1:{}/introspect\nusername_attribute = username\n\
             active_attribute = active\nactive_value = true\n",
            self.inner
        );
        std::fs::write(&file, settings).unwrap();
        format!(
            "auth_mechanisms = {ways}\npassdb {{\n driver = oauth2\n mechanisms = {ways}\n args = {}\n}}\n",
            file.display()
        )
    }
}

fn tls(papers: &Papers) -> Arc<ServerConfig> {
    let certificate = CertificateDer::from_pem_slice(papers.certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(papers.key.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    Arc::new(config.with_single_cert(vec![certificate], key).unwrap())
}

/// Serves each who comes, in a thread of its own.
fn listen(serve: impl Fn(TcpStream) -> std::io::Result<()> + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = Arc::new(serve);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = Arc::clone(&serve);
            std::thread::spawn(move || {
                let _ = stream.set_read_timeout(Some(Duration::from_secs(60)));
                drop(serve(stream));
            });
        }
    });
    port
}

/// Answers one question.
fn answer(stream: impl Read + Write, books: &Mutex<Books>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    lines.read_line(&mut first)?;
    loop {
        let mut line = String::new();
        lines.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').unwrap_or_default();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    lines.read_exact(&mut body)?;
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
    let of = |name: &str| form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    let (status, text) = match first.split(' ').nth(1) {
        Some("/token?tenant=siena") => token(&mut books.lock().unwrap(), of),
        Some("/introspect") => {
            let good = books.lock().unwrap().good.iter().any(|token| token == of("token"));
            (200, format!("{{\"active\":{good},\"username\":\"posta\"}}"))
        }
        _ => (404, String::new()),
    };
    let mut stream = lines.into_inner();
    let length = text.len();
    write!(stream, "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n")?;
    write!(stream, "Connection: close\r\n\r\n{text}")?;
    stream.flush()
}

fn token<'a>(books: &mut Books, of: impl Fn(&str) -> &'a str) -> (u16, String) {
    if let Some((status, text)) = books.instead {
        return (status, text.to_owned());
    }
    if of("client_id") != CLIENT || of("client_secret") != CLIENT_SECRET {
        return (
            401,
            format!("{{\"error\":\"invalid_client\",\"error_description\":\"{} is wrong\"}}", of("client_secret")),
        );
    }
    let shown = of("refresh_token");
    if of("grant_type") != "refresh_token" || shown != books.renews {
        // It says back what it was shown, as no provider should.
        return (400, format!("{{\"error\":\"invalid_grant\",\"error_description\":\"{shown} was revoked\"}}"));
    }
    let number = books.handed_out.len();
    let opens = format!("opens-{number}");
    books.good.push(opens.clone());
    books.handed_out.push(opens.clone());
    let mut renewed = String::new();
    if books.rotates {
        books.renews = format!("renews-{number}");
        books.handed_out.push(books.renews.clone());
        renewed = format!(",\"refresh_token\":\"{}\"", books.renews);
    }
    (200, format!("{{\"access_token\":\"{opens}\",\"token_type\":\"Bearer\",\"expires_in\":{}{renewed}}}", books.lasts))
}
