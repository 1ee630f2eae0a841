//! Reads a vendor's REST API page by page and stores the position.

use std::time::Duration;

use entity::Timestamp;

use super::{
    Client, Site, SyncError,
    site::{Kind, Resource},
    walk::{SyncPosition, Walk},
};
use crate::{
    import::{
        FileReport, Report,
        intake::{DuplicateIds, Intake},
        memory::Memory,
        vendor::Step,
    },
    service::{
        Services,
        import::{Source, forget_places, places},
    },
};

/// The resource with the names of tags. Every run reads it, including resumed ones.
const TAGS: &str = "tags";

#[derive(Debug)]
pub struct SyncOutcome {
    /// Outcomes of all objects that were received.
    pub report: Report,
    /// Reason why the sync ended early. `None` if it is complete.
    pub stopped: Option<SyncError>,
}

#[derive(Clone, Copy, Debug)]
pub enum SyncProgress<'a> {
    /// Position: the resource, the page, and the number of objects so far.
    Page(&'a str, u64, u64),
    /// Reason and duration of a wait.
    Waits(&'a str, Duration),
}

/// Reads all resources. Resumes an interrupted run unless `from_start` discards its position.
pub async fn sync(
    services: &Services,
    source: &Source<'_>,
    site: &Site,
    client: &Client,
    from_start: bool,
    tell: &(dyn Fn(SyncProgress<'_>) + Sync),
) -> SyncOutcome {
    let client = match site.headers() {
        Ok(headers) => &client.for_site(headers, site.reserve()),
        Err(error) => {
            let report = Report::default();
            return SyncOutcome {
                report,
                stopped: Some(error),
            };
        }
    };
    let mut sync = SyncRun {
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
    SyncOutcome {
        report: sync.report,
        stopped,
    }
}

pub(super) struct SyncRun<'a> {
    pub(super) services: &'a Services,
    pub(super) source: &'a Source<'a>,
    pub(super) site: &'a Site,
    pub(super) client: &'a Client,
    pub(super) tell: &'a (dyn Fn(SyncProgress<'_>) + Sync),
    report: Report,
    memory: Memory,
    /// Whether messages of unchanged tickets are requested too.
    all: bool,
}

impl SyncRun<'_> {
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
                .and_then(|row| {
                    Some((
                        serde_json::from_str::<SyncPosition>(&row.place).ok()?,
                        row.started_at,
                    ))
                })
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
        kept: Option<(SyncPosition, Timestamp)>,
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
            DuplicateIds::Accept,
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
