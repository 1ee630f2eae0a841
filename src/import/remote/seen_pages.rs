//! Records the pages and objects of a list, to detect lists that never end.

use std::collections::HashSet;

use reqwest::Url;
use serde_json::Value;

use crate::{import::hash, service::wording::plural};

/// Maximum number of pages of a list in one run.
const PAGES_MAX: usize = 100_000;
/// Maximum number of consecutive empty pages that name a next page.
const EMPTY_MAX: u32 = 100;

/// Hashes of the pages and objects of a list, eight bytes each.
#[derive(Debug, Default)]
pub struct SeenPages {
    pages: HashSet<u64>,
    objects: HashSet<u64>,
    empty: u32,
}

impl SeenPages {
    /// Records the URL of a page before it is requested. An error says why it must not be requested.
    pub fn page(&mut self, url: &Url) -> Result<(), String> {
        if !self.pages.insert(hash(url)) {
            return Err(
                "The vendor already named this page as the next page: the list has no end.".to_owned(),
            );
        }
        if self.pages.len() > PAGES_MAX {
            return Err(format!(
                "The command read {PAGES_MAX} pages: the list has no end. Run the same command again to continue after them."
            ));
        }
        Ok(())
    }

    /// Records an object. Returns whether it is new.
    pub fn object(&mut self, object: &Value) -> bool {
        let known_by = object.get("id").filter(|id| !id.is_null()).unwrap_or(object);
        self.objects.insert(hash(known_by))
    }

    /// Checks a page that names a next page, by its number of objects and of new objects. An error says why
    /// the next page must not be requested.
    pub fn goes_on(&mut self, count: u64, new: u64) -> Result<(), String> {
        if count > 0 && new == 0 {
            let objects = plural(count, "object", "objects");
            return Err(format!(
                "The page contains {count} {objects} and no new one, and names a next page: the list has no end."
            ));
        }
        self.empty = if count == 0 { self.empty + 1 } else { 0 };
        if self.empty >= EMPTY_MAX {
            return Err(format!(
                "The page is the {EMPTY_MAX}th empty page in a row and names a next page: the list has no end."
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn seen_objects_are_recognized_by_id_or_content() {
        let mut seen = SeenPages::default();
        for (object, is_new) in [
            (json!({ "id": 1, "name": "a" }), true),
            (json!({ "id": 1, "name": "b" }), false),
            (json!({ "id": "1" }), true),
            (json!({ "id": null, "name": "a" }), true),
            (json!({ "id": null, "name": "b" }), true),
            (json!({ "id": null, "name": "b" }), false),
            (json!(7), true),
            (json!(7), false),
        ] {
            assert_eq!(seen.object(&object), is_new, "{object}");
        }
    }

    #[test]
    fn the_number_of_requested_pages_is_bounded() {
        let mut seen = SeenPages::default();
        let url = |page: usize| Url::parse(&format!("https://a.example/?page={page}")).expect("an address");
        for page in 0..PAGES_MAX {
            assert_eq!(seen.page(&url(page)), Ok(()));
        }
        let error = seen.page(&url(PAGES_MAX)).expect_err("refused");
        assert!(error.contains("100000 pages"), "{error}");
    }

    #[test]
    fn a_few_empty_pages_are_followed() {
        let mut seen = SeenPages::default();
        for _ in 1..EMPTY_MAX {
            assert_eq!(seen.goes_on(0, 0), Ok(()));
        }
        assert_eq!(seen.goes_on(2, 1), Ok(()));
        for _ in 1..EMPTY_MAX {
            assert_eq!(seen.goes_on(0, 0), Ok(()));
        }
        assert!(seen.goes_on(0, 0).is_err());
    }
}
