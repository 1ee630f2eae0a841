//! Bringing helpdesk data in over the network, from the REST API of its vendor.
//!
//! A [`Site`] says which addresses a vendor has and how it pages; a [`Client`] asks, waits and asks again; [`sync()`] hands
//! the objects of each page to the same intake that files go through, and notes how far it came once they are durable,
//! so that a run that was cut off goes on from there.

mod client;
mod pace;
mod page;
mod run;
mod seen;
mod site;
mod told;
mod walk;

pub use client::{Client, Pause};
pub use run::{Synced, Telling, sync};
pub use site::Site;

use crate::service::Error;

/// Why a sync ended early. What was written before stays.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// It cannot begin.
    #[error("{0}")]
    Setting(String),
    /// The vendor does not take the key.
    #[error(
        "{at}: The vendor rejected the API key ({said}). Pass a key with read access in --api-key or SYNC_API_KEY."
    )]
    Key {
        /// What was asked for.
        at: String,
        /// Status and message.
        said: String,
    },
    /// The vendor takes the key, but not for this.
    #[error(
        "{at}: The vendor rejected the API key ({said}). Pass a key with read access in --api-key or SYNC_API_KEY."
    )]
    Forbidden {
        /// What was asked for.
        at: String,
        /// Status and message.
        said: String,
    },
    /// There is no such thing.
    #[error("{at}: The vendor does not have this resource ({said}). Check --url.")]
    Gone {
        /// What was asked for.
        at: String,
        /// Status and message.
        said: String,
    },
    /// The answer cannot be used, and another try would not be better.
    #[error("{at}: {reason}")]
    Answer {
        /// What was asked for.
        at: String,
        /// Why.
        reason: String,
    },
    /// No answer came, however often it was asked.
    #[error("{at}: {tries} attempts failed: {reason}. Run the same command again later to resume.")]
    GaveUp {
        /// What was asked for.
        at: String,
        /// What happened the last time.
        reason: String,
        /// How often it was asked.
        tries: u32,
    },
    /// The database failed.
    #[error("The database failed.")]
    Store(#[from] Error),
}

impl SyncError {
    /// Whether other resources can be read all the same.
    fn is_about_one_resource(&self) -> bool {
        matches!(self, Self::Forbidden { .. } | Self::Gone { .. })
    }
}
