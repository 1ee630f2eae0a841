//! Imports helpdesk data from the REST API of a vendor.
//!
//! A [`Site`] defines the endpoints of a vendor and their paging. A [`Client`] sends requests, waits and
//! retries. [`sync()`] passes the objects of each page to the same intake as for files, and stores the
//! position once they are durable, so that an interrupted run can be resumed.

mod client;
mod pace;
mod page;
mod run;
mod seen_pages;
mod site;
mod ticket_version;
mod walk;

pub use client::{Client, Pause};
pub use run::{SyncOutcome, SyncProgress, sync};
pub use site::Site;

use crate::service::Error;

/// Reason why a sync ended early. Records that were written before remain.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The sync cannot start because of an invalid setting.
    #[error("{0}")]
    Setting(String),
    /// The vendor rejected the API key.
    #[error(
        "{at}: The vendor rejected the API key ({said}). Pass a key with read access in --api-key or SYNC_API_KEY."
    )]
    Key {
        /// The request.
        at: String,
        /// Status and message of the response.
        said: String,
    },
    /// The vendor accepted the key, but not for this resource.
    #[error(
        "{at}: The vendor rejected the API key ({said}). Pass a key with read access in --api-key or SYNC_API_KEY."
    )]
    Forbidden { at: String, said: String },
    /// The resource does not exist.
    #[error("{at}: The vendor does not have this resource ({said}). Check --url.")]
    Gone { at: String, said: String },
    /// The response cannot be used, and a retry would not help.
    #[error("{at}: {reason}")]
    Answer { at: String, reason: String },
    /// All attempts failed.
    #[error("{at}: {tries} attempts failed: {reason}. Run the same command again later to resume.")]
    GaveUp {
        at: String,
        /// The reason of the last failure.
        reason: String,
        tries: u32,
    },
    #[error("The database failed.")]
    Store(#[from] Error),
}

impl SyncError {
    /// Whether other resources can still be read.
    fn is_about_one_resource(&self) -> bool {
        matches!(self, Self::Forbidden { .. } | Self::Gone { .. })
    }
}
