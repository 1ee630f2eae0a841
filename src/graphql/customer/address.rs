//! Addresses and telephone numbers of customers, shown and given.

use async_graphql::{InputObject, SimpleObject};

use crate::service::customer as service;

/// An address of a customer.
#[derive(Clone, Debug, SimpleObject)]
pub struct CustomerEmail {
    /// The address as given.
    email: String,
    /// What kind it is, as free text: home, work, ...
    #[graphql(name = "type")]
    kind: Option<String>,
    /// Somebody made sure that it is the customer's.
    verified: bool,
    /// The one to write to: the customer's email.
    primary: bool,
}

/// A telephone number of a customer.
#[derive(Clone, Debug, SimpleObject)]
pub struct CustomerPhone {
    /// The number as given.
    phone: String,
    /// What kind it is, as free text: home, work, ...
    #[graphql(name = "type")]
    kind: Option<String>,
    /// The one to call: the customer's phone.
    primary: bool,
}

impl From<&entity::Email> for CustomerEmail {
    fn from(one: &entity::Email) -> Self {
        Self {
            email: one.email.clone(),
            kind: one.kind.clone(),
            verified: one.verified,
            primary: one.primary,
        }
    }
}

impl From<&entity::Phone> for CustomerPhone {
    fn from(one: &entity::Phone) -> Self {
        Self {
            phone: one.phone.clone(),
            kind: one.kind.clone(),
            primary: one.primary,
        }
    }
}

/// An address of a customer.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerEmailInput {
    /// The address: at most 254 characters.
    email: String,
    /// What kind it is, as free text: at most 64 characters.
    #[graphql(name = "type")]
    kind: Option<String>,
    /// Somebody made sure that it is the customer's. When absent, as it was; false for a new one.
    verified: Option<bool>,
    /// The one to write to: one of the list at the most.
    primary: Option<bool>,
}

impl From<CustomerEmailInput> for service::GivenEmail {
    fn from(input: CustomerEmailInput) -> Self {
        Self {
            email: input.email,
            kind: input.kind,
            verified: input.verified,
            primary: input.primary.unwrap_or(false),
        }
    }
}

/// A telephone number of a customer.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerPhoneInput {
    /// The number: at most 64 characters, kept as given.
    phone: String,
    /// What kind it is, as free text: at most 64 characters.
    #[graphql(name = "type")]
    kind: Option<String>,
    /// The one to call: one of the list at the most.
    primary: Option<bool>,
}

impl From<CustomerPhoneInput> for service::GivenPhone {
    fn from(input: CustomerPhoneInput) -> Self {
        Self {
            phone: input.phone,
            kind: input.kind,
            primary: input.primary.unwrap_or(false),
        }
    }
}
