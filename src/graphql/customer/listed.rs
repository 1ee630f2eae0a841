//! Customers in lists: how they are sorted, which lists belong to them and which columns their fields read.

use entity::customer::Entity;

use super::Customer;
use crate::{
    graphql::{
        conversation::{ConversationFilter, ConversationOrder},
        loaders::{ChildSlots, Loaders},
        message::{MessageFilter, MessageOrder},
        output::plain_fields,
        pagination::Listed,
        relations::{ChildList, Children},
        ticket::{TicketFilter, TicketOrder},
    },
    store::{conversation::ConversationParent, message::MessageParent, ticket::TicketParent},
};

impl Listed for Entity {
    type Node = Customer;
    const NAME: &'static str = "Customer";
    const TAG: u8 = 1;
    const CHILDREN: &'static [&'static dyn ChildList<Self>] = &[
        &Children::<entity::ticket::Entity, TicketFilter, TicketOrder>::of("tickets", TicketParent::Customer),
        &Children::<entity::conversation::Entity, ConversationFilter, ConversationOrder>::of(
            "conversations",
            ConversationParent::Customer,
        ),
        &Children::<entity::message::Entity, MessageFilter, MessageOrder>::of(
            "messages",
            MessageParent::Customer,
        ),
    ];

    fn slots(loaders: &Loaders) -> &ChildSlots<Self> {
        &loaders.customers
    }

    fn computed(field: &str) -> Option<&'static [&'static str]> {
        Some(match field {
            "displayName" => &[
                "display_name",
                "name",
                "first_name",
                "last_name",
                "email",
                "external_id",
            ],
            "totalTickets" => &["ticket_count"],
            "openTickets" => &["open_ticket_count"],
            "avgResolutionTime" => &["resolved_ticket_count", "resolution_ms_total"],
            "overallSentiment" | "sentimentTrend" => {
                &["recent_score_count", "recent_score_sum", "newest_score_sum"]
            }
            _ => return None,
        })
    }
}

plain_fields!(
    Customer, of Entity:
    id, name, display_name, first_name, last_name, username, avatar_url, display_color,
    display_icon, email, phone, company, job_title, location, timezone, is_vip, priority_override,
    tags, internal_notes, status, sentiment, custom_fields, external_id, salesforce_contact_id, hubspot_contact_id,
    hubspot_company_id, total_tickets, open_tickets, avg_resolution_time, overall_sentiment,
    sentiment_trend, first_ticket_at, last_ticket_at, signed_up_at, created_at, updated_at, version
);
