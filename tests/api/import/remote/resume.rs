//! A run that is interrupted, and the following run.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use deskgraph::import::remote::Site;
use serde_json::json;

use super::{asked_of, client, customers, keva, page, stand_in, stand_in::*, sync, sync_from, team, why};
use crate::{
    import::counts,
    support::{TestApp, on_each_database},
};

/// A vendor that does not respond to selected requests until it is allowed to.
async fn vendor(
    body: impl Fn(&str) -> String + Send + Sync + 'static,
    silent_at: impl Fn(&str) -> bool + Send + Sync + 'static,
) -> (StandIn, Arc<AtomicBool>) {
    let speaks = Arc::new(AtomicBool::new(false));
    let may = speaks.clone();
    let vendor = StandIn::start(move |asked, _| {
        if silent_at(&asked.path) && !may.load(Ordering::SeqCst) {
            return Reply::Silence;
        }
        stand_in::json(&body(&asked.path))
    })
    .await;
    (vendor, speaks)
}

async fn a_run_resumes_from_the_interrupted_page(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let (vendor, speaks) = vendor(|path| page(path, 5, 10), |path| path.contains("page=3")).await;
    let (client, _) = client(&app, &vendor.url);
    let site = team();
    tokio::select! {
        synced = sync(&app, workspace, &site, &client) => panic!("the run has ended: {:?}", synced.stopped),
        () = vendor.falls_silent() => {}
    }
    assert_eq!(vendor.paths().len(), 3);
    vendor.forget();
    speaks.store(true, Ordering::SeqCst);
    app.clock_control.advance_ms(60_000);
    let synced = sync(&app, workspace, &team(), &client).await;
    assert!(synced.stopped.is_none(), "{:?}", synced.stopped);
    assert_eq!(customers(&synced), [30, 0, 0, 0], "{}", synced.report);
    assert!(
        synced.report.to_string().contains("Resumed at page 3"),
        "{}",
        synced.report
    );
    let asked = |number| format!("/api/v1/teams/team%207/customers?pageSize=100&page={number}");
    assert_eq!(asked_of(&vendor, "customers"), [asked(3), asked(4), asked(5)]);
    let total = app.ask(&admin, "{ customers { totalCount } }", json!({})).await;
    assert_eq!(total.at("/customers/totalCount"), 50);
    // The run was complete, so the next one starts from the beginning.
    vendor.forget();
    let synced = sync(&app, workspace, &team(), &client).await;
    assert_eq!(customers(&synced), [0, 0, 50, 0]);
    assert_eq!(asked_of(&vendor, "customers").len(), 5);
}

async fn completed_lists_are_not_read_again(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let body = |path: &str| {
        if path.starts_with("/api/customers") {
            return r#"{"customers":[{"id":"c","email":"ann@example.com"}],"total":1}"#.to_owned();
        }
        if path.contains("/messages") {
            let ticket = path.split('/').nth(4).expect("a ticket");
            let message = json!({ "id": ticket, "ticketId": ticket, "senderEmail": "ann@example.com", "body": "Please." });
            return json!({ "data": [message] }).to_string();
        }
        let ticket = |id: &str| json!({ "id": id, "subject": "Help", "customerEmail": "ann@example.com" });
        let told = json!({ "page": 1, "perPage": 100, "total": 3 });
        json!({ "data": [ticket("t1"), ticket("t2"), ticket("t3")], "pagination": told }).to_string()
    };
    let (vendor, speaks) = vendor(body, |path| path.contains("/t3/")).await;
    let (client, _) = client(&app, &vendor.url);
    let site = keva();
    tokio::select! {
        synced = sync(&app, workspace, &site, &client) => panic!("the run has ended: {:?}", synced.stopped),
        () = vendor.falls_silent() => {}
    }
    vendor.forget();
    speaks.store(true, Ordering::SeqCst);
    let synced = sync(&app, workspace, &keva(), &client).await;
    assert!(synced.stopped.is_none(), "{:?}", synced.stopped);
    assert_eq!(vendor.paths(), ["/api/v1/tickets/t3/messages"]);
    let expected = [
        ("customers", [0, 0, 0, 0]),
        ("tickets", [0, 0, 0, 0]),
        ("messages", [1, 0, 0, 0]),
    ];
    assert_eq!(counts(&synced.report), expected, "{}", synced.report);
    assert!(
        synced
            .report
            .to_string()
            .contains("Imported completely by the run")
    );
}

async fn progress_is_separate_by_team_and_can_be_discarded(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let broken = StandIn::start(|asked, _| {
        if asked.path.contains("page=2") {
            answer("422 Unprocessable Entity", "", r#"{"error":"no"}"#)
        } else {
            stand_in::json(&page(&asked.path, 2, 5))
        }
    })
    .await;
    let (first, _) = client(&app, &broken.url);
    for from_start in [false, true] {
        broken.forget();
        let synced = sync_from(&app, workspace, &team(), &first, from_start).await;
        assert!(why(&synced).contains("422"));
        assert_eq!(broken.paths().len(), 2);
    }
    broken.forget();
    sync(&app, workspace, &team(), &first).await;
    assert_eq!(broken.paths().len(), 1);
    // The progress of another team is separate.
    let other = Site::Cstar { team: "8".to_owned() };
    broken.forget();
    sync(&app, workspace, &other, &first).await;
    assert_eq!(broken.paths().len(), 2);
}

on_each_database!(
    a_run_resumes_from_the_interrupted_page,
    completed_lists_are_not_read_again,
    progress_is_separate_by_team_and_can_be_discarded,
);
