//! Cleans the HTML of messages: what a browser could run or load is taken out, and what is too costly is refused.
//!
//! [`cost`] finds out how many steps the cleaning would take, [`ammonia`] does it.

mod attributes;
mod cost;
mod skeleton;
mod text;

use std::sync::LazyLock;

use ammonia::Builder;

use crate::service::warning::WarningCode;

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder
        // Which way the script runs: Arabic and Hebrew cannot be read without it.
        .add_generic_attributes(["dir"])
        // Pictures that came with the mail. Browsers load nothing from there; a client can put the attachment in.
        .add_url_schemes(["cid"])
        // It was never shown.
        .add_clean_content_tags(["title"]);
    builder
});

/// The HTML without what a browser could run, at most `bytes_max` long; none when nothing is left.
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

/// The text of HTML; none when there is nothing to read in it, or it is too costly to clean.
pub fn text_of(html: &str, bytes_max: usize) -> Option<String> {
    let cleaned = clean(html, bytes_max).ok().flatten()?;
    Some(text::text(&cleaned)).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
