//! Addresses of a customer: those for writing to and those for calling.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

/// One email address of a customer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Email {
    /// The address as given.
    pub email: String,
    /// What kind it is, as free text: home, work, ….
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Somebody made sure that it is the customer's.
    pub verified: bool,
    /// The one to write to.
    pub primary: bool,
}

/// The email addresses of a customer, in the order given. One of them is the primary, unless there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Emails(pub Vec<Email>);

/// One telephone number of a customer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    /// The number as given.
    pub phone: String,
    /// What kind it is, as free text: home, work, ….
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The one to call.
    pub primary: bool,
}

/// The telephone numbers of a customer, in the order given. One of them is the primary, unless there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Phones(pub Vec<Phone>);
