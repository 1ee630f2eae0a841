//! The reads of a statement: `SQLite` provides the plan, PostgreSQL the number of rows that were read.

use std::collections::BTreeMap;

use deskgraph::store::dialect::Dialect;
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use serde_json::json;

use crate::support::{Person, TestApp};

/// Tables that grow.
const LARGE: [&str; 8] = [
    "ticket",
    "ticket_activity",
    "conversation_activity",
    "message",
    "customer",
    "conversation",
    "customer_word",
    "found_word",
];

/// Reads of large tables.
#[derive(Debug, Default)]
pub struct ScanReport {
    /// Tables that were read completely.
    pub scans: Vec<String>,
    /// Reads by an index of which only the workspace is given, which can cover the whole workspace. `SQLite` only.
    pub walks: Vec<String>,
    /// Reads by an index, with the given columns. `SQLite` only.
    pub searches: Vec<String>,
    /// True if rows are sorted. `SQLite` only.
    pub sorts: bool,
    /// Index entries and rows that were read. PostgreSQL only.
    pub rows: u64,
}

/// Sends a query and returns its reads.
pub async fn look(app: &TestApp, person: &Person, query: &str) -> ScanReport {
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
            let mut looked = ScanReport::default();
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

fn of_plan(steps: &[String]) -> ScanReport {
    let on_large = |step: &&String| {
        let table = step.split(' ').nth(1);
        table.is_some_and(|table| LARGE.contains(&table))
    };
    let those = |fits: &dyn Fn(&String) -> bool| -> Vec<String> {
        let steps = steps.iter().filter(on_large);
        steps.filter(|step| fits(step)).cloned().collect()
    };
    let by_workspace = |step: &String| step.ends_with("(workspace_id=?)");
    // A Bloom filter is built from a whole table to reduce lookups.
    let filters = steps.iter().filter(|step| step.starts_with("BLOOM FILTER"));
    let mut scans = those(&|step| step.starts_with("SCAN"));
    scans.extend(filters.cloned());
    ScanReport {
        scans,
        // The partial index `ticket_unassigned` contains only the requested rows.
        walks: those(&|step| by_workspace(step) && !step.contains("ticket_unassigned")),
        searches: those(&|step| step.starts_with("SEARCH")),
        sorts: steps
            .iter()
            .any(|step| step.starts_with("USE TEMP B-TREE FOR") && step.contains("ORDER BY")),
        rows: 0,
    }
}

/// Returns for each large table the number of complete scans, and the number of rows and index entries that were
/// read.
async fn counts(app: &TestApp) -> BTreeMap<String, (u64, u64)> {
    // A session publishes its statistics after a delay or on request. There is one session.
    rows(app, "SELECT pg_stat_force_next_flush()").await;
    let sql = "SELECT t.relname, t.seq_scan, t.seq_tup_read + CAST((SELECT SUM(i.idx_tup_read) FROM pg_stat_user_indexes AS i \
               WHERE i.relid = t.relid) AS BIGINT) AS read FROM pg_stat_user_tables AS t \
               WHERE t.relname IN ('ticket', 'ticket_activity', 'message', 'customer', 'conversation', \
               'conversation_activity', 'customer_word')";
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
