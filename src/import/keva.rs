//! Keva's shapes: the objects of its REST answers, one on each line.

use std::collections::BTreeSet;

use entity::{
    agent::Role,
    message::Direction,
    ticket::{Priority, Status},
};

use super::fields::{FieldFault, Fields};
use crate::service::{
    Patch,
    customer::CustomerFields,
    import::{ImportAgent, ImportCustomer, ImportMessage, ImportTicket},
    ticket::DEFAULT_SOURCE,
};

/// The name under which references are kept.
pub const SYSTEM: &str = "keva";

const STATUSES: [(&str, Status); 4] = [
    ("open", Status::Open),
    ("pending", Status::Pending),
    ("solved", Status::Solved),
    ("closed", Status::Closed),
];
const PRIORITIES: [(&str, Priority); 4] = [
    ("low", Priority::Low),
    ("medium", Priority::Medium),
    ("high", Priority::High),
    ("urgent", Priority::Urgent),
];
const DIRECTIONS: [(&str, Direction); 2] =
    [("inbound", Direction::Inbound), ("outbound", Direction::Outbound)];
const ROLES: [(&str, Role); 2] = [("agent", Role::Agent), ("admin", Role::Admin)];

/// What Keva computes, and so do we, from tickets and messages.
const COMPUTED: [&str; 7] = [
    "totalTickets",
    "openTickets",
    "avgResolutionTime",
    "overallSentiment",
    "sentimentTrend",
    "firstTicketAt",
    "lastTicketAt",
];

/// A row, and the names of fields that have no place here.
pub type Read<T> = Result<(T, BTreeSet<String>), Vec<FieldFault>>;

/// An agent: id, name, email, role.
pub fn agent(line: &[u8]) -> Read<ImportAgent> {
    let mut fields = Fields::parse(line).map_err(|fault| vec![fault])?;
    let row = ImportAgent {
        external_id: fields.line("id"),
        name: fields.required("name"),
        email: fields.required("email"),
        role: fields.word("role", &ROLES).unwrap_or(Role::Agent),
    };
    Ok((row, fields.finish(&[])?))
}

/// A customer.
pub fn customer(line: &[u8]) -> Read<ImportCustomer> {
    let mut fields = Fields::parse(line).map_err(|fault| vec![fault])?;
    let row = ImportCustomer {
        external_id: fields.required("id"),
        fields: CustomerFields {
            email: Patch::Set(fields.required("email")),
            name: text(&mut fields, "name"),
            company: text(&mut fields, "company"),
            phone: text(&mut fields, "phone"),
            job_title: text(&mut fields, "jobTitle"),
            location: text(&mut fields, "location"),
            timezone: text(&mut fields, "timezone"),
            is_vip: fields.boolean("isVip").into(),
            priority_override: patch(&mut fields, "priorityOverride", |fields, name| {
                fields.word(name, &PRIORITIES)
            }),
            tags: patch(&mut fields, "tags", Fields::texts),
            internal_notes: text(&mut fields, "internalNotes"),
            salesforce_contact_id: text(&mut fields, "salesforceContactId"),
            hubspot_contact_id: text(&mut fields, "hubspotContactId"),
            hubspot_company_id: text(&mut fields, "hubspotCompanyId"),
            ..CustomerFields::default()
        },
        created_at: fields.instant("createdAt"),
        updated_at: fields.instant("updatedAt"),
    };
    Ok((row, fields.finish(&COMPUTED)?))
}

/// A ticket. Beyond the documented fields it may tell `customerId` and `resolvedAt`.
pub fn ticket(line: &[u8]) -> Read<ImportTicket> {
    let mut fields = Fields::parse(line).map_err(|fault| vec![fault])?;
    let row = ImportTicket {
        external_id: fields.required("id"),
        subject: fields.required("subject"),
        status: fields.word("status", &STATUSES).unwrap_or(Status::Open),
        priority: fields.word("priority", &PRIORITIES).unwrap_or(Priority::Medium),
        customer_external_id: fields.line("customerId"),
        customer_email: fields.required("customerEmail"),
        customer_name: fields.line("customerName"),
        source: fields.line("source").unwrap_or_else(|| DEFAULT_SOURCE.to_owned()),
        assigned_to: fields.line("assignedTo"),
        resolution_type: fields.line("resolutionType"),
        tags: fields.texts("tags").unwrap_or_default(),
        created_at: fields.instant("createdAt"),
        updated_at: fields.instant("updatedAt"),
        resolved_at: fields.instant("resolvedAt"),
    };
    Ok((row, fields.finish(&[])?))
}

/// A message.
pub fn message(line: &[u8]) -> Read<ImportMessage> {
    let mut fields = Fields::parse(line).map_err(|fault| vec![fault])?;
    let row = ImportMessage {
        external_id: fields.required("id"),
        ticket_external_id: fields.required("ticketId"),
        direction: fields
            .word("direction", &DIRECTIONS)
            .unwrap_or(Direction::Inbound),
        sender_email: fields.required("senderEmail"),
        sender_name: fields.line("senderName"),
        body: fields.required("body"),
        body_html: fields.line("bodyHtml"),
        created_at: fields.instant("createdAt"),
    };
    Ok((row, fields.finish(&[])?))
}

fn text(fields: &mut Fields, name: &str) -> Patch<String> {
    patch(fields, name, Fields::text)
}

/// A field that is there as null is cleared; one that is not there is left alone.
fn patch<T>(fields: &mut Fields, name: &str, read: impl FnOnce(&mut Fields, &str) -> Option<T>) -> Patch<T> {
    match (fields.has(name), read(fields, name)) {
        (_, Some(value)) => Patch::Set(value),
        (true, None) => Patch::Clear,
        (false, None) => Patch::Keep,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_ticket_is_read_whole() {
        let line = br#"{"id":"tkt_abc123","subject":"Cannot access my account","status":"open","priority":"high",
            "customerEmail":"customer@example.com","customerName":"John Doe","source":"email","assignedTo":null,
            "resolutionType":null,"tags":["login","urgent"],"createdAt":"2024-01-15T10:30:00Z",
            "updatedAt":"2024-01-15T10:30:00Z"}"#;
        let (row, unknown) = ticket(line).expect("a ticket");
        assert_eq!(
            (row.status, row.priority, row.tags.len()),
            (Status::Open, Priority::High, 2)
        );
        assert!(unknown.is_empty());
    }

    #[test]
    fn every_fault_of_a_line_is_named() {
        let faults =
            customer(br#"{"email":7,"isVip":"yes","priorityOverride":"huge","tags":[1]}"#).unwrap_err();
        let names: Vec<&str> = faults.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["id", "email", "isVip", "priorityOverride", "tags"]);
        assert!(
            message(br#"{"id":"msg_1","#).unwrap_err()[0]
                .1
                .contains("not JSON")
        );
        assert!(message(b"\xff\xfe").is_err());
        assert_eq!(ticket(b"[]").unwrap_err()[0].1, "is not a JSON object");
    }

    #[test]
    fn fields_without_a_place_are_told() {
        let line = br#"{"id":"1","email":"a@example.com","mood":"fine","totalTickets":3}"#;
        let (_, unknown) = customer(line).expect("a customer");
        assert_eq!(unknown.into_iter().collect::<Vec<_>>(), ["mood"]);
    }
}
