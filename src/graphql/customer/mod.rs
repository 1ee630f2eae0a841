//! Customers.

mod address;
mod filter;
mod input;
mod mood;
mod mutation;
mod query;
mod search;

use std::{borrow::Cow, sync::Arc};

use async_graphql::{Context, ID, Object};
use entity::customer::{Entity, Model};

pub use filter::CustomerFilter;
pub use input::CustomerIdentifier;
pub use mutation::CustomerMutation;
pub use query::CustomerQuery;

use address::{CustomerEmail, CustomerPhone};
use mood::{CustomerSentiment, CustomerStatus, OverallSentiment, SentimentTrend};

use super::{
    context::ContextExt,
    conversation::{ConversationFilter, ConversationOrder},
    error::{Result, gone},
    external_reference::{self, ExternalReference},
    loaders::{ChildSlots, CustomerById, Loaders},
    message::{MessageFilter, MessageOrder},
    output::{Compiled, plain_fields},
    pagination::{Connection, Listed, PageArguments, children, node},
    relations::{ChildList, Children},
    scalars::{DateTime, JsonObject},
    ticket::{Priority, TicketFilter, TicketOrder},
    workspace::{self, Workspace},
};
use crate::{
    auth::policy,
    service::{
        customer::{average_resolution_seconds, display_name},
        sentiment,
    },
    store::{
        conversation::ConversationParent, customer::CustomerSort, message::MessageParent,
        ticket::TicketParent,
    },
};

/// A person who asks.
pub struct Customer(pub Arc<Model>);

node!(Customer(Model));

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

    fn sort_tag(sort: CustomerSort) -> u8 {
        match sort {
            CustomerSort::CreatedAt => 0,
            CustomerSort::UpdatedAt => 1,
            CustomerSort::Name => 2,
            CustomerSort::Email => 3,
            CustomerSort::Company => 4,
            CustomerSort::LastTicketAt => 5,
        }
    }

    fn sorts_text(sort: CustomerSort) -> bool {
        matches!(
            sort,
            CustomerSort::Name | CustomerSort::Email | CustomerSort::Company
        )
    }

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

/// A person who asks, with figures computed from its tickets and messages.
#[Object]
impl Customer {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// The workspace that the customer belongs to.
    async fn workspace(&self, ctx: &Context<'_>) -> Result<Compiled<Workspace>> {
        workspace::of(ctx, self.0.workspace_id).await
    }

