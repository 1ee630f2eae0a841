//! Customers in lists: how they are sorted, which lists belong to them and which columns their fields read.

use entity::customer::Entity;

use super::{Customer, CustomerFilter, CustomerOrder};
use crate::{
    graphql::{
        listed::{ChildList, Listed},
        output::plain_fields,
        relations::{self, children},
    },
    store::{
        Order, conversation::ConversationParent, customer::CustomerSort, message::MessageParent,
        ticket::TicketParent,
    },
};

impl Listed for Entity {
    type Node = Customer;
    type FilterInput = CustomerFilter;
    type OrderInput = CustomerOrder;
    const NAME: &'static str = "Customer";
    const DEFAULT_ORDER: Order<CustomerSort> = Order {
        field: CustomerSort::CreatedAt,
        descending: true,
    };
    const CHILDREN: &'static [&'static dyn ChildList<Self>] = CustomerChildren::ALL;

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

children! {
    CustomerChildren of Entity;

    /// Tickets of the customer, newest first by default.
    tickets: ticket where parent: TicketParent::Customer;

    /// Conversations with the customer, newest first by default.
    conversations: conversation where parent: ConversationParent::Customer;

    /// Messages of all conversations with the customer, oldest first by default. Internal messages are
    /// included only for viewers with the grant `CUSTOMER_NOTES`.
    messages: message where parent: MessageParent::Customer;
}

plain_fields!(
    Customer, relations::of::<Entity>:
    id, name, display_name, first_name, last_name, username, avatar_url, display_color,
    display_icon, email, phone, company, job_title, location, timezone, is_vip, priority_override,
    tags, internal_notes, status, sentiment, custom_fields, external_id, salesforce_contact_id, hubspot_contact_id,
    hubspot_company_id, total_tickets, open_tickets, avg_resolution_time, overall_sentiment,
    sentiment_trend, first_ticket_at, last_ticket_at, signed_up_at, created_at, updated_at, version
);
