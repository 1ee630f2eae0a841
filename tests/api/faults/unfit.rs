//! A PostgreSQL database that is not what it must be, and a role that may not do what it must.

use deskgraph::{
    config::{Secret, Settings},
    store::{Db, StoreError},
};

use crate::support::{TestApp, database, unchanged};

fn at(url: &str) -> Settings {
    Settings {
        database_url: Secret::new(url),
        database_connections: 2,
        ..Settings::default()
    }
}

fn unfit<T>(done: Result<T, StoreError>) -> String {
    match done.err() {
        Some(StoreError::Unfit(sentence)) => sentence,
        other => panic!("not refused as unfit: {other:?}"),
    }
}

/// A database beside that of a test, and its address.
fn beside(app: &TestApp, suffix: &str) -> (String, String) {
    let url = format!("{}_{suffix}", app.settings.database_url.reveal());
    let name = url.rsplit_once('/').expect("a name").1.to_owned();
    (url, name)
}

#[tokio::test]
async fn a_database_in_another_encoding_is_refused() {
    let Some(app) = TestApp::postgres_with(unchanged).await else {
        return;
    };
    let (server, (url, name)) = (app.settings.database_url.reveal(), beside(&app, "latin"));
    let make =
        format!("CREATE DATABASE {name} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
    database::run(server, &make).await;
    let sentence = unfit(Db::open(&at(&url)).await);
    database::run(server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    assert!(
        sentence.starts_with(&format!("the database {name} keeps text as LATIN1")),
        "{sentence}"
    );
    let (_, mend) = sentence.split_once(": ").expect("a statement");
    database::run(server, mend).await;
    let (url, name) = beside(&app, "latin_utf8");
    Db::open(&at(&url))
        .await
        .expect("fit")
        .close()
        .await
        .expect("closed");
    database::run(server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
}

#[tokio::test]
async fn a_role_without_rights_is_told_which_statement_gives_them() {
    let Some(app) = TestApp::postgres_with(unchanged).await else {
        return;
    };
    let url = app.settings.database_url.reveal();
    let role = format!("{}_role", url.rsplit_once('/').expect("a name").1);
    database::run(url, &format!("CREATE ROLE {role}")).await;
    database::run(url, "REVOKE ALL ON SCHEMA public FROM PUBLIC").await;
    let as_role = at(&format!("{url}?options[role]={role}"));
    let mend = async |from: &str| {
        let db = Db::open(&as_role).await.expect("a database");
        let sentence = unfit(db.check_rights(false).await);
        db.close().await.expect("closed");
        assert!(sentence.starts_with(from), "{sentence}");
        let (_, mend) = sentence.split_once(": ").expect("a statement");
        database::run(url, mend).await;
    };
    mend(&format!("the role {role} may use no schema")).await;
    mend(&format!("the role {role} may not read and write all tables")).await;
    let db = Db::open(&as_role).await.expect("a database");
    db.check_rights(true).await.expect("enough");
    // A step that is missing is taken by the owner alone.
    let steps = "DELETE FROM seaql_migrations WHERE version = (SELECT max(version) FROM seaql_migrations)";
    database::run(url, steps).await;
    let sentence = unfit(db.migrate().await);
    assert!(sentence.starts_with("the tables must be changed"), "{sentence}");
    assert!(
        sentence.contains(&format!("ALTER TABLE ticket OWNER TO {role}")),
        "{sentence}"
    );
    database::run(url, &format!("REVOKE CREATE ON SCHEMA public FROM {role}")).await;
    let sentence = unfit(db.migrate().await);
    assert!(
        sentence.ends_with(&format!("GRANT CREATE ON SCHEMA public TO {role}")),
        "{sentence}"
    );
    db.close().await.expect("closed");
    database::run(url, &format!("DROP OWNED BY {role}")).await;
    database::run(url, &format!("DROP ROLE {role}")).await;
}
