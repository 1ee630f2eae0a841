//! A response, and methods to read it.

use serde_json::Value;

use super::plain;

/// A GraphQL response.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    /// Reads a response. Panics if it is not GraphQL.
    pub async fn read(response: reqwest::Response) -> Self {
        let status = response.status().as_u16();
        let text = response.text().await.expect("a body");
        let body: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("not JSON: {text}"));
        plain::check(&body);
        Self { status, body }
    }

    /// Returns the data. Panics if there are errors.
    pub fn data(self) -> Value {
        assert!(
            self.body.get("errors").is_none(),
            "errors: {}",
            self.body["errors"]
        );
        self.body["data"].clone()
    }

    /// Returns the value at a path in the data, such as `/ticket/id`. Panics if there are errors.
    pub fn at(self, pointer: &str) -> Value {
        let data = self.data();
        data.pointer(pointer)
            .unwrap_or_else(|| panic!("nothing at {pointer} in {data}"))
            .clone()
    }

    /// Returns the text at a path in the data.
    pub fn text(self, pointer: &str) -> String {
        let value = self.at(pointer);
        value
            .as_str()
            .unwrap_or_else(|| panic!("no text at {pointer}: {value}"))
            .to_owned()
    }

    /// Returns code and argument of the first error, as `BAD_USER_INPUT first`.
    pub fn error(&self) -> String {
        let extensions = &self.body["errors"][0]["extensions"];
        let code = extensions["code"]
            .as_str()
            .unwrap_or_else(|| panic!("no coded error: {}", self.body));
        match extensions["argument"].as_str() {
            Some(argument) => format!("{code} {argument}"),
            None => code.to_owned(),
        }
    }

    /// Returns code and path of every user error of the only field, as `REQUIRED input.subject`.
    pub fn user_errors(&self) -> Vec<String> {
        let fields = self.body["data"]
            .as_object()
            .unwrap_or_else(|| panic!("no data: {}", self.body));
        let (_, payload) = fields.iter().next().expect("a field");
        let errors = payload["userErrors"]
            .as_array()
            .unwrap_or_else(|| panic!("no userErrors: {payload}"));
        let path = |error: &Value| {
            let parts = error["path"]
                .as_array()
                .expect("a path")
                .iter()
                .map(|part| part.as_str().expect("text"));
            parts.collect::<Vec<_>>().join(".")
        };
        errors
            .iter()
            .map(|error| format!("{} {}", error["code"].as_str().expect("a code"), path(error)))
            .collect()
    }
}
