//! Email addresses and telephone numbers of customers, as output and input.

use async_graphql::{InputObject, SimpleObject};

use crate::service::customer as service;

/// An email address of a customer.
#[derive(Clone, Debug, SimpleObject)]
pub struct CustomerEmail {
    /// Email address, as given.
    email: String,
    /// Kind of address as free text, such as `home` or `work`. Null when none is set.
    #[graphql(name = "type")]
    kind: Option<String>,
    /// True when a caller or an import stated that the address belongs to the customer. Deskgraph itself does
    /// not verify addresses.
    is_verified: bool,
    /// True for the primary address, which is also the customer's `email`. A customer with addresses has
    /// exactly one primary address.
    is_primary: bool,
}

/// A telephone number of a customer.
#[derive(Clone, Debug, SimpleObject)]
pub struct CustomerPhone {
    /// Telephone number, as given.
    phone: String,
    /// Kind of number as free text, such as `home` or `work`. Null when none is set.
    #[graphql(name = "type")]
    kind: Option<String>,
    /// True for the primary number, which is also the customer's `phone`. A customer with numbers has exactly
    /// one primary number.
    is_primary: bool,
}

impl From<&entity::Email> for CustomerEmail {
    fn from(one: &entity::Email) -> Self {
        Self {
            email: one.email.clone(),
            kind: one.kind.clone(),
            is_verified: one.verified,
            is_primary: one.primary,
        }
    }
}

impl From<&entity::Phone> for CustomerPhone {
    fn from(one: &entity::Phone) -> Self {
        Self {
            phone: one.phone.clone(),
            kind: one.kind.clone(),
            is_primary: one.primary,
        }
    }
}

/// An email address of a customer.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerEmailInput {
    /// Email address: up to 254 characters. A list contains each address once, compared without the case of A
    /// to Z.
    email: String,
    /// Kind of address as free text: up to 64 characters. When omitted or null, none.
    #[graphql(name = "type")]
    kind: Option<String>,
    /// True when the address is known to belong to the customer. When omitted or null, an address that the
    /// customer already has keeps its value, and a new one gets false.
    is_verified: Option<bool>,
    /// True makes this the primary address. Only one address of the list can be primary. When omitted or
    /// null, false.
    #[graphql(default_with = "Some(false)")]
    is_primary: Option<bool>,
}

impl From<CustomerEmailInput> for service::EmailInput {
    fn from(input: CustomerEmailInput) -> Self {
        Self {
            email: input.email,
            kind: input.kind,
            verified: input.is_verified,
            primary: input.is_primary.unwrap_or_default(),
        }
    }
}

/// A telephone number of a customer.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerPhoneInput {
    /// Telephone number: 1 to 64 characters, not blank, stored as given. A list contains each number once.
    phone: String,
    /// Kind of number as free text: up to 64 characters. When omitted or null, none.
    #[graphql(name = "type")]
    kind: Option<String>,
    /// True makes this the primary number. Only one number of the list can be primary. When omitted or null,
    /// false.
    #[graphql(default_with = "Some(false)")]
    is_primary: Option<bool>,
}

impl From<CustomerPhoneInput> for service::PhoneInput {
    fn from(input: CustomerPhoneInput) -> Self {
        Self {
            phone: input.phone,
            kind: input.kind,
            primary: input.is_primary.unwrap_or_default(),
        }
    }
}
