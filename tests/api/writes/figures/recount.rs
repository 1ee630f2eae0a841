//! Wrong computed fields are found and corrected.

use std::{
    path::Path,
    process::{Command, Output},
};

use entity::{CustomerId, TicketId, WorkspaceId, conversation_activity, customer, ticket, ticket_activity};
use needs::needs;
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder, Statement, Value as Bound};
use serde_json::{Value, json};

use super::differences;
use crate::support::{Person, TestApp, fill, on_each_database, text, unchanged};

async fn sql(app: &TestApp, sql: &str) {
    let done = app.services.db.connection().execute_unprepared(sql).await;
    done.expect(sql);
}

/// Returns all rows with computed fields.
async fn rows(
    app: &TestApp,
) -> (
    Vec<customer::Model>,
    Vec<ticket::Model>,
    Vec<conversation_activity::Model>,
    Vec<ticket_activity::Model>,
) {
    let db = app.services.db.connection();
    (
        customer::Entity::find()
            .order_by_asc(customer::Column::Id)
            .all(db)
            .await
            .expect("rows"),
        ticket::Entity::find()
            .order_by_asc(ticket::Column::Id)
            .all(db)
            .await
            .expect("rows"),
        conversation_activity::Entity::find()
            .order_by_asc(conversation_activity::Column::Id)
            .all(db)
            .await
            .expect("rows"),
        ticket_activity::Entity::find()
            .order_by_asc(ticket_activity::Column::Id)
            .all(db)
            .await
            .expect("rows"),
    )
}

/// Runs the command with the database of a test. Returns its exit code, its lines of output, and stderr.
fn recount(app: &TestApp, arguments: &[&str]) -> (Option<i32>, Vec<String>, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_deskgraph"))
        .current_dir(Path::new("/"))
        .env("DESKGRAPH_LOG", "warn")
        .env("DESKGRAPH_DATABASE_URL", app.settings.database_url.reveal())
        .arg("recount")
        .args(arguments)
        .output()
        .expect("a process");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    let lines = text(stdout).lines().map(str::to_owned).collect();
    (status.code(), lines, text(stderr))
}

/// Creates a workspace with a solved ticket, an open one, and a customer without messages.
async fn helpdesk(app: &TestApp, name: &str) -> (WorkspaceId, Value) {
    let workspace = app.workspace(name).await;
    let admin: Person = app.admin_of(&[workspace]).await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    app.clock_control.advance_ms(90_000);
    let input = json!({ "id": ticket["id"], "input": { "status": "SOLVED" } });
    app.wrote(&admin, "ticketUpdate", input).await;
    app.ticket(&admin, "ann@example.com").await;
    app.customer(workspace, "bob@example.com").await;
    let input = json!({ "customer": { "email": "bob@example.com" } });
    app.wrote(&admin, "conversationCreate", json!({ "input": input }))
        .await;
    (workspace, ticket)
}

/// Changes twelve computed fields, seven of them in the workspace of this ticket.
async fn damage(app: &TestApp, id: TicketId) {
    let dialect = app.services.db.dialect();
    let one = format!(
        "UPDATE ticket_activity SET message_count = 7, last_message_at = NULL WHERE id = {}",
        dialect.place(1)
    );
    let one = Statement::from_sql_and_values(dialect.backend(), one, [Bound::from(id)]);
    let done = app.services.db.connection().execute_raw(one).await;
    done.expect("damaged");
    for damage in [
        "UPDATE customer SET ticket_count = ticket_count + 3, recent_score_count = 9 WHERE email_key = 'ann@example.com'",
        "UPDATE customer SET first_ticket_at = 5, resolution_ms_total = -1 WHERE email_key = 'bob@example.com'",
        "UPDATE conversation_activity SET message_count = 2 WHERE message_count = 0",
    ] {
        sql(app, damage).await;
    }
}

