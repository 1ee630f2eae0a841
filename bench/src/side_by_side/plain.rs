//! Converts results of different servers to a common form for comparison.

use serde_json::{Map, Number, Value};

use super::dialect::read_type_id;
use crate::instant;

const STATUSES: [&str; 4] = ["OPEN", "PENDING", "SOLVED", "CLOSED"];
const PRIORITIES: [&str; 4] = ["LOW", "MEDIUM", "HIGH", "URGENT"];
const DIRECTIONS: [&str; 2] = ["INBOUND", "OUTBOUND"];
/// Integer fields. Some servers return them as strings.
const NUMBERS: [&str; 3] = ["totalTickets", "openTickets", "messageCount"];

/// Converts a result to a list of objects. Pages become lists, ids UUIDs, times milliseconds, enum values names.
/// Fields that a server leaves to the client are computed.
pub fn plain(mut answer: Value) -> Value {
    let data = answer["data"].take();
    let root = match data {
        Value::Object(fields) => fields.into_iter().next().map_or(Value::Null, |(_, value)| value),
        other => other,
    };
    match value("", root) {
        Value::Array(all) => Value::Array(all),
        one => Value::Array(vec![one]),
    }
}

fn value(name: &str, found: Value) -> Value {
    match found {
        Value::Array(all) => all.into_iter().map(|one| value("", one)).collect(),
        Value::Object(fields) => object(fields),
        Value::String(text) => scalar(name, text),
        Value::Number(number) => enumerated(name, &number).unwrap_or(Value::Number(number)),
        other => other,
    }
}

fn object(mut fields: Map<String, Value>) -> Value {
    if let Some(nodes) = fields.remove("nodes") {
        return value("", nodes);
    }
    if let Some(Value::Array(edges)) = fields.remove("edges") {
        let nodes = edges.into_iter().map(|mut edge| value("", edge["node"].take()));
        return nodes.collect();
    }
    // The result of a mutation.
    if let Some(message) = fields.remove("message").filter(Value::is_object) {
        return value("", message);
    }
    // Results of two statements for one customer.
    for name in ["figures", "scores"] {
        if let Some(Value::Object(figures)) = fields.remove(name) {
            fields.extend(figures);
        }
    }
    let fields = fields.into_iter().map(|(name, found)| {
        let found = value(&name, found);
        (name, found)
    });
    worked_out(fields.collect())
}

fn scalar(name: &str, text: String) -> Value {
    if let Some(id) = read_type_id(&text) {
        return Value::String(id);
    }
    let number = if name.ends_with("At") {
        instant::read(&text).or_else(|| text.parse().ok())
    } else if NUMBERS.contains(&name) || SUMS.contains(&name) {
        text.parse().ok()
    } else {
        None
    };
    number.map_or(Value::String(text), Value::from)
}

fn enumerated(name: &str, number: &Number) -> Option<Value> {
    let words: &[&str] = match name {
        "status" => &STATUSES,
        "priority" => &PRIORITIES,
        "direction" => &DIRECTIONS,
        _ => return None,
    };
    let place = usize::try_from(number.as_u64()?).ok()?.checked_sub(1)?;
    words.get(place).map(|word| Value::from(*word))
}

/// Sums from servers without computed fields: number and total time in milliseconds of resolved tickets; number of
/// scores, their sum, and the sum of the newest five.
const SUMS: [&str; 5] = [
    "resolvedTicketCount",
    "resolutionMsTotal",
    "recentScoreCount",
    "recentScoreSum",
    "newestScoreSum",
];

