//! The fields of a customer that a caller may write.

use entity::{customer::Model, ticket::Priority};

use crate::{
    auth::{Viewer, policy},
    events::FieldChanges,
    service::{
        Patch, UserError, UserErrorCode,
        validate::{Checks, EXTERNAL_ID_MAX, LINE_MAX, NOTES_MAX, WORD_MAX},
    },
    store::filter::fold,
};

/// What a caller says of a customer, field by field.
#[derive(Clone, Debug, Default)]
pub struct CustomerFields {
    /// Full name.
    pub name: Patch<String>,
    /// Address.
    pub email: Patch<String>,
    /// Telephone number.
    pub phone: Patch<String>,
    /// Company.
    pub company: Patch<String>,
    /// Position.
    pub job_title: Patch<String>,
    /// Place.
    pub location: Patch<String>,
    /// IANA name.
    pub timezone: Patch<String>,
    /// To be treated with priority.
    pub is_vip: Patch<bool>,
    /// Priority of new tickets.
    pub priority_override: Patch<Priority>,
    /// Labels.
    pub tags: Patch<Vec<String>>,
    /// Notes between agents.
    pub internal_notes: Patch<String>,
    /// Salesforce contact.
    pub salesforce_contact_id: Patch<String>,
    /// `HubSpot` contact.
    pub hubspot_contact_id: Patch<String>,
    /// `HubSpot` company.
    pub hubspot_company_id: Patch<String>,
}

impl CustomerFields {
    /// Notes what is wrong with the fields, at places below `root`, and brings them into the form that is kept.
    #[must_use]
    pub fn checked(self, viewer: &Viewer, checks: &mut Checks, root: &str) -> Self {
        if self.internal_notes.is_given()
            && let Err(denied) = policy::notes(viewer)
        {
            checks.add(UserError::new(
                UserErrorCode::Forbidden,
                denied.needs,
                &[root, "internalNotes"],
            ));
        }
        if let Patch::Set(email) = &self.email {
            checks.email(email, &[root, "email"]);
        }
        let timezone = checks.line(self.timezone, WORD_MAX, &[root, "timezone"]);
        if let Patch::Set(name) = &timezone {
            checks.timezone(name, &[root, "timezone"]);
        }
        let tags = match self.tags {
            Patch::Set(tags) => Patch::Set(checks.tags(tags, &[root, "tags"]).0),
            other => other,
        };
        let mut line = |patch, max, field| checks.line(patch, max, &[root, field]);
        Self {
            name: line(self.name, LINE_MAX, "name"),
            email: self.email,
            phone: line(self.phone, WORD_MAX, "phone"),
            company: line(self.company, LINE_MAX, "company"),
            job_title: line(self.job_title, LINE_MAX, "jobTitle"),
            location: line(self.location, LINE_MAX, "location"),
            timezone,
            is_vip: self.is_vip,
            priority_override: self.priority_override,
            tags,
            internal_notes: line(self.internal_notes, NOTES_MAX, "internalNotes"),
            salesforce_contact_id: line(self.salesforce_contact_id, EXTERNAL_ID_MAX, "salesforceContactId"),
            hubspot_contact_id: line(self.hubspot_contact_id, EXTERNAL_ID_MAX, "hubspotContactId"),
            hubspot_company_id: line(self.hubspot_company_id, EXTERNAL_ID_MAX, "hubspotCompanyId"),
        }
    }

    /// Writes the fields into a row and tells which of them changed.
    pub fn apply(self, row: &mut Model) -> FieldChanges {
        let mut changes = FieldChanges::default();
        let before = row.clone();
        let mut set = |field: &str, place: &mut Option<String>, patch: Patch<String>| {
            let value = patch.over(place);
            changes.set(field, place, value);
        };
        set("name", &mut row.name, self.name);
        set("email", &mut row.email, self.email);
        set("phone", &mut row.phone, self.phone);
        set("company", &mut row.company, self.company);
        set("jobTitle", &mut row.job_title, self.job_title);
        set("location", &mut row.location, self.location);
        set("timezone", &mut row.timezone, self.timezone);
        set("internalNotes", &mut row.internal_notes, self.internal_notes);
        set(
            "salesforceContactId",
            &mut row.salesforce_contact_id,
            self.salesforce_contact_id,
        );
        set(
            "hubspotContactId",
            &mut row.hubspot_contact_id,
            self.hubspot_contact_id,
        );
        set(
            "hubspotCompanyId",
            &mut row.hubspot_company_id,
            self.hubspot_company_id,
        );
        changes.set(
            "isVip",
            &mut row.is_vip,
            self.is_vip.over_required(&before.is_vip, false),
        );
        changes.set(
            "priorityOverride",
            &mut row.priority_override,
            self.priority_override.over(&before.priority_override),
        );
        let tags = self.tags.over_required(&before.tags.0, Vec::new());
        changes.set("tags", &mut row.tags, entity::Tags(tags));
        row.name_key = row.name.as_deref().map(fold).unwrap_or_default();
        row.email_key = row.email.as_deref().map(fold).unwrap_or_default();
        row.company_key = row.company.as_deref().map(fold).unwrap_or_default();
        changes
    }
}
