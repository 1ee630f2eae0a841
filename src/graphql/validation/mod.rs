//! Whether a document may be run: its syntax, and the validation rules of the specification.
//!
//! apollo-compiler reads documents, which are turned into the form that async-graphql runs ([`convert`]).

#![cfg_attr(not(test), expect(dead_code, reason = "nothing is read with it yet"))]

mod convert;
mod places;
