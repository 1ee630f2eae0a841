//! Access to the fields that a source reports of a customer, one by one.

use std::borrow::Cow;

use entity::customer::Model;
use serde_json::{Map, Value};

use super::CustomerFields;
use crate::{events::Recorded, service::Patch};

/// Prefix of the keys of custom fields in the change log.
pub const OWN: &str = "customFields.";

macro_rules! told {
    ($($field:ident $name:literal),+ $(,)?) => {
        impl CustomerFields {
            /// Returns the fields in this input, with their names in the change log and their values in a
            /// row.
            pub fn recorded(&self, row: &Model) -> Vec<(Cow<'static, str>, Value)> {
                let mut fields = own_recorded(&self.custom_fields, &row.custom_fields.0);
                $(if self.$field.is_given() {
                    fields.push((Cow::Borrowed($name), row.$field.recorded()));
                })+
                fields
            }

            /// Removes a field from the input, so that the stored value remains.
            pub fn keep(&mut self, name: &str) {
                match name {
                    $($name => self.$field = Patch::Keep,)+
                    name => keep_own(&mut self.custom_fields, name),
                }
            }
        }
    };
}

told!(
    name "name",
    display_name "displayName",
    first_name "firstName",
    last_name "lastName",
    username "username",
    avatar_url "avatarUrl",
    display_color "displayColor",
    display_icon "displayIcon",
    email "email",
    emails "emails",
    phone "phone",
    phones "phones",
    company "company",
    job_title "jobTitle",
    location "location",
    timezone "timezone",
    is_vip "isVip",
    priority_override "priorityOverride",
    tags "tags",
    internal_notes "internalNotes",
    status "status",
    sentiment "sentiment",
    external_id "externalId",
    salesforce_contact_id "salesforceContactId",
    hubspot_contact_id "hubspotContactId",
    hubspot_company_id "hubspotCompanyId",
    signed_up_at "signedUpAt",
);

/// Returns the custom fields in an input, with their values in a row.
pub fn own_recorded(
    given: &Patch<Map<String, Value>>,
    row: &Map<String, Value>,
) -> Vec<(Cow<'static, str>, Value)> {
    let keys = given.as_set().into_iter().flat_map(Map::keys);
    keys.map(|key| {
        let value = row.get(key).cloned().unwrap_or_default();
        (Cow::Owned(format!("{OWN}{key}")), value)
    })
    .collect()
}

/// Removes a custom field from an input, so that the stored value remains.
pub fn keep_own(given: &mut Patch<Map<String, Value>>, name: &str) {
    if let (Patch::Set(fields), Some(key)) = (given, name.strip_prefix(OWN)) {
        fields.remove(key);
    }
}

/// Converts a clear of all custom fields into a clear of each field.
pub fn each_cleared(given: &mut Patch<Map<String, Value>>, row: &Map<String, Value>) {
    if *given == Patch::Clear {
        *given = Patch::Set(row.keys().map(|key| (key.clone(), Value::Null)).collect());
    }
}