async fn recount_repairs_only_damaged_values(app: TestApp) {
    let (_, ticket) = helpdesk(&app, "One").await;
    let (other, _) = helpdesk(&app, "Other").await;
    let exact = rows(&app).await;
    let log = app.log(other).await;
    assert_eq!(
        recount(&app, &[]),
        (
            Some(0),
            vec!["14 rows checked, every stored value is correct.".to_owned()],
            String::new()
        )
    );

    let id = text(&ticket["id"]).parse::<TicketId>().expect("an id");
    let damaged = exact.1.iter().find(|row| row.id == id).expect("the ticket");
    let ann: CustomerId = damaged.customer_id;
    let active = exact.3.iter().find(|row| row.id == id).expect("its activity");
    let at = active.last_message_at.expect("a message").0;
    damage(&app, id).await;
    let find = |of: WorkspaceId, email: &str| {
        let found = exact
            .0
            .iter()
            .find(|row| row.workspace_id == of && row.email_key == email);
        found.expect("a customer").id
    };
    let (ann_there, bob_there) = (find(other, "ann@example.com"), find(other, "bob@example.com"));
    let damaged = rows(&app).await;
    let empty = |of: WorkspaceId| {
        let found = exact
            .2
            .iter()
            .find(|row| row.workspace_id == of && row.message_count == 0);
        found.expect("a conversation").id
    };
    let in_other = [
        format!("{ann_there} ticket_count: stored 5, counted 2"),
        format!("{ann_there} recent_score_count: stored 9, counted 2"),
        format!("{bob_there} resolution_ms_total: stored -1, counted 0"),
        format!("{bob_there} first_ticket_at: stored 5, counted empty"),
        format!("{} message_count: stored 2, counted 0", empty(other)),
    ];
    let (here, bob) = (
        exact.0[0].workspace_id,
        find(exact.0[0].workspace_id, "bob@example.com"),
    );
    let in_one = [
        format!("{id} message_count: stored 7, counted 1"),
        format!("{id} last_message_at: stored empty, counted {at}"),
        format!("{ann} ticket_count: stored 5, counted 2"),
        format!("{ann} recent_score_count: stored 9, counted 2"),
        format!("{bob} resolution_ms_total: stored -1, counted 0"),
        format!("{bob} first_ticket_at: stored 5, counted empty"),
        format!("{} message_count: stored 2, counted 0", empty(here)),
    ];
    let sorted = |mut lines: Vec<String>| {
        lines.sort();
        lines
    };

    let (code, lines, said) = recount(&app, &["--workspace", "Other"]);
    assert_eq!((code, sorted(lines)), (Some(1), sorted(in_other.to_vec())));
    assert!(
        said.contains("7 rows checked, 5 stored values are wrong") && said.contains("--repair"),
        "{said}"
    );
    let all = sorted([&in_other[..], &in_one].concat());
    let (code, lines, said) = recount(&app, &[]);
    assert_eq!((code, sorted(lines)), (Some(1), all.clone()));
    assert!(
        said.contains("14 rows checked, 12 stored values are wrong"),
        "{said}"
    );
    assert_eq!(rows(&app).await, damaged);

    let (code, mut lines, said) = recount(&app, &["--repair"]);
    assert_eq!(
        lines.pop().as_deref(),
        Some("14 rows checked, 12 stored values corrected.")
    );
    assert_eq!((code, sorted(lines), said), (Some(0), all, String::new()));
    // Only computed fields change: no version and no event.
    assert_eq!(rows(&app).await, exact);
    assert_eq!(app.log(other).await, log);
    assert_eq!(recount(&app, &["--repair"]).0, Some(0));
    let (code, _, said) = recount(&app, &["--workspace", "Nowhere"]);
    assert_eq!(
        (code, said.contains("No workspace has the id or name \"Nowhere\"")),
        (Some(1), true)
    );
}

