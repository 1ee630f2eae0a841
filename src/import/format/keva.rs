//! Keva's shapes: the objects of its REST answers.

use entity::{
    agent::Role,
    message::Direction,
    ticket::{Priority, Status},
};

use crate::{
    import::{
        fields::{Fields, Read},
        vendor::{Step, Vendor},
    },
    service::{
        Patch,
        customer::CustomerFields,
        import::{ImportAgent, ImportCustomer, ImportMessage, ImportTicket},
        ticket::DEFAULT_SOURCE,
    },
};

/// Keva: agents if they are told, customers, tickets with a conversation each, messages.
pub const KEVA: Vendor = Vendor {
    system: "keva",
    steps: &[
        // Agents are seldom in an export: tickets name them, and an unknown one is made then.
        Step::new("agents", false, || Step::rows(agent)),
        Step::new("customers", true, || Step::rows(customer)),
        Step::new("tickets", true, || Step::rows(ticket)),
        Step::new("messages", true, || Step::rows(message)),
    ],
};

const STATUSES: [(&str, Status); 4] = [
    ("open", Status::Open),
    ("pending", Status::Pending),
    ("solved", Status::Solved),
    ("closed", Status::Closed),
];
/// How urgent something is, in the words that every source uses.
pub(super) const PRIORITIES: [(&str, Priority); 4] = [
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

/// An agent: id, name, email, role.
fn agent(mut fields: Fields) -> Read<ImportAgent> {
    let row = ImportAgent {
        external_id: fields.line("id"),
        name: fields.required("name"),
        email: fields.required("email"),
        role: fields.word("role", &ROLES).unwrap_or(Role::Agent),
    };
    fields.finish(row)
}

fn customer(mut fields: Fields) -> Read<ImportCustomer> {
    let row = ImportCustomer {
        external_id: fields.required("id"),
        fields: CustomerFields {
            email: Patch::Set(fields.required("email")),
            name: fields.text_patch("name"),
            company: fields.text_patch("company"),
            phone: fields.text_patch("phone"),
            job_title: fields.text_patch("jobTitle"),
            location: fields.text_patch("location"),
            timezone: fields.text_patch("timezone"),
            is_vip: fields.boolean("isVip").into(),
            priority_override: fields
                .patch("priorityOverride", |fields, name| fields.word(name, &PRIORITIES)),
            tags: fields.patch("tags", Fields::texts),
            internal_notes: fields.text_patch("internalNotes"),
            salesforce_contact_id: fields.text_patch("salesforceContactId"),
            hubspot_contact_id: fields.text_patch("hubspotContactId"),
            hubspot_company_id: fields.text_patch("hubspotCompanyId"),
            ..CustomerFields::default()
        },
        created_at: fields.instant("createdAt"),
        updated_at: fields.instant("updatedAt"),
    };
    fields.skip(&COMPUTED);
    fields.finish(row)
}

/// A ticket. Beyond the documented fields it may tell `customerId` and `resolvedAt`.
fn ticket(mut fields: Fields) -> Read<ImportTicket> {
    let row = ImportTicket {
        external_id: fields.required("id"),
        subject: fields.required("subject"),
        status: fields.word("status", &STATUSES).unwrap_or(Status::Open),
        priority: fields.word("priority", &PRIORITIES).unwrap_or(Priority::Medium),
        customer_external_id: fields.line("customerId"),
        customer_email: Some(fields.required("customerEmail")),
        customer_name: fields.line("customerName"),
        source: fields.line("source").unwrap_or_else(|| DEFAULT_SOURCE.to_owned()),
        assigned_to: fields.line("assignedTo"),
        resolution_type: fields.line("resolutionType"),
        tags: fields.texts("tags").unwrap_or_default(),
        created_at: fields.instant("createdAt"),
        updated_at: fields.instant("updatedAt"),
        resolved_at: fields.instant("resolvedAt"),
    };
    fields.finish(row)
}

fn message(mut fields: Fields) -> Read<ImportMessage> {
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
    fields.finish(row)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn fields(value: Value) -> Fields {
        Fields::of(value).expect("an object")
    }

    #[test]
    fn the_documented_ticket_is_read_whole() {
        let value = json!({
            "id": "tkt_abc123", "subject": "Cannot access my account", "status": "open", "priority": "high",
            "customerEmail": "customer@example.com", "customerName": "John Doe", "source": "email",
            "assignedTo": null, "resolutionType": null, "tags": ["login", "urgent"],
            "createdAt": "2024-01-15T10:30:00Z", "updatedAt": "2024-01-15T10:30:00Z",
        });
        let taken = ticket(fields(value)).expect("a ticket");
        let row = &taken.row;
        assert_eq!(
            (row.status, row.priority, row.tags.len()),
            (Status::Open, Priority::High, 2)
        );
        assert!(taken.unknown.is_empty());
    }

    #[test]
    fn every_fault_of_an_object_is_named() {
        let value = json!({ "email": 7, "isVip": "yes", "priorityOverride": "huge", "tags": [1] });
        let faults = customer(fields(value)).expect_err("faults");
        let names: Vec<&str> = faults.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["id", "email", "isVip", "priorityOverride", "tags"]);
    }

    #[test]
    fn fields_without_a_place_are_told() {
        let value = json!({ "id": "1", "email": "a@example.com", "mood": "fine", "totalTickets": 3 });
        let taken = customer(fields(value)).expect("a customer");
        assert_eq!(taken.unknown.into_iter().collect::<Vec<_>>(), ["mood"]);
    }
}
