//! Migrations: up, down, up again, and agreement with the entities.

use deskgraph::{
    app::App,
    clock::Clock,
    config::{Secret, Settings},
    store::Db,
};
use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Database, EntityTrait, Statement};
use sha2::{Digest, Sha256};

fn settings(folder: &tempfile::TempDir) -> Settings {
    let url = format!("sqlite://{}", folder.path().join("test.db").display());
    Settings {
        database_url: Secret::new(url),
        ..Settings::default()
    }
}

#[tokio::test]
async fn migrations_run_up_down_and_up_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = settings(&folder);
    let db = Db::open(&settings).await.expect("a database");
    db.migrate().await.expect("up");
    db.migrate().await.expect("up again changes nothing");
    let other = Database::connect(settings.database_url.reveal());
    let other = other.await.expect("a connection");
    Migrator::down(&other, None).await.expect("down");
    db.migrate().await.expect("up after down");
}

#[tokio::test]
async fn every_entity_matches_its_columns() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = Db::open(&settings(&folder)).await.expect("a database");
    db.migrate().await.expect("up");
    macro_rules! reads {
        ($($table:ident),+) => {
            $(entity::$table::Entity::find().all(db.connection()).await.expect(stringify!($table));)+
        };
    }
    reads!(
        agent,
        api_key,
        api_key_workspace,
        change,
        change_counter,
        conversation,
        conversation_activity,
        conversation_agent,
        conversation_team,
        customer,
        customer_address,
        epoch,
        erased,
        erasure_key,
        external_reference,
        idempotency_key,
        identity,
        inbox,
        message,
        queue,
        sync_place,
        team,
        team_agent,
        ticket,
        ticket_activity,
        workspace
    );
}

#[tokio::test]
async fn a_node_without_migration_refuses_unknown_tables() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = Settings {
        migrate: false,
        ..settings(&folder)
    };
    let refused = async || {
        let built = App::build(&settings, Clock::system()).await;
        built.err().expect("refused").to_string()
    };
    assert!(
        refused()
            .await
            .contains("The database tables are older than this version")
    );
    let db = Db::open(&settings).await.expect("a database");
    let connection = db.connection();
    let tables = Statement::from_string(
        connection.get_database_backend(),
        "SELECT name FROM sqlite_master",
    );
    assert!(connection.query_all_raw(tables).await.expect("a list").is_empty());
    db.migrate().await.expect("up");
    App::build(&settings, Clock::system()).await.expect("a node");
    let later = "INSERT INTO seaql_migrations VALUES ('m99999999_000001_later', 0)";
    connection.execute_unprepared(later).await.expect("a later step");
    assert!(
        refused()
            .await
            .contains("The database tables are newer than this version")
    );
    db.migrate().await.expect("nothing is done");
}

#[tokio::test]
async fn sqlite_is_durable_and_checks_references() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = Db::open(&settings(&folder)).await.expect("a database");
    let pragma = async |name: &str| {
        let sql = Statement::from_string(db.connection().get_database_backend(), format!("PRAGMA {name}"));
        let row = db
            .connection()
            .query_one_raw(sql)
            .await
            .expect("an answer")
            .expect("a row");
        row.try_get_by_index::<i32>(0).map_or_else(
            |_| row.try_get_by_index::<String>(0).expect("text"),
            |n| n.to_string(),
        )
    };
    assert_eq!(pragma("journal_mode").await, "wal");
    assert_eq!(pragma("synchronous").await, "2", "FULL");
    assert_eq!(pragma("foreign_keys").await, "1");
}

/// Steps were already applied to databases in use, so they must not change later.
#[test]
fn migrations_are_unchanged_since_their_release() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migration");
    let known = std::fs::read_to_string(folder.join("hashes.txt")).expect("a list");
    let known: BTreeMap<&str, &str> = known
        .lines()
        .filter_map(|line| line.split_once("  "))
        .map(|(hash, name)| (name, hash))
        .collect();
    let steps = Migrator::names();
    for step in &steps {
        let name = format!("{step}.rs");
        let text = std::fs::read(folder.join("src").join(&name)).expect("a step");
        let hash = Sha256::digest(&text).iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        match known.get(name.as_str()) {
            Some(known) => assert_eq!(
                *known, hash,
                "{name} was changed. Databases in use keep what the step did before: write a new migration instead of \
                 changing an old one"
            ),
            None => panic!("migration/hashes.txt lacks {name}. Add the line: {hash}  {name}"),
        }
    }
    assert_eq!(
        known.len(),
        steps.len(),
        "migration/hashes.txt contains a step that does not exist"
    );
}
