//! A posted form that may bring a file (RFC 7578), checked as every form is before a handler sees it.

use super::{Fields, same, same_origin};
use crate::answer::PageError;
use crate::app::App;
use crate::visit::Signed;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header;
use baluardo_service::Error;

/// The most parts of a form.
const MOST_PARTS: usize = 16;

/// A form from somebody who is signed in, with the file that they chose.
#[derive(Debug)]
pub struct SignedUpload {
    /// Who sent it.
    pub signed: Signed,
    /// What they wrote.
    pub fields: Fields,
    /// The file; empty where none was chosen.
    pub file: Vec<u8>,
}

impl FromRequest<App> for SignedUpload {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &App) -> Result<Self, PageError> {
        let (mut parts, body) = request.into_parts();
        let signed = Signed::from_request_parts(&mut parts, app).await?;
        same_origin(&parts.headers).map_err(|error| signed.fail(error))?;
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let boundary = boundary(kind).map(str::to_owned);
        let bytes = Bytes::from_request(Request::from_parts(parts, body), app).await.map_err(|_| {
            signed.fail(Error::invalid("form", "too_large", "the form is too large or did not arrive whole"))
        })?;
        let (fields, file) = match boundary {
            Some(boundary) => split(&bytes, &boundary),
            None => (Fields::read(&bytes), Vec::new()),
        };
        let ours = signed.visit.signed.as_ref().is_some_and(|session| same(&session.csrf, fields.raw("csrf")));
        if !ours {
            return Err(signed.fail(Error::Forbidden));
        }
        Ok(Self { signed, fields, file })
    }
}

/// The boundary of a form with parts.
fn boundary(kind: &str) -> Option<&str> {
    let rest = kind.trim().strip_prefix("multipart/form-data")?;
    let value = rest.split(';').find_map(|one| one.trim().strip_prefix("boundary="))?.trim_matches('"');
    (!value.is_empty() && value.len() <= 70).then_some(value)
}

/// The fields of a form and the content of its file.
fn split(body: &[u8], boundary: &str) -> (Fields, Vec<u8>) {
    let mark = format!("\r\n--{boundary}");
    let mark = mark.as_bytes();
    let mut fields = Vec::new();
    let mut file = Vec::new();
    // The first boundary has no line before it.
    let mut rest = body.strip_prefix(mark.get(2..).unwrap_or_default()).unwrap_or_default();
    for _ in 0..MOST_PARTS {
        let Some(part) = rest.strip_prefix(b"\r\n") else { break };
        // A part without headers would begin with the mark's own line.
        let Some(end) = find(part, mark) else { break };
        let (content, after) = part.split_at(end);
        rest = after.get(mark.len()..).unwrap_or_default();
        let Some(blank) = find(content, b"\r\n\r\n") else { continue };
        let (head, value) = content.split_at(blank);
        let value = value.get(4..).unwrap_or_default();
        let head = String::from_utf8_lossy(head);
        match name(&head) {
            Some(_) if head.to_ascii_lowercase().contains("filename=") => file = value.to_vec(),
            Some(name) => fields.push((name, String::from_utf8_lossy(value).into_owned())),
            None => {}
        }
    }
    (Fields(fields), file)
}

/// The name of the field that a part is.
fn name(head: &str) -> Option<String> {
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
    let value = line.split(';').find_map(|one| one.trim().strip_prefix("name="))?;
    Some(value.trim_matches('"').to_owned())
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a;name=b.eml\"\r\nContent-Type: message/rfc822\r\n\r\nFrom: a@b.it\r\n\r\n--xy is no boundary of ours?\r\n--x\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\ndue\r\nrighe\r\n--x--\r\n";

    #[test]
    fn fields_and_file_come_out_of_a_form_as_they_went_in() {
        let form = FORM.replace("--xy is", "--y is");
        let (fields, file) = split(form.as_bytes(), "x");
        assert_eq!((fields.raw("csrf"), fields.raw("message")), ("abc", "due\r\nrighe"));
        assert_eq!(file, b"From: a@b.it\r\n\r\n--y is no boundary of ours?");
    }

    #[test]
    fn the_boundary_is_read_from_the_header() {
        assert_eq!(boundary("multipart/form-data; boundary=----abc"), Some("----abc"));
        assert_eq!(boundary("multipart/form-data; boundary=\"a b\""), Some("a b"));
        assert_eq!(boundary("application/x-www-form-urlencoded"), None);
        assert_eq!(boundary("multipart/form-data"), None);
    }

    #[test]
    fn what_is_no_form_has_no_fields() {
        for broken in ["", "--x", "--x\r\n", "--x--", "--x\r\n\r\n--x\r\n\r\n", "--x\r\nname\r\n--x--", &FORM[..50]] {
            let (fields, file) = split(broken.as_bytes(), "x");
            assert!(fields.pairs().next().is_none() && file.is_empty(), "{broken:?}");
        }
    }
}
