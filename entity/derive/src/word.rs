//! Derive of `Word`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error};

pub fn expand(input: &DeriveInput) -> Result<TokenStream, Error> {
    let Data::Enum(data) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "only an enum has words"));
    };
    if let Some(variant) = data.variants.iter().find(|variant| !variant.fields.is_empty()) {
        return Err(Error::new_spanned(variant, "a value with fields has no word"));
    }
    let kind = &input.ident;
    let variants: Vec<_> = data.variants.iter().map(|variant| &variant.ident).collect();
    let words = variants.iter().map(|variant| word(&variant.to_string()));
    Ok(quote! {
        impl ::entity::Word for #kind {
            const ALL: &'static [Self] = &[#(Self::#variants),*];

            fn word(self) -> &'static str {
                match self {
                    #(Self::#variants => #words),*
                }
            }
        }
    })
}

/// Word of a variant, such as `API_KEY` for `ApiKey`.
fn word(variant: &str) -> String {
    let mut word = String::new();
    for letter in variant.chars() {
        if letter.is_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.extend(letter.to_uppercase());
    }
    word
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn a_word_is_in_upper_case_with_underscores() {
        assert_eq!(word("Open"), "OPEN");
        assert_eq!(word("ApiKey"), "API_KEY");
    }
}
