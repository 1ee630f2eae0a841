//! A viewer that keeps connections busy.

use std::time::Duration;

use deskgraph::config::Settings;
use futures_util::future::join_all;
use serde_json::json;

use super::{TEAMS, VIEWER, ask, make_teams_endless};
use crate::support::{TestApp, on_each_database};

/// Much shorter than the timeouts of the endless requests.
const SOON: Duration = Duration::from_mins(1);
/// Timeout of the client of the endless requests.
const LONG: Duration = Duration::from_mins(10);

fn two_of_four(settings: &mut Settings) {
    settings.statement_timeout_ms = 600_000;
    settings.request_timeout_ms = 600_000;
    settings.database_connections = 4;
    settings.database_connections_per_viewer = 2;
}

async fn a_caller_at_its_limit_does_not_delay_others(app: TestApp) {
    let (workspace, noisy) = app.admin().await;
    let quiet = app.agent(workspace, "Quiet").await;
    make_teams_endless(&app).await;
    let noise = join_all((0..8).map(|_| {
        let request = app.http().post(format!("{}/graphql", app.url)).timeout(LONG);
        let request = request.bearer_auth(&noisy.credential);
        request.json(&json!({ "query": TEAMS })).send()
    }));
    let asked = async {
        for _ in 0..20 {
            ask(&app, &quiet, VIEWER).await.data();
        }
    };
    tokio::select! {
        _ = noise => panic!("the statement has ended"),
        asked = tokio::time::timeout(SOON, asked) => asked.expect("the quiet one is answered"),
    }
}

on_each_database!(with super::two_of_four; a_caller_at_its_limit_does_not_delay_others);
