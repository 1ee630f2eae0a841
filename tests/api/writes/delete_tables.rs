//! After a customer is deleted, no table but the change log contains an id of the customer or of its objects.

use std::collections::{BTreeMap, BTreeSet};

use entity::{ConversationId, CustomerId, MessageId, TicketId, external_reference};
use sea_orm::{ConnectionTrait, Statement, Value, prelude::Uuid};

use super::delete::{Case, delete};
use crate::support::{TestApp, on_each_database};

/// Columns that hold the id of an object of a customer, also after its deletion. The log keeps ids.
const KEPT: [&str; 4] = [
    "change.object_id",
    "change.customer_id",
    "change.ticket_id",
    "change.conversation_id",
];

/// Names of columns that refer to an object of a customer in any table.
const OWNERS: [&str; 6] = [
    "customer_id",
    "ticket_id",
    "conversation_id",
    "message_id",
    "object_id",
    "sender_customer_id",
];

/// Returns table and column of all columns with ids.
async fn id_columns(app: &TestApp) -> Vec<(String, String)> {
    let connection = app.services.db.connection();
    let backend = connection.get_database_backend();
    let sql = match backend {
        sea_orm::DbBackend::Sqlite => {
            "SELECT m.name, c.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c \
             WHERE m.type = 'table' AND c.type = 'uuid_text'"
        }
        _ => {
            "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT) FROM information_schema.columns \
             WHERE table_schema = 'public' AND data_type = 'uuid'"
        }
    };
    let rows = connection
        .query_all_raw(Statement::from_string(backend, sql))
        .await;
    let text = |row: &sea_orm::QueryResult, at| row.try_get_by_index(at).expect("a name");
    let rows = rows.expect("rows");
    rows.iter().map(|row| (text(row, 0), text(row, 1))).collect()
}

/// Returns the columns that contain one of the ids, as `table.column`.
async fn columns_with(app: &TestApp, ids: &[Uuid]) -> BTreeSet<String> {
    let connection = app.services.db.connection();
    let dialect = app.services.db.dialect();
    let places: Vec<String> = (1..=ids.len()).map(|place| dialect.place(place)).collect();
    let mut found = BTreeSet::new();
    for (table, column) in id_columns(app).await {
        let sql = format!(
            "SELECT 1 FROM \"{table}\" WHERE \"{column}\" IN ({}) LIMIT 1",
            places.join(", ")
        );
        let values: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
        let statement = Statement::from_sql_and_values(dialect.backend(), sql, values);
        if connection
            .query_one_raw(statement)
            .await
            .expect("an answer")
            .is_some()
        {
            found.insert(format!("{table}.{column}"));
        }
    }
    found
}

async fn only_the_log_keeps_ids_of_a_deleted_customer(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let case = Case::new(&app, &admin, "ann").await;
    let text = |value: &serde_json::Value| value.as_str().expect("an id").to_owned();
    let mut ids = vec![text(&case.customer).parse::<CustomerId>().expect("an id").0];
    let tickets = case
        .tickets
        .iter()
        .map(|id| text(id).parse::<TicketId>().expect("an id").0);
    ids.extend(tickets);
    let conversations = case.conversations.iter();
    ids.extend(conversations.map(|id| text(id).parse::<ConversationId>().expect("an id").0));
    let messages = case.messages.iter();
    ids.extend(messages.map(|id| text(id).parse::<MessageId>().expect("an id").0));
    let reference = external_reference::Model {
        workspace_id: workspace,
        system: "crm".to_owned(),
        kind: external_reference::Kind::Customer,
        external_id: "7".to_owned(),
        object_id: ids[0],
        told: None,
        told_as: None,
        read_as: None,
    };
    let writing = app.services.db.begin().await.expect("a transaction");
    deskgraph::store::external_reference::insert_many(&writing, vec![reference])
        .await
        .expect("inserted");
    writing.commit().await.expect("committed");

    let before = columns_with(&app, &ids).await;
    let all: BTreeMap<String, String> = id_columns(&app)
        .await
        .into_iter()
        .map(|(table, column)| (format!("{table}.{column}"), column))
        .collect();
    // A table that is added later needs a row of the customer here, so that its deletion is tested.
    for (name, column) in &all {
        if OWNERS.contains(&column.as_str()) {
            assert!(before.contains(name), "{name}: no row belongs to the customer");
        }
    }
    delete(&app, &admin, &case.customer).await;
    let kept: BTreeSet<String> = KEPT.iter().map(ToString::to_string).collect();
    assert_eq!(columns_with(&app, &ids).await, kept);
}

on_each_database!(only_the_log_keeps_ids_of_a_deleted_customer);
