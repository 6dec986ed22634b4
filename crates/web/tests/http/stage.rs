//! The stage of the stories: the console in memory, and browsers and programs that knock at it.

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use baluardo_testkit::TestHouse;
use baluardo_testkit::people::Entered;
use baluardo_web::{App, Peer, console};
use http_body_util::BodyExt as _;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use tower_service::Service as _;

/// The address of the console, as browsers write it.
pub(crate) const HOST: &str = "localhost:8443";

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// Where a redirect leads; empty where there is none.
    pub(crate) fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|why| panic!("{why}: {}", self.text))
    }

    /// The value of a field of a form on the page.
    pub(crate) fn field(&self, name: &str) -> String {
        let rest = self.text.split(&format!("name=\"{name}\"")).nth(1).unwrap_or_else(|| panic!("no field {name}"));
        let value = rest.split("value=\"").nth(1).unwrap_or_default();
        value.split('"').next().unwrap_or_default().to_owned()
    }
}

/// A browser: it keeps cookies and says where its forms come from.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    app: App,
    cookies: BTreeMap<String, String>,
    ip: IpAddr,
    bearer: Option<String>,
    /// The token of the session; none for a script that does not know it.
    pub(crate) csrf: Option<String>,
    /// The page that sends; none for a program that is no browser.
    pub(crate) origin: Option<String>,
}

impl Browser {
    /// A browser on this computer that nobody has signed in with.
    pub(crate) fn new(test: &TestHouse) -> Self {
        Self {
            app: App { house: test.house.clone() },
            cookies: BTreeMap::new(),
            ip: IpAddr::from([127, 0, 0, 1]),
            bearer: None,
            csrf: None,
            origin: Some(format!("https://{HOST}")),
        }
    }

    /// A browser elsewhere.
    pub(crate) fn far(test: &TestHouse) -> Self {
        Self { ip: IpAddr::from([192, 0, 2, 7]), ..Self::new(test) }
    }

    /// The browser of somebody who is signed in; not on the server's computer.
    pub(crate) fn of(test: &TestHouse, who: &Entered) -> Self {
        let mut browser = Self::far(test);
        browser.cookies.insert("__Host-baluardo".to_owned(), who.browser.cookie_secret.clone());
        browser.csrf = Some(who.browser.csrf.clone());
        browser
    }

    /// A program with a token.
    pub(crate) fn program(test: &TestHouse, token: &str) -> Self {
        Self { bearer: Some(token.to_owned()), origin: None, ..Self::far(test) }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, None, String::new()).await
    }

    /// Sends a form with the token of the session.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf.clone().unwrap_or_default();
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend_from_slice(fields);
        self.post_only(path, &all).await
    }

    /// Sends a form with these fields and no others.
    pub(crate) async fn post_only(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(Method::POST, path, Some("application/x-www-form-urlencoded"), body).await
    }

    /// Calls the API with a JSON body.
    pub(crate) async fn call(&mut self, method: &str, path: &str, body: &serde_json::Value) -> Answer {
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        self.send(method, path, Some("application/json"), body.to_string()).await
    }

    /// Opens a line of live events.
    pub(crate) async fn listen(&self, path: &str) -> Line {
        let request = self.request(&Method::GET, path, None, String::new());
        Line(console(self.app.clone()).call(request).await.unwrap().into_body())
    }

    pub(crate) async fn send(&mut self, method: Method, path: &str, kind: Option<&str>, body: String) -> Answer {
        let request = self.request(&method, path, kind, body);
        let (parts, body) = console(self.app.clone()).call(request).await.unwrap().into_parts();
        let text = if is_stream(&parts.headers) { first_part(body).await } else { whole(body).await };
        self.keep_cookies(&parts.headers);
        Answer { status: parts.status, headers: parts.headers, text }
    }

    fn request(&self, method: &Method, path: &str, kind: Option<&str>, body: String) -> Request<Body> {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, HOST);
        if !self.cookies.is_empty() {
            let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, pairs.join("; "));
        }
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        if let Some(token) = &self.bearer {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(origin) = self.origin.as_ref().filter(|_| method != Method::GET) {
            request = request.header(header::ORIGIN, origin);
        }
        if let Some(csrf) = self.csrf.as_ref().filter(|_| path.starts_with("/api/")) {
            request = request.header("x-csrf-token", csrf);
        }
        let peer = Peer { address: SocketAddr::new(self.ip, 50_000), certificate: None };
        let mut request = request.body(Body::from(body)).unwrap();
        request.extensions_mut().insert(peer);
        request
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap().to_owned();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value);
            }
        }
    }
}

/// An open line of live events.
pub(crate) struct Line(Body);

impl Line {
    /// What comes next.
    pub(crate) async fn next(&mut self) -> String {
        let frame = self.0.frame().await.expect("the line stands").unwrap();
        String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap()
    }
}

/// A stream of events has no end: its first part has to do.
fn is_stream(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
}

async fn first_part(body: Body) -> String {
    Line(body).next().await
}

async fn whole(body: Body) -> String {
    let bytes = body.collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}
