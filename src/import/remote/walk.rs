//! Reads one resource, page by page or ticket by ticket.

use std::fmt;

use entity::Timestamp;
use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    SyncError,
    client::{at, path_and_query},
    page::{Next, Paging},
    run::{SyncProgress, SyncRun},
    seen_pages::SeenPages,
    ticket_version::ticket_version,
};
use crate::{
    import::{
        document::{Elements, Outline},
        intake::Intake,
        surrogates::{self, LoneSurrogates},
    },
    service::import::{self, note_place, note_ticket_versions, tickets_behind},
};

/// Stored position in a resource.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct SyncPosition {
    /// Origin of the list. The position is not resumed with a different URL, workspace or team.
    pub(super) from: String,
    /// Path and query of the next page, or the last ticket whose messages were read. `None` at the end.
    pub(super) at: Option<String>,
    /// Number of the page, from 1.
    pub(super) page: u64,
    /// Number of objects before the page.
    rows: u64,
    /// Whether messages of unchanged tickets are requested too.
    #[serde(default)]
    pub(super) all: bool,
}

/// The resource whose messages are read ticket by ticket.
const TICKETS: &str = "tickets";

/// The content of one page.
struct FetchedPage {
    bytes: Vec<u8>,
    /// Positions of incomplete surrogate pairs that were replaced.
    surrogates: LoneSurrogates,
}

/// The walk through one resource.
pub(super) struct Walk<'a, 'b> {
    pub(super) sync: &'a SyncRun<'b>,
    pub(super) resource: &'static str,
    pub(super) intake: &'a mut Intake<'b>,
    pub(super) started_at: Timestamp,
    pub(super) from: String,
    pub(super) all: bool,
}

impl fmt::Debug for Walk<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.resource)
    }
}

impl Walk<'_, '_> {
    pub(super) async fn list(
        &mut self,
        first: &Url,
        paging: Paging,
        place: Option<SyncPosition>,
    ) -> Result<(), SyncError> {
        let (mut page, mut rows, mut next) = (1, 0, Some(first.clone()));
        if let Some(place) = place {
            (page, rows) = (place.page, place.rows);
            // Only the path and the query are stored. The host comes from the current command line.
            next = place.at.and_then(|at| first.join(&at).ok());
        }
        let mut seen = SeenPages::default();
        while let Some(url) = next {
            let unusable = |reason| SyncError::Answer {
                at: at(&url, page),
                reason,
            };
            seen.page(&url).map_err(unusable)?;
            let answer = self.ask(&url, page).await?;
            let outline = self.outline(&answer).map_err(unusable)?;
            let (mut new, mut told) = (0, Vec::new());
            let are_tickets = self.resource == TICKETS;
            let taken = self.take(&answer, &outline, rows, |object| {
                new += u64::from(seen.object(object));
                told.extend(ticket_version(object).filter(|_| are_tickets));
            });
            let count = taken.await?.map_err(unusable)?;
            note_ticket_versions(self.sync.services, self.sync.source, &told).await?;
            rows += count;
            next = match paging.next(&url, &outline.beside, count).map_err(unusable)? {
                Next::Page(url) => {
                    seen.goes_on(count, new).map_err(unusable)?;
                    Some(url)
                }
                Next::End => None,
                Next::Short(said) => {
                    self.intake.report().notes.push(said);
                    None
                }
            };
            page += 1;
            let at = next.as_ref().map(path_and_query);
            self.note(at, page, rows, None).await?;
        }
        Ok(())
    }

