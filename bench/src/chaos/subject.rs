//! Subscriptions of the listeners, and the events that each must receive.

use serde_json::{Value, json};

use super::log::Logged;
use crate::{client::Subscription, helpdesk::Person};

/// A subscription that several listeners share, with the same document and credential.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Name in the report.
    pub name: String,
    /// Credential of the listeners.
    pub person: Person,
    /// The request.
    pub subscription: Subscription,
    wanted: EventFilter,
}

/// The events that the subscription matches.
#[derive(Clone, Debug, Default)]
struct EventFilter {
    /// Only events with these names.
    names: Option<&'static [&'static str]>,
    /// Only events of this ticket. The id is that of the database.
    ticket: Option<String>,
    /// Only events of this customer.
    customer: Option<String>,
}

/// A ticket with listeners.
#[derive(Clone, Debug)]
pub struct WatchedTicket {
    /// Id in the API.
    pub id: String,
    /// Id in the database.
    pub row: String,
    /// Id of its customer in the API.
    pub customer_id: String,
    /// Id of its customer in the database.
    pub customer_row: String,
    /// Credential of its customer.
    pub customer: Person,
}

const MESSAGES: &[&str] = &["message.created"];
const TICKETS: &[&str] = &["ticket.created", "ticket.updated"];
const UPDATES: &[&str] = &["ticket.updated"];

const CHANGES: &str =
    "subscription Log($after: ChangeCursor) { changes(after: $after) { changeCursor name objectId } }";
const CHANGES_WITH_NODES: &str = "subscription Nodes($after: ChangeCursor) { changes(after: $after) \
     { changeCursor name objectId changedFields { field before after } node { id ... on Ticket { subject status } } } }";
const UPDATED_TICKETS: &str = "subscription Updates($after: ChangeCursor) { changes(after: $after, \
     filter: { kinds: [UPDATED], objectTypes: [TICKET] }) { changeCursor name objectId } }";
const MESSAGE_ADDED: &str =
    "subscription Messages($after: ChangeCursor) { messageAdded(after: $after) { id changeCursor } }";
const MESSAGE_ADDED_DEEP: &str = "subscription Deep($after: ChangeCursor) { messageAdded(after: $after) \
     { id changeCursor body ticket { id status } customer { displayName } } }";
const MESSAGE_ADDED_OF_TICKET: &str = "subscription Thread($after: ChangeCursor, $ticketId: ID!) \
     { messageAdded(after: $after, ticketId: $ticketId) { id changeCursor body } }";
const TICKET_CHANGED: &str = "subscription Tickets($after: ChangeCursor) { ticketChanged(after: $after) { changeCursor ticketId name } }";
const TICKET_CHANGED_OF_TICKET: &str = "subscription Ticket($after: ChangeCursor, $ticketId: ID!) \
     { ticketChanged(after: $after, ticketId: $ticketId) { changeCursor ticketId ticket { subject status } } }";
const TICKET_CHANGED_OF_CUSTOMER: &str = "subscription Customer($after: ChangeCursor, $customerId: ID!) \
     { ticketChanged(after: $after, customerId: $customerId) { changeCursor ticketId } }";

impl Subject {
    /// Returns true if the listeners must receive an event.
    pub fn wants(&self, event: &Logged) -> bool {
        let EventFilter {
            names,
            ticket,
            customer,
        } = &self.wanted;
        names.is_none_or(|names| names.contains(&event.name.as_str()))
            && ticket
                .as_ref()
                .is_none_or(|ticket| event.ticket.as_ref() == Some(ticket))
            && customer
                .as_ref()
                .is_none_or(|customer| event.customer == *customer)
    }

    fn new(name: &str, person: &Person, query: &str, variables: Value, wanted: EventFilter) -> Self {
        let (field, id) = if query.contains("messageAdded(") {
            ("messageAdded", "id")
        } else if query.contains("ticketChanged(") {
            ("ticketChanged", "ticketId")
        } else {
            ("changes", "objectId")
        };
        Self {
            name: name.to_owned(),
            person: person.clone(),
            subscription: Subscription {
                query: query.to_owned(),
                variables,
                field,
                id,
            },
            wanted,
        }
    }
}

/// Returns all subscriptions: for the whole workspace as an agent, and for single tickets as an agent and as the
/// customer.
pub fn subjects(agent: &Person, watched: &[WatchedTicket]) -> Vec<Subject> {
    let all = |names| EventFilter {
        names,
        ..EventFilter::default()
    };
    let whole = |name, query, names| Subject::new(name, agent, query, json!({}), all(names));
    let mut subjects = vec![
        whole("changes", CHANGES, None),
        whole("changes with nodes", CHANGES_WITH_NODES, None),
        whole("changes, ticket.updated only", UPDATED_TICKETS, Some(UPDATES)),
        whole("messageAdded", MESSAGE_ADDED, Some(MESSAGES)),
        whole("messageAdded with relations", MESSAGE_ADDED_DEEP, Some(MESSAGES)),
        whole("ticketChanged", TICKET_CHANGED, Some(TICKETS)),
    ];
    for (number, one) in watched.iter().enumerate() {
        let of_ticket = |names| EventFilter {
            names: Some(names),
            ticket: Some(one.row.clone()),
            customer: None,
        };
        let of_customer = |names| EventFilter {
            names,
            ticket: None,
            customer: Some(one.customer_row.clone()),
        };
        let (ticket, customer) = (
            json!({ "ticketId": one.id }),
            json!({ "customerId": one.customer_id }),
        );
        // Each ticket has some of the kinds, so that all kinds occur and several listeners share each.
        subjects.extend(match number % 3 {
            0 => vec![
                Subject::new(
                    "messageAdded of a ticket",
                    agent,
                    MESSAGE_ADDED_OF_TICKET,
                    ticket,
                    of_ticket(MESSAGES),
                ),
                Subject::new(
                    "changes, as a customer",
                    &one.customer,
                    CHANGES,
                    json!({}),
                    of_customer(None),
                ),
            ],
            1 => vec![
                Subject::new(
                    "ticketChanged of a ticket",
                    agent,
                    TICKET_CHANGED_OF_TICKET,
                    ticket,
                    of_ticket(TICKETS),
                ),
                Subject::new(
                    "messageAdded, as a customer",
                    &one.customer,
                    MESSAGE_ADDED,
                    json!({}),
                    of_customer(Some(MESSAGES)),
                ),
            ],
            _ => vec![
                Subject::new(
                    "ticketChanged of a customer",
                    agent,
                    TICKET_CHANGED_OF_CUSTOMER,
                    customer,
                    of_customer(Some(TICKETS)),
                ),
                Subject::new(
                    "messageAdded of a ticket, as its customer",
                    &one.customer,
                    MESSAGE_ADDED_OF_TICKET,
                    ticket,
                    of_ticket(MESSAGES),
                ),
            ],
        });
    }
    subjects
}
