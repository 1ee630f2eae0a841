//! A model of the figures: groups in memory, with the time zones of the calendar library.

use std::{cmp::Reverse, collections::BTreeMap};

use chrono::{
    DateTime, Datelike, Days, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone,
    Timelike, Utc,
};
use chrono_tz::Tz;
use entity::{Timestamp, Word};
use serde_json::{Value, json};

use super::tickets::Ticket;

/// Order of a value among the values of its key. A missing value is last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Number(i64),
    Bytes(Vec<u8>),
    Last,
}

/// A value of a key: its place, and its JSON.
type KeyValue = (Place, Value);

/// Returns the result of `ticketStats` with these arguments.
pub fn stats(tickets: &[&Ticket], keys: &[Value], zone: Tz, first: usize) -> Value {
    let mut groups: BTreeMap<Vec<Place>, (Vec<Value>, Vec<&Ticket>)> = BTreeMap::new();
    for ticket in tickets {
        let mut combined: Vec<Vec<KeyValue>> = vec![Vec::new()];
        for key in keys {
            let values = values(ticket, key, zone);
            let with = |before: &Vec<KeyValue>| {
                let with = |value: &KeyValue| [before.as_slice(), std::slice::from_ref(value)].concat();
                values.iter().map(with).collect::<Vec<_>>()
            };
            combined = combined.iter().flat_map(with).collect();
        }
        for group in combined {
            let (places, values) = group.into_iter().unzip();
            let (_, members) = groups.entry(places).or_insert((values, Vec::new()));
            members.push(ticket);
        }
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_by_key(|(_, members)| Reverse(members.len()));
    let is_truncated = groups.len() > first;
    groups.truncate(first);
    let period = keys
        .iter()
        .position(|key| key.get("createdAt").or(key.get("resolvedAt")).is_some());
    if let Some(period) = period {
        groups.sort_by(|(one, _), (other, _)| one[period].as_str().cmp(&other[period].as_str()));
    }
    json!({
        "total": figures(&[], tickets),
        "nodes": groups.into_iter().map(|(key, members)| figures(&key, &members)).collect::<Vec<_>>(),
        "isTruncated": is_truncated,
    })
}

/// Returns the values of a key of a ticket: one, or any number of tags.
fn values(ticket: &Ticket, key: &Value, zone: Tz) -> Vec<KeyValue> {
    let number = |number: i16, word: &str| vec![(Place::Number(number.into()), json!(word))];
    let text = |text: Option<&String>| {
        let value = |text: &String| (Place::Bytes(text.clone().into_bytes()), json!(text));
        vec![text.map_or((Place::Last, Value::Null), value)]
    };
    let start = |instant: i64, period: &Value| {
        let start = start_of(instant, period.as_str().unwrap(), zone);
        (Place::Number(start), json!(Timestamp(start).to_rfc3339()))
    };
    if let Some(period) = key.get("createdAt") {
        return vec![start(ticket.created_at, period)];
    }
    if let Some(period) = key.get("resolvedAt") {
        let resolved = ticket.resolved_at.into_iter();
        return resolved.map(|instant| start(instant, period)).collect();
    }
    if key.get("customField").is_some() {
        let value = |plan: &Value| (Place::Bytes(plan.to_string().into_bytes()), plan.clone());
        return vec![ticket.plan.as_ref().map_or((Place::Last, Value::Null), value)];
    }
    match key["field"].as_str().unwrap() {
        "STATUS" => number(ticket.status as i16, ticket.status.word()),
        "PRIORITY" => number(ticket.priority as i16, ticket.priority.word()),
        "ASSIGNEE" => id(ticket.assignee),
        "TEAM" => id(ticket.team),
        "QUEUE" => id(ticket.queue),
        "CUSTOMER" => id(Some(ticket.customer)),
        "SOURCE" => text(Some(&ticket.source)),
        "RESOLUTION_TYPE" => text(ticket.resolution_type.as_ref()),
        "TAG" => ticket.tags.iter().flat_map(|tag| text(Some(tag))).collect(),
        other => panic!("no field {other}"),
    }
}

/// Returns the value of an id.
fn id<I: Copy + Into<uuid::Uuid> + ToString>(id: Option<I>) -> Vec<KeyValue> {
    let value = |id: I| {
        let uuid: uuid::Uuid = id.into();
        (Place::Bytes(uuid.as_bytes().to_vec()), json!(id.to_string()))
    };
    vec![id.map_or((Place::Last, Value::Null), value)]
}

/// Returns the beginning of the period that contains an instant.
fn start_of(instant: i64, period: &str, zone: Tz) -> i64 {
    let at = DateTime::<Utc>::from_timestamp_millis(instant).unwrap();
    let local = zone.from_utc_datetime(&at.naive_utc()).naive_local();
    let day = local.date();
    let day = match period {
        "HOUR" => {
            let within = i64::from(local.minute()) * 60_000 + i64::from(local.second()) * 1000;
            return instant - within - i64::from(local.nanosecond()) / 1_000_000;
        }
        "DAY" => day,
        "WEEK" => day - Days::new(day.weekday().num_days_from_monday().into()),
        "MONTH" => NaiveDate::from_ymd_opt(day.year(), day.month(), 1).unwrap(),
        other => panic!("no period {other}"),
    };
    let mut midnight: NaiveDateTime = day.and_time(NaiveTime::MIN);
    loop {
        match zone.from_local_datetime(&midnight) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => return at.timestamp_millis(),
            LocalResult::None => midnight += TimeDelta::minutes(1),
        }
    }
}

fn figures(key: &[Value], members: &[&Ticket]) -> Value {
    let sum = |of: fn(&Ticket) -> i64| members.iter().map(|ticket| of(ticket)).sum::<i64>();
    let first = times(members, |ticket| ticket.first_response_at);
    let resolved = times(members, |ticket| ticket.resolved_at);
    json!({
        "key": key,
        "count": members.len(),
        "openCount": sum(|ticket| i64::from(ticket.status.is_open())),
        "reopenedCount": sum(|ticket| ticket.reopened.into()),
        "messageCount": sum(|ticket| ticket.messages.into()),
        "firstResponseTimeAvg": first[0],
        "firstResponseTimeMedian": first[1],
        "firstResponseTimeP90": first[2],
        "resolutionTimeAvg": resolved[0],
        "resolutionTimeMedian": resolved[1],
        "resolutionTimeP90": resolved[2],
    })
}

/// Returns mean, median and 90th percentile of the times from the creation, in seconds.
fn times(members: &[&Ticket], end: fn(&Ticket) -> Option<i64>) -> [Option<f64>; 3] {
    let times = members.iter();
    let mut times: Vec<i64> = times
        .filter_map(|ticket| Some(end(ticket)? - ticket.created_at))
        .filter(|time| *time >= 0)
        .collect();
    if times.is_empty() {
        return [None; 3];
    }
    times.sort_unstable();
    let count = times.len();
    let float = |number: i64| -> f64 { number.to_string().parse().unwrap() };
    let mean = float(times.iter().sum()) / float(i64::try_from(count).unwrap()) / 1000.0;
    let median = float(times[(count - 1) / 2] + times[count / 2]) / 2.0 / 1000.0;
    // The smallest value that at least 90 % of the values do not exceed.
    let rank = (1..=count).find(|rank| rank * 10 >= count * 9).unwrap();
    [mean, median, float(times[rank - 1]) / 1000.0].map(Some)
}
