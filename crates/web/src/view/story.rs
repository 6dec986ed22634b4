//! The story of a finding by time: what the agent did, what people ordered, and what came of it.

use crate::view::protection::FindingPage;
use baluardo_model::Timestamp;
use serde::Serialize;

/// Whether the reader can have missing files put back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Restore {
    /// There is nothing to put back, or not for this reader.
    Nothing,
    /// The button is there.
    Offered,
    /// The order is on its way.
    Waiting,
    /// The device takes no orders any more.
    Revoked,
}

/// An order about the finding.
#[derive(Clone, Debug, Serialize)]
pub struct OrderLine {
    /// `OrderKind::code`.
    pub kind: String,
    /// `waiting`, `done`, `failed`, `refused` or `expired`.
    pub state: String,
    /// When it was given.
    pub issued_at: Timestamp,
    /// When it ended, or lost its force.
    pub ended_at: Option<Timestamp>,
    /// What the device said; foreign text.
    pub note: String,
}

/// A line of the story: a step of the agent's, an order of a person's, an answer to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoryLine {
    /// When.
    pub at: Timestamp,
    /// What, in words.
    pub title: String,
    /// How many files it concerns; 0 where that means nothing.
    pub files: u64,
    /// File, process or error; foreign text.
    pub detail: String,
}

impl FindingPage {
    /// Whether a thing to do is said by the offer to put files back, which names the backup too.
    #[must_use]
    pub fn says_restore(&self, code: &str) -> bool {
        code == "restore_backup" && matches!(self.restore, Restore::Offered | Restore::Waiting)
    }

    /// The whole story by time: what the agent did, when the console knew, what people ordered and what came of it.
    #[must_use]
    pub fn story(&self) -> Vec<StoryLine> {
        let chrome = &self.chrome;
        let line = |at, title: String, detail: &str| StoryLine { at, title, files: 0, detail: detail.to_owned() };
        let mut lines: Vec<StoryLine> = Vec::new();
        for step in &self.steps {
            let title = chrome.word("step.", step.kind.code()).into_owned();
            lines.push(StoryLine { files: step.files, ..line(step.at, title, &step.detail) });
        }
        lines.push(line(self.received_at, chrome.t("finding.told").into_owned(), ""));
        for order in &self.orders {
            let what = chrome.word_or_code("order.", &order.kind);
            lines.push(line(order.issued_at, chrome.t1("finding.ordered", "order", what), ""));
            if let Some(at) = order.ended_at {
                let state = chrome.word("order.state.", &order.state);
                lines.push(line(at, chrome.t1("finding.answered", "state", state), &order.note));
            }
        }
        lines.sort_by_key(|line| line.at);
        lines
    }

    /// The time of a line; with its day where that is not the day of the first sign.
    #[must_use]
    pub fn when(&self, line: &StoryLine) -> String {
        let same_day = line.at.rome().date() == self.detected_at.rome().date();
        if same_day { self.chrome.time(&line.at) } else { self.chrome.exact(&line.at) }
    }
}

#[cfg(test)]
mod tests {
    use crate::locale::Lang;
    use crate::view::sample;

    #[test]
    fn an_order_and_its_answer_stand_in_the_story_by_time() {
        let mut page = sample::finding_ransomware(Lang::It);
        page.chrome.now = sample::NOW;
        let story = page.story();
        assert!(story.is_sorted_by_key(|line| line.at));
        let titles: Vec<&str> = story.iter().map(|line| line.title.as_str()).collect();
        assert!(titles.contains(&"Ordine inviato: Ripristina i file"), "{titles:?}");
        assert!(titles.contains(&"Risposta del computer: non riuscito"), "{titles:?}");
        assert_eq!(story.len(), page.steps.len() + 1 + 2);
        let late = story.last().unwrap();
        assert!(page.when(late).contains("novembre"), "another day is named: {}", page.when(late));
        assert!(!page.when(&story[0]).contains("novembre"));
    }
}
