//! Messages before they are written: their texts within the bounds of a message, since what another system allowed may be
//! more, or nothing, here; the HTML cleaned, and the text scored. All of it takes long, and is done before a transaction
//! begins.

use std::{borrow::Cow, collections::HashSet};

use entity::external_reference::Kind;

use super::{ImportMessage, ImportSender, Source};
use crate::{
    service::{
        Error, Services, UserError, UserErrorCode,
        message::{Cleaned, Draft, PreparedText},
        validate::{Checks, EXTERNAL_ID_MAX, LINE_MAX},
    },
    store,
};

/// A message whose texts can be kept, or what is wrong with it.
#[derive(Clone, Debug)]
pub(super) struct Fitted<'a> {
    /// The message as it was given.
    pub given: &'a ImportMessage,
    /// The message with texts that can be kept.
    pub row: Cow<'a, ImportMessage>,
    /// The changes to its texts.
    pub told: Vec<UserError>,
    /// The mistakes in it.
    pub faults: Vec<UserError>,
    /// Its HTML and its score, if it is to be written.
    pub ready: Option<PreparedText>,
}

/// The messages of a batch. Messages that exist, the second one of an id, and messages without a ticket or
/// conversation are not made ready.
pub(super) async fn all<'a>(
    services: &Services,
    source: &Source<'_>,
    rows: &'a [ImportMessage],
) -> Result<Vec<Fitted<'a>>, Error> {
    let ids = rows.iter().map(|row| row.external_id.clone());
    let of = source.of(Kind::Message);
    let here = store::external_reference::find_many(services.db.connection(), of, ids).await?;
    let mut places = HashSet::new();
    for kind in [Kind::Ticket, Kind::Conversation] {
        let parents = rows.iter().map(|row| row.place.reference());
        let ids = parents.filter(|&(of, _)| of == kind).map(|(_, id)| id.to_owned());
        let connection = services.db.connection();
        let known = store::external_reference::find_many(connection, source.of(kind), ids).await?;
        places.extend(known.into_keys().map(|id| (kind, id)));
    }
    let is_new = are_new(rows, here.keys().map(String::as_str), &places);
    let rows = rows.iter().zip(is_new);
    Ok(rows
        .map(|(row, is_new)| Fitted::of(services, source, row, is_new))
        .collect())
}

/// Whether each message is to be written: it is the first of its id, does not exist, and has a place.
fn are_new<'a>(
    rows: &'a [ImportMessage],
    here: impl Iterator<Item = &'a str>,
    places: &HashSet<(Kind, String)>,
) -> Vec<bool> {
    let mut seen: HashSet<&str> = here.collect();
    let has_place = |row: &ImportMessage| {
        let (kind, id) = row.place.reference();
        places.contains(&(kind, id.to_owned()))
    };
    rows.iter()
        .map(|row| has_place(row) && seen.insert(&row.external_id))
        .collect()
}

/// The report of a blank text of a message that exists.
const BLANK_UNCHANGED: &str = "The value is blank. The existing message is not changed.";

impl<'a> Fitted<'a> {
    /// The changes to the texts, as they are reported if the message exists: a blank text was not filled in. The message
    /// may have been created by another import after the texts were fitted.
    pub(super) fn changes_of_existing(&self) -> Vec<UserError> {
        let told = self.told.iter().cloned();
        told.map(|error| match error.code {
            UserErrorCode::Required => UserError::new(error.code, BLANK_UNCHANGED, &["body"]),
            _ => error,
        })
        .collect()
    }

    /// One message. Only a new one is made ready.
    pub(super) fn of(
        services: &Services,
        source: &Source<'_>,
        given: &'a ImportMessage,
        is_new: bool,
    ) -> Self {
        let max = services.message_bytes_max;
        let (mut row, mut told) = (Cow::Borrowed(given), Vec::new());
        if !source.strict {
            fit_html(&mut row, max, &mut told);
        }
        let html = row.body_html.as_deref();
        let html = html.filter(|html| is_new && html.len() <= max);
        let cleaned = Cleaned::of(html, max);
        if !source.strict {
            fit_body(&mut row, is_new.then_some(&cleaned), max, &mut told);
        }
        let faults = faults(services, source, &row);
        let ready = (is_new && faults.is_empty()).then(|| draft(&row).ready_with(services, cleaned));
        Self {
            given,
            row,
            told,
            faults,
            ready,
        }
    }
}

/// The text of a message as it was given.
pub(super) fn draft(row: &ImportMessage) -> Draft<'_> {
    Draft {
        body: &row.body,
        body_html: row.body_html.as_deref(),
        direction: row.direction,
    }
}

