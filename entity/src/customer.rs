//! Table `customer`: people who ask, with the figures that are kept up to date in the writing transaction.

use sea_orm::entity::prelude::*;

use crate::{CustomFields, CustomerId, Emails, Phones, Tags, Timestamp, WorkspaceId, ticket::Priority};

/// Whether a customer is still one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum Status {
    /// Is one.
    #[default]
    #[sea_orm(num_value = 1)]
    Active,
    /// Was one.
    #[sea_orm(num_value = 2)]
    Inactive,
}

/// How a customer feels, as an agent put it down. Nothing computes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum Sentiment {
    /// Content.
    #[sea_orm(num_value = 1)]
    Happy,
    /// Neither nor: the default.
    #[default]
    #[sea_orm(num_value = 2)]
    Neutral,
    /// Has had enough.
    #[sea_orm(num_value = 3)]
    Frustrated,
    /// Beyond that.
    #[sea_orm(num_value = 4)]
    Angry,
}

/// One customer of one workspace.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "customer")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CustomerId,
    /// The workspace that the customer belongs to.
    pub workspace_id: WorkspaceId,
    /// Full name.
    pub name: Option<String>,
    /// `name` folded, empty without one: what is compared and sorted.
    pub name_key: String,
    /// Name to be shown in place of `name`.
    pub display_name: Option<String>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Name in the caller's own product.
    pub username: Option<String>,
    /// Where a picture is.
    pub avatar_url: Option<String>,
    /// Colour in which the customer is shown.
    pub display_color: Option<String>,
    /// Icon with which the customer is shown.
    pub display_icon: Option<String>,
    /// The primary one of `emails`.
    pub email: Option<String>,
    /// `email` in lower case, empty without one: what is searched and sorted.
    pub email_key: String,
    /// All addresses. Their keys are in the table `customer_address`, where each is unique in the workspace.
    pub emails: Emails,
    /// The primary one of `phones`.
    pub phone: Option<String>,
    /// All telephone numbers.
    pub phones: Phones,
    /// Company.
    pub company: Option<String>,
    /// `company` folded, empty without one.
    pub company_key: String,
    /// Position in the company.
    pub job_title: Option<String>,
    /// Place as text.
    pub location: Option<String>,
    /// IANA name.
    pub timezone: Option<String>,
    /// Whether the customer is to be treated with priority.
    pub is_vip: bool,
    /// Priority of this customer's new tickets.
    pub priority_override: Option<Priority>,
    /// Labels.
    pub tags: Tags,
    /// Notes between agents.
    pub internal_notes: Option<String>,
    /// Whether the customer is still one.
    pub status: Status,
    /// How the customer feels, as an agent put it down.
    pub sentiment: Sentiment,
    /// Whatever the team keeps beside.
    pub custom_fields: CustomFields,
    /// The caller's own id of this customer: unique in the workspace.
    pub external_id: Option<String>,
    /// Id of the linked Salesforce contact.
    pub salesforce_contact_id: Option<String>,
    /// Id of the linked `HubSpot` contact.
    pub hubspot_contact_id: Option<String>,
    /// Id of the linked `HubSpot` company.
    pub hubspot_company_id: Option<String>,
    /// How many tickets the customer has.
    pub ticket_count: i32,
    /// How many of them are open or pending.
    pub open_ticket_count: i32,
    /// How many of them are solved or closed.
    pub resolved_ticket_count: i32,
    /// Milliseconds from creation to resolution, summed over the solved and closed tickets.
    pub resolution_ms_total: i64,
    /// When the first ticket was made.
    pub first_ticket_at: Option<Timestamp>,
    /// When the newest ticket was made.
    pub last_ticket_at: Option<Timestamp>,
    /// How many of the newest ten scored inbound messages there are: 0 to 10.
    pub recent_score_count: i32,
    /// Sum of the scores of those messages, in ten-thousandths.
    pub recent_score_sum: i32,
    /// Sum of the scores of the newest five of them, in ten-thousandths.
    pub newest_score_sum: i32,
    /// When the customer signed up in the caller's own product.
    pub signed_up_at: Option<Timestamp>,
    /// When the customer was made.
    pub created_at: Timestamp,
    /// When a field of the customer last changed; the figures above do not count.
    pub updated_at: Timestamp,
    /// Advanced by one with `updated_at`.
    pub version: i32,
}

impl ActiveModelBehavior for ActiveModel {}
