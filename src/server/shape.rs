//! Describes the error in a body that is not a GraphQL request, as a sentence that names the field.

use std::collections::HashMap;

use serde_json::value::RawValue;

/// The fields of a request with their types and the first character of their values.
const FIELDS: [(&str, &str, char); 5] = [
    ("query", "a string", '"'),
    ("operationName", "a string", '"'),
    ("variables", "a JSON object", '{'),
    ("extensions", "a JSON object", '{'),
    ("documentId", "a string", '"'),
];

/// Error texts of the JSON library for an incomplete surrogate pair.
const HALVES: [&str; 2] = [
    "lone leading surrogate in hex escape",
    "unexpected end of hex escape",
];

/// Describes the error in a body that could not be parsed.
pub fn fault(body: &[u8], error: &serde_json::Error) -> String {
    if error.is_syntax() || error.is_eof() {
        // The error contains only a position and no part of the body.
        let text = error.to_string();
        let (reason, _) = text.rsplit_once(" at line ").unwrap_or((&text, ""));
        let (line, column) = (error.line(), error.column());
        return if HALVES.contains(&reason) {
            // The client has cut a text between the halves of a surrogate pair.
            format!(
                "The request body contains an incomplete surrogate pair (\\uD800 to \\uDFFF) at line {line} column {column}."
            )
        } else {
            format!("The request body is not valid JSON: {text}.")
        };
    }
    wrong_field(body).unwrap_or_else(|| {
        "The request body is not a GraphQL request. A request is a JSON object with `query` and `variables`.".to_owned()
    })
}

/// Describes the first field that has the wrong type.
fn wrong_field(body: &[u8]) -> Option<String> {
    let fields: HashMap<String, &RawValue> = serde_json::from_slice(body).ok()?;
    FIELDS.iter().find_map(|(name, kind, begins)| {
        let value = fields.get(*name)?.get();
        let fits = value.starts_with(*begins) || value == "null";
        (!fits).then(|| format!("`{name}` is not {kind}."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Sent;

    fn fault_of(body: &str) -> String {
        let error = serde_json::from_str::<Sent>(body).expect_err("no request");
        fault(body.as_bytes(), &error)
    }

    #[test]
    fn the_invalid_field_is_named() {
        for (body, expected) in [
            (
                r#"{"query":"{a}","variables":""}"#,
                "`variables` is not a JSON object.",
            ),
            (
                r#"{"query":"{a}","variables":[]}"#,
                "`variables` is not a JSON object.",
            ),
            (r#"{"query":{},"variables":{}}"#, "`query` is not a string."),
            (
                r#"{"query":"{a}","operationName":1}"#,
                "`operationName` is not a string.",
            ),
            (
                r#"{"query":"{a}","extensions":"x"}"#,
                "`extensions` is not a JSON object.",
            ),
        ] {
            assert_eq!(fault_of(body), expected, "{body}");
        }
    }

    #[test]
    fn invalid_json_is_reported_with_its_position() {
        for body in [r#"{"query":"#, r#"{"query" 1}"#, "query", ""] {
            let message = fault_of(body);
            assert!(
                message.starts_with("The request body is not valid JSON: "),
                "{message}"
            );
            assert!(message.contains("line 1 column"), "{message}");
        }
    }
}
