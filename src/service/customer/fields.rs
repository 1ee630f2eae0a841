//! Fields of a customer that callers can write.

use entity::{
    Tags, Timestamp,
    customer::{Model, Sentiment, Status},
    ticket::Priority,
};
use serde_json::{Map, Value};

use super::addresses::{EmailInput, PhoneInput, emails, phones};
use crate::{
    auth::{Viewer, policy},
    events::FieldChanges,
    service::{
        Patch, UserError, UserErrorCode,
        custom_fields::merged,
        validate::{Checks, EXTERNAL_ID_MAX, LINE_MAX, NOTES_MAX, URL_MAX, WORD_MAX},
    },
    store::filter::email_key,
    words::fold,
};

/// Fields of a customer in a create or update.
#[derive(Clone, Debug, Default)]
pub struct CustomerFields {
    pub name: Patch<String>,
    /// Name to display instead of `name`.
    pub display_name: Patch<String>,
    pub first_name: Patch<String>,
    pub last_name: Patch<String>,
    /// Name in the caller's own product.
    pub username: Patch<String>,
    pub avatar_url: Patch<String>,
    pub display_color: Patch<String>,
    pub display_icon: Patch<String>,
    /// Primary address. It replaces the former one, the others remain.
    pub email: Patch<String>,
    pub emails: Patch<Vec<EmailInput>>,
    /// Primary phone number. It replaces the former one, the others remain.
    pub phone: Patch<String>,
    pub phones: Patch<Vec<PhoneInput>>,
    pub company: Patch<String>,
    pub job_title: Patch<String>,
    pub location: Patch<String>,
    /// IANA name of the time zone.
    pub timezone: Patch<String>,
    /// Whether the customer has priority treatment.
    pub is_vip: Patch<bool>,
    /// Priority of new tickets.
    pub priority_override: Patch<Priority>,
    pub tags: Patch<Vec<String>>,
    pub internal_notes: Patch<String>,
    pub status: Patch<Status>,
    /// Mood of the customer, as an agent sets it.
    pub sentiment: Patch<Sentiment>,
    /// Custom fields, merged key by key.
    pub custom_fields: Patch<Map<String, Value>>,
    /// Id in the caller's system.
    pub external_id: Patch<String>,
    pub salesforce_contact_id: Patch<String>,
    pub hubspot_contact_id: Patch<String>,
    pub hubspot_company_id: Patch<String>,
    /// Time when the customer signed up in the caller's own product.
    pub signed_up_at: Patch<Timestamp>,
}

