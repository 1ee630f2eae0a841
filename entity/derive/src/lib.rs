//! Derives of the crate `entity`, so that a column is declared only as a field of its row.

mod row;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Implements `entity::Fields` and `entity::Row`: the names of the fields, and the reading of a row field by field.
#[proc_macro_derive(Row)]
pub fn derive_row(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    row::expand(&input)
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
