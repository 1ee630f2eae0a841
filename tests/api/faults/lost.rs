//! Connections that the database closes, as during a restart.

use deskgraph::config::Settings;
use futures_util::future::join_all;
use needs::needs;
use serde_json::json;

use super::{VIEWER, ask, ready, run, wait_until_ready};
use crate::support::{TestApp, database};

/// Terminates every connection to the database except the own one.
const END_ALL: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                       WHERE datname = current_database() AND pid <> pg_backend_pid()";

#[needs(postgres)]
#[tokio::test]
async fn lost_connections_cause_no_errors() {
    let app = TestApp::postgres_with(|settings| settings.database_connections = 8).await;
    let (_, admin) = app.admin().await;
    let other = app.another().await;
    for round in 0..3 {
        // All connections are open and idle when they are terminated.
        join_all((0..16).map(|_| ask(&app, &admin, VIEWER))).await;
        run(&other, END_ALL).await;
        let reads = join_all((0..8).map(|_| ask(&app, &admin, VIEWER)));
        let writes = join_all((0..8).map(|number| {
            let input = json!({ "email": format!("{round}-{number}@example.com") });
            app.write(&admin, "customerCreate", json!({ "input": input }))
        }));
        let (reads, writes) = tokio::join!(reads, writes);
        for read in reads {
            read.data();
        }
        for written in writes {
            assert!(written.errors().is_empty() && written["customer"]["id"].is_string());
        }
    }
    let count = ask(&app, &admin, "{ customers { totalCount } }").await;
    assert_eq!(count.at("/customers/totalCount"), 24, "each was written once");
}

#[needs(postgres)]
#[tokio::test]
async fn an_outage_is_reported_until_it_ends() {
    let settings = |settings: &mut Settings| (settings.database_connections, settings.batch_max) = (2, 2);
    let app = TestApp::postgres_with(settings).await;
    // The token is verified without the database, so the error has a path and the response has data.
    let (workspace, _) = app.admin().await;
    let customer = app.customer(workspace, "ann@example.com").await;
    let url = app.settings.database_url.reveal();
    let query = "{ viewer { kind } customers { nodes { tickets { totalCount } } } }";
    let asked = async |accept: &str, is_list: bool| {
        let request = app.http().post(format!("{}/graphql", app.url));
        let request = request.bearer_auth(&customer.credential).header("accept", accept);
        let body = json!({ "query": query });
        let body = if is_list { json!([body, body]) } else { body };
        let response = request.json(&body).send().await.expect("an answer");
        let (status, retry_after) = (
            response.status().as_u16(),
            response.headers().contains_key("retry-after"),
        );
        let body: serde_json::Value = response.json().await.expect("JSON");
        let first = if is_list { &body[0] } else { &body };
        let code = first["errors"][0]["extensions"]["code"]
            .as_str()
            .map(str::to_owned);
        (status, retry_after, code)
    };
    database::let_in(url, false).await;
    for accept in ["application/json", "application/graphql-response+json"] {
        let unavailable = (503, true, Some("UNAVAILABLE".to_owned()));
        assert_eq!(asked(accept, false).await, unavailable, "{accept}");
        assert_eq!(asked(accept, true).await, unavailable, "a list as {accept}");
    }
    assert_eq!(ready(&app).await, 503);
    database::let_in(url, true).await;
    assert_eq!(asked("application/json", false).await, (200, false, None));
    wait_until_ready(&app).await;
}
