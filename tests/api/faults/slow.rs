//! Operations that exceed their time limit.

use super::{TEAMS, VIEWER, ask, make_table_endless, make_teams_endless, ready, wait_until_ready};
use crate::support::{TestApp, on_each_database};

mod statement {
    use super::*;

    fn short(settings: &mut deskgraph::config::Settings) {
        settings.statement_timeout_ms = 2_000;
        settings.request_timeout_ms = 600_000;
        settings.database_connections = 1;
    }

    async fn a_slow_statement_is_cancelled(app: TestApp) {
        let (_, admin) = app.admin().await;
        make_teams_endless(&app).await;
        for _ in 0..2 {
            let answer = ask(&app, &admin, TEAMS).await;
            assert_eq!(answer.error(), "TIMEOUT", "{}", answer.body);
            assert!(answer.body["errors"][0]["extensions"]["requestId"].is_string());
        }
        ask(&app, &admin, VIEWER).await.data();
    }

    async fn a_timed_out_statement_is_not_retried(app: TestApp) {
        let (_, admin) = app.admin().await;
        app.ticket(&admin, "jane@example.com").await;
        let query = "{ customers { nodes { tickets { nodes { messages { nodes { body } } } } } } }";
        make_table_endless(&app, "message").await;
        app.statements.take();
        let answer = ask(&app, &admin, query).await;
        assert_eq!((answer.error().as_str(), answer.status), ("TIMEOUT", 504));
        let asked = app.statements.take();
        let slow = asked.iter().filter(|sql| sql.contains("\"message\"")).count();
        assert_eq!(slow, 1, "{asked:#?}");
        ask(&app, &admin, VIEWER).await.data();
    }

    on_each_database!(
        with super::short;
        a_slow_statement_is_cancelled,
        a_timed_out_statement_is_not_retried
    );
}

async fn a_node_is_ready_while_it_knows_all_migrations(app: TestApp) {
    wait_until_ready(&app).await;
    let (later, gone) = (
        "INSERT INTO seaql_migrations VALUES ('m99999999_000001_later', 0)",
        "DELETE FROM seaql_migrations WHERE version LIKE 'm99999999%'",
    );
    super::run(&app, later).await;
    assert_eq!(ready(&app).await, 503, "a later version changed the tables");
    super::run(&app, gone).await;
    wait_until_ready(&app).await;
    super::run(
        &app,
        "DELETE FROM seaql_migrations WHERE version LIKE '%create_sync_place'",
    )
    .await;
    assert_eq!(ready(&app).await, 503, "a step is missing");
}

on_each_database!(a_node_is_ready_while_it_knows_all_migrations);

mod request {
    use super::*;

    fn short(settings: &mut deskgraph::config::Settings) {
        settings.statement_timeout_ms = 600_000;
        settings.request_timeout_ms = 5_000;
        settings.database_connections = 1;
    }

    async fn a_slow_request_is_cancelled_with_its_statement(app: TestApp) {
        let (_, admin) = app.admin().await;
        make_teams_endless(&app).await;
        let answer = ask(&app, &admin, TEAMS).await;
        assert_eq!((answer.error().as_str(), answer.status), ("TIMEOUT", 504));
        // There is a single connection, so this would wait if the statement were still running.
        ask(&app, &admin, VIEWER).await.data();
    }

    async fn a_timeout_on_a_socket_ends_only_its_operation(app: TestApp) {
        let (_, admin) = app.admin().await;
        make_teams_endless(&app).await;
        let mut socket = app.socket(&admin).await;
        socket.begin("1", TEAMS, &serde_json::json!({})).await;
        assert_eq!(socket.refusal("1").await, "TIMEOUT");
        socket.begin("2", VIEWER, &serde_json::json!({})).await;
        socket.data("2").await;
    }

    on_each_database!(
        with super::short;
        a_slow_request_is_cancelled_with_its_statement,
        a_timeout_on_a_socket_ends_only_its_operation
    );
}