    pub(super) async fn each_ticket(&mut self, place: Option<SyncPosition>) -> Result<(), SyncError> {
        let (mut page, mut rows, mut last) = match place {
            Some(place) => (place.page, place.rows, place.at.unwrap_or_default()),
            None => (1, 0, String::new()),
        };
        loop {
            let tickets = tickets_behind(self.sync.services, self.sync.source, &last, self.all).await?;
            if tickets.is_empty() {
                return self.note(None, page, rows, None).await;
            }
            for read in tickets {
                let ticket = read.0.clone();
                let failed = self.intake.report().failed;
                match self.of_ticket(&ticket, page, rows).await {
                    Ok(count) => rows += count,
                    Err(SyncError::Gone { .. }) => {
                        let reason = format!("The ticket {ticket:?} no longer exists at the vendor.");
                        self.intake.fail(rows, ("ticketId".to_owned(), reason));
                    }
                    Err(error) => return Err(error),
                }
                page += 1;
                // The next run requests the messages again if some of them failed.
                let came_in = self.intake.report().failed == failed;
                let read = came_in.then_some(&read);
                self.note(Some(ticket.clone()), page, rows, read).await?;
                last = ticket;
            }
        }
    }

    async fn of_ticket(&mut self, ticket: &str, page: u64, rows: u64) -> Result<u64, SyncError> {
        let url = self.sync.site.messages(self.sync.client.base(), ticket)?;
        let answer = self.ask(&url, page).await?;
        let unusable = |reason| SyncError::Answer {
            at: at(&url, page),
            reason,
        };
        let outline = self.outline(&answer).map_err(unusable)?;
        let taken = self.take(&answer, &outline, rows, |_| ()).await?;
        taken.map_err(unusable)
    }

    async fn ask(&mut self, url: &Url, page: u64) -> Result<FetchedPage, SyncError> {
        let waits = |why: &str, wait| (self.sync.tell)(SyncProgress::Waits(why, wait));
        let mut answer = self.sync.client.get(url, page, &waits).await?;
        let surrogates = surrogates::replace_surrogates(&mut answer);
        Ok(FetchedPage {
            bytes: answer,
            surrogates,
        })
    }

    /// Locates the objects of a response. An error says why the response is not usable.
    fn outline(&self, answer: &FetchedPage) -> Result<Outline, String> {
        let outline =
            Outline::of(answer.bytes.as_slice(), self.resource).map_err(|trouble| trouble.to_string())?;
        if outline.is_answer() {
            return Ok(outline);
        }
        Err(format!("The response contains no list of {}.", self.resource))
    }

    /// Takes in the objects of a response and writes them. Returns their number, or why they end early.
    async fn take(
        &mut self,
        answer: &FetchedPage,
        outline: &Outline,
        rows: u64,
        mut note: impl FnMut(&Value),
    ) -> Result<Result<u64, String>, SyncError> {
        for field in &outline.unknown {
            self.intake.report().unknown(field);
        }
        let mut elements = match Elements::open(answer.bytes.as_slice(), outline) {
            Ok(elements) => elements,
            Err(trouble) => return Ok(Err(trouble.to_string())),
        };
        let mut count = 0;
        let stopped = loop {
            match elements.next() {
                Ok(None) => break None,
                Ok(Some(element)) => {
                    note(&element.value);
                    count += 1;
                    let surrogates = answer.surrogates.before(elements.at());
                    if surrogates > 0 {
                        let told = (String::new(), surrogates::describe(surrogates));
                        self.intake.report().leave_out(rows + count, [told]);
                    }
                    self.intake.add_element(rows + count, element);
                }
                Err(trouble) => break Some(format!("Object {}: {trouble}", count + 1)),
            }
            if self.intake.is_full() {
                self.intake.write().await?;
            }
        };
        self.intake.write().await?;
        Ok(stopped.map_or(Ok(count), Err))
    }

    async fn note(
        &self,
        at: Option<String>,
        page: u64,
        rows: u64,
        read: Option<&import::ReadTicket>,
    ) -> Result<(), SyncError> {
        let place = SyncPosition {
            from: self.from.clone(),
            at,
            page,
            rows,
            all: self.all,
        };
        let text = serde_json::to_string(&place).unwrap_or_default();
        let (services, source) = (self.sync.services, self.sync.source);
        note_place(services, source, self.resource, &text, self.started_at, read).await?;
        (self.sync.tell)(SyncProgress::Page(self.resource, page - 1, rows));
        Ok(())
    }
}
