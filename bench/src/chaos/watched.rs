//! Reads the ids that a listener of a ticket needs.

use std::sync::Arc;

use tokio::task::spawn_blocking;

use super::subject::WatchedTicket;
use crate::{
    database::Database,
    failure::{Done, Failure, Trying},
    helpdesk::{CreatedTicket, Person, TOKEN_MINUTES},
    node::Gateway,
};

/// Returns a created ticket with the ids that its listeners need.
pub async fn watch(gateway: &Arc<Gateway>, database: &Database, made: &CreatedTicket) -> Done<WatchedTicket> {
    let (ticket, customer) = (database.hex("ticket_id"), database.hex("customer_id"));
    let rows = database
        .rows(&format!(
            "SELECT position, {ticket}, {customer} FROM change WHERE name = 21 AND position BETWEEN {} AND {}",
            made.position - 3,
            made.position
        ))
        .await?;
    // The newest row, because the range can contain a ticket that was created shortly before.
    let newest = rows.into_iter().max_by_key(|(position, ..)| *position);
    let (Some(row), Some(customer_row)) =
        newest.map_or((None, None), |(_, ticket, customer)| (ticket, customer))
    else {
        return Err(Failure("a created ticket is not in the log".to_owned()));
    };
    let (gateway, email) = (gateway.clone(), made.target.email.clone());
    let issue = move || gateway.run(&["token", "issue", "--customer", &email, "--minutes", TOKEN_MINUTES]);
    let token = spawn_blocking(issue).await?.trying("issue a customer's token")?;
    Ok(WatchedTicket {
        id: made.target.id.clone(),
        row,
        customer_id: made.customer_id.clone(),
        customer_row,
        customer: Person(token.into()),
    })
}
