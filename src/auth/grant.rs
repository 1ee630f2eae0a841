//! Permissions of API keys and tokens.

use std::{fmt, str::FromStr};

/// A permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, entity::Word)]
pub enum Grant {
    /// Read everything in the scope.
    Read,
    /// Create and change customers, tickets, conversations and messages.
    Write,
    /// Read and write internal messages and the internal notes of customers.
    CustomerNotes,
    /// Manage agents, keys and settings.
    Admin,
}

impl Grant {
    pub const ALL: [Self; 4] = [Self::Read, Self::Write, Self::CustomerNotes, Self::Admin];

    /// Name of the grant on the command line, in tokens and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::CustomerNotes => "customer:notes",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Grant {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|grant| grant.name() == text)
            .ok_or_else(|| {
                let known = Self::ALL.map(Self::name).join(", ");
                format!("{text:?} is not a grant. The grants are {known}.")
            })
    }
}

/// A set of grants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Grants(u8);

impl Grants {
    pub fn has(self, grant: Grant) -> bool {
        self.0 & (1 << grant as u8) != 0
    }

    /// The grants in a fixed order.
    pub fn all(self) -> impl Iterator<Item = Grant> {
        Grant::ALL.into_iter().filter(move |grant| self.has(*grant))
    }
}

impl FromIterator<Grant> for Grants {
    fn from_iter<I: IntoIterator<Item = Grant>>(grants: I) -> Self {
        Self(grants.into_iter().fold(0, |set, grant| set | 1 << grant as u8))
    }
}
