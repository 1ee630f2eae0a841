//! Reads the change log of the run's workspace, from the database and through the API.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::Run;
use crate::{
    cursor,
    failure::{Done, Failure, Trying},
    helpdesk::Person,
};

/// An event of the log, with data from the database and from the query `changes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    pub position: i64,
    pub name: String,
    /// Id of the object.
    pub object: String,
    /// Id of the ticket in the database.
    pub ticket: Option<String>,
    /// Id of the customer in the database.
    pub customer: String,
}

/// Reads the whole log from the database and adds the names and ids of the API.
pub async fn read(run: &Run) -> Done<Vec<Logged>> {
    let database = &run.stage.database;
    let (ticket, customer) = (database.hex("ticket_id"), database.hex("customer_id"));
    let sql = format!("SELECT position, {ticket}, {customer} FROM change ORDER BY position");
    let rows = database.rows(&sql).await?;
    let pulled = pull(run, &run.stage.agent).await?;
    let mut names: HashMap<i64, (String, String)> = pulled
        .into_iter()
        .map(|(position, name, object)| (position, (name, object)))
        .collect();
    rows.into_iter()
        .map(|(position, ticket, customer)| {
            let absent = || Failure(format!("the query changes does not tell of position {position}"));
            let (name, object) = names.remove(&position).ok_or_else(absent)?;
            Ok(Logged {
                position,
                name,
                object,
                ticket,
                customer: customer.unwrap_or_default(),
            })
        })
        .collect()
}

/// Reads the whole log through the API: position, name and id of each event, page by page.
pub async fn pull(run: &Run, person: &Person) -> Done<Vec<(i64, String, String)>> {
    let query = "query ($after: ChangeCursor) { changes(first: 100, after: $after) \
         { nodes { changeCursor name objectId } changeCursor hasNextPage } }";
    let (client, mut rng) = (&run.stage.client, fastrand::Rng::with_seed(run.settings.seed));
    let mut events = Vec::new();
    let mut after = Value::Null;
    loop {
        let place = run.stage.living(&mut rng).await;
        let data = client
            .ask(&place.address, &person.0, query, &json!({ "after": after }))
            .await;
        let mut page = data.trying("read the log")?["changes"].take();
        for node in page["nodes"].as_array().into_iter().flatten() {
            let text = |field: &str| node[field].as_str().unwrap_or_default().to_owned();
            let position = cursor::position(&text("changeCursor"));
            let position = position.ok_or_else(|| Failure(format!("not a cursor: {node}")))?;
            events.push((position, text("name"), text("objectId")));
        }
        if page["hasNextPage"] != true {
            return Ok(events);
        }
        after = page["changeCursor"].take();
    }
}
