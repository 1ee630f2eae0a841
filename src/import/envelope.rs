//! Finds the objects in a REST API response, stored or just received.

use serde_json::Value;

/// Known members next to the objects that contain no object data.
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

/// Members that describe the next page.
const WAY: [&str; 5] = ["pagination", "total", "offset", "links", "meta"];

/// Maximum number of unknown names that are stored, because the response is external data.
const UNKNOWN_MAX: usize = 200;

/// The objects of a response, and its unknown members.
#[derive(Debug, PartialEq)]
pub struct Opened {
    pub objects: Vec<Value>,
    /// Unknown names of members next to the objects.
    pub unknown: Vec<String>,
}

/// Scans the members of a response for the one that contains the objects.
#[derive(Debug)]
pub struct Envelope<T> {
    /// The names that can contain the objects, most specific first, and the values found.
    places: [(String, Option<T>); 3],
    has_id: bool,
    unknown: Vec<String>,
}

impl<T> Envelope<T> {
    /// An envelope for a record type. Objects are under `data`, the type (`customers`) or its singular.
    pub fn of(noun: &str) -> Self {
        let singular = noun.strip_suffix('s').unwrap_or(noun);
        Self {
            places: ["data", noun, singular].map(|name| (name.to_owned(), None)),
            has_id: false,
            unknown: Vec::new(),
        }
    }

    /// Whether a member describes the next page.
    pub fn tells_the_way(name: &str) -> bool {
        WAY.contains(&name)
    }

    /// Records a member, with its location if it is a list or an object.
    pub fn member(&mut self, name: String, inside: Option<T>) {
        self.has_id |= name == "id";
        match self.places.iter_mut().find(|(place, _)| *place == name) {
            Some((_, found)) if inside.is_some() => *found = inside,
            _ => self.other(name),
        }
    }

    fn other(&mut self, name: String) {
        if self.unknown.len() < UNKNOWN_MAX && !BESIDE.contains(&name.as_str()) {
            self.unknown.push(name);
        }
    }

    /// The location of the objects, and the unknown names. A response with an `id` is itself an object.
    pub fn open(mut self) -> (Option<T>, Vec<String>) {
        if self.has_id {
            return (None, Vec::new());
        }
        let places = std::mem::take(&mut self.places);
        let mut chosen = None;
        for (name, found) in places {
            match (found, &chosen) {
                (Some(_), Some(_)) => self.other(name),
                (found, _) => chosen = chosen.or(found),
            }
        }
        match chosen {
            Some(found) => (Some(found), self.unknown),
            None => (None, Vec::new()),
        }
    }
}

/// Opens a response that contains a list or a single object in one of the known members. Any other value is
/// itself the object.
pub fn open(value: Value, noun: &str) -> Opened {
    let itself = |object| Opened {
        objects: vec![object],
        unknown: Vec::new(),
    };
    let Value::Object(mut answer) = value else {
        return itself(value);
    };
    let mut envelope = Envelope::of(noun);
    for (name, value) in &answer {
        let holds = value.is_array() || value.is_object();
        envelope.member(name.clone(), holds.then(|| name.clone()));
    }
    let (place, unknown) = envelope.open();
    match place.and_then(|place| answer.remove(&place)) {
        Some(Value::Array(objects)) => Opened { objects, unknown },
        Some(one) => Opened {
            objects: vec![one],
            unknown,
        },
        None => itself(Value::Object(answer)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_are_read_from_every_envelope() {
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
    fn unknown_envelope_fields_are_reported() {
        let opened = open(json!({ "data": [], "included": [{}] }), "customers");
        assert_eq!(opened.unknown, ["included"]);
    }
}
