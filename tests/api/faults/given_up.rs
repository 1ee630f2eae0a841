//! A write that is cancelled during a statement. Later writes are durable as usual.

use deskgraph::config::Settings;
use sea_orm::{ConnectionTrait, DbBackend};
use serde_json::json;

use super::{ask, run, write_refused_mutation};
use crate::support::{Answer, Person, TestApp, on_each_database};

/// Long enough for ordinary requests on a busy machine, and shorter than the time limit of a statement. Each endless
/// write takes this time.
const SHORT_MS: u64 = 3_000;

fn short(settings: &mut Settings) {
    settings.request_timeout_ms = SHORT_MS;
}

/// Makes a write of a customer with this name endless.
async fn make_long_writes_endless(app: &TestApp) {
    let postgres = [
        "CREATE FUNCTION long() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(600); RETURN NEW; END'",
        "CREATE TRIGGER long AFTER INSERT ON customer FOR EACH ROW WHEN (NEW.name = 'Long') EXECUTE FUNCTION long()",
    ];
    let sqlite = [
        "CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
        "CREATE TRIGGER long AFTER INSERT ON customer WHEN NEW.name = 'Long' \
         BEGIN SELECT count(*) FROM endless; END",
    ];
    let is_postgres = app.services.db.connection().get_database_backend() == DbBackend::Postgres;
    for sql in if is_postgres { postgres } else { sqlite } {
        run(app, sql).await;
    }
}

async fn create(app: &TestApp, admin: &Person, name: &str, number: usize) -> Answer {
    let mutation = "mutation ($input: CustomerInput!) \
                    { customerCreate(input: $input) { customer { id } userErrors { code } } }";
    let input = json!({ "name": name, "email": format!("{number}@example.com") });
    app.ask(admin, mutation, json!({ "input": input })).await
}

async fn acknowledged_writes_survive_earlier_failed_requests(app: TestApp) {
    let (_, admin) = app.admin().await;
    make_long_writes_endless(&app).await;
    let other = app
        .another_with(|settings| settings.request_timeout_ms = Settings::default().request_timeout_ms)
        .await;
    for round in 0..3 {
        let given_up = create(&app, &admin, "Long", 1_000 + round).await;
        assert_eq!(given_up.error(), "TIMEOUT", "{}", given_up.body);
        create(&app, &admin, "Short", 3 * round).await.data();
        write_refused_mutation(&app, &admin).await;
        create(&app, &admin, "Short", 3 * round + 1).await.data();
        write_refused_mutation(&app, &admin).await;
        create(&app, &admin, "Short", 3 * round + 2).await.data();
        let count = ask(&other, &admin, "{ customers { totalCount } }").await;
        assert_eq!(count.at("/customers/totalCount"), 3 * (round + 1));
    }
}

on_each_database!(with super::short; acknowledged_writes_survive_earlier_failed_requests);
