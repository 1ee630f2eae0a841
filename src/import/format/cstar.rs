//! C-Star's shapes: the customers of a team.

use super::table::{SENTIMENTS, STATUSES};
use crate::{
    import::{
        fields::{Fields, Read},
        vendor::{Step, Vendor},
    },
    service::{LINE_MAX, NOTES_MAX, Patch, customer::CustomerFields, import::ImportCustomer},
};

/// C-Star: customers.
pub const CSTAR: Vendor = Vendor {
    system: "cstar",
    steps: &[Step::new("customers", true, || Step::rows_at(customer, place))],
};

/// What C-Star computes, and so do we, from tickets.
const COMPUTED: [&str; 1] = ["ticketCount"];

fn customer(mut fields: Fields) -> Read<ImportCustomer> {
    let created_at = fields.instant("createdAt");
    let row = ImportCustomer {
        external_id: fields.required("id"),
        fields: CustomerFields {
            name: name(&mut fields),
            email: fields.expected_email("email").into(),
            status: fields.patch("status", |fields, name| fields.word(name, &STATUSES)),
            sentiment: fields.patch("sentiment", |fields, name| fields.word(name, &SENTIMENTS)),
            tags: fields.patch("tags", Fields::tags),
            internal_notes: fields.cut_patch("notes", NOTES_MAX),
            custom_fields: fields.patch("customFields", Fields::custom_fields),
            ..CustomerFields::default()
        },
        created_at,
        updated_at: fields.instant_since("updatedAt", created_at),
    };
    fields.skip(&COMPUTED);
    fields.finish(row)
}

/// The name, which every customer there has.
fn name(fields: &mut Fields) -> Patch<String> {
    if fields.is_strict() {
        return Patch::Set(fields.required("name"));
    }
    fields.cut("name", LINE_MAX).into()
}

fn place(field: &str) -> String {
    if field == "internalNotes" { "notes" } else { field }.to_owned()
}
