//! Fields of a customer that callers can write.

use entity::{
    Timestamp,
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
        patch::patches,
        validate::{Checks, EXTERNAL_ID_MAX, LINE_MAX, NOTES_MAX, URL_MAX, WORD_MAX},
    },
    store::filter::email_key,
    words::fold,
};

patches! {
    /// Fields of a customer in a create or update.
    CustomerFields of Model, told {
        /// Custom fields, merged key by key.
        custom_fields: Map<String, Value> => custom,
        name: String => line(LINE_MAX),
        /// Name to display instead of `name`.
        display_name: String => line(LINE_MAX),
        first_name: String => line(LINE_MAX),
        last_name: String => line(LINE_MAX),
        /// Name in the caller's own product.
        username: String => line(LINE_MAX),
        avatar_url: String => line(URL_MAX),
        display_color: String => line(WORD_MAX),
        display_icon: String => line(WORD_MAX),
        /// Primary address. It replaces the former one, the others remain.
        email: String,
        emails: Vec<EmailInput>,
        /// Primary phone number. It replaces the former one, the others remain.
        phone: String => checked(WORD_MAX),
        phones: Vec<PhoneInput>,
        company: String => line(LINE_MAX),
        job_title: String => line(LINE_MAX),
        location: String => line(LINE_MAX),
        /// IANA name of the time zone.
        timezone: String => nullable,
        /// Whether the customer has priority treatment.
        is_vip: bool => or(false),
        /// Priority of new tickets.
        priority_override: Priority => nullable,
        tags: Vec<String> => tags,
        internal_notes: String => line(NOTES_MAX),
        status: Status => or(Status::Active),
        /// Mood of the customer, as an agent sets it.
        sentiment: Sentiment => or(Sentiment::Neutral),
        /// Id in the caller's system.
        external_id: String => line(EXTERNAL_ID_MAX),
        salesforce_contact_id: String => line(EXTERNAL_ID_MAX),
        hubspot_contact_id: String => line(EXTERNAL_ID_MAX),
        hubspot_company_id: String => line(EXTERNAL_ID_MAX),
        /// Time when the customer signed up in the caller's own product.
        signed_up_at: Timestamp => nullable,
    }
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
        let mut fields = Self {
            custom_fields,
            emails,
            phones,
            timezone,
            tags,
            ..self
        };
        fields.check_lines(checks, root);
        fields
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
        let mut changes = self.write(row, root)?;
        let list = emails(&row.emails, self.email, self.emails);
        let primary = list.0.iter().find(|one| one.primary).map(|one| one.email.clone());
        changes.set("email", &mut row.email, primary);
        changes.set("emails", &mut row.emails, list);
        let list = phones(&row.phones, self.phone, self.phones);
        let primary = list.0.iter().find(|one| one.primary).map(|one| one.phone.clone());
        changes.set("phone", &mut row.phone, primary);
        changes.set("phones", &mut row.phones, list);

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
