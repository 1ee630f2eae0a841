//! Customers of Kustomer.

use super::resource::Resource;
use crate::{
    import::fields::{Fields, RowResult, no_address},
    service::{
        EXTERNAL_ID_MAX, LINE_MAX, URL_MAX, WORD_MAX,
        customer::{ADDRESSES_MAX, CustomerFields, EmailInput, PhoneInput},
        import::ImportCustomer,
        is_email,
    },
    store::filter::email_key,
};

/// Reasons why an entry of a list is left out.
const TWICE: &str = "The list contains this value twice.";
const TOO_MANY: &str = "The list has more entries than a customer can have.";

pub(super) fn customer(fields: Fields) -> RowResult<ImportCustomer> {
    let mut resource = Resource::open(fields, "customer");
    let attributes = &mut resource.attributes;
    let created_at = attributes.instant("createdAt");
    let row = ImportCustomer {
        external_id: resource.id.clone(),
        fields: CustomerFields {
            name: attributes.cut_patch("name", LINE_MAX),
            display_name: attributes.cut_patch("displayName", LINE_MAX),
            display_color: attributes.whole_patch("displayColor", WORD_MAX),
            display_icon: attributes.whole_patch("displayIcon", WORD_MAX),
            external_id: attributes.whole_patch("externalId", EXTERNAL_ID_MAX),
            first_name: attributes.cut_patch("firstName", LINE_MAX),
            last_name: attributes.cut_patch("lastName", LINE_MAX),
            signed_up_at: attributes.patch("signedUpAt", Fields::instant),
            avatar_url: attributes.whole_patch("avatarUrl", URL_MAX),
            username: attributes.whole_patch("username", LINE_MAX),
            emails: attributes.patch("emails", emails),
            phones: attributes.patch("phones", phones),
            tags: attributes.patch("tags", Fields::tags_by_id),
            custom_fields: attributes.patch("custom", Fields::custom_fields),
            ..CustomerFields::default()
        },
        created_at,
        updated_at: attributes.instant_since("updatedAt", created_at),
    };
    resource.finish(row, &["org", "messages"])
}

/// The email addresses. The first valid one is the primary address. Invalid and duplicate ones are left out,
/// and the customer is kept.
fn emails(attributes: &mut Fields, name: &str) -> Option<Vec<EmailInput>> {
    let mut list: Vec<EmailInput> = Vec::new();
    let given = attributes.objects(name)?;
    let count = given.len();
    for mut one in given {
        let (email, kind, verified) = (
            one.email("email"),
            one.whole("type", WORD_MAX),
            one.boolean("verified"),
        );
        let is_lenient = !one.is_strict();
        let is_twice = |email: &str| {
            list.iter()
                .any(|other| email_key(&other.email) == email_key(email))
        };
        match email {
            None => one.lacks("email"),
            Some(email) if !email.is_empty() && !is_email(&email) => {
                one.leave_out("email", &no_address(&email));
            }
            Some(email) if is_lenient && is_twice(&email) => one.leave_out("email", TWICE),
            Some(_) if is_lenient && list.len() == ADDRESSES_MAX => one.leave_out("email", TOO_MANY),
            Some(email) => list.push(EmailInput {
                email,
                kind,
                verified,
                primary: list.is_empty(),
            }),
        }
        attributes.absorb(one);
    }
    // If no entry is usable, the stored list remains.
    (count == 0 || !list.is_empty()).then_some(list)
}

fn phones(attributes: &mut Fields, name: &str) -> Option<Vec<PhoneInput>> {
    let mut list: Vec<PhoneInput> = Vec::new();
    let given = attributes.objects(name)?;
    let count = given.len();
    for mut one in given {
        let (phone, kind) = (one.whole("phone", WORD_MAX), one.whole("type", WORD_MAX));
        let is_lenient = !one.is_strict();
        match phone {
            None => one.lacks("phone"),
            Some(phone) if is_lenient && list.iter().any(|other| other.phone == phone) => {
                one.leave_out("phone", TWICE);
            }
            Some(_) if is_lenient && list.len() == ADDRESSES_MAX => one.leave_out("phone", TOO_MANY),
            Some(phone) => list.push(PhoneInput {
                phone,
                kind,
                primary: list.is_empty(),
            }),
        }
        attributes.absorb(one);
    }
    (count == 0 || !list.is_empty()).then_some(list)
}
