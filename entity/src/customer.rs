//! Table `customer`: people who contact support. Writing transactions update the figures in these rows.

use sea_orm::entity::prelude::*;

use crate::{CustomFields, CustomerId, Emails, Phones, Tags, Timestamp, WorkspaceId, ticket::Priority};

/// Status of a customer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, entity::Word)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum Status {
    /// Current customer.
    #[default]
    #[sea_orm(num_value = 1)]
    Active,
    /// Former customer.
    #[sea_orm(num_value = 2)]
    Inactive,
}

/// Mood of a customer, as an agent sets it. It is never computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, entity::Word)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum Sentiment {
    /// Satisfied.
    #[sea_orm(num_value = 1)]
    Happy,
    /// Neutral. The default.
    #[default]
    #[sea_orm(num_value = 2)]
    Neutral,
    /// Frustrated.
    #[sea_orm(num_value = 3)]
    Frustrated,
    /// Angry.
    #[sea_orm(num_value = 4)]
    Angry,
}

/// One customer of one workspace.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "customer", model_attrs(derive(entity::Row, Default)))]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CustomerId,
    /// Workspace of the customer.
    pub workspace_id: WorkspaceId,
    /// Full name.
    pub name: Option<String>,
    /// `name` in folded form for comparison and sorting. Empty without a name.
    pub name_key: String,
    /// Name to display instead of `name`.
    pub display_name: Option<String>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Name in the caller's own product.
    pub username: Option<String>,
    /// URL of a picture.
    pub avatar_url: Option<String>,
    /// Display colour of the customer.
    pub display_color: Option<String>,
    /// Display icon of the customer.
    pub display_icon: Option<String>,
    /// Primary address of `emails`.
    pub email: Option<String>,
    /// `email` in lower case for search and sorting. Empty without an address.
    pub email_key: String,
    /// All email addresses. The table `customer_address` stores their keys, which are unique in the
    /// workspace.
    pub emails: Emails,
    /// Primary number of `phones`.
    pub phone: Option<String>,
    /// All phone numbers.
    pub phones: Phones,
    /// Company.
    pub company: Option<String>,
    /// `company` in folded form. Empty without a company.
    pub company_key: String,
    /// Position in the company.
    pub job_title: Option<String>,
    /// Location as free text.
    pub location: Option<String>,
    /// IANA name of the time zone.
    pub timezone: Option<String>,
    /// Whether the customer has priority treatment.
    pub is_vip: bool,
    /// Priority of new tickets of this customer.
    pub priority_override: Option<Priority>,
    /// Labels.
    pub tags: Tags,
    /// Notes for agents.
    pub internal_notes: Option<String>,
    /// Status of the customer.
    pub status: Status,
    /// Mood of the customer, as an agent sets it.
    pub sentiment: Sentiment,
    /// Custom fields of the customer.
    pub custom_fields: CustomFields,
    /// Id in the caller's system. Unique in the workspace.
    pub external_id: Option<String>,
    /// Id of the linked Salesforce contact.
    pub salesforce_contact_id: Option<String>,
    /// Id of the linked `HubSpot` contact.
    pub hubspot_contact_id: Option<String>,
    /// Id of the linked `HubSpot` company.
    pub hubspot_company_id: Option<String>,
    /// Number of tickets.
    pub ticket_count: i32,
    /// Number of open and pending tickets.
    pub open_ticket_count: i32,
    /// Number of solved and closed tickets.
    pub resolved_ticket_count: i32,
    /// Total time from creation to resolution of the solved and closed tickets, in milliseconds.
    pub resolution_ms_total: i64,
    /// Time when the first ticket was created.
    pub first_ticket_at: Option<Timestamp>,
    /// Time when the newest ticket was created.
    pub last_ticket_at: Option<Timestamp>,
    /// Number of messages in `recent_score_sum`, 0 to 10.
    pub recent_score_count: i32,
    /// Sum of the scores of the newest ten scored inbound messages, in ten-thousandths.
    pub recent_score_sum: i32,
    /// Sum of the scores of the newest five of them, in ten-thousandths.
    pub newest_score_sum: i32,
    /// Time when the customer signed up in the caller's own product.
    pub signed_up_at: Option<Timestamp>,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Time when a field of the customer last changed. Changes of the figures above do not change it.
    pub updated_at: Timestamp,
    /// Version. Each change of `updated_at` increments it by one.
    pub version: i32,
}

impl ActiveModelBehavior for ActiveModel {}
