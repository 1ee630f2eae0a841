//! Reads the objects of Keva's REST API.

use entity::{
    agent::Role,
    message::Direction,
    ticket::{Priority, Status},
};

use crate::{
    import::{
        fields::{Fields, RowResult},
        vendor::{Step, Vendor},
    },
    service::{
        EXTERNAL_ID_MAX, LINE_MAX, NOTES_MAX, WORD_MAX,
        customer::CustomerFields,
        import::{ImportAgent, ImportCustomer, ImportMessage, ImportPlace, ImportSender, ImportTicket},
        ticket::DEFAULT_SOURCE,
    },
};

/// Keva: agents if available, customers, tickets with one conversation each, and messages.
pub const KEVA: Vendor = Vendor {
    system: "keva",
    steps: &[
        // Exports rarely contain agents. An unknown agent is created when a ticket names it.
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
/// Priorities, in the words that all sources use.
pub(super) const PRIORITIES: [(&str, Priority); 4] = [
    ("low", Priority::Low),
    ("medium", Priority::Medium),
    ("high", Priority::High),
    ("urgent", Priority::Urgent),
];
const DIRECTIONS: [(&str, Direction); 2] =
    [("inbound", Direction::Inbound), ("outbound", Direction::Outbound)];
const ROLES: [(&str, Role); 2] = [("agent", Role::Agent), ("admin", Role::Admin)];

/// Fields that Deskgraph computes from tickets and messages too. They are skipped.
const COMPUTED: [&str; 7] = [
    "totalTickets",
    "openTickets",
    "avgResolutionTime",
    "overallSentiment",
    "sentimentTrend",
    "firstTicketAt",
    "lastTicketAt",
];

/// An agent: id, name, email, role. It is found again by its id or by its address.
fn agent(mut fields: Fields) -> RowResult<ImportAgent> {
    let external_id = fields.whole("id", EXTERNAL_ID_MAX);
    let email = fields.agent_email("email");
    let name = email.name(external_id.as_deref().unwrap_or_default());
    let name = fields.or_stand_in("name", LINE_MAX, name);
    let (email, known_as) = email.into_parts();
    if external_id.is_none() && email.is_none() {
        fields.fault::<()>(
            "email",
            "The value is not a usable address, and the record has no id.",
        );
    }
    let row = ImportAgent {
        external_id,
        name,
        email,
        known_as,
        role: fields.word("role", &ROLES).unwrap_or(Role::Agent),
    };
    fields.finish(row)
}

fn customer(mut fields: Fields) -> RowResult<ImportCustomer> {
    let created_at = fields.instant("createdAt");
    let row = ImportCustomer {
        external_id: fields.required("id"),
        fields: CustomerFields {
            email: fields.expected_email("email").into(),
            name: fields.cut_patch("name", LINE_MAX),
            company: fields.cut_patch("company", LINE_MAX),
            phone: fields.whole_patch("phone", WORD_MAX),
            job_title: fields.cut_patch("jobTitle", LINE_MAX),
            location: fields.cut_patch("location", LINE_MAX),
            timezone: fields.patch("timezone", Fields::timezone),
            is_vip: fields.boolean("isVip").into(),
            priority_override: fields
                .patch("priorityOverride", |fields, name| fields.word(name, &PRIORITIES)),
            tags: fields.patch("tags", Fields::tags),
            internal_notes: fields.cut_patch("internalNotes", NOTES_MAX),
            salesforce_contact_id: fields.whole_patch("salesforceContactId", EXTERNAL_ID_MAX),
            hubspot_contact_id: fields.whole_patch("hubspotContactId", EXTERNAL_ID_MAX),
            hubspot_company_id: fields.whole_patch("hubspotCompanyId", EXTERNAL_ID_MAX),
            ..CustomerFields::default()
        },
        created_at,
        updated_at: fields.instant_since("updatedAt", created_at),
    };
    fields.skip(&COMPUTED);
    fields.finish(row)
}

/// Reads a ticket. It can contain the undocumented fields `customerId` and `resolvedAt`.
fn ticket(mut fields: Fields) -> RowResult<ImportTicket> {
    let created_at = fields.instant("createdAt");
    let row = ImportTicket {
        external_id: fields.required("id"),
        subject: fields.subject("subject"),
        status: fields.word("status", &STATUSES),
        priority: fields.word("priority", &PRIORITIES),
        customer_external_id: fields.line("customerId"),
        customer_email: fields.expected_email("customerEmail"),
        customer_name: fields.cut("customerName", LINE_MAX),
        source: fields
            .cut("source", WORD_MAX)
            .unwrap_or_else(|| DEFAULT_SOURCE.to_owned()),
        assigned_to: fields.patch("assignedTo", |fields, name| fields.assignee(name, LINE_MAX)),
        resolution_type: fields.cut_patch("resolutionType", WORD_MAX),
        tags: fields.patch("tags", Fields::tags),
        created_at,
        updated_at: fields.instant_since("updatedAt", created_at),
        resolved_at: fields.instant_since("resolvedAt", created_at),
    };
    if row.customer_email.is_none() && row.customer_external_id.is_none() {
        fields.fault::<()>("customerEmail", "This value and customerId are both missing.");
    }
    fields.finish(row)
}

fn message(mut fields: Fields) -> RowResult<ImportMessage> {
    let row = ImportMessage {
        external_id: fields.required("id"),
        place: ImportPlace::Ticket(fields.required("ticketId")),
        direction: fields
            .word("direction", &DIRECTIONS)
            .unwrap_or(Direction::Inbound),
        sender_email: fields.expected_email("senderEmail").unwrap_or_default(),
        sender_name: fields.cut("senderName", LINE_MAX),
        body: if fields.is_strict() {
            fields.required("body")
        } else {
            fields.text("body").unwrap_or_default()
        },
        body_html: fields.line("bodyHtml"),
        created_at: fields.instant("createdAt"),
        attachments: fields.attachments("attachments"),
        sender: ImportSender::Address,
        internal: false,
    };
    fields.finish(row)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn fields(value: Value) -> Fields {
        Fields::of(value, false).expect("an object")
    }

    #[test]
    fn the_documented_ticket_is_read_completely() {
        let value = json!({
            "id": "tkt_abc123", "subject": "Cannot access my account", "status": "open", "priority": "high",
            "customerEmail": "customer@example.com", "customerName": "John Doe", "source": "email",
            "assignedTo": null, "resolutionType": null, "tags": ["login", "urgent"],
            "createdAt": "2024-01-15T10:30:00Z", "updatedAt": "2024-01-15T10:30:00Z",
        });
        let taken = ticket(fields(value)).expect("a ticket");
        let row = &taken.row;
        assert_eq!(
            (row.status, row.priority, row.tags.as_set().map(Vec::len)),
            (Some(Status::Open), Some(Priority::High), Some(2))
        );
        assert!(taken.unknown.is_empty());
    }

    #[test]
    fn every_fault_of_an_object_is_named() {
        let value = json!({ "email": 7, "isVip": "yes", "priorityOverride": "huge", "tags": [1] });
        let strict = Fields::of(value.clone(), true).expect("an object");
        let faults = customer(strict).expect_err("faults");
        let names: Vec<&str> = faults.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["id", "email", "isVip", "priorityOverride", "tags"]);
        let faults = customer(fields(value)).expect_err("faults");
        assert_eq!(faults, [("id".to_owned(), "The value is missing.".to_owned())]);
    }

    #[test]
    fn unknown_fields_are_reported() {
        let value = json!({ "id": "1", "email": "a@example.com", "mood": "fine", "totalTickets": 3 });
        let taken = customer(fields(value)).expect("a customer");
        assert_eq!(taken.unknown.into_iter().collect::<Vec<_>>(), ["mood"]);
    }
}
