//! Connections that the database has ended, as it does when it is started anew.

use futures_util::future::join_all;
use serde_json::json;

use super::{VIEWER, ask, run};
use crate::support::TestApp;

/// Ends every connection to the database but that which says so.
const END_ALL: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                       WHERE datname = current_database() AND pid <> pg_backend_pid()";

#[tokio::test]
async fn nobody_notices_that_connections_were_lost() {
    let Some(app) = TestApp::postgres_with(|settings| settings.database_connections = 8).await else {
        return;
    };
    let (_, admin) = app.admin().await;
    let other = app.another().await;
    for round in 0..3 {
        // All of them are open, and lie idle when they are ended by somebody else.
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
