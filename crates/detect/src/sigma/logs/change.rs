//! A file that was written, as an event.

use crate::sigma::event::{Event, Source};
use baluardo_model::Timestamp;

/// The event, under the names that Sigma's rules on files use.
#[must_use]
pub fn changed(path: &str, at: Timestamp) -> Event {
    let source = Source { product: Some("linux".into()), categories: vec!["file_event".into()], services: Vec::new() };
    let mut event = Event::new(source, Some(at));
    event.put("TargetFilename", path);
    event
}
