//! The objects in an answer of a REST API that somebody kept, or that just came.

use serde_json::Value;

/// What stands beside the objects, and says nothing of them.
const BESIDE: [&str; 10] = [
    "success",
    "pagination",
    "total",
    "limit",
    "offset",
    "page",
    "pageSize",
    "links",
    "meta",
    "jsonapi",
];

/// The objects of an answer, and what else stood in it.
#[derive(Debug, PartialEq)]
pub struct Opened {
    /// The objects.
    pub objects: Vec<Value>,
    /// Names beside them that are not known.
    pub unknown: Vec<String>,
}

/// Opens an answer: an object that holds a list, or a single object, under `data`, the noun (`customers`) or its singular;
/// anything else is itself the object.
pub fn open(value: Value, noun: &str) -> Opened {
    match answer(value, noun) {
        Ok((opened, _)) => opened,
        Err(object) => Opened {
            objects: vec![object],
            unknown: Vec::new(),
        },
    }
}

/// The same with what stands beside the objects; none when it is no answer.
pub fn beside(value: Value, noun: &str) -> Option<(Opened, Value)> {
    answer(value, noun).ok()
}

fn answer(value: Value, noun: &str) -> Result<(Opened, Value), Value> {
    let mut answer = match value {
        Value::Object(answer) if !answer.contains_key("id") => answer,
        value => return Err(value),
    };
    let singular = noun.strip_suffix('s').unwrap_or(noun);
    let holds = |value: &Value| value.is_array() || value.is_object();
    let key = ["data", noun, singular]
        .into_iter()
        .find(|key| answer.get(*key).is_some_and(holds));
    let Some(inside) = key.and_then(|key| answer.remove(key)) else {
        return Err(Value::Object(answer));
    };
    let objects = match inside {
        Value::Array(objects) => objects,
        one => vec![one],
    };
    let unknown = answer
        .keys()
        .filter(|name| !BESIDE.contains(&name.as_str()))
        .cloned()
        .collect();
    Ok((Opened { objects, unknown }, Value::Object(answer)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_comes_out_of_every_envelope() {
        let one = json!({ "id": "1" });
        for answer in [
            json!({ "id": "1" }),
            json!({ "data": { "id": "1" } }),
            json!({ "success": true, "data": [{ "id": "1" }], "pagination": {} }),
            json!({ "customers": [{ "id": "1" }], "total": 1, "limit": 20, "offset": 0 }),
            json!({ "customer": { "id": "1" } }),
        ] {
            let opened = open(answer.clone(), "customers");
            assert_eq!(opened.objects, std::slice::from_ref(&one), "{answer}");
            assert!(opened.unknown.is_empty(), "{answer}");
        }
    }

    #[test]
    fn what_else_stood_there_is_told() {
        let opened = open(json!({ "data": [], "included": [{}] }), "customers");
        assert_eq!(opened.unknown, ["included"]);
    }
}
