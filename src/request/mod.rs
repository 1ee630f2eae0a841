//! Requests, until they run: reading, limits, validation, payment.
//!
//! Floor 3. It knows GraphQL and no noun of the schema: a [`Definition`] describes the schema to it. Every request, of every
//! transport, passes the [`Gateway`], and changes its type with each stage: [`Sent`], [`Opened`], [`Priced`], [`Admitted`].
//! Only an admitted request makes one that the schema runs.

mod complete;
mod definition;
mod disclosure;
mod document;
mod gateway;
mod limits;
mod persisted;
mod prepared;
mod refusal;
mod sent;
mod single_root;
mod types;
mod validation;

pub use complete::{Outline, complete};
pub use definition::{Definition, Scalars};
pub use disclosure::{Disclosure, INTROSPECTION, Redaction};
pub use document::FILLER;
pub use gateway::{Admitted, Gateway, Opened, Priced};
pub use limits::{Bounds, Excess, Gate, Limit, Rate, TooLong, Wait};
pub use persisted::{Checker, ManifestError, Persisted};
pub use prepared::Documents;
pub use refusal::Refusal;
pub use sent::Sent;
pub use types::{Count, Types};
pub use validation::Validator;
#[cfg(test)]
pub use validation::check;
