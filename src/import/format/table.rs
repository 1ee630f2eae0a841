//! Customers in a table: the mapping of columns to fields, and the conversion of cells.

use entity::customer::{Sentiment, Status};
use serde_json::{Map, Value};

use super::keva::PRIORITIES;
use crate::{
    import::fields::{Fields, RowResult},
    service::{
        EXTERNAL_ID_MAX, LINE_MAX, NOTES_MAX, Patch, URL_MAX, WORD_MAX, customer::CustomerFields,
        import::ImportCustomer,
    },
    store::filter::fold,
};

/// The customer fields that a column can map to.
pub const FIELDS: [&str; 27] = [
    "id",
    "name",
    "email",
    "phone",
    "company",
    "jobTitle",
    "location",
    "timezone",
    "isVip",
    "priorityOverride",
    "tags",
    "internalNotes",
    "externalId",
    "status",
    "sentiment",
    "displayName",
    "displayColor",
    "displayIcon",
    "firstName",
    "lastName",
    "username",
    "avatarUrl",
    "salesforceContactId",
    "hubspotContactId",
    "hubspotCompanyId",
    "signedUpAt",
    "createdAt",
];
/// Prefix of the names of custom fields.
pub const CUSTOM: &str = "customFields.";

const YES: [&str; 4] = ["true", "yes", "y", "1"];
const NO: [&str; 4] = ["false", "no", "n", "0"];

/// The field with a name, in any case. `None` if no such field exists.
pub fn field(name: &str) -> Option<String> {
    if let Some(start) = name.get(..CUSTOM.len())
        && start.eq_ignore_ascii_case(CUSTOM)
    {
        let key = &name[CUSTOM.len()..];
        return (!key.trim().is_empty()).then(|| format!("{CUSTOM}{key}"));
    }
    let known = FIELDS.iter().find(|field| field.eq_ignore_ascii_case(name));
    known.map(|field| (*field).to_owned())
}

/// The object for a row, from the field and text of each cell. Empty cells are skipped.
pub fn object<'a>(cells: impl IntoIterator<Item = (&'a str, &'a str)>) -> Value {
    let (mut object, mut own) = (Map::new(), Map::new());
    for (field, text) in cells {
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        if let Some(key) = field.strip_prefix(CUSTOM) {
            own.insert(key.to_owned(), text.into());
            continue;
        }
        let lower = text.to_lowercase();
        let value = match field {
            "isVip" if YES.contains(&lower.as_str()) => Value::Bool(true),
            "isVip" if NO.contains(&lower.as_str()) => Value::Bool(false),
            "priorityOverride" | "status" | "sentiment" => Value::String(lower),
            "tags" => {
                let tags = text.split(';').map(str::trim).filter(|tag| !tag.is_empty());
                tags.collect::<Vec<_>>().into()
            }
            _ => text.into(),
        };
        object.insert(field.to_owned(), value);
    }
    if !own.is_empty() {
        object.insert("customFields".to_owned(), Value::Object(own));
    }
    Value::Object(object)
}

/// Reads a customer from a table. Without an id, the email address identifies the customer in later runs.
pub fn customer(mut fields: Fields) -> RowResult<ImportCustomer> {
    let email = fields.email("email");
    let id = fields.line("id").or_else(|| email.as_deref().map(fold));
    let external_id = match id {
        Some(id) => id,
        None => fields.required("id"),
    };
    let row = ImportCustomer {
        external_id,
        fields: CustomerFields {
            email: email.into(),
            name: fields.cut_patch("name", LINE_MAX),
            display_name: fields.cut_patch("displayName", LINE_MAX),
            display_color: fields.whole_patch("displayColor", WORD_MAX),
            display_icon: fields.whole_patch("displayIcon", WORD_MAX),
            first_name: fields.cut_patch("firstName", LINE_MAX),
            last_name: fields.cut_patch("lastName", LINE_MAX),
            username: fields.whole_patch("username", LINE_MAX),
            avatar_url: fields.whole_patch("avatarUrl", URL_MAX),
            phone: fields.whole_patch("phone", WORD_MAX),
            company: fields.cut_patch("company", LINE_MAX),
            job_title: fields.cut_patch("jobTitle", LINE_MAX),
            location: fields.cut_patch("location", LINE_MAX),
            timezone: fields.patch("timezone", Fields::timezone),
            is_vip: fields.boolean("isVip").into(),
            priority_override: fields.word("priorityOverride", &PRIORITIES).into(),
            tags: fields.tags("tags").into(),
            internal_notes: fields.cut_patch("internalNotes", NOTES_MAX),
            external_id: fields.whole_patch("externalId", EXTERNAL_ID_MAX),
            status: fields.word("status", &STATUSES).into(),
            sentiment: fields.word("sentiment", &SENTIMENTS).into(),
            custom_fields: fields.custom_fields("customFields").into(),
            salesforce_contact_id: fields.whole_patch("salesforceContactId", EXTERNAL_ID_MAX),
            hubspot_contact_id: fields.whole_patch("hubspotContactId", EXTERNAL_ID_MAX),
            hubspot_company_id: fields.whole_patch("hubspotCompanyId", EXTERNAL_ID_MAX),
            signed_up_at: fields.instant("signedUpAt").into(),
            emails: Patch::Keep,
            phones: Patch::Keep,
        },
        created_at: fields.instant("createdAt"),
        updated_at: None,
    };
    fields.finish(row)
}

/// Statuses of customers, in the words of the sources.
pub(super) const STATUSES: [(&str, Status); 2] = [("active", Status::Active), ("inactive", Status::Inactive)];
/// Sentiments of customers, in the words of the sources.
pub(super) const SENTIMENTS: [(&str, Sentiment); 4] = [
    ("happy", Sentiment::Happy),
    ("neutral", Sentiment::Neutral),
    ("frustrated", Sentiment::Frustrated),
    ("angry", Sentiment::Angry),
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cells_become_values_and_empty_ones_are_omitted() {
        let cells = [
            ("email", " ann@example.com "),
            ("isVip", "Yes"),
            ("tags", "a; b;;"),
            ("name", "  "),
            ("customFields.plan", "Gold"),
            ("status", "ACTIVE"),
        ];
        let expected = json!({
            "email": "ann@example.com", "isVip": true, "tags": ["a", "b"], "status": "active",
            "customFields": { "plan": "Gold" },
        });
        assert_eq!(object(cells), expected);
    }

    #[test]
    fn field_names_ignore_case() {
        assert_eq!(field("JOBTITLE").as_deref(), Some("jobTitle"));
        assert_eq!(field("CustomFields.Plan").as_deref(), Some("customFields.Plan"));
        assert_eq!(field("customFields."), None);
        assert_eq!(field("shoeSize"), None);
    }
}
