//! From one page of a list to the next, in the ways that vendors document.

use reqwest::Url;
use serde_json::Value;

/// How a list is paged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paging {
    /// By `offset`; the answer tells the `total`.
    Offset,
    /// By `page`; under `pagination` the answer tells whether there `hasMore`, or a `total` and how many are on a page.
    Number,
    /// The answer names the next page itself: `links.next`.
    Links,
    /// Not at all: everything comes at once.
    None,
}

impl Paging {
    /// The page behind one that was asked for and held so many objects; none behind the last. An error says why the
    /// answer cannot be followed.
    pub fn next(self, asked: &Url, answer: &Value, count: u64) -> Result<Option<Url>, String> {
        match self {
            Self::Offset => {
                let offset = number_in(asked, "offset").unwrap_or(0);
                same("offset", offset, answer.get("offset"))?;
                let next = offset.saturating_add(count);
                let more = count > 0 && total(answer).is_none_or(|total| next < total);
                Ok(more.then(|| with(asked, "offset", next)))
            }
            Self::Number => {
                let page = number_in(asked, "page").unwrap_or(1);
                let told = answer.get("pagination").unwrap_or(&Value::Null);
                same("page", page, told.get("page"))?;
                let size = told.get("perPage").and_then(Value::as_u64);
                let more = match (
                    told.get("hasMore").and_then(Value::as_bool),
                    total(told).zip(size),
                ) {
                    (Some(true), _) if count == 0 => {
                        return Err("says that there is more, but the page is empty".to_owned());
                    }
                    (Some(more), _) => more,
                    (None, Some((total, size))) => count > 0 && page.saturating_mul(size) < total,
                    (None, None) => count > 0,
                };
                Ok(more.then(|| with(asked, "page", page.saturating_add(1))))
            }
            Self::Links => {
                let next = answer.pointer("/links/next").unwrap_or(&Value::Null);
                let Some(next) = next.as_str().or_else(|| next.get("href").and_then(Value::as_str)) else {
                    return Ok(None);
                };
                let next = asked
                    .join(next)
                    .map_err(|_| "names a next page that is no address (links.next)".to_owned())?;
                if next.origin() != asked.origin() {
                    let reason = "names a next page on another host (links.next); the key is not sent there";
                    return Err(reason.to_owned());
                }
                if next == *asked {
                    return Err("names itself as the next page (links.next)".to_owned());
                }
                Ok(Some(next))
            }
            Self::None => Ok(None),
        }
    }
}

/// A vendor that answers another page than the one that was asked for would be read for ever.
fn same(name: &str, asked: u64, answered: Option<&Value>) -> Result<(), String> {
    match answered.and_then(Value::as_u64) {
        Some(other) if other != asked => Err(format!(
            "answers {name} {other} when {name} {asked} was asked for"
        )),
        _ => Ok(()),
    }
}

fn total(told: &Value) -> Option<u64> {
    told.get("total").and_then(Value::as_u64)
}

fn number_in(url: &Url, name: &str) -> Option<u64> {
    url.query_pairs()
        .find(|(key, _)| key == name)
        .and_then(|(_, value)| value.parse().ok())
}

fn with(url: &Url, name: &str, number: u64) -> Url {
    let others: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(key, _)| key != name)
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect();
    let mut next = url.clone();
    next.query_pairs_mut()
        .clear()
        .extend_pairs(others)
        .append_pair(name, &number.to_string());
    next
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn next(paging: Paging, asked: &str, answer: &Value, count: u64) -> Result<Option<String>, String> {
        let asked = Url::parse(asked).expect("an address");
        paging
            .next(&asked, answer, count)
            .map(|next| next.map(String::from))
    }

    fn at(address: &str) -> Result<Option<String>, String> {
        Ok(Some(address.to_owned()))
    }

    #[test]
    fn an_offset_moves_by_what_came_until_the_total() {
        let asked = "https://a.example/api/customers?limit=100&offset=100";
        let answer = json!({ "total": 156, "limit": 20, "offset": 100 });
        let expected = at("https://a.example/api/customers?limit=100&offset=120");
        assert_eq!(next(Paging::Offset, asked, &answer, 20), expected);
        assert_eq!(next(Paging::Offset, asked, &answer, 56), Ok(None));
        assert_eq!(next(Paging::Offset, asked, &json!({}), 0), Ok(None));
        assert!(next(Paging::Offset, asked, &json!({ "offset": 0 }), 1).is_err());
    }

    #[test]
    fn a_number_moves_while_there_is_more() {
        let asked = "https://a.example/t?page=2&per_page=100";
        let expected = at("https://a.example/t?per_page=100&page=3");
        let pages = |told: Value, count| next(Paging::Number, asked, &json!({ "pagination": told }), count);
        assert_eq!(
            pages(json!({ "page": 2, "perPage": 10, "total": 45 }), 10),
            expected
        );
        assert_eq!(
            pages(json!({ "page": 2, "perPage": 10, "total": 20 }), 10),
            Ok(None)
        );
        assert_eq!(pages(json!({ "hasMore": true, "total": 156 }), 1), expected);
        assert_eq!(pages(json!({ "hasMore": false }), 100), Ok(None));
        assert!(pages(json!({ "page": 1, "hasMore": true }), 1).is_err());
        assert!(pages(json!({ "hasMore": true }), 0).is_err());
    }

    #[test]
    fn a_link_is_followed_on_the_same_host_only() {
        let asked = "https://a.example/v1/customers";
        let links = |next_page: Value| {
            next(
                Paging::Links,
                asked,
                &json!({ "links": { "next": next_page } }),
                1,
            )
        };
        let expected = at("https://a.example/v1/customers?page=2");
        assert_eq!(links(json!("/v1/customers?page=2")), expected);
        assert_eq!(
            links(json!({ "href": "https://a.example/v1/customers?page=2" })),
            expected
        );
        assert_eq!(links(Value::Null), Ok(None));
        for other in [
            "https://b.example/v1/customers",
            "http://a.example/",
            "//b.example/",
            "",
            "https://[",
        ] {
            assert!(links(json!(other)).is_err(), "{other}");
        }
    }
}
