//! What callers say of customers.

use async_graphql::{ID, InputObject, MaybeUndefined, OneofObject};

use super::{
    CustomerSentiment, CustomerStatus,
    address::{CustomerEmailInput, CustomerPhoneInput},
};
use crate::{
    graphql::{
        id,
        input::{patch, plain},
        scalars::{DateTime, JsonObject},
        ticket::Priority,
    },
    service::{UserError, customer as service},
};

/// How a customer is named: exactly one of these.
#[derive(Clone, Debug, OneofObject)]
pub enum CustomerIdentifier {
    /// By id.
    Id(ID),
    /// By email, without the case of A to Z.
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
    /// Name to be shown in place of it: at most 300 characters.
    display_name: MaybeUndefined<String>,
    /// Given name: at most 300 characters.
    first_name: MaybeUndefined<String>,
    /// Family name: at most 300 characters.
    last_name: MaybeUndefined<String>,
    /// Name in your own product: at most 300 characters.
    username: MaybeUndefined<String>,
    /// Where a picture is: at most 2 000 characters.
    avatar_url: MaybeUndefined<String>,
    /// Colour in which the customer is shown: at most 64 characters.
    display_color: MaybeUndefined<String>,
    /// Icon with which the customer is shown: at most 64 characters.
    display_icon: MaybeUndefined<String>,
    /// Primary address: at most 254 characters, unique in the workspace without case. It replaces the former primary one,
    /// which no longer finds the customer and is free for another. Other addresses, given with emails, stay. An empty text
    /// is refused; null takes the primary one away, and the next becomes it. Not together with emails.
    email: MaybeUndefined<String>,
    /// All addresses, in the place of those there were: at most 50. Without a primary one among them, the former one
    /// stays it, else the first becomes it.
    emails: MaybeUndefined<Vec<CustomerEmailInput>>,
    /// Primary telephone number: at most 64 characters, kept as given. It replaces the former primary one, as with email.
    /// Not together with phones.
    phone: MaybeUndefined<String>,
    /// All telephone numbers, in the place of those there were: at most 50.
    phones: MaybeUndefined<Vec<CustomerPhoneInput>>,
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
    /// Whether the customer is still one. Default ACTIVE.
    status: MaybeUndefined<CustomerStatus>,
    /// How the customer feels, as you see it. Default NEUTRAL.
    sentiment: MaybeUndefined<CustomerSentiment>,
    /// Merged key by key; a null value removes the key. Keys up to 64 characters, values up to 16 deep in one another,
    /// 64 KiB in all. null in place of the object removes all keys.
    custom_fields: MaybeUndefined<JsonObject>,
    /// Your own id of this customer: at most 255 characters, unique in the workspace, compared with case.
    external_id: MaybeUndefined<String>,
    /// When the customer signed up in your own product.
    signed_up_at: MaybeUndefined<DateTime>,
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
            display_name: plain(input.display_name),
            first_name: plain(input.first_name),
            last_name: plain(input.last_name),
            username: plain(input.username),
            avatar_url: plain(input.avatar_url),
            display_color: plain(input.display_color),
            display_icon: plain(input.display_icon),
            email: plain(input.email),
            emails: patch(input.emails, |list| list.into_iter().map(Into::into).collect()),
            phone: plain(input.phone),
            phones: patch(input.phones, |list| list.into_iter().map(Into::into).collect()),
            company: plain(input.company),
            job_title: plain(input.job_title),
            location: plain(input.location),
            timezone: plain(input.timezone),
            is_vip: plain(input.is_vip),
            priority_override: patch(input.priority_override, Into::into),
            tags: plain(input.tags),
            internal_notes: plain(input.internal_notes),
            status: patch(input.status, Into::into),
            sentiment: patch(input.sentiment, Into::into),
            custom_fields: patch(input.custom_fields, |fields| fields.0),
            external_id: plain(input.external_id),
            signed_up_at: patch(input.signed_up_at, |at: DateTime| at.0),
            salesforce_contact_id: plain(input.salesforce_contact_id),
            hubspot_contact_id: plain(input.hubspot_contact_id),
            hubspot_company_id: plain(input.hubspot_company_id),
        }
    }
}
