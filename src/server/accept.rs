//! Media types that a caller accepts: the weighted list in its `Accept` header. A type with weight 0 is not
//! accepted.

use axum::http::{HeaderMap, header::ACCEPT};
use mediatype::{MediaType, MediaTypeList, Name, ReadParams};

/// Weights of the response types that the caller names.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Accepted {
    /// Weight of `application/graphql-response+json`.
    modern: Option<f32>,
    /// Weight of `application/json`.
    json: Option<f32>,
    /// Weight of `text/event-stream`.
    stream: Option<f32>,
    /// Weight of `application/*` or `*/*`.
    any: Option<f32>,
}

/// Name of the weight parameter.
const WEIGHT: Name<'static> = Name::new_unchecked("q");

impl Accepted {
    /// Reads the `Accept` headers of a request.
    pub fn of(headers: &HeaderMap) -> Self {
        let mut accepted = Self::default();
        let values = headers.get_all(ACCEPT).iter();
        for value in values.filter_map(|value| value.to_str().ok()) {
            for kind in MediaTypeList::new(value).filter_map(Result::ok) {
                accepted.add(&kind);
            }
        }
        accepted
    }

    fn add(&mut self, kind: &MediaType) {
        let name = kind.essence().to_string().to_ascii_lowercase();
        let place = match name.as_str() {
            "application/graphql-response+json" => &mut self.modern,
            "application/json" => &mut self.json,
            "text/event-stream" => &mut self.stream,
            "application/*" | "*/*" => &mut self.any,
            _ => return,
        };
        // An invalid weight is ignored.
        let weight = kind.get_param(WEIGHT);
        let weight = weight.and_then(|weight| weight.as_str().parse::<f32>().ok());
        let weight = weight
            .filter(|weight| (0.0..=1.0).contains(weight))
            .unwrap_or(1.0);
        *place = Some(place.unwrap_or(0.0).max(weight));
    }

    /// Whether the response uses `application/graphql-response+json`, whose status shows whether the request
    /// was executed. The caller must name the type, with at least the weight of `application/json`.
    pub fn is_modern(self) -> bool {
        let modern = self.modern.unwrap_or(0.0);
        modern > 0.0 && modern >= self.json.unwrap_or(0.0)
    }

    /// Whether an event stream is accepted. The caller must name the type.
    pub fn takes_stream(self) -> bool {
        self.stream.is_some_and(|weight| weight > 0.0)
    }

    /// Whether a single JSON response is accepted, in either type.
    pub fn takes_json(self) -> bool {
        let any = self.any.unwrap_or(0.0);
        [self.modern, self.json]
            .iter()
            .any(|weight| weight.unwrap_or(any) > 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(accept: &str) -> Accepted {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, accept.parse().expect("a header"));
        Accepted::of(&headers)
    }

    #[test]
    fn graphql_response_json_needs_explicit_preference() {
        for accept in [
            "application/graphql-response+json",
            "application/json, application/graphql-response+json",
            "application/graphql-response+json; charset=utf-8, application/json; charset=utf-8; q=0.9",
            "APPLICATION/GraphQL-Response+JSON;Q=0.5, */*;q=0.1",
        ] {
            assert!(of(accept).is_modern(), "{accept}");
        }
        for accept in [
            "",
            "*/*",
            "application/json",
            "application/graphql-response+json;q=0",
            "application/graphql-response+json;q=0.5, application/json",
            "application/x;note=\"application/graphql-response+json\"",
        ] {
            assert!(!of(accept).is_modern(), "{accept}");
        }
    }

    #[test]
    fn media_types_with_zero_weight_are_not_accepted() {
        for (accept, stream, json) in [
            ("text/event-stream", true, false),
            ("text/event-stream;q=0", false, false),
            ("text/event-stream;q=0.000, application/json", false, true),
            ("text/event-stream, application/json;q=0", true, false),
            ("text/event-stream, */*;q=0", true, false),
            ("text/event-stream, */*", true, true),
            ("text/event-stream, application/*;q=0.1", true, true),
            ("text/event-stream, application/json;q=0, */*", true, true),
            ("text/event-stream;q=much", true, false),
        ] {
            let accepted = of(accept);
            assert_eq!(
                (accepted.takes_stream(), accepted.takes_json()),
                (stream, json),
                "{accept}"
            );
        }
    }
}
