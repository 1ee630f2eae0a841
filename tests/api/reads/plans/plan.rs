//! What a database reads for a statement: `SQLite` says how it would, PostgreSQL counts what it did.

use std::collections::BTreeMap;

use deskgraph::store::dialect::Dialect;
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use serde_json::json;

use crate::support::{Person, TestApp};

/// The tables that grow.
const LARGE: [&str; 6] = [
    "ticket",
    "message",
    "customer",
    "conversation",
    "customer_word",
    "found_word",
];

/// What was read of large tables.
#[derive(Debug, Default)]
pub struct Looked {
    /// Tables that were read from their beginning to their end.
    pub scans: Vec<String>,
    /// Reads along an index of which only the workspace is given: through all of it, if need be. `SQLite` only.
    pub walks: Vec<String>,
    /// Reads along an index, with the columns that are given. `SQLite` only.
    pub searches: Vec<String>,
    /// Something is sorted. `SQLite` only.
    pub sorts: bool,
    /// Entries of indexes and rows of scans. PostgreSQL only.
    pub rows: u64,
}

/// Asks, and tells what was read.
pub async fn look(app: &TestApp, person: &Person, query: &str) -> Looked {
    match app.services.db.dialect() {
        Dialect::Sqlite => {
            app.statements.take();
            app.ask(person, query, json!({})).await.data();
            let mut steps = Vec::new();
            for sql in app.statements.take() {
                let plan = rows(app, &format!("EXPLAIN QUERY PLAN {sql}")).await;
                steps.extend(
                    plan.iter()
                        .map(|row| row.try_get::<String>("", "detail").expect("a text")),
                );
            }
            app.statements.take();
            of_plan(&steps)
        }
        Dialect::Postgres => {
            let before = counts(app).await;
            app.ask(person, query, json!({})).await.data();
            let after = counts(app).await;
            let mut looked = Looked::default();
            for (table, (scans, read)) in after {
                let (scans_before, read_before) = before[&table];
                looked.rows += read - read_before;
                if scans > scans_before {
                    looked.scans.push(table);
                }
            }
            looked
        }
    }
}

fn of_plan(steps: &[String]) -> Looked {
    let on_large = |step: &&String| {
        let table = step.split(' ').nth(1);
        table.is_some_and(|table| LARGE.contains(&table))
    };
    let those = |fits: &dyn Fn(&String) -> bool| -> Vec<String> {
        let steps = steps.iter().filter(on_large);
        steps.filter(|step| fits(step)).cloned().collect()
    };
    let by_workspace = |step: &String| step.ends_with("(workspace_id=?)");
    // Made of a whole table, so that few rows of it are looked up.
    let filters = steps.iter().filter(|step| step.starts_with("BLOOM FILTER"));
    let mut scans = those(&|step| step.starts_with("SCAN"));
    scans.extend(filters.cloned());
    Looked {
        scans,
        // That index holds nothing but what is asked for.
        walks: those(&|step| by_workspace(step) && !step.contains("ticket_unassigned")),
        searches: those(&|step| step.starts_with("SEARCH")),
        sorts: steps
            .iter()
            .any(|step| step.starts_with("USE TEMP B-TREE FOR") && step.contains("ORDER BY")),
        rows: 0,
    }
}

/// Of each large table: how often it was read as a whole, and how much of it or of its indexes in all.
async fn counts(app: &TestApp) -> BTreeMap<String, (u64, u64)> {
    // What a session counts is told to the others after a while, or when it is asked to. There is one session.
    rows(app, "SELECT pg_stat_force_next_flush()").await;
    let sql = "SELECT t.relname, t.seq_scan, t.seq_tup_read + CAST((SELECT SUM(i.idx_tup_read) FROM pg_stat_user_indexes AS i \
               WHERE i.relid = t.relid) AS BIGINT) AS read FROM pg_stat_user_tables AS t \
               WHERE t.relname IN ('ticket', 'message', 'customer', 'conversation', 'customer_word')";
    let number = |row: &QueryResult, field: &str| {
        u64::try_from(row.try_get::<i64>("", field).expect("a number")).expect("a count")
    };
    let counts = rows(app, sql).await;
    let counts = counts.iter().map(|row| {
        let table = row.try_get::<String>("", "relname").expect("a name");
        (table, (number(row, "seq_scan"), number(row, "read")))
    });
    counts.collect()
}

async fn rows(app: &TestApp, sql: &str) -> Vec<QueryResult> {
    let statement = Statement::from_string(app.services.db.dialect().backend(), sql);
    let rows = app.services.db.connection().query_all_raw(statement).await;
    rows.unwrap_or_else(|error| panic!("{error}: {sql}"))
}
