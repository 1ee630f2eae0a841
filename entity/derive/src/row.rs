//! Derive of `Row`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, Type};

pub fn expand(input: &DeriveInput) -> Result<TokenStream, Error> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "only a struct is a row"));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(Error::new_spanned(&input.ident, "the fields of a row have names"));
    };
    let row = &input.ident;
    let names: Vec<_> = fields
        .named
        .iter()
        .filter_map(|field| field.ident.as_ref())
        .collect();
    let types: Vec<&Type> = fields.named.iter().map(|field| &field.ty).collect();
    let mut distinct: Vec<&Type> = Vec::new();
    for one in &types {
        if !distinct.contains(one) {
            distinct.push(one);
        }
    }
    Ok(quote! {
        impl ::entity::Fields for #row {
            const FIELDS: &'static [&'static str] = &[#(stringify!(#names)),*];
        }

        impl<C> ::entity::Row<C> for #row
        where
            #(C: ::entity::ReadField<#distinct>,)*
        {
            fn read(cells: &mut C) -> Result<Self, ::entity::ReadError> {
                Ok(Self {
                    #(#names: ::entity::ReadField::<#types>::read_field(cells)?),*
                })
            }
        }
    })
}