fn fit_html(row: &mut Cow<'_, ImportMessage>, max: usize, told: &mut Vec<UserError>) {
    if let Some(length) = row.body_html.as_ref().map(String::len)
        && length > max
    {
        row.to_mut().body_html = None;
        let message = format!("The value has {length} bytes; the maximum is {max}. The value is left out.");
        told.push(UserError::new(UserErrorCode::TooLong, message, &["bodyHtml"]));
    }
}

/// Fills in a blank text and truncates a long one. `html` is `None` for a message that exists.
fn fit_body(row: &mut Cow<'_, ImportMessage>, html: Option<&Cleaned>, max: usize, told: &mut Vec<UserError>) {
    if row.body.trim().is_empty() {
        let text = html.map(Cleaned::text);
        let message = match &text {
            Some(Some(_)) => "The value is blank. The text of bodyHtml is used instead.",
            Some(None) => "The value is blank. The message is imported without text.",
            None => BLANK_UNCHANGED,
        };
        row.to_mut().body = text.flatten().unwrap_or_default();
        told.push(UserError::new(UserErrorCode::Required, message, &["body"]));
    }
    if row.body.len() > max {
        let message = format!(
            "The value has {} bytes; the maximum is {max}. It is truncated.",
            row.body.len()
        );
        let mut end = max;
        while !row.body.is_char_boundary(end) {
            end -= 1;
        }
        row.to_mut().body.truncate(end);
        told.push(UserError::new(UserErrorCode::TooLong, message, &["body"]));
    }
}

fn faults(services: &Services, source: &Source<'_>, row: &ImportMessage) -> Vec<UserError> {
    let mut checks = Checks::default();
    checks.required(&row.external_id, EXTERNAL_ID_MAX, &["id"]);
    // A mailer has no address.
    let is_expected = source.strict && row.sender == ImportSender::Address;
    if is_expected || !row.sender_email.is_empty() {
        checks.email(&row.sender_email, &["senderEmail"]);
    }
    checks.line(row.sender_name.clone().into(), LINE_MAX, &["senderName"]);
    checks.long_text(&row.body, services.message_bytes_max, !source.strict, &["body"]);
    if let Some(html) = &row.body_html {
        checks.long_text(html, services.message_bytes_max, true, &["bodyHtml"]);
    }
    match checks.finish() {
        Err(Error::Refused(errors)) => errors,
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use entity::message::Direction;

    use super::*;
    use crate::service::import::ImportPlace;

    fn message(id: &str, place: ImportPlace) -> ImportMessage {
        ImportMessage {
            external_id: id.to_owned(),
            place,
            direction: Direction::Inbound,
            sender_email: String::new(),
            sender: ImportSender::Customer,
            sender_name: None,
            body: String::new(),
            body_html: Some("<p>Hello</p>".to_owned()),
            created_at: None,
            attachments: Vec::new(),
            internal: false,
        }
    }

    #[test]
    fn the_blank_text_of_an_existing_message_is_not_reported_as_filled_in() {
        let given = message("m1", ImportPlace::Ticket("t1".to_owned()));
        let (mut row, mut told) = (Cow::Borrowed(&given), Vec::new());
        let cleaned = Cleaned::of(given.body_html.as_deref(), 1_000);
        fit_body(&mut row, Some(&cleaned), 1_000, &mut told);
        let fitted = Fitted {
            given: &given,
            row,
            told,
            faults: Vec::new(),
            ready: None,
        };
        let text = |errors: &[UserError]| errors.iter().map(|one| one.message.clone()).collect::<String>();
        assert_eq!(
            text(&fitted.told),
            "The value is blank. The text of bodyHtml is used instead."
        );
        assert_eq!(text(&fitted.changes_of_existing()), BLANK_UNCHANGED);
    }

    #[test]
    fn only_a_new_message_with_a_place_is_made_ready() {
        let (ticket, conversation) = (ImportPlace::Ticket, ImportPlace::Conversation);
        let rows = [
            message("m1", ticket("t1".to_owned())),
            message("m2", ticket("erased".to_owned())),
            message("m3", ticket("t1".to_owned())),
            message("m3", ticket("t1".to_owned())),
            message("m4", conversation("t1".to_owned())),
        ];
        let places = HashSet::from([(Kind::Ticket, "t1".to_owned())]);
        let new = are_new(&rows, ["m1"].into_iter(), &places);
        assert_eq!(new, [false, false, true, false, false]);
    }
}
