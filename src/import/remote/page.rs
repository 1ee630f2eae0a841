//! Finds the next page of a list, in the ways that vendors document.

use reqwest::Url;
use serde_json::Value;

/// Method of paging.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paging {
    /// By `offset`. The response contains the `total`.
    Offset,
    /// By `page`. Under `pagination` or `meta.pagination`, the response contains `hasMore`, `totalPages`, or
    /// a `total` and the size of a page.
    Number,
    /// The response contains the URL of the next page in `links.next`.
    Links,
}

/// What follows a page.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// Another page.
    Page(Url),
    /// The end of the list.
    End,
    /// The end of the list, although the response announced more. Contains a note for the report.
    Short(String),
}

impl Paging {
    /// Finds what follows a page that was requested with the URL `asked` and returned `count` objects. An
    /// error says why the response cannot be followed.
    pub fn next(self, asked: &Url, answer: &Value, count: u64) -> Result<Next, String> {
        match self {
            Self::Offset => {
                let offset = number_in(asked, "offset").unwrap_or(0);
                same("offset", offset, answer.get("offset"))?;
                let behind = offset.saturating_add(count);
                let total = total(answer);
                if total.is_some_and(|total| behind >= total) {
                    return Ok(Next::End);
                }
                let said = total
                    .map(|total| format!("The vendor reports a total of {total}, but returned {behind}."));
                Ok(more(count, said, || with(asked, "offset", behind)))
            }
            Self::Number => {
                let page = number_in(asked, "page").unwrap_or(1);
                let told = answer
                    .get("pagination")
                    .or_else(|| answer.pointer("/meta/pagination"));
                let told = told.unwrap_or(&Value::Null);
                same("page", page, told.get("page"))?;
                let size = told.get("perPage").or_else(|| told.get("pageSize"));
                let (has_more, total) = (told.get("hasMore").and_then(Value::as_bool), total(told));
                let pages = told.get("totalPages").and_then(Value::as_u64);
                let ends = pages.map(|pages| page >= pages).or_else(|| {
                    let (total, size) = total.zip(size.and_then(Value::as_u64))?;
                    Some(page.saturating_mul(size) >= total)
                });
                let ends = ends.unwrap_or(false);
                if has_more.map_or(ends, |more| !more) {
                    return Ok(Next::End);
                }
                let said = (has_more.is_some() || total.is_some()).then(|| {
                    format!("The vendor reports more pages after page {page}, but that page was empty.")
                });
                Ok(more(count, said, || with(asked, "page", page.saturating_add(1))))
            }
            Self::Links => {
                let next = answer.pointer("/links/next").unwrap_or(&Value::Null);
                let Some(next) = next.as_str().or_else(|| next.get("href").and_then(Value::as_str)) else {
                    return Ok(Next::End);
                };
                let next = asked
                    .join(next)
                    .map_err(|_| "The next page is not a valid URL (links.next).".to_owned())?;
                if next.origin() != asked.origin() {
                    let reason =
                        "The next page is on another host (links.next). The API key is not sent there.";
                    return Err(reason.to_owned());
                }
                if next == *asked {
                    return Err("The response names itself as the next page (links.next).".to_owned());
                }
                Ok(Next::Page(next))
            }
        }
    }
}

/// The next page for counted paging. An empty page ends the list, even if the vendor announces more.
fn more(count: u64, said: Option<String>, next: impl FnOnce() -> Url) -> Next {
    match said {
        _ if count > 0 => Next::Page(next()),
        Some(said) => Next::Short(said),
        None => Next::End,
    }
}

/// Rejects a response with a different page than requested, because the list would never end.
fn same(name: &str, asked: u64, answered: Option<&Value>) -> Result<(), String> {
    match answered.and_then(Value::as_u64) {
        Some(other) if other != asked => Err(format!(
            "The vendor returned {name} {other} instead of {name} {asked}."
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

    fn next(paging: Paging, asked: &str, answer: &Value, count: u64) -> Result<Next, String> {
        paging.next(&Url::parse(asked).expect("an address"), answer, count)
    }

    fn at(address: &str) -> Next {
        Next::Page(Url::parse(address).expect("an address"))
    }

    #[test]
    fn the_offset_grows_by_the_returned_count() {
        let asked = "https://a.example/api/customers?limit=100&offset=100";
        let answer = json!({ "total": 156, "limit": 20, "offset": 100 });
        let expected = Ok(at("https://a.example/api/customers?limit=100&offset=120"));
        assert_eq!(next(Paging::Offset, asked, &answer, 20), expected);
        assert_eq!(next(Paging::Offset, asked, &answer, 56), Ok(Next::End));
        assert_eq!(next(Paging::Offset, asked, &json!({}), 0), Ok(Next::End));
        let short = "The vendor reports a total of 156, but returned 100.".to_owned();
        assert_eq!(next(Paging::Offset, asked, &answer, 0), Ok(Next::Short(short)));
        assert!(next(Paging::Offset, asked, &json!({ "offset": 0 }), 1).is_err());
    }

    #[test]
    fn the_page_number_grows_while_pages_remain() {
        let asked = "https://a.example/t?page=2&per_page=100";
        let expected = Ok(at("https://a.example/t?per_page=100&page=3"));
        let pages = |told: Value, count| next(Paging::Number, asked, &json!({ "pagination": told }), count);
        assert_eq!(
            pages(json!({ "page": 2, "perPage": 10, "total": 45 }), 10),
            expected
        );
        assert_eq!(
            pages(json!({ "page": 2, "perPage": 10, "total": 20 }), 10),
            Ok(Next::End)
        );
        assert_eq!(
            pages(json!({ "hasMore": true, "pageSize": 20, "total": 2 }), 1),
            expected
        );
        assert_eq!(
            pages(
                json!({ "page": 2, "totalPages": 3, "total": 1, "pageSize": 1 }),
                10
            ),
            expected
        );
        assert_eq!(pages(json!({ "page": 2, "totalPages": 2 }), 10), Ok(Next::End));
        let elsewhere =
            json!({ "meta": { "pagination": { "page": 2, "pageSize": 20, "total": 40, "totalPages": 2 } } });
        assert_eq!(next(Paging::Number, asked, &elsewhere, 20), Ok(Next::End));
        assert_eq!(pages(json!({ "hasMore": false }), 100), Ok(Next::End));
        assert_eq!(pages(json!({}), 1), expected);
        assert_eq!(pages(json!({}), 0), Ok(Next::End));
        assert!(matches!(pages(json!({ "hasMore": true }), 0), Ok(Next::Short(_))));
        assert!(pages(json!({ "page": 1, "hasMore": true }), 1).is_err());
    }

    #[test]
    fn links_to_other_hosts_are_not_followed() {
        let asked = "https://a.example/v1/customers";
        let links = |next_page: Value| {
            next(
                Paging::Links,
                asked,
                &json!({ "links": { "next": next_page } }),
                1,
            )
        };
        let expected = Ok(at("https://a.example/v1/customers?page=2"));
        assert_eq!(links(json!("/v1/customers?page=2")), expected);
        assert_eq!(
            links(json!({ "href": "https://a.example/v1/customers?page=2" })),
            expected
        );
        assert_eq!(links(Value::Null), Ok(Next::End));
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