    /// Full name.
    async fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// Given, else name, else first and last name, else email.
    async fn display_name(&self) -> Cow<'_, str> {
        display_name(&self.0)
    }

    /// Given name.
    async fn first_name(&self) -> Option<&str> {
        self.0.first_name.as_deref()
    }

    /// Family name.
    async fn last_name(&self) -> Option<&str> {
        self.0.last_name.as_deref()
    }

    /// Name in the caller's own product.
    async fn username(&self) -> Option<&str> {
        self.0.username.as_deref()
    }

    /// Where a picture is, as given.
    async fn avatar_url(&self) -> Option<&str> {
        self.0.avatar_url.as_deref()
    }

    /// Colour in which the customer is shown.
    async fn display_color(&self) -> Option<&str> {
        self.0.display_color.as_deref()
    }

    /// Icon with which the customer is shown.
    async fn display_icon(&self) -> Option<&str> {
        self.0.display_icon.as_deref()
    }

    /// The primary address; unique in the workspace, compared without the case of A to Z.
    async fn email(&self) -> Option<&str> {
        self.0.email.as_deref()
    }

    /// All addresses, in the order given; each unique in the workspace, compared without the case of A to Z.
    async fn emails(&self) -> Vec<CustomerEmail> {
        self.0.emails.0.iter().map(Into::into).collect()
    }

    /// The primary telephone number as given.
    async fn phone(&self) -> Option<&str> {
        self.0.phone.as_deref()
    }

    /// All telephone numbers, in the order given.
    async fn phones(&self) -> Vec<CustomerPhone> {
        self.0.phones.0.iter().map(Into::into).collect()
    }

    /// Company.
    async fn company(&self) -> Option<&str> {
        self.0.company.as_deref()
    }

    /// Position in the company.
    async fn job_title(&self) -> Option<&str> {
        self.0.job_title.as_deref()
    }

    /// Place or address as text.
    async fn location(&self) -> Option<&str> {
        self.0.location.as_deref()
    }

    /// IANA name, checked.
    async fn timezone(&self) -> Option<&str> {
        self.0.timezone.as_deref()
    }

    /// To be treated with priority.
    async fn is_vip(&self) -> bool {
        self.0.is_vip
    }

    /// Priority that this customer's new tickets get.
    async fn priority_override(&self) -> Option<Priority> {
        self.0.priority_override.map(Into::into)
    }

    /// Labels, in the order given.
    async fn tags(&self) -> &[String] {
        &self.0.tags.0
    }

    /// Needs the grant customer:notes; null without it. Never shown to the customer.
    async fn internal_notes(&self, ctx: &Context<'_>) -> Option<&str> {
        policy::notes(ctx.viewer())
            .ok()
            .and(self.0.internal_notes.as_deref())
    }

    /// Whether the customer is still one.
    async fn status(&self) -> CustomerStatus {
        self.0.status.into()
    }

    /// How the customer feels, set by hand: the language of messages plays no part. See overallSentiment for what messages
    /// in English say.
    async fn sentiment(&self) -> CustomerSentiment {
        self.0.sentiment.into()
    }

    /// Whatever the team keeps beside, by key.
    async fn custom_fields(&self) -> JsonObject {
        JsonObject(self.0.custom_fields.0.clone())
    }

    /// The caller's own id of this customer; unique in the workspace.
    async fn external_id(&self) -> Option<&str> {
        self.0.external_id.as_deref()
    }

    /// Where the same customer lives in other systems; filled by imports.
    async fn external_references(&self, ctx: &Context<'_>) -> Result<Vec<ExternalReference>> {
        external_reference::of(ctx, self.0.id).await
    }

    /// Linked Salesforce contact.
    async fn salesforce_contact_id(&self) -> Option<&str> {
        self.0.salesforce_contact_id.as_deref()
    }

    /// Linked HubSpot contact.
    async fn hubspot_contact_id(&self) -> Option<&str> {
        self.0.hubspot_contact_id.as_deref()
    }

    /// Linked HubSpot company.
    async fn hubspot_company_id(&self) -> Option<&str> {
        self.0.hubspot_company_id.as_deref()
    }

    /// How many tickets the customer has.
    async fn total_tickets(&self) -> i32 {
        self.0.ticket_count
    }

    /// Tickets OPEN or PENDING.
    async fn open_tickets(&self) -> i32 {
        self.0.open_ticket_count
    }

    /// Mean seconds from createdAt to resolvedAt over tickets now SOLVED or CLOSED, rounded half up; null when none.
    async fn avg_resolution_time(&self) -> Option<i32> {
        average_resolution_seconds(&self.0)
    }

    /// How the customer sounds. Each inbound message in English gets VADER's compound score, from -1 to 1, when it is
    /// written. This is the sign of the mean of the newest 10 scores: POSITIVE from 0.05, NEGATIVE from -0.05, NEUTRAL
    /// between. Messages in other languages have no score and do not count. A message of fewer than 20 letters, or whose
    /// language is uncertain, counts as written in the language of the customer's messages before it in the conversation,
    /// and as English where there are none. Null without a scored message.
    async fn overall_sentiment(&self) -> Option<OverallSentiment> {
        sentiment::overall(&self.0).map(Into::into)
    }

    /// The mean of the newest 5 scores against that of the 5 before: IMPROVING when it is higher by 0.05 or more,
    /// DECLINING when it is lower by 0.05 or more, else STABLE. Only messages in English have a score, as for
    /// overallSentiment. Null with fewer than 10 scored messages.
    async fn sentiment_trend(&self) -> Option<SentimentTrend> {
        sentiment::trend(&self.0).map(Into::into)
    }

    /// When the first ticket was made.
    async fn first_ticket_at(&self) -> Option<DateTime> {
        self.0.first_ticket_at.map(Into::into)
    }

    /// When the newest ticket was made.
    async fn last_ticket_at(&self) -> Option<DateTime> {
        self.0.last_ticket_at.map(Into::into)
    }

    /// When the customer signed up in the caller's own product.
    async fn signed_up_at(&self) -> Option<DateTime> {
        self.0.signed_up_at.map(Into::into)
    }

    /// When the customer was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When a field of the customer last changed. Computed figures do not count.
    async fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }

    /// Advanced by one with each change of a field.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// The customer's tickets.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn tickets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only tickets that fit.")] filter: Option<TicketFilter>,
        #[graphql(desc = "Default: CREATED_AT DESC.")] order_by: Option<TicketOrder>,
        #[graphql(desc = "Number of items from the start of the list: 0 to 100. Default: 20.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Cursor of an item. The page starts after that item.")] after: Option<String>,
        #[graphql(
            desc = "Number of items from the end of the list: 0 to 100. Cannot be combined with `first`."
        )]
        last: Option<i32>,
        #[graphql(desc = "Cursor of an item. The page ends before that item.")] before: Option<String>,
    ) -> Result<Connection<entity::ticket::Entity>> {
        let page = PageArguments {
            first,
            after,
            last,
            before,
            offset: None,
        };
        children(
            ctx,
            TicketParent::Customer,
            self.0.id.into(),
            filter,
            order_by,
            page,
        )
        .await
    }

    /// The conversations with the customer.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn conversations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only conversations that fit.")] filter: Option<ConversationFilter>,
        #[graphql(desc = "Default: CREATED_AT DESC.")] order_by: Option<ConversationOrder>,
        #[graphql(desc = "Number of items from the start of the list: 0 to 100. Default: 20.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Cursor of an item. The page starts after that item.")] after: Option<String>,
        #[graphql(
            desc = "Number of items from the end of the list: 0 to 100. Cannot be combined with `first`."
        )]
        last: Option<i32>,
        #[graphql(desc = "Cursor of an item. The page ends before that item.")] before: Option<String>,
    ) -> Result<Connection<entity::conversation::Entity>> {
        let page = PageArguments {
            first,
            after,
            last,
            before,
            offset: None,
        };
        children(
            ctx,
            ConversationParent::Customer,
            self.0.id.into(),
            filter,
            order_by,
            page,
        )
        .await
    }

    /// The messages of all conversations with the customer.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only messages that fit.")] filter: Option<MessageFilter>,
        #[graphql(desc = "Default: CREATED_AT ASC.")] order_by: Option<MessageOrder>,
        #[graphql(desc = "Number of items from the start of the list: 0 to 100. Default: 20.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Cursor of an item. The page starts after that item.")] after: Option<String>,
        #[graphql(
            desc = "Number of items from the end of the list: 0 to 100. Cannot be combined with `first`."
        )]
        last: Option<i32>,
        #[graphql(desc = "Cursor of an item. The page ends before that item.")] before: Option<String>,
    ) -> Result<Connection<entity::message::Entity>> {
        let page = PageArguments {
            first,
            after,
            last,
            before,
            offset: None,
        };
        children(
            ctx,
            MessageParent::Customer,
            self.0.id.into(),
            filter,
            order_by,
            page,
        )
        .await
    }
}

/// The customer of a row that the viewer was given.
pub async fn of(ctx: &Context<'_>, id: entity::CustomerId) -> Result<Compiled<Customer>> {
    let found = ctx.loaders().load(CustomerById(id)).await?;
    found.map(Customer).map(Compiled).ok_or_else(|| gone("customer"))
}
