//! Extracts the content of an `OpenAPI` description.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Endpoint, Found, yaml};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

pub(super) fn scan(text: &str, found: &mut Found) {
    let api = yaml::parse(text);
    let mut seen = BTreeSet::new();
    for (path, methods) in entries(&api["paths"]) {
        for (method, operation) in entries(methods) {
            if method == "parameters" {
                continue;
            }
            assert!(METHODS.contains(&method), "unknown method {method} of {path}");
            let endpoint = Endpoint::new(&method.to_uppercase(), path);
            found.declared.insert(endpoint.clone());
            let shared = methods["parameters"].as_array().into_iter().flatten();
            let own = operation["parameters"].as_array().into_iter().flatten();
            for parameter in shared.chain(own) {
                parameters(&api, parameter, &endpoint, found);
            }
            let body = resolved(&api, &operation["requestBody"], &mut seen);
            contents(&api, body, &endpoint, "body", &mut seen, found);
            for (status, response) in entries(&operation["responses"]) {
                found.item(Some(&endpoint), "status", status);
                let response = resolved(&api, response, &mut seen);
                contents(&api, response, &endpoint, "response", &mut seen, found);
            }
        }
    }
    for (_, scheme) in entries(&api["components"]["securitySchemes"]) {
        match (scheme["type"].as_str(), scheme["name"].as_str()) {
            (Some("http"), _) => found.item(None, "header", "Authorization"),
            (Some("apiKey"), Some(name)) if scheme["in"] == "header" => found.item(None, "header", name),
            other => panic!("unknown security scheme: {other:?}"),
        }
    }
    // Includes schemas that no endpoint refers to.
    for (name, schema) in entries(&api["components"]["schemas"]) {
        if !seen.contains(&format!("#/components/schemas/{name}")) {
            fields(
                &api,
                schema,
                None,
                "field",
                &format!("{name}."),
                &mut BTreeSet::new(),
                found,
            );
        }
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let entries = value.as_object().into_iter().flatten();
    entries.map(|(key, value)| (key.as_str(), value))
}

fn resolved<'a>(api: &'a Value, value: &'a Value, seen: &mut BTreeSet<String>) -> &'a Value {
    let Some(reference) = value["$ref"].as_str() else {
        return value;
    };
    seen.insert(reference.to_owned());
    let pointer = reference.strip_prefix('#').expect("a reference inside the file");
    let target = api
        .pointer(pointer)
        .unwrap_or_else(|| panic!("{reference} does not exist"));
    resolved(api, target, seen)
}

fn parameters(api: &Value, parameter: &Value, endpoint: &Endpoint, found: &mut Found) {
    let parameter = resolved(api, parameter, &mut BTreeSet::new());
    let name = parameter["name"].as_str().expect("a parameter has a name");
    match parameter["in"].as_str() {
        Some("query") => found.item(Some(endpoint), "query", name),
        Some("header") => found.item(None, "header", name),
        Some("path") => {}
        other => panic!("unknown place of a parameter: {other:?}"),
    }
}

fn contents(
    api: &Value,
    body: &Value,
    endpoint: &Endpoint,
    kind: &'static str,
    seen: &mut BTreeSet<String>,
    found: &mut Found,
) {
    for (_, content) in entries(&body["content"]) {
        fields(api, &content["schema"], Some(endpoint), kind, "", seen, found);
    }
}

/// Adds the properties of a schema at all depths. A recursive schema is visited once.
fn fields(
    api: &Value,
    schema: &Value,
    endpoint: Option<&Endpoint>,
    kind: &'static str,
    prefix: &str,
    seen: &mut BTreeSet<String>,
    found: &mut Found,
) {
    assert!(prefix.matches('.').count() < 16, "an endless schema: {prefix}");
    let schema = resolved(api, schema, seen);
    for together in ["allOf", "oneOf", "anyOf"] {
        for part in schema[together].as_array().into_iter().flatten() {
            fields(api, part, endpoint, kind, prefix, seen, found);
        }
    }
    for (name, property) in entries(&schema["properties"]) {
        let property = resolved(api, property, seen);
        let item = resolved(api, &property["items"], seen);
        let is_of_objects = !item["properties"].is_null();
        let name = format!("{prefix}{name}{}", if is_of_objects { "[]" } else { "" });
        found.item(endpoint, kind, &name);
        let inner = if is_of_objects { item } else { property };
        fields(api, inner, endpoint, kind, &format!("{name}."), seen, found);
    }
}
