//! Reads a vendor's REST API page by page, and remembers how far it came.

use std::{fmt, time::Duration};

use entity::Timestamp;
use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Client, Site, SyncError,
    client::{at, path_and_query},
    page::{Next, Paging},
    seen::Seen,
    site::{Kind, Resource},
    told::told_as,
};
use crate::{
    import::{
        FileReport, Report,
        document::{Elements, Outline},
        halves,
        intake::{Intake, Twice},
        memory::Memory,
        vendor::Step,
    },
    service::{
        Services,
        import::{self, Source, forget_places, note_place, note_told, places, tickets_behind},
    },
};

/// What became of a sync.
#[derive(Debug)]
pub struct Synced {
    /// What became of every object that came.
    pub report: Report,
    /// Why it ended early; none when it came to its end.
    pub stopped: Option<SyncError>,
}

/// Something to tell while it runs.
#[derive(Clone, Copy, Debug)]
pub enum Telling<'a> {
    /// How far it is: the resource, the page, and the objects so far.
    Page(&'a str, u64, u64),
    /// Why and how long it waits.
    Waits(&'a str, Duration),
}

/// Where a resource goes on.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Place {
    /// Where the list began: of another address, or another team, nothing is to be gone on with.
    from: String,
    /// Path and query of the next page, or the last ticket whose messages came; none when all of it came.
    at: Option<String>,
    /// Its number, from 1.
    page: u64,
    /// Objects that came before it.
    rows: u64,
    /// The messages of unchanged tickets are asked for too.
    #[serde(default)]
    all: bool,
}

/// The resource whose messages are read ticket by ticket.
const TICKETS: &str = "tickets";

/// Reads everything. What an earlier run left undone is gone on with, unless it is to be forgotten.
pub async fn sync(
    services: &Services,
    source: &Source<'_>,
    site: &Site,
    client: &Client,
    from_start: bool,
    tell: &(dyn Fn(Telling<'_>) + Sync),
) -> Synced {
    let client = match site.headers() {
        Ok(headers) => &client.for_site(headers, site.reserve()),
        Err(error) => {
            let report = Report::default();
            return Synced {
                report,
                stopped: Some(error),
            };
        }
    };
    let mut sync = Running {
        services,
        source,
        client,
        tell,
        report: Report::default(),
        memory: Memory::default(),
        all: from_start,
    };
    let stopped = sync.run(site, from_start).await.err();
    Synced {
        report: sync.report,
        stopped,
    }
}

struct Running<'a> {
    services: &'a Services,
    source: &'a Source<'a>,
    client: &'a Client,
    tell: &'a (dyn Fn(Telling<'_>) + Sync),
    report: Report,
    memory: Memory,
    /// The messages of unchanged tickets are asked for too.
    all: bool,
}

impl Running<'_> {
    async fn run(&mut self, site: &Site, from_start: bool) -> Result<(), SyncError> {
        if from_start {
            forget_places(self.services, self.source).await?;
        }
        let left = places(self.services, self.source).await?;
        for resource in site.resources(self.client.base())? {
            let Some(step) = site.vendor().step(resource.name) else {
                continue;
            };
            let from = match &resource.kind {
                Kind::List(first, _) => first.to_string(),
                Kind::OfEachTicket => site.to_string_at(self.client.base()),
            };
            let kept = left
                .iter()
                .find(|row| row.resource == resource.name)
                .and_then(|row| Some((serde_json::from_str::<Place>(&row.place).ok()?, row.started_at)))
                .filter(|(place, _)| place.from == from);
            self.resource(&resource, step, from, kept).await?;
        }
        forget_places(self.services, self.source).await?;
        self.report.settle(self.services).await?;
        Ok(())
    }

    async fn resource(
        &mut self,
        resource: &Resource,
        step: &Step,
        from: String,
        kept: Option<(Place, Timestamp)>,
    ) -> Result<(), SyncError> {
        let (place, started_at) = match kept {
            Some((place, started_at)) if place.at.is_none() => {
                let notes = vec![format!(
                    "was brought in whole by the run that began at {}",
                    started_at.to_rfc3339()
                )];
                let name = resource.name.to_owned();
                self.report.files.push(FileReport {
                    name,
                    notes,
                    ..FileReport::default()
                });
                return Ok(());
            }
            Some((place, started_at)) => (Some(place), started_at),
            None => (None, self.services.clock.now()),
        };
        let mut intake = Intake::new(
            self.services,
            self.source,
            step,
            &self.memory,
            resource.name,
            Twice::IsFine,
        );
        let what = match &resource.kind {
            Kind::List(..) => "page",
            Kind::OfEachTicket => "ticket",
        };
        if let Some(place) = &place {
            intake.report().notes.push(format!(
                "went on from {what} {}, where the run that began at {} was cut off",
                place.page,
                started_at.to_rfc3339()
            ));
        }
        let all = self.all || place.as_ref().is_some_and(|place| place.all);
        let mut walk = Walk {
            sync: self,
            all,
            resource: resource.name,
            intake: &mut intake,
            started_at,
            from,
        };
        let done = match &resource.kind {
            Kind::List(first, paging) => walk.list(first, *paging, place).await,
            Kind::OfEachTicket => walk.each_ticket(place).await,
        };
        self.report.files.push(intake.finish());
        done
    }
}

