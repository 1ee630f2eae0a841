//! Reads a vendor's REST API page by page, and remembers how far it came.

use std::time::Duration;

use entity::Timestamp;

use super::{
    Client, Site, SyncError,
    site::{Kind, Resource},
    walk::{Place, Walk},
};
use crate::{
    import::{
        FileReport, Report,
        intake::{Intake, Twice},
        memory::Memory,
        vendor::Step,
    },
    service::{
        Services,
        import::{Source, forget_places, places},
    },
};

/// What names the tags of other resources. It is read by each run, also by one that goes on from another.
const TAGS: &str = "tags";

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
        site,
        client,
        tell,
        report: Report::default(),
        memory: Memory::default(),
        all: from_start,
    };
    let stopped = sync.run(from_start).await.err();
    Synced {
        report: sync.report,
        stopped,
    }
}

/// A sync on its way.
pub(super) struct Running<'a> {
    pub(super) services: &'a Services,
    pub(super) source: &'a Source<'a>,
    pub(super) site: &'a Site,
    pub(super) client: &'a Client,
    pub(super) tell: &'a (dyn Fn(Telling<'_>) + Sync),
    report: Report,
    memory: Memory,
    /// The messages of unchanged tickets are asked for too.
    all: bool,
}

impl Running<'_> {
    async fn run(&mut self, from_start: bool) -> Result<(), SyncError> {
        let site = self.site;
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
                .filter(|(place, _)| place.from == from && resource.name != TAGS);
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
                    "Imported completely by the run that started at {}.",
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
                "Resumed at {what} {}, where the run that started at {} was interrupted.",
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
        let done = match done {
            Err(error) if !step.needed && error.is_about_one_resource() => {
                let reason = format!("{error} The rest of this resource was skipped.");
                intake.fail(0, (String::new(), reason));
                Ok(())
            }
            done => done,
        };
        self.report.files.push(intake.finish());
        done
    }
}
