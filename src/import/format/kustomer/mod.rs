//! Reads the objects of Kustomer: JSON:API resources with attributes and relationships.
//!
//! Only publicly documented fields are read. Of users, teams, queues and tags, these are the names, and of
//! users also the email addresses.

mod conversation;
mod customer;
mod message;
mod people;
mod resource;

use crate::import::vendor::{Step, Vendor};

use self::{
    conversation::conversation,
    customer::customer,
    message::{message, note, place_in_message},
    people::{queue, tag, team, user},
};

/// Kustomer: users, teams, queues and tags if available, customers, conversations, messages and notes.
pub const KUSTOMER: Vendor = Vendor {
    system: "kustomer",
    steps: &[
        Step::new("users", false, || Step::rows_at(user, place)),
        Step::new("teams", false, || Step::rows_at(team, place)),
        Step::new("queues", false, || Step::rows_at(queue, place)),
        Step::new("tags", false, || Step::rows_at(tag, place)),
        Step::new("customers", true, || Step::rows_at(customer, place)),
        Step::new("conversations", false, || Step::rows_at(conversation, place)),
        Step::new("messages", false, || Step::rows_at(message, place_in_message)),
        Step::new("notes", false, || Step::rows_at(note, place)),
    ],
};

/// Maps field names of the use cases to those of Kustomer.
fn place(field: &str) -> String {
    match field {
        "" | "id" => field.to_owned(),
        "assignedUsers" | "assignedTeams" | "queue" => format!("relationships.{field}"),
        _ => match field.strip_prefix("customFields") {
            Some(rest) => format!("attributes.custom{rest}"),
            None => format!("attributes.{field}"),
        },
    }
}
