//! Derives of the crate `entity`, so that a column and the words of an enum are declared once.

mod row;
mod word;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Implements `entity::Fields` and `entity::Row`: the names of the fields, and the reading of a row field by field. Adds
/// a function for each field except the id to `entity::PartialRow` of the row.
#[proc_macro_derive(Row)]
pub fn derive_row(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    row::expand(&input)
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// Implements `entity::Word`: the words of an enum, which are its variants in upper case, with underscores.
#[proc_macro_derive(Word)]
pub fn derive_word(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    word::expand(&input)
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
