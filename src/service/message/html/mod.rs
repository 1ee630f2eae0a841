//! Sanitizes the HTML of messages: removes everything that a browser could run or load, and rejects HTML that
//! is too costly.
//!
//! [`cost`] computes the number of steps, [`ammonia`] sanitizes.

mod attributes;
mod cost;
mod text;
mod tree_outline;

use std::sync::LazyLock;

use ammonia::Builder;

use crate::service::warning::WarningCode;

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder
        // Text direction, without which Arabic and Hebrew are unreadable.
        .add_generic_attributes(["dir"])
        // Images of the mail itself. Browsers load nothing from this scheme, but clients can insert the
        // attachment.
        .add_url_schemes(["cid"])
        // Mail programs do not display the title.
        .add_clean_content_tags(["title"]);
    builder
});

/// Returns the HTML without anything that a browser could run, at most `bytes_max` bytes. `None` if nothing
/// is left.
pub fn clean(html: &str, bytes_max: usize) -> Result<Option<String>, WarningCode> {
    if cost::check(html).is_err() {
        return Err(WarningCode::HtmlTooCostly);
    }
    let cleaned = CLEANER.clean(html).to_string();
    if cleaned.len() > bytes_max {
        return Err(WarningCode::HtmlTooLong);
    }
    Ok(Some(cleaned).filter(|html| !html.trim().is_empty()))
}

/// The text of HTML that was [cleaned](clean); none when there is nothing to read in it.
pub fn text_of(cleaned: &str) -> Option<String> {
    Some(text::text(cleaned)).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