async fn many_differences_are_counted_and_a_hundred_listed(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let names: Vec<_> = (0..600).map(|n| format!("t{n}")).collect();
    let rows = fill::Rows {
        customers: vec![fill::customer("ann")],
        tickets: names.iter().map(|name| fill::ticket(name, "ann")).collect(),
        messages: Vec::new(),
    };
    app.fill(workspace, &rows).await;
    sql(
        &app,
        "UPDATE ticket_activity SET message_count = 1, last_message_at = 1",
    )
    .await;
    let (code, lines, said) = recount(&app, &[]);
    assert_eq!((code, lines.len()), (Some(1), 101));
    assert_eq!(lines[100], "… and 1100 more.");
    assert!(
        said.contains("1201 rows checked, 1200 stored values are wrong"),
        "{said}"
    );
    let (code, lines, _) = recount(&app, &["--repair"]);
    assert_eq!(
        (code, lines[101].as_str()),
        (Some(0), "1201 rows checked, 1200 stored values corrected.")
    );
    assert_eq!(differences(&app, false).await, Vec::<String>::new());
}

async fn lost_activity_is_reported_and_restored(app: TestApp) {
    let (_, ticket) = helpdesk(&app, "One").await;
    let exact = rows(&app).await;
    for table in ["ticket_activity", "conversation_activity", "inbox"] {
        sql(&app, &format!("DELETE FROM {table}")).await;
    }
    let found = differences(&app, true).await;
    let id = text(&ticket["id"]);
    let of_it = |figure: &str| {
        found
            .iter()
            .any(|line| line.contains(id) && line.contains(figure))
    };
    assert!(
        of_it(" status: stored empty") && of_it(" message_count: "),
        "{found:?}"
    );
    assert_eq!(rows(&app).await, exact);
    assert_eq!(differences(&app, false).await, Vec::<String>::new());
}

on_each_database!(
    lost_activity_is_reported_and_restored,
    recount_repairs_only_damaged_values,
    many_differences_are_counted_and_a_hundred_listed,
);

/// SQLite has one writer, so this cannot occur there.
#[needs(postgres)]
#[tokio::test]
async fn a_repair_waits_for_concurrent_writers_on_postgres() {
    let app = TestApp::postgres_with(unchanged).await;
    let (_, admin) = app.admin().await;
    app.ticket(&admin, "ann@example.com").await;
    sql(&app, "UPDATE ticket_activity SET message_count = 7").await;
    // A message is added in a transaction that stays open for a while.
    let writing = app.services.db.begin().await.expect("a transaction");
    for step in [
        "SELECT id FROM ticket FOR NO KEY UPDATE",
        "INSERT INTO message (id, workspace_id, customer_id, conversation_id, ticket_id, direction, sender_email, body, sentiment_score, created_at) \
         SELECT gen_random_uuid(), workspace_id, customer_id, conversation_id, ticket_id, direction, sender_email, body, \
         sentiment_score, created_at FROM message",
        "UPDATE ticket_activity SET message_count = message_count + 1",
        "UPDATE conversation_activity SET message_count = message_count + 1",
        "UPDATE customer SET (recent_score_count, recent_score_sum, newest_score_sum) = \
         (2 * recent_score_count, 2 * recent_score_sum, 2 * newest_score_sum)",
    ] {
        writing.connection().execute_unprepared(step).await.expect(step);
    }
    let meanwhile = async {
        let waits =
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let waits = Statement::from_string(app.services.db.dialect().backend(), waits);
        let db = app.services.db.connection();
        while db
            .query_one_raw(waits.clone())
            .await
            .expect("an answer")
            .is_none()
        {
            tokio::task::yield_now().await;
        }
        writing.commit().await.expect("committed");
    };
    let (found, ()) = tokio::join!(differences(&app, true), meanwhile);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].ends_with("message_count: stored 8, counted 2"),
        "{found:?}"
    );
    assert_eq!(differences(&app, false).await, Vec::<String>::new());
}
