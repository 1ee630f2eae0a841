//! Derive of `Row`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Error, Field, Fields, Type};

/// Types of columns that accessors return by reference. All others are copied, except texts.
const REFERENCES: [&str; 5] = ["Attachments", "CustomFields", "Emails", "Phones", "Tags"];

pub fn expand(input: &DeriveInput) -> Result<TokenStream, Error> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "only a struct is a row"));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(Error::new_spanned(&input.ident, "the fields of a row have names"));
    };
    let row = &input.ident;
    let fields: Vec<&Field> = fields.named.iter().collect();
    let names: Vec<_> = fields.iter().filter_map(|field| field.ident.as_ref()).collect();
    let types: Vec<&Type> = fields.iter().map(|field| &field.ty).collect();
    let mut distinct: Vec<&Type> = Vec::new();
    for one in &types {
        if !distinct.contains(one) {
            distinct.push(one);
        }
    }
    // The first field is the id, which is always read.
    let accessors = fields.iter().enumerate().skip(1).map(accessor);
    let (id, id_type) = (&names[0], &types[0]);
    Ok(quote! {
        const _: () = ::entity::Columns::check(<#row as ::entity::Fields>::FIELDS);

        impl ::entity::Fields for #row {
            type Id = #id_type;

            const FIELDS: &'static [&'static str] = &[#(stringify!(#names)),*];

            fn id(&self) -> #id_type {
                self.#id
            }
        }

        impl ::entity::PartialRow<#row> {
            #(#accessors)*
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

/// The function of a partial row that returns a column.
fn accessor((place, field): (usize, &&Field)) -> TokenStream {
    let (name, kind, visibility) = (&field.ident, &field.ty, &field.vis);
    let docs = field
        .attrs
        .iter()
        .filter(|attribute: &&Attribute| attribute.path().is_ident("doc"));
    let (returned, value) = match quote!(#kind).to_string().as_str() {
        "String" => (quote!(&str), quote!(&self.row.#name)),
        "Option < String >" => (quote!(Option<&str>), quote!(self.row.#name.as_deref())),
        wide if REFERENCES.contains(&wide) => (quote!(&#kind), quote!(&self.row.#name)),
        _ => (quote!(#kind), quote!(self.row.#name)),
    };
    quote! {
        #(#docs)*
        #visibility fn #name(&self) -> Result<#returned, ::entity::NotRead> {
            if self.read.has(#place) {
                Ok(#value)
            } else {
                Err(::entity::NotRead(concat!(module_path!(), ".", stringify!(#name))))
            }
        }
    }
}
