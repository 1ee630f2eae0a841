//! Input of mutations of customers.

use async_graphql::{ID, InputObject, MaybeUndefined, OneofObject};

use super::{
    CustomerSentiment, CustomerStatus,
    address::{CustomerEmailInput, CustomerPhoneInput},
};
use crate::{
    graphql::{
        id,
        input::{each, input_object, value},
        nouns::ticket::Priority,
        scalars::{DateTime, JsonObject},
    },
    service::{UserError, customer as service},
};

/// Identifies a customer by exactly one of these fields.
#[derive(Clone, Debug, OneofObject)]
pub enum CustomerIdentifier {
    /// Id of the customer in Deskgraph.
    Id(ID),
    /// One of the customer's email addresses, primary or not, compared without the case of A to Z.
    Email(String),
    /// Id of the customer in the caller's own system, compared with case: 1 to 255 characters.
    ExternalId(String),
}

impl CustomerIdentifier {
    /// Converts the identifier for the use case.
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

input_object! {
    /// Fields of a customer. In an update and an upsert, fields that are omitted keep their value. Null or a
    /// blank text clears a field, unless its description says otherwise.
    CustomerInput of service::CustomerFields {
        /// Full name: up to 300 characters.
        name: MaybeUndefined<String> => value,
        /// Name to show instead of `name`: up to 300 characters.
        display_name: MaybeUndefined<String> => value,
        /// Given name: up to 300 characters.
        first_name: MaybeUndefined<String> => value,
        /// Family name: up to 300 characters.
        last_name: MaybeUndefined<String> => value,
        /// Username in the caller's own product: up to 300 characters.
        username: MaybeUndefined<String> => value,
        /// URL of a picture: up to 2000 characters. It is stored as given.
        avatar_url: MaybeUndefined<String> => value,
        /// Color in which clients show the customer, as free text: up to 64 characters.
        display_color: MaybeUndefined<String> => value,
        /// Icon with which clients show the customer, as free text: up to 64 characters.
        display_icon: MaybeUndefined<String> => value,
        /// Primary email address: up to 254 characters. Unique in the workspace, compared without the case of A
        /// to Z. It replaces the present primary address, which no longer belongs to the customer; the other
        /// addresses stay. Null removes the primary address, and the first of the remaining addresses becomes
        /// primary. An empty text is refused with `REQUIRED`. Cannot be combined with `emails`.
        email: MaybeUndefined<String> => value,
        /// All email addresses: up to 50. The list replaces the present addresses. An empty list or null removes
        /// all addresses. When no address is marked as primary, the present primary address stays primary if the
        /// list contains it; otherwise the first address becomes primary. Cannot be combined with `email`.
        emails: MaybeUndefined<Vec<CustomerEmailInput>> => each,
        /// Primary telephone number: up to 64 characters, stored as given. It replaces the present primary
        /// number, which no longer belongs to the customer; the other numbers stay. Null or a blank text removes
        /// the primary number, and the first of the remaining numbers becomes primary. Cannot be combined with
        /// `phones`.
        phone: MaybeUndefined<String> => value,
        /// All telephone numbers: up to 50. The list replaces the present numbers. An empty list or null removes
        /// all numbers. When no number is marked as primary, the present primary number stays primary if the list
        /// contains it; otherwise the first number becomes primary. Cannot be combined with `phone`.
        phones: MaybeUndefined<Vec<CustomerPhoneInput>> => each,
        /// Company: up to 300 characters.
        company: MaybeUndefined<String> => value,
        /// Position of the customer in the company: up to 300 characters.
        job_title: MaybeUndefined<String> => value,
        /// Location or postal address as free text: up to 300 characters.
        location: MaybeUndefined<String> => value,
        /// IANA name of the customer's time zone, such as `Europe/Berlin`. An unknown name is refused with
        /// `INVALID`.
        timezone: MaybeUndefined<String> => value,
        /// True marks the customer as a VIP. Null sets the default, false.
        is_vip: MaybeUndefined<bool> => value,
        /// Priority of new tickets of the customer, unless `ticketCreate` gives one. Null restores the default,
        /// `MEDIUM`.
        priority_override: MaybeUndefined<Priority> => value,
        /// Tags that replace the current ones: up to 50, each 1 to 64 characters. Surrounding spaces and
        /// duplicates are removed. Null or an empty list removes all tags.
        tags: MaybeUndefined<Vec<String>> => value,
        /// Notes about the customer for agents: up to 20000 characters. Refused with `FORBIDDEN` without the
        /// grant `CUSTOMER_NOTES`.
        internal_notes: MaybeUndefined<String> => value,
        /// Status of the customer. Null sets the default, `ACTIVE`.
        status: MaybeUndefined<CustomerStatus> => value,
        /// Mood of the customer, in the judgment of the caller. Null sets the default, `NEUTRAL`.
        sentiment: MaybeUndefined<CustomerSentiment> => value,
        /// Custom fields to merge by key. A key with a null value is removed; null in place of the object removes
        /// all keys. Keys have 1 to 64 characters, values nest up to 16 levels deep, and all fields of one object
        /// together have up to 64 KiB as JSON.
        custom_fields: MaybeUndefined<JsonObject> => value,
        /// Id of the customer in the caller's own system: up to 255 characters. Unique in the workspace, compared
        /// with case.
        external_id: MaybeUndefined<String> => value,
        /// Time when the customer signed up in the caller's own product. Null clears the time.
        signed_up_at: MaybeUndefined<DateTime> => value,
        /// Id of the linked contact in Salesforce: up to 255 characters.
        salesforce_contact_id: MaybeUndefined<String> => value,
        /// Id of the linked contact in HubSpot: up to 255 characters.
        hubspot_contact_id: MaybeUndefined<String> => value,
        /// Id of the linked company in HubSpot: up to 255 characters.
        hubspot_company_id: MaybeUndefined<String> => value,
    }
}

impl CustomerInput {
    /// Converts the input of `customerUpsert`.
    pub fn upsert(
        mut self,
        workspace: Option<&ID>,
        identifier: Option<CustomerIdentifier>,
    ) -> Result<service::UpsertCustomer, UserError> {
        Ok(service::UpsertCustomer {
            workspace: id::workspace(workspace)?,
            identifier: identifier.map(|one| one.read(&["identifier"])).transpose()?,
            fields: self.fields()?,
        })
    }

    /// Converts the input of `customerCreate`.
    pub fn create(mut self, workspace: Option<&ID>) -> Result<service::CreateCustomer, UserError> {
        Ok(service::CreateCustomer {
            workspace: id::workspace(workspace)?,
            fields: self.fields()?,
        })
    }

    /// Converts the input of `customerUpdate`.
    pub fn update(mut self, id: &ID, if_version: Option<i32>) -> Result<service::UpdateCustomer, UserError> {
        Ok(service::UpdateCustomer {
            id: id::input(&["id"], id)?,
            if_version,
            fields: self.fields()?,
        })
    }
}
