//! Writes a response as JSON. Parts that are JSON already are copied.

use async_graphql::{Response, ServerError, Value};

use super::{
    json::Json,
    leaf::{put, write_list},
};

/// Returns true if the request did not run. Such a response has no `data` entry, not even null.
pub fn was_not_run(answer: &Response) -> bool {
    let has_data = answer.data != Value::Null || answer.errors.is_empty();
    !has_data && answer.errors.iter().all(|error| error.path.is_empty())
}

/// Writes a response. With `was_refused`, the request did not run and the response has no `data` entry, not even
/// null.
pub fn write_answer(answer: &Response, was_refused: bool, json: &mut Json) {
    json.push(b'{');
    if was_refused {
        // A refused request has at least one error.
        write_errors(&answer.errors, json);
        write_extensions(answer, json);
    } else {
        json.extend_from_slice(b"\"data\":");
        write_value(&answer.data, json);
        write_extensions(answer, json);
        if !answer.errors.is_empty() {
            json.push(b',');
            write_errors(&answer.errors, json);
        }
    }
    json.push(b'}');
}

fn write_errors(errors: &[ServerError], json: &mut Json) {
    json.extend_from_slice(b"\"errors\":");
    put(errors, json);
}

fn write_extensions(answer: &Response, json: &mut Json) {
    if !answer.extensions.is_empty() {
        json.extend_from_slice(b",\"extensions\":");
        put(&answer.extensions, json);
    }
}

/// Writes a value as JSON.
pub fn write_value(value: &Value, json: &mut Json) {
    match value {
        Value::Binary(written) => json.extend_from_slice(written),
        Value::List(items) => {
            write_list(items, json, |item, json| {
                write_value(item, json);
                Some(())
            });
        }
        Value::Object(fields) => {
            json.push(b'{');
            for (index, (key, value)) in fields.iter().enumerate() {
                if index > 0 {
                    json.push(b',');
                }
                put(key.as_str(), json);
                json.push(b':');
                write_value(value, json);
            }
            json.push(b'}');
        }
        other => put(other, json),
    }
}
