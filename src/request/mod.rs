//! The processing of requests before they run: reading, limits, validation, quota.
//!
//! Layer 3. This module depends on GraphQL and on no noun of the schema: a [`Definition`] describes the schema. Every
//! request of every transport passes the [`Gateway`], and changes its type with each stage: [`Sent`], [`Opened`],
//! [`Priced`], [`Admitted`]. The schema runs admitted requests only.

mod complete;
mod count;
mod definition;
mod disclosure;
mod documents;
mod fields;
mod gateway;
mod limits;
mod persisted;
mod refusal;
mod sent;
mod validation;

pub use complete::{FieldErrors, Outline, complete};
pub use count::{Count, GROUPS_DEFAULT, GROUPS_MAX};
pub use definition::{Definition, Scalars};
pub use disclosure::{Disclosure, INTROSPECTION, Redaction};
pub use documents::Documents;
pub use fields::Fields;
pub use gateway::{Admitted, Gateway, Opened, Priced};
pub use limits::{Bounds, Excess, Gate, Limit, Rate, TooLong, Wait};
pub use persisted::{Checker, ManifestError, Persisted};
pub use refusal::Refusal;
pub use sent::Sent;
pub use validation::Validator;
#[cfg(test)]
pub use validation::check;
