//! SQL of the gateway.
//!
//! This is layer 3: it knows tables, but no rules. Every read takes a [`Scope`](crate::auth::Scope) and sees
//! only the rows in it. Functions that see all rows have the suffix `_unscoped`, and only services and events
//! call them. `find` returns an `Option`, `find_many` the rows that exist, `list` a page.
//!
//! All nouns use one mechanism: a [`Noun`] defines its columns, filters and orders, and [`list`] turns them
//! into statements. [`dialect`] holds all SQL that differs between the two databases.

mod activity;
pub mod agent;
pub mod api_key;
pub mod backup;
pub mod belongings;
pub mod caller;
mod cell;
pub mod change;
pub mod claim;
pub mod columns;
pub mod connect;
pub mod conversation;
pub mod copy;
pub mod customer;
pub mod dialect;
pub mod edits;
pub mod epoch;
pub mod erased;
pub mod error;
pub mod external_reference;
pub mod figures;
pub mod filter;
pub mod group;
pub mod hint;
pub mod hold;
pub mod idempotency;
pub mod identity;
pub mod inbox;
mod inbox_page;
pub mod joined;
pub mod link;
pub mod list;
pub mod message;
pub mod noun;
pub mod page;
mod reach;
pub mod scope;
pub mod scores;
mod select;
pub mod sort;
pub mod stats;
pub mod sync_place;
pub mod tally;
pub mod thread;
pub mod ticket;
pub mod word_index;
pub mod workspace;
mod write;

pub use connect::Db;
pub use entity::Columns;
pub use error::StoreError;
pub use joined::JoinedRow;
pub use noun::{Filtered, Noun};
pub use page::{ListPosition, ListQuery, Order, Page, Slice, SortValue};
pub use sort::SortKey;