/// The way through one resource.
struct Walk<'a, 'b> {
    sync: &'a Running<'b>,
    resource: &'static str,
    intake: &'a mut Intake<'b>,
    started_at: Timestamp,
    from: String,
    all: bool,
}

impl fmt::Debug for Walk<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.resource)
    }
}

impl Walk<'_, '_> {
    async fn list(&mut self, first: &Url, paging: Paging, place: Option<Place>) -> Result<(), SyncError> {
        let (mut page, mut rows, mut next) = (1, 0, Some(first.clone()));
        if let Some(place) = place {
            (page, rows) = (place.page, place.rows);
            // Path and query only: where they are asked for is the operator's word of today.
            next = place.at.and_then(|at| first.join(&at).ok());
        }
        let mut seen = Seen::default();
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
                told.extend(told_as(object).filter(|_| are_tickets));
            });
            let count = taken.await?.map_err(unusable)?;
            note_told(self.sync.services, self.sync.source, &told).await?;
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

    async fn each_ticket(&mut self, place: Option<Place>) -> Result<(), SyncError> {
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
                        let reason = format!("the vendor has no ticket {ticket:?} any more");
                        self.intake.fail(rows, ("ticketId".to_owned(), reason));
                    }
                    Err(error) => return Err(error),
                }
                page += 1;
                // What did not come in is asked for again by the next run.
                let came_in = self.intake.report().failed == failed;
                let read = came_in.then_some(&read);
                self.note(Some(ticket.clone()), page, rows, read).await?;
                last = ticket;
            }
        }
    }

    async fn of_ticket(&mut self, ticket: &str, page: u64, rows: u64) -> Result<u64, SyncError> {
        let url = Site::messages(self.sync.client.base(), ticket)?;
        let answer = self.ask(&url, page).await?;
        let unusable = |reason| SyncError::Answer {
            at: at(&url, page),
            reason,
        };
        let outline = self.outline(&answer).map_err(unusable)?;
        let taken = self.take(&answer, &outline, rows, |_| ()).await?;
        taken.map_err(unusable)
    }

    async fn ask(&mut self, url: &Url, page: u64) -> Result<Vec<u8>, SyncError> {
        let waits = |why: &str, wait| (self.sync.tell)(Telling::Waits(why, wait));
        let mut answer = self.sync.client.get(url, page, &waits).await?;
        let halves = halves::mend(&mut answer);
        if halves > 0 {
            let told = format!("page {page}: {}", halves::told(halves));
            self.intake.report().leave_out(page, [(String::new(), told)]);
        }
        Ok(answer)
    }

    /// Where the objects of an answer stand. An error says why it is none.
    fn outline(&self, answer: &[u8]) -> Result<Outline, String> {
        let outline = Outline::of(answer, self.resource).map_err(|trouble| trouble.to_string())?;
        if outline.is_answer() {
            return Ok(outline);
        }
        Err(format!("holds no list of {}", self.resource))
    }

    /// Takes in the objects of an answer and writes them. Answers how many there were, or why they end too early.
    async fn take(
        &mut self,
        answer: &[u8],
        outline: &Outline,
        rows: u64,
        mut note: impl FnMut(&Value),
    ) -> Result<Result<u64, String>, SyncError> {
        for field in &outline.unknown {
            self.intake.report().unknown(field);
        }
        let mut elements = match Elements::open(answer, outline) {
            Ok(elements) => elements,
            Err(trouble) => return Ok(Err(trouble.to_string())),
        };
        let mut count = 0;
        let stopped = loop {
            match elements.next() {
                Ok(None) => break None,
                Ok(Some((object, bytes))) => {
                    note(&object);
                    count += 1;
                    self.intake.add(rows + count, object, bytes);
                }
                Err(trouble) => break Some(format!("object {} of it {trouble}", count + 1)),
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
        read: Option<&import::Read>,
    ) -> Result<(), SyncError> {
        let place = Place {
            from: self.from.clone(),
            at,
            page,
            rows,
            all: self.all,
        };
        let text = serde_json::to_string(&place).unwrap_or_default();
        let (services, source) = (self.sync.services, self.sync.source);
        note_place(services, source, self.resource, &text, self.started_at, read).await?;
        (self.sync.tell)(Telling::Page(self.resource, page - 1, rows));
        Ok(())
    }
}
