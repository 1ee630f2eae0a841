//! Customers.

mod address;
mod filter;
mod input;
mod listed;
mod mood;
mod mutation;
mod query;
mod search;

use std::borrow::Cow;

use async_graphql::{Context, ID, Object};
use entity::{NotRead, PartialRow, customer::Model};

pub use filter::{CustomerFilter, CustomerOrder};
pub use input::CustomerIdentifier;
pub use mutation::CustomerMutation;
pub use query::CustomerQuery;

use address::{CustomerEmail, CustomerPhone};
use listed::CustomerChildren;
use mood::{CustomerSentiment, CustomerStatus, OverallSentiment, SentimentTrend};

use super::{
    external_reference::{self, ExternalReference},
    ticket::Priority,
    workspace::{self, Workspace},
};
use crate::{
    auth::policy,
    graphql::{
        context::ContextExt,
        error::Result,
        listed::node,
        output::Compiled,
        scalars::{DateTime, JsonObject},
    },
    service::{
        customer::{Names, average_resolution_seconds, display_name},
        sentiment::{self, RecentScores},
    },
};

/// A customer, as the API shows it.
pub struct Customer(pub PartialRow<Model>);

node!(Customer(Model));

/// A person who contacts the helpdesk, with figures computed from their tickets and messages.
#[Object]
impl Customer {
    /// Opaque id. Begins with `cust_`.
    pub async fn id(&self) -> ID {
        self.0.id().into()
    }

    /// Workspace of the customer.
    async fn workspace(&self, ctx: &Context<'_>) -> Result<Compiled<Workspace>> {
        workspace::of(ctx, self.0.workspace_id()?).await
    }

    /// Full name. Null when none is set.
    async fn name(&self) -> Result<Option<&str>, NotRead> {
        self.0.name()
    }

