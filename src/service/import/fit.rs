//! Fits the texts of imported messages into the limits of a message. Other systems allow longer or empty
//! texts.

use std::borrow::Cow;

use super::ImportMessage;
use crate::service::{Services, UserError, UserErrorCode, message::text_of};

/// Returns a message whose texts can be stored, and a report of the changes.
pub(super) fn message<'a>(
    services: &Services,
    row: &'a ImportMessage,
) -> (Cow<'a, ImportMessage>, Vec<UserError>) {
    let max = services.message_bytes_max;
    let (mut row, mut told) = (Cow::Borrowed(row), Vec::new());
    if let Some(length) = row.body_html.as_ref().map(String::len)
        && length > max
    {
        row.to_mut().body_html = None;
        let message = format!("The value has {length} bytes; the maximum is {max}. The value is left out.");
        told.push(UserError::new(UserErrorCode::TooLong, message, &["bodyHtml"]));
    }
    if row.body.trim().is_empty() {
        let text = row.body_html.as_deref().and_then(|html| text_of(html, max));
        let message = match text {
            Some(_) => "The value is blank. The text of bodyHtml is used instead.",
            None => "The value is blank. The message is imported without text.",
        };
        row.to_mut().body = text.unwrap_or_default();
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
    (row, told)
}
