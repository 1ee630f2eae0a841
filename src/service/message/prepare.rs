//! Prepares the text of a message before it is written: limits, sanitizing and score.

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

/// Maximum number of bytes that are sanitized and scored on the thread of the request. Larger texts run on
/// the workers.
const INLINE_BYTES: usize = 1_024;
/// Path of the argument with the HTML.
const HTML: [&str; 2] = ["input", "bodyHtml"];

/// Text of a message as the caller sent it.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'a> {
    /// Plain text.
    pub body: &'a str,
    pub body_html: Option<&'a str>,
    pub direction: Direction,
}

/// HTML that was cleaned, or why it was left out.
#[derive(Clone, Debug)]
pub struct Cleaned(Result<Option<String>, WarningCode>);

impl Cleaned {
    /// Cleans HTML, which must be within its bound. To be called before a transaction is open.
    pub fn of(html: Option<&str>, bytes_max: usize) -> Self {
        Self(html.map_or(Ok(None), |html| html::clean(html, bytes_max)))
    }

    /// Its text; none when there is nothing to read in it.
    pub fn text(&self) -> Option<String> {
        html::text_of(self.0.as_ref().ok()?.as_deref()?)
    }
}

/// Sanitized HTML and the score of the text.
#[derive(Clone, Debug, Default)]
pub struct PreparedText {
    /// `None` if there was no HTML, nothing was left of it, or it was left out.
    pub(super) html: Option<String>,
    /// Score of the text alone, without its thread.
    pub score: Score,
    /// Reason why the HTML was left out.
    pub warning: Option<WarningCode>,
}

impl PreparedText {
    pub fn warnings(&self) -> Vec<Warning> {
        self.warning
            .map(|code| Warning::new(code, &HTML))
            .into_iter()
            .collect()
    }
}

impl Draft<'_> {
    /// Reports missing texts and texts over the limit.
    pub fn check(&self, services: &Services, checks: &mut Checks) {
        let max = services.message_bytes_max;
        checks.long_text(self.body, max, false, &["input", "body"]);
        if let Some(html) = self.body_html {
            checks.long_text(html, max, true, &HTML);
        }
    }

    /// Whether [`ready`](Self::ready) takes so long that it should run only if its result is certainly used.
    pub fn is_costly(&self) -> bool {
        self.body.len() + self.body_html.map_or(0, str::len) > INLINE_BYTES
    }

    /// Sanitizes the HTML and scores the text, which must be within their limits. Call it before a
    /// transaction begins.
    pub async fn ready(&self, services: &Services, viewer: &Viewer) -> PreparedText {
        if !self.is_costly() {
            return self.ready_here(services);
        }
        let (body, html) = (self.body.to_owned(), self.body_html.map(str::to_owned));
        let (scorer, max) = (self.scorer(services).cloned(), services.message_bytes_max);
        let work = move || prepare(&body, Cleaned::of(html.as_deref(), max), scorer.as_deref());
        let ready = services.workers.run(viewer.identity, work).await;
        ready.unwrap_or_else(|| PreparedText {
            // The work panicked. The text is kept without its HTML.
            warning: self.body_html.map(|_| WarningCode::HtmlTooCostly),
            ..PreparedText::default()
        })
    }

    /// Like [`ready`](Self::ready), on the current thread.
    fn ready_here(&self, services: &Services) -> PreparedText {
        self.ready_with(services, Cleaned::of(self.body_html, services.message_bytes_max))
    }

    /// The same with HTML that was cleaned before.
    pub fn ready_with(&self, services: &Services, cleaned: Cleaned) -> PreparedText {
        let scorer = self.scorer(services).map(|scorer| &**scorer);
        prepare(self.body, cleaned, scorer)
    }

    fn scorer<'s>(&self, services: &'s Services) -> Option<&'s Arc<dyn Scorer>> {
        let is_scored = self.direction == Direction::Inbound;
        services.scorer.as_ref().filter(|_| is_scored)
    }
}

fn prepare(body: &str, Cleaned(html): Cleaned, scorer: Option<&dyn Scorer>) -> PreparedText {
    PreparedText {
        warning: html.as_ref().err().copied(),
        // The original HTML is not stored, so it can never be served by mistake.
        html: html.unwrap_or_default(),
        score: scorer.map(|scorer| scorer.score(body)).unwrap_or_default(),
    }
}