    /// Name to show for the customer: the first available of the display name that was set, `name`,
    /// `firstName` and `lastName` or either alone, `email`, `externalId`, and the text `Customer`.
    pub async fn display_name(&self) -> Result<Cow<'_, str>, NotRead> {
        Ok(display_name(Names {
            display_name: self.0.display_name()?,
            name: self.0.name()?,
            first_name: self.0.first_name()?,
            last_name: self.0.last_name()?,
            email: self.0.email()?,
            external_id: self.0.external_id()?,
        }))
    }

    /// Given name. Null when none is set.
    async fn first_name(&self) -> Result<Option<&str>, NotRead> {
        self.0.first_name()
    }

    /// Family name. Null when none is set.
    async fn last_name(&self) -> Result<Option<&str>, NotRead> {
        self.0.last_name()
    }

    /// Username in the caller's own product. Null when none is set.
    async fn username(&self) -> Result<Option<&str>, NotRead> {
        self.0.username()
    }

    /// URL of a picture of the customer, as given. Null when none is set.
    async fn avatar_url(&self) -> Result<Option<&str>, NotRead> {
        self.0.avatar_url()
    }

    /// Color in which clients show the customer, as free text. Null when none is set.
    async fn display_color(&self) -> Result<Option<&str>, NotRead> {
        self.0.display_color()
    }

    /// Icon with which clients show the customer, as free text. Null when none is set.
    async fn display_icon(&self) -> Result<Option<&str>, NotRead> {
        self.0.display_icon()
    }

    /// Primary email address. Unique in the workspace, compared without the case of A to Z. Null when the
    /// customer has no address.
    async fn email(&self) -> Result<Option<&str>, NotRead> {
        self.0.email()
    }

    /// All email addresses, in the order in which they were given. Each is unique in the workspace, compared
    /// without the case of A to Z.
    async fn emails(&self) -> Result<Vec<CustomerEmail>, NotRead> {
        Ok(self.0.emails()?.0.iter().map(Into::into).collect())
    }

    /// Primary telephone number, as given. Null when the customer has no number.
    async fn phone(&self) -> Result<Option<&str>, NotRead> {
        self.0.phone()
    }

    /// All telephone numbers, in the order in which they were given.
    async fn phones(&self) -> Result<Vec<CustomerPhone>, NotRead> {
        Ok(self.0.phones()?.0.iter().map(Into::into).collect())
    }

    /// Company of the customer. Null when none is set.
    async fn company(&self) -> Result<Option<&str>, NotRead> {
        self.0.company()
    }

    /// Position of the customer in the company. Null when none is set.
    async fn job_title(&self) -> Result<Option<&str>, NotRead> {
        self.0.job_title()
    }

    /// Location or postal address as free text. Null when none is set.
    async fn location(&self) -> Result<Option<&str>, NotRead> {
        self.0.location()
    }

    /// IANA name of the customer's time zone, such as `Europe/Berlin`. Null when none is set.
    async fn timezone(&self) -> Result<Option<&str>, NotRead> {
        self.0.timezone()
    }

    /// True when the customer is marked as a VIP. Set by callers and imports. It does not change priorities
    /// or sort orders.
    async fn is_vip(&self) -> Result<bool, NotRead> {
        self.0.is_vip()
    }

    /// Priority of new tickets of the customer, unless `ticketCreate` gives one. Null when new tickets get
    /// the default, `MEDIUM`.
    async fn priority_override(&self) -> Result<Option<Priority>, NotRead> {
        Ok(self.0.priority_override()?.map(Into::into))
    }

    /// Tags of the customer, each once, in the order in which they were given. Tags are case-sensitive.
    async fn tags(&self) -> Result<&[String], NotRead> {
        Ok(&self.0.tags()?.0)
    }

    /// Notes about the customer for agents. Null when there are none, and for viewers without the grant
    /// `CUSTOMER_NOTES`. A customer never sees them.
    async fn internal_notes(&self, ctx: &Context<'_>) -> Result<Option<&str>, NotRead> {
        let notes = self.0.internal_notes()?;
        Ok(policy::notes(ctx.viewer()).ok().and(notes))
    }

    /// Status of the customer as set by callers and imports.
    async fn status(&self) -> Result<CustomerStatus, NotRead> {
        self.0.status().map(Into::into)
    }

    /// Mood of the customer as set by callers and imports, independent of messages and their language. For
    /// the mood computed from messages, see `overallSentiment`.
    async fn sentiment(&self) -> Result<CustomerSentiment, NotRead> {
        self.0.sentiment().map(Into::into)
    }

    /// Custom fields by key. Set by callers and imports. Empty when there are none.
    async fn custom_fields(&self) -> Result<JsonObject, NotRead> {
        Ok(JsonObject(self.0.custom_fields()?.0.clone()))
    }

    /// Id of the customer in the caller's own system, unique in the workspace and case-sensitive. Null when
    /// none is set.
    async fn external_id(&self) -> Result<Option<&str>, NotRead> {
        self.0.external_id()
    }

    /// Ids of the same customer in other systems, ordered by system and id. Set by imports and syncs. Empty
    /// when there are none.
    async fn external_references(&self, ctx: &Context<'_>) -> Result<Vec<ExternalReference>> {
        external_reference::of(ctx, self.0.id()).await
    }

    /// Id of the linked contact in Salesforce. Null when none is linked.
    async fn salesforce_contact_id(&self) -> Result<Option<&str>, NotRead> {
        self.0.salesforce_contact_id()
    }

    /// Id of the linked contact in HubSpot. Null when none is linked.
    async fn hubspot_contact_id(&self) -> Result<Option<&str>, NotRead> {
        self.0.hubspot_contact_id()
    }

    /// Id of the linked company in HubSpot. Null when none is linked.
    async fn hubspot_company_id(&self) -> Result<Option<&str>, NotRead> {
        self.0.hubspot_company_id()
    }

    /// Number of the customer's tickets, in any status.
    async fn total_tickets(&self) -> Result<i32, NotRead> {
        self.0.ticket_count()
    }

    /// Number of the customer's tickets that are `OPEN` or `PENDING`.
    async fn open_tickets(&self) -> Result<i32, NotRead> {
        self.0.open_ticket_count()
    }

    /// Mean time in seconds from `createdAt` to `resolvedAt` of the customer's tickets that are `SOLVED` or
    /// `CLOSED`, rounded to the nearest second, half a second up. Null when there is no such ticket.
    async fn avg_resolution_time(&self) -> Result<Option<i32>, NotRead> {
        let (count, total) = (self.0.resolved_ticket_count()?, self.0.resolution_ms_total()?);
        Ok(average_resolution_seconds(count, total))
    }

    /// Mood of the customer's recent messages, computed from the mean of the newest 10 scores: `POSITIVE` at
    /// 0.05 or more, `NEGATIVE` at -0.05 or less, `NEUTRAL` in between. An inbound message in English that is
    /// not internal receives VADER's compound score, from -1 to 1, when it is written. Messages in other
    /// languages have no score. A message in Latin script with fewer than 20 letters, or in an uncertain
    /// language, counts as written in the language of the previous inbound message in the conversation, and
    /// as English when there is none. The operator can turn the scores off. Null when no message has a score.
    async fn overall_sentiment(&self) -> Result<Option<OverallSentiment>, NotRead> {
        Ok(sentiment::overall(self.recent_scores()?).map(Into::into))
    }

    /// Trend of the customer's mood: the mean of the newest 5 scores compared with the mean of the 5 scores
    /// before. `IMPROVING` when it is higher by 0.05 or more, `DECLINING` when it is lower by 0.05 or more,
    /// otherwise `STABLE`. The scores are those of `overallSentiment`. Null with fewer than 10 scores.
    async fn sentiment_trend(&self) -> Result<Option<SentimentTrend>, NotRead> {
        Ok(sentiment::trend(self.recent_scores()?).map(Into::into))
    }

    /// Time when the customer's first ticket was created, in UTC. Null when the customer has no ticket.
    async fn first_ticket_at(&self) -> Result<Option<DateTime>, NotRead> {
        Ok(self.0.first_ticket_at()?.map(Into::into))
    }

    /// Time when the customer's newest ticket was created, in UTC. Null when the customer has no ticket.
    async fn last_ticket_at(&self) -> Result<Option<DateTime>, NotRead> {
        Ok(self.0.last_ticket_at()?.map(Into::into))
    }

    /// Time when the customer signed up in the caller's own product, in UTC. Null when none is set.
    async fn signed_up_at(&self) -> Result<Option<DateTime>, NotRead> {
        Ok(self.0.signed_up_at()?.map(Into::into))
    }

    /// Time when the customer was created, in UTC. For imported data, the time from the source system if it
    /// has one.
    async fn created_at(&self) -> Result<DateTime, NotRead> {
        self.0.created_at().map(Into::into)
    }

    /// Time when a field of the customer last changed, in UTC. Computed figures do not change it.
    async fn updated_at(&self) -> Result<DateTime, NotRead> {
        self.0.updated_at().map(Into::into)
    }

    /// Version of the customer. It starts at 1 and increases by 1 with each update that changes a field. Pass
    /// it as `ifVersion` to detect concurrent changes.
    async fn version(&self) -> Result<i32, NotRead> {
        self.0.version()
    }

    /// Lists of rows that point to the customer.
    #[graphql(flatten)]
    async fn children(&self) -> CustomerChildren {
        CustomerChildren(self.0.id().into())
    }
}

impl Customer {
    /// Returns the sums from which the mood of recent messages is computed.
    fn recent_scores(&self) -> Result<RecentScores, NotRead> {
        Ok(RecentScores {
            count: self.0.recent_score_count()?,
            sum: self.0.recent_score_sum()?,
            newest_sum: self.0.newest_score_sum()?,
        })
    }
}
