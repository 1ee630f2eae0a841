//! What callers say of customers.

use async_graphql::{ID, InputObject, MaybeUndefined, OneofObject};

use crate::{
    graphql::{
        id,
        input::{patch, plain},
        ticket::Priority,
    },
    service::{UserError, customer as service},
};

/// How a customer is named: exactly one of these.
#[derive(Clone, Debug, OneofObject)]
pub enum CustomerIdentifier {
    /// By id.
    Id(ID),
    /// By email, without case.
    Email(String),
    /// By the caller's own id.
    ExternalId(String),
}

impl CustomerIdentifier {
    /// As a use case takes it.
    pub fn read(self, path: &[&str]) -> Result<service::CustomerIdentifier, UserError> {
        Ok(match self {
            Self::Id(raw) => {
                let path: Vec<&str> = path.iter().copied().chain(["id"]).collect();
                service::CustomerIdentifier::Id(id::input(&path, &raw)?)
            }
            Self::Email(email) => service::CustomerIdentifier::Email(email),
            Self::ExternalId(id) => service::CustomerIdentifier::ExternalId(id),
        })
    }
}

/// What is known of a customer. In an update and an upsert an absent field is left alone, and null or an empty text
/// clears it.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerInput {
    /// Full name: at most 300 characters.
    name: MaybeUndefined<String>,
    /// Address: at most 254 characters, unique in the workspace without case. An empty text is refused; null clears.
    email: MaybeUndefined<String>,
    /// Telephone number: at most 64 characters, kept as given.
    phone: MaybeUndefined<String>,
    /// Company: at most 300 characters.
    company: MaybeUndefined<String>,
    /// Position in the company: at most 300 characters.
    job_title: MaybeUndefined<String>,
    /// Place or address: at most 300 characters.
    location: MaybeUndefined<String>,
    /// IANA name, such as Europe/Berlin.
    timezone: MaybeUndefined<String>,
    /// To be treated with priority. Default false.
    is_vip: MaybeUndefined<bool>,
    /// Priority that this customer's new tickets get.
    priority_override: MaybeUndefined<Priority>,
    /// Labels: at most 50, of at most 64 characters each. Replaces all labels there were.
    tags: MaybeUndefined<Vec<String>>,
    /// Notes between agents: at most 20 000 characters. Needs the grant customer:notes.
    internal_notes: MaybeUndefined<String>,
    /// Linked Salesforce contact: at most 255 characters.
    salesforce_contact_id: MaybeUndefined<String>,
    /// Linked HubSpot contact: at most 255 characters.
    hubspot_contact_id: MaybeUndefined<String>,
    /// Linked HubSpot company: at most 255 characters.
    hubspot_company_id: MaybeUndefined<String>,
}

impl From<CustomerInput> for service::CustomerFields {
    fn from(input: CustomerInput) -> Self {
        Self {
            name: plain(input.name),
            email: plain(input.email),
            phone: plain(input.phone),
            company: plain(input.company),
            job_title: plain(input.job_title),
            location: plain(input.location),
            timezone: plain(input.timezone),
            is_vip: plain(input.is_vip),
            priority_override: patch(input.priority_override, Into::into),
            tags: plain(input.tags),
            internal_notes: plain(input.internal_notes),
            salesforce_contact_id: plain(input.salesforce_contact_id),
            hubspot_contact_id: plain(input.hubspot_contact_id),
            hubspot_company_id: plain(input.hubspot_company_id),
        }
    }
}
