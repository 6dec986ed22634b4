//! The start of a program as an event.

use crate::sigma::event::{Event, Source};
use baluardo_model::Timestamp;

/// A program that was started, as the operating system shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// Its number.
    pub pid: u32,
    /// The program's path.
    pub image: String,
    /// What it was started with.
    pub command: String,
    /// The number of who started it.
    pub parent: u32,
    /// That one's program; empty when it has ended.
    pub parent_image: String,
    /// What that one was started with.
    pub parent_command: String,
    /// Name of the user, or the number where there is none.
    pub user: String,
}

impl Start {
    /// The event, under the names that Sigma's rules on Linux use.
    #[must_use]
    pub fn event(&self, at: Timestamp) -> Event {
        let source =
            Source { product: Some("linux".into()), categories: vec!["process_creation".into()], services: Vec::new() };
        let mut event = Event::new(source, Some(at));
        let texts = [
            ("Image", &self.image),
            ("CommandLine", &self.command),
            ("ParentImage", &self.parent_image),
            ("ParentCommandLine", &self.parent_command),
            ("User", &self.user),
        ];
        for (name, value) in texts {
            if !value.is_empty() {
                event.put(name, value.as_str());
            }
        }
        event.put("ProcessId", self.pid.to_string());
        event.put("ParentProcessId", self.parent.to_string());
        event
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_not_there() {
        let start = Start { image: "/bin/sh".to_owned(), parent: 7, ..Start::default() };
        let event = start.event(Timestamp::from_micros(0));
        assert_eq!(event.source.categories, ["process_creation"]);
        assert_eq!((event.get("Image"), event.get("ParentProcessId")), (Some("/bin/sh"), Some("7")));
        assert!(!event.has("ParentImage") && !event.has("User"));
    }
}
