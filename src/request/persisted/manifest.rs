//! Reads the file of trusted documents: Apollo's manifest, or a map of ids to documents, as Relay and graphql-codegen
//! write it.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read},
    path::Path,
};

use serde::Deserialize;
use serde_json::Value;

use super::ManifestError;

/// The maximum size of the file.
const BYTES_MAX: u64 = 16 << 20;
const APOLLO: &str = "apollo-persisted-query-manifest";

#[derive(Deserialize)]
struct Apollo {
    version: u64,
    operations: Vec<Operation>,
}

#[derive(Deserialize)]
struct Operation {
    id: String,
    body: String,
}

/// Reads the documents of a file, by id.
pub fn read(path: &Path) -> Result<BTreeMap<String, String>, ManifestError> {
    let refuse = |reason: &str| ManifestError(format!("{}: {reason}", path.display()));
    let bytes = bytes(path).map_err(|error| refuse(&format!("Cannot read the file: {error}.")))?;
    if bytes.len() as u64 > BYTES_MAX {
        return Err(refuse(&format!("The file is larger than {BYTES_MAX} bytes.")));
    }
    let value: Value = serde_json::from_slice(&bytes)
        .map_err(|error| refuse(&format!("The file is not valid JSON: {error}.")))?;
    let documents = documents(value).map_err(|reason| refuse(&reason))?;
    if documents.is_empty() {
        return Err(refuse("The file contains no document."));
    }
    Ok(documents)
}

fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // One more byte is enough to detect that the file is too large.
    File::open(path)?.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn documents(value: Value) -> Result<BTreeMap<String, String>, String> {
    if value.get("format").is_none() {
        let plain = serde_json::from_value(value);
        return plain.map_err(|_| {
            "The file is neither an Apollo persisted query manifest nor a map of ids to documents.".to_owned()
        });
    }
    if value.get("format") != Some(&Value::from(APOLLO)) {
        return Err(format!("format: The value must be {APOLLO}."));
    }
    let apollo: Apollo =
        serde_json::from_value(value).map_err(|error| format!("The manifest is not valid: {error}."))?;
    if apollo.version != 1 {
        return Err(format!("version: The value is {}. Supported: 1.", apollo.version));
    }
    let mut documents = BTreeMap::new();
    for Operation { id, body } in apollo.operations {
        if documents.get(&id).is_some_and(|other| *other != body) {
            return Err(format!(
                "document {id}: The file contains this id twice, with different texts."
            ));
        }
        documents.insert(id, body);
    }
    Ok(documents)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pairs(value: Value) -> Result<Vec<(String, String)>, String> {
        documents(value).map(|documents| documents.into_iter().collect())
    }

    #[test]
    fn both_formats_are_read() {
        let expected = vec![("a".to_owned(), "{ n }".to_owned())];
        let operation = json!({ "id": "a", "name": "A", "type": "query", "body": "{ n }" });
        let apollo = json!({ "format": APOLLO, "version": 1, "operations": [operation] });
        assert_eq!(pairs(apollo), Ok(expected.clone()));
        assert_eq!(pairs(json!({ "a": "{ n }" })), Ok(expected));
    }

    #[test]
    fn other_formats_are_refused_with_a_reason() {
        let twice = json!([{ "id": "a", "body": "{ n }" }, { "id": "a", "body": "{ m }" }]);
        for (value, reason) in [
            (json!([]), "The file is neither"),
            (json!({ "a": 1 }), "The file is neither"),
            (json!({ "format": "other" }), "format: The value must be"),
            (
                json!({ "format": APOLLO, "version": 2, "operations": [] }),
                "version: The value is 2",
            ),
            (
                json!({ "format": APOLLO, "version": 1 }),
                "The manifest is not valid: missing field `operations`",
            ),
            (
                json!({ "format": APOLLO, "version": 1, "operations": twice }),
                "document a: The file contains this id twice",
            ),
        ] {
            let refused = documents(value).expect_err("refused");
            assert!(refused.starts_with(reason), "{refused}");
        }
    }
}
