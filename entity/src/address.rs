//! Email addresses and phone numbers of a customer.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

/// One email address of a customer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Email {
    /// Address as the caller sent it, with its original case.
    pub email: String,
    /// Kind of address as free text, such as `home` or `work`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Whether the address is verified as the customer's.
    pub verified: bool,
    /// Whether this is the primary address.
    pub primary: bool,
}

/// Email addresses of a customer, in the order the caller sent them. A list that is not empty has exactly one
/// primary address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Emails(pub Vec<Email>);

/// One phone number of a customer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    /// Number as the caller sent it.
    pub phone: String,
    /// Kind of number as free text, such as `home` or `work`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Whether this is the primary number.
    pub primary: bool,
}

/// Phone numbers of a customer, in the order the caller sent them. A list that is not empty has exactly one
/// primary number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Phones(pub Vec<Phone>);