fn worked_out(mut fields: Map<String, Value>) -> Value {
    if !SUMS.iter().all(|name| fields.contains_key(*name)) {
        return Value::Object(fields);
    }
    let [resolved, took, scores, sum, newest] =
        SUMS.map(|name| fields.remove(name).and_then(|value| value.as_i64()).unwrap_or(0));
    let average = (resolved > 0).then(|| (2 * took + 1_000 * resolved).div_euclid(2_000 * resolved));
    let overall = (scores > 0).then_some(match sum {
        sum if sum >= 500 * scores => "POSITIVE",
        sum if sum <= -500 * scores => "NEGATIVE",
        _ => "NEUTRAL",
    });
    let trend = (scores >= 10).then_some(match 2 * newest - sum {
        2_500.. => "IMPROVING",
        ..=-2_500 => "DECLINING",
        _ => "STABLE",
    });
    fields.insert("avgResolutionTime".to_owned(), average.into());
    fields.insert("overallSentiment".to_owned(), overall.into());
    fields.insert("sentimentTrend".to_owned(), trend.into());
    Value::Object(fields)
}

/// Returns the first difference between two results as a sentence. `None` if they are equal.
pub fn difference(expected: &Value, found: &Value) -> Option<String> {
    differs("", expected, found)
}

fn differs(path: &str, expected: &Value, found: &Value) -> Option<String> {
    match (expected, found) {
        (Value::Array(one), Value::Array(other)) => {
            let pairs = one.iter().zip(other).enumerate();
            let within = pairs.map(|(place, (one, other))| differs(&format!("{path}[{place}]"), one, other));
            within.flatten().next().or_else(|| {
                (one.len() != other.len())
                    .then(|| format!("{path}: {} things, not {}", other.len(), one.len()))
            })
        }
        (Value::Object(one), Value::Object(other)) => one.keys().chain(other.keys()).find_map(|name| {
            let [one, other] = [one, other].map(|fields| fields.get(name));
            match (one, other) {
                (Some(one), Some(other)) => differs(&format!("{path}.{name}"), one, other),
                _ => Some(format!("{path}.{name} is in only one of the results")),
            }
        }),
        _ => (expected != found).then(|| format!("{path} is {found}, not {expected}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn equal_results_in_different_forms_compare_equal() {
        let id = "01935f3a-7c1e-7abc-8def-0123456789ab";
        let one = json!({ "data": { "tickets": { "nodes": [
            { "id": "tkt_01jdfkmz0yfay8vvr14d2pf2db", "status": "SOLVED", "createdAt": "1970-01-01T00:00:01.500Z",
              "messages": { "edges": [{ "node": { "direction": "INBOUND", "body": "7" } }] } },
        ] } } });
        let other = json!({ "data": { "all": [
            { "status": 3, "createdAt": "1500", "id": id, "messages": [{ "direction": 1, "body": "7" }] },
        ] } });
        assert_eq!(plain(one), plain(other));
    }

    #[test]
    fn figures_are_computed_from_raw_sums() {
        let sums = json!({ "data": { "one": {
            "resolvedTicketCount": 2, "resolutionMsTotal": "3000", "recentScoreCount": 10,
            "recentScoreSum": 6_000, "newestScoreSum": 5_000,
        } } });
        let words = json!({ "data": { "one": {
            "avgResolutionTime": 2, "overallSentiment": "POSITIVE", "sentimentTrend": "IMPROVING",
        } } });
        assert_eq!(plain(sums), plain(words));
    }

    #[test]
    fn a_difference_is_reported_with_its_path() {
        let one = json!([{ "id": 1, "messages": [{ "body": "a" }] }]);
        for (other, sentence) in [
            (
                json!([{ "id": 1, "messages": [{ "body": "b" }] }]),
                "[0].messages[0].body is \"b\", not \"a\"",
            ),
            (
                json!([{ "id": 1, "messages": [] }]),
                "[0].messages: 0 things, not 1",
            ),
            (json!([{ "id": 1 }]), "[0].messages is in only one of the results"),
            (
                json!([{ "id": 1, "messages": [{ "body": null }] }]),
                "[0].messages[0].body is null, not \"a\"",
            ),
        ] {
            assert_eq!(difference(&one, &other).as_deref(), Some(sentence));
        }
        assert_eq!(difference(&one, &one.clone()), None);
    }
}
