//! Prepares the text of a message before it is written: bounds, cleaning, score.

use std::sync::Arc;

use entity::message::Direction;

use super::html;
use crate::{
    auth::Viewer,
    service::{
        Services, Warning,
        sentiment::{Score, Scorer},
        validate::Checks,
        warning::WarningCode,
    },
};

/// So many bytes are cleaned and scored where the request runs; more are left to the workers.
const INLINE_BYTES: usize = 1_024;
/// The argument that holds the HTML.
const HTML: [&str; 2] = ["input", "bodyHtml"];

/// The text of a message as it was given.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'a> {
    /// Plain text.
    pub body: &'a str,
    /// The same as HTML.
    pub body_html: Option<&'a str>,
    /// Which way it goes.
    pub direction: Direction,
}

/// HTML that was cleaned, and the score of the text.
#[derive(Clone, Debug, Default)]
pub struct Ready {
    /// None when there was none, nothing was left of it, or it was left out.
    pub(super) html: Option<String>,
    /// That of the text by itself.
    pub score: Score,
    /// Why the HTML was left out.
    pub warning: Option<WarningCode>,
}

impl Ready {
    /// What the caller is told.
    pub fn warnings(&self) -> Vec<Warning> {
        self.warning
            .map(|code| Warning::new(code, &HTML))
            .into_iter()
            .collect()
    }
}

impl Draft<'_> {
    /// Notes texts that are too long, or missing.
    pub fn check(&self, services: &Services, checks: &mut Checks) {
        let max = services.message_bytes_max;
        checks.long_text(self.body, max, false, &["input", "body"]);
        if let Some(html) = self.body_html {
            checks.long_text(html, max, true, &HTML);
        }
    }

    /// Whether [`ready`](Self::ready) takes so long that its result should be needed for sure.
    pub fn is_costly(&self) -> bool {
        self.body.len() + self.body_html.map_or(0, str::len) > INLINE_BYTES
    }

    /// Cleans the HTML and scores the text, which must be within their bounds. To be called before a transaction is open.
    pub async fn ready(&self, services: &Services, viewer: &Viewer) -> Ready {
        if !self.is_costly() {
            return self.ready_here(services);
        }
        let (body, html) = (self.body.to_owned(), self.body_html.map(str::to_owned));
        let (scorer, max) = (self.scorer(services).cloned(), services.message_bytes_max);
        let work = move || prepare(&body, html.as_deref(), scorer.as_deref(), max);
        let ready = services.workers.run(viewer.identity, work).await;
        ready.unwrap_or_else(|| Ready {
            // The text is worth more than its HTML, whose cleaning failed.
            warning: self.body_html.map(|_| WarningCode::HtmlTooCostly),
            ..Ready::default()
        })
    }

    /// The same in this thread.
    pub fn ready_here(&self, services: &Services) -> Ready {
        let scorer = self.scorer(services).map(|scorer| &**scorer);
        prepare(self.body, self.body_html, scorer, services.message_bytes_max)
    }

    fn scorer<'s>(&self, services: &'s Services) -> Option<&'s Arc<dyn Scorer>> {
        let is_scored = self.direction == Direction::Inbound;
        services.scorer.as_ref().filter(|_| is_scored)
    }
}

fn prepare(body: &str, html: Option<&str>, scorer: Option<&dyn Scorer>, bytes_max: usize) -> Ready {
    let cleaned = html.map_or(Ok(None), |html| html::clean(html, bytes_max));
    Ready {
        warning: cleaned.as_ref().err().copied(),
        // What came with the message is not kept: what is not there cannot be served by mistake.
        html: cleaned.unwrap_or_default(),
        score: scorer.map(|scorer| scorer.score(body)).unwrap_or_default(),
    }
}
