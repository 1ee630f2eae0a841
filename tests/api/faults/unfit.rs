//! Unsuitable PostgreSQL databases, roles without privileges, and connection poolers.

use deskgraph::{
    config::{Secret, Settings},
    store::{Db, StoreError},
};
use needs::needs;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

use crate::support::{PgBouncer, TestApp, database, unchanged};

fn settings_for(url: &str) -> Settings {
    Settings {
        database_url: Secret::new(url),
        database_connections: 2,
        ..Settings::default()
    }
}

fn unfit_reason<T>(done: Result<T, StoreError>) -> String {
    match done.err() {
        Some(StoreError::Unfit(sentence)) => sentence,
        other => panic!("not rejected as unsuitable: {other:?}"),
    }
}

/// Returns the name and URL of another database next to that of a test.
fn other_database(app: &TestApp, suffix: &str) -> (String, String) {
    let url = format!("{}_{suffix}", app.settings.database_url.reveal());
    let name = url.rsplit_once('/').expect("a name").1.to_owned();
    (url, name)
}

#[needs(postgres)]
#[tokio::test]
async fn a_database_in_another_encoding_is_refused() {
    let app = TestApp::postgres_with(unchanged).await;
    let (server, (url, name)) = (app.settings.database_url.reveal(), other_database(&app, "latin"));
    let make =
        format!("CREATE DATABASE {name} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
    database::run(server, &make).await;
    let sentence = unfit_reason(Db::open(&settings_for(&url)).await);
    database::run(server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    assert!(
        sentence.starts_with(&format!("The database {name} uses the encoding LATIN1")),
        "{sentence}"
    );
    let (_, mend) = sentence.split_once(": ").expect("a statement");
    database::run(server, mend).await;
    let (url, name) = other_database(&app, "latin_utf8");
    Db::open(&settings_for(&url))
        .await
        .expect("fit")
        .close()
        .await
        .expect("closed");
    database::run(server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
}

#[needs(postgres)]
#[tokio::test]
async fn missing_privileges_are_reported_with_their_grant_statement() {
    let app = TestApp::postgres_with(unchanged).await;
    let url = app.settings.database_url.reveal();
    let role = format!("{}_role", url.rsplit_once('/').expect("a name").1);
    database::run(url, &format!("CREATE ROLE {role}")).await;
    database::run(url, "REVOKE ALL ON SCHEMA public FROM PUBLIC").await;
    let as_role = settings_for(&format!("{url}?options[role]={role}"));
    let mend = async |from: &str| {
        let db = Db::open(&as_role).await.expect("a database");
        let sentence = unfit_reason(db.check_rights(false).await);
        db.close().await.expect("closed");
        assert!(sentence.starts_with(from), "{sentence}");
        let (_, mend) = sentence.split_once(": ").expect("a statement");
        database::run(url, mend).await;
    };
    mend(&format!("The role {role} cannot use any schema")).await;
    mend(&format!("The role {role} cannot read and write all tables")).await;
    let db = Db::open(&as_role).await.expect("a database");
    db.check_rights(true).await.expect("enough");
    // Only the owner can apply a missing migration.
    let steps = "DELETE FROM seaql_migrations WHERE version = (SELECT max(version) FROM seaql_migrations)";
    database::run(url, steps).await;
    let sentence = unfit_reason(db.migrate().await);
    assert!(sentence.starts_with("The tables need a migration"), "{sentence}");
    assert!(
        sentence.contains(&format!("ALTER TABLE ticket OWNER TO {role}")),
        "{sentence}"
    );
    database::run(url, &format!("REVOKE CREATE ON SCHEMA public FROM {role}")).await;
    let sentence = unfit_reason(db.migrate().await);
    assert!(
        sentence.ends_with(&format!("GRANT CREATE ON SCHEMA public TO {role}")),
        "{sentence}"
    );
    db.close().await.expect("closed");
    database::run(url, &format!("DROP OWNED BY {role}")).await;
    database::run(url, &format!("DROP ROLE {role}")).await;
}

#[needs(postgres)]
#[tokio::test]
async fn named_prepared_statements_can_be_disabled() {
    for is_on in [true, false] {
        let change = |settings: &mut Settings| {
            settings.database_connections = 1;
            settings.database_prepared_statements = is_on;
        };
        let app = TestApp::postgres_with(change).await;
        let (_, admin) = app.admin().await;
        app.ask(&admin, "{ tickets { nodes { id } } }", json!({}))
            .await
            .data();
        let connection = app.services.db.connection();
        let ask = async |sql: &str| {
            let statement = Statement::from_string(connection.get_database_backend(), sql);
            let row = connection.query_one_raw(statement).await.expect("an answer");
            row.expect("a row").try_get_by_index::<String>(0).expect("a text")
        };
        let kept = ask("SELECT count(*)::text FROM pg_prepared_statements WHERE name <> ''").await;
        assert_eq!(kept != "0", is_on, "{kept}");
        // The session limits apply.
        assert_eq!(ask("SELECT current_setting('statement_timeout')").await, "10s");
        assert_eq!(ask("SELECT current_setting('random_page_cost')").await, "1.1");
        let look = ask("SELECT current_setting('client_connection_check_interval')").await;
        assert_eq!(look, "500ms", "disconnected clients are detected");
    }
}

#[needs(postgres, pgbouncer)]
#[tokio::test]
async fn a_pooler_in_transaction_mode_is_reported() {
    let app = TestApp::postgres_with(unchanged).await;
    let url = app.settings.database_url.reveal();
    let pooler = PgBouncer::before(url);
    let sentence = unfit_reason(Db::open(&settings_for(&pooler.url(url))).await);
    assert!(
        sentence.contains("database_prepared_statements = false"),
        "{sentence}"
    );
}

#[needs(postgres, pgbouncer)]
#[tokio::test]
async fn everything_works_behind_a_pooler() {
    let app = TestApp::postgres_with(unchanged).await;
    let url = app.settings.database_url.reveal();
    let pooler = PgBouncer::before(url);
    let (empty, name) = other_database(&app, "empty");
    database::run(url, &format!("CREATE DATABASE {name}")).await;
    let pooled = |url: &str, connections| Settings {
        database_prepared_statements: false,
        database_connections: connections,
        ..settings_for(&pooler.url(url))
    };
    let db = Db::open(&pooled(&empty, 2)).await.expect("a database");
    db.migrate().await.expect("migrated");
    assert!(db.has_known_tables().await.expect("looked"));
    db.close().await.expect("closed");
    database::run(url, &format!("DROP DATABASE {name} WITH (FORCE)")).await;

    // More connections than the pooler has sessions, so that they share them.
    let node = app
        .another_with(|settings| {
            let own = pooled(url, 12);
            settings.database_url = own.database_url;
            settings.database_connections = own.database_connections;
            settings.database_connections_per_viewer = 12;
            settings.database_prepared_statements = false;
        })
        .await;
    let (_, admin) = app.admin().await;
    let (node, admin) = (&node, &admin);
    let asks = (0..40).map(|n| async move {
        let subject = format!("Subject {n}");
        let input = json!({ "subject": subject, "customerEmail": format!("c{n}@example.com"), "body": subject });
        let made = node.write(admin, "ticketCreate", json!({ "input": input })).await;
        let _ = made;
        let query = "query ($s: String!) { tickets(filter: { subject: { contains: $s } }) { nodes { subject customer { email } } } }";
        let found = node.ask(admin, query, json!({ "s": subject })).await.data();
        assert!(found.to_string().contains(&format!("c{n}@example.com")), "{found}");
    });
    futures_util::future::join_all(asks).await;
}
