//! Imports over the network, from stand-ins for the vendors.

mod cstar;
mod documented;
mod endless;
mod killed;
mod kustomer;
mod pace;
mod pages;
mod resume;
mod trouble;
mod unchanged;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use deskgraph::{
    auth::Viewer,
    config::Secret,
    import::remote::{self, Client, Site, SyncOutcome},
    service::import::Source,
};
use entity::WorkspaceId;

use crate::support::{TestApp, stand_in};

/// An API key in the format of a vendor.
const KEY: &str = "keva_live_0123456789abcdef";

/// The durations that a client would have waited.
type Waits = Arc<Mutex<Vec<Duration>>>;

/// A client that does not wait, and the recorded durations.
fn client(app: &TestApp, url: &str) -> (Client, Waits) {
    let waits = Waits::default();
    let noted = waits.clone();
    let client = Client::new(url, Secret::new(KEY), app.services.clock.clone()).expect("a client");
    let client = client.pausing(Arc::new(move |wait| {
        noted.lock().expect("a list").push(wait);
        Box::pin(std::future::ready(()))
    }));
    (client, waits)
}

/// Runs a sync with a stand-in. It resumes where an earlier run stopped.
async fn sync(app: &TestApp, workspace: WorkspaceId, site: &Site, client: &Client) -> SyncOutcome {
    sync_from(app, workspace, site, client, false).await
}

async fn sync_from(
    app: &TestApp,
    workspace: WorkspaceId,
    site: &Site,
    client: &Client,
    from_start: bool,
) -> SyncOutcome {
    let viewer = Viewer::operator(workspace);
    let source = Source {
        viewer: &viewer,
        workspace,
        system: site.vendor().system,
        strict: false,
        prefer_source: false,
        revive: false,
    };
    // The future is large.
    Box::pin(remote::sync(
        &app.services,
        &source,
        site,
        client,
        from_start,
        &|_| {},
    ))
    .await
}

/// Returns the reason why a run stopped, as text.
fn why(synced: &SyncOutcome) -> String {
    synced.stopped.as_ref().expect("it stops").to_string()
}

/// A customer of C-Star.
fn row(number: usize) -> serde_json::Value {
    serde_json::json!({ "id": format!("c{number}"), "name": format!("Customer {number}"), "email": format!("c{number}@example.com") })
}

/// A page of a team's customers. The team has no tickets.
fn page(path: &str, pages: usize, rows: usize) -> String {
    if path.contains("/tickets?") {
        return r#"{"success":true,"data":[],"pagination":{"total":0,"page":1,"pageSize":100,"hasMore":false}}"#
            .to_owned();
    }
    let number: usize = path
        .split("page=")
        .nth(1)
        .and_then(|rest| rest.split('&').next())
        .and_then(|number| number.parse().ok())
        .expect("a page");
    let data: Vec<_> = (0..rows).map(|index| row((number - 1) * rows + index)).collect();
    serde_json::json!({
        "success": true, "data": data,
        "pagination": { "total": pages * rows, "page": number, "pageSize": rows, "hasMore": number < pages },
    })
    .to_string()
}

/// C-Star, as far as these tests need it.
fn team() -> Site {
    Site::Cstar {
        team: "team 7".to_owned(),
    }
}

/// Keva with one workspace.
fn keva() -> Site {
    Site::Keva { workspace: None }
}

/// Returns the requested addresses of a resource.
fn asked_of(vendor: &stand_in::StandIn, resource: &str) -> Vec<String> {
    let mut paths = vendor.paths();
    paths.retain(|path| path.contains(&format!("/{resource}?")));
    paths
}

/// Returns the numbers of created, updated, unchanged and failed customers.
fn customers(synced: &SyncOutcome) -> [u64; 4] {
    let counts = crate::import::counts(&synced.report);
    let found = counts.into_iter().find(|(name, _)| *name == "customers");
    found.expect("customers").1
}