impl CustomerFields {
    /// Validates the fields, reports errors at paths below `root`, and converts values into their stored
    /// form.
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
        checks.either(
            self.email.is_given(),
            self.emails.is_given(),
            root,
            ["email", "emails"],
        );
        checks.either(
            self.phone.is_given(),
            self.phones.is_given(),
            root,
            ["phone", "phones"],
        );
        if let Patch::Set(email) = &self.email {
            checks.email(email, &[root, "email"]);
        }
        let timezone = checks.line(self.timezone, WORD_MAX, &[root, "timezone"]);
        if let Patch::Set(name) = &timezone {
            checks.timezone(name, &[root, "timezone"]);
        }
        let emails = self.emails.map(|given| checks.emails(given, root));
        let phones = self.phones.map(|given| checks.phones(given, root));
        let tags = self.tags.map(|tags| checks.tags(tags, &[root, "tags"]).0);
        let custom_fields = checks.custom_fields(self.custom_fields, &[root, "customFields"]);
        let mut line = |patch, max, field| checks.line(patch, max, &[root, field]);
        Self {
            name: line(self.name, LINE_MAX, "name"),
            display_name: line(self.display_name, LINE_MAX, "displayName"),
            first_name: line(self.first_name, LINE_MAX, "firstName"),
            last_name: line(self.last_name, LINE_MAX, "lastName"),
            username: line(self.username, LINE_MAX, "username"),
            avatar_url: line(self.avatar_url, URL_MAX, "avatarUrl"),
            display_color: line(self.display_color, WORD_MAX, "displayColor"),
            display_icon: line(self.display_icon, WORD_MAX, "displayIcon"),
            emails,
            phone: line(self.phone, WORD_MAX, "phone"),
            phones,
            company: line(self.company, LINE_MAX, "company"),
            job_title: line(self.job_title, LINE_MAX, "jobTitle"),
            location: line(self.location, LINE_MAX, "location"),
            timezone,
            tags,
            internal_notes: line(self.internal_notes, NOTES_MAX, "internalNotes"),
            custom_fields,
            external_id: line(self.external_id, EXTERNAL_ID_MAX, "externalId"),
            salesforce_contact_id: line(self.salesforce_contact_id, EXTERNAL_ID_MAX, "salesforceContactId"),
            hubspot_contact_id: line(self.hubspot_contact_id, EXTERNAL_ID_MAX, "hubspotContactId"),
            hubspot_company_id: line(self.hubspot_company_id, EXTERNAL_ID_MAX, "hubspotCompanyId"),
            ..self
        }
    }

    pub fn has_email(&self) -> bool {
        self.given_emails().next().is_some()
    }

    /// Returns the email addresses in the fields, each with its path below the root.
    pub fn given_emails(&self) -> impl Iterator<Item = (&str, Vec<String>)> {
        let one = self
            .email
            .as_set()
            .map(|email| (email.as_str(), vec!["email".to_owned()]));
        let all = self.emails.as_set().into_iter().flatten().enumerate();
        one.into_iter().chain(all.map(|(index, one)| {
            let path = ["emails".to_owned(), index.to_string(), "email".to_owned()];
            (one.email.as_str(), path.to_vec())
        }))
    }

    /// Returns the phone numbers in the fields, each with its path below the root.
    pub fn given_phones(&self) -> impl Iterator<Item = (&str, Vec<String>)> {
        let one = self
            .phone
            .as_set()
            .map(|phone| (phone.as_str(), vec!["phone".to_owned()]));
        let all = self.phones.as_set().into_iter().flatten().enumerate();
        one.into_iter().chain(all.map(|(index, one)| {
            let path = ["phones".to_owned(), index.to_string(), "phone".to_owned()];
            (one.phone.as_str(), path.to_vec())
        }))
    }

    /// Removes the value at a path, so that the stored value remains. Returns false if there is no such
    /// optional value.
    pub fn leave_out(&mut self, path: &[String]) -> bool {
        let mut path = path.iter().map(String::as_str).filter(|part| !part.is_empty());
        let (field, index) = (path.next(), path.next().and_then(|part| part.parse().ok()));
        match field {
            Some("email") => take(&mut self.email),
            Some("emails") => take_entry(&mut self.emails, index, |one| &mut one.primary),
            Some("phone") => take(&mut self.phone),
            Some("phones") => take_entry(&mut self.phones, index, |one| &mut one.primary),
            Some("externalId") => take(&mut self.external_id),
            Some("customFields") => take(&mut self.custom_fields),
            _ => false,
        }
    }

    /// Writes the fields into a row and returns those that changed. Fails with an error at a path below
    /// `root` if the row cannot hold them.
    pub fn apply(self, row: &mut Model, root: &str) -> Result<FieldChanges, UserError> {
        let mut changes = FieldChanges::default();
        let custom_fields = merged(&row.custom_fields, self.custom_fields, &[root, "customFields"])?;
        changes.set_custom_fields(&mut row.custom_fields, custom_fields);
        let mut set = |field: &str, place: &mut Option<String>, patch: Patch<String>| {
            let value = patch.over(place);
            changes.set(field, place, value);
        };
        set("name", &mut row.name, self.name);
        set("displayName", &mut row.display_name, self.display_name);
        set("firstName", &mut row.first_name, self.first_name);
        set("lastName", &mut row.last_name, self.last_name);
        set("username", &mut row.username, self.username);
        set("avatarUrl", &mut row.avatar_url, self.avatar_url);
        set("displayColor", &mut row.display_color, self.display_color);
        set("displayIcon", &mut row.display_icon, self.display_icon);
        set("company", &mut row.company, self.company);
        set("jobTitle", &mut row.job_title, self.job_title);
        set("location", &mut row.location, self.location);
        set("timezone", &mut row.timezone, self.timezone);
        set("internalNotes", &mut row.internal_notes, self.internal_notes);
        set("externalId", &mut row.external_id, self.external_id);
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

        let list = emails(&row.emails, self.email, self.emails);
        let primary = list.0.iter().find(|one| one.primary).map(|one| one.email.clone());
        changes.set("email", &mut row.email, primary);
        changes.set("emails", &mut row.emails, list);
        let list = phones(&row.phones, self.phone, self.phones);
        let primary = list.0.iter().find(|one| one.primary).map(|one| one.phone.clone());
        changes.set("phone", &mut row.phone, primary);
        changes.set("phones", &mut row.phones, list);

        let is_vip = self.is_vip.over_required(&row.is_vip, false);
        changes.set("isVip", &mut row.is_vip, is_vip);
        let priority = self.priority_override.over(&row.priority_override);
        changes.set("priorityOverride", &mut row.priority_override, priority);
        let tags = self.tags.over_required(&row.tags.0, Vec::new());
        changes.set("tags", &mut row.tags, Tags(tags));
        let status = self.status.over_required(&row.status, Status::Active);
        changes.set("status", &mut row.status, status);
        let sentiment = self.sentiment.over_required(&row.sentiment, Sentiment::Neutral);
        changes.set("sentiment", &mut row.sentiment, sentiment);
        let signed_up_at = self.signed_up_at.over(&row.signed_up_at);
        changes.set("signedUpAt", &mut row.signed_up_at, signed_up_at);

        row.name_key = row.name.as_deref().map(fold).unwrap_or_default();
        row.email_key = row.email.as_deref().map(email_key).unwrap_or_default();
        row.company_key = row.company.as_deref().map(fold).unwrap_or_default();
        Ok(changes)
    }
}

fn take<T>(field: &mut Patch<T>) -> bool {
    std::mem::take(field).is_given()
}

/// Removes an entry of a list, or the whole list. If no entry would be left, the stored list remains.
fn take_entry<T>(field: &mut Patch<Vec<T>>, index: Option<usize>, primary: fn(&mut T) -> &mut bool) -> bool {
    match (index, field) {
        (Some(index), Patch::Set(list)) if list.len() > 1 && index < list.len() => {
            let mut taken = list.remove(index);
            if *primary(&mut taken)
                && let Some(first) = list.first_mut()
            {
                *primary(first) = true;
            }
            true
        }
        (_, field) => take(field),
    }
}
