//! Each place that can hold something of somebody's, filled with what is hidden, and then with what does not exist:
//! the two answers are the same, and cost the same.

use serde_json::{Value, json};

use super::{
    Onlooker,
    hidden::{Hidden, nothing, without_names},
    sights::{Asked, Told},
};
use crate::support::{
    TestApp,
    schema::{Document, Field, Place, Root, Schema, Things},
};

/// Fields asked for at once.
const AT_ONCE: usize = 20;

/// How often a difference must be seen: what is asked for at once may be put together in more than one way, and comes
/// to a statement more or less then.
const TRIES: usize = 5;

/// What of the hidden things can stand in a place.
fn values(schema: &Schema, field: &Field, leaf: &Place, hidden: &Hidden) -> Vec<Value> {
    let one = |text: &String| json!(text);
    match leaf.of.as_str() {
        "ID" => {
            let noun = schema.noun_at(field, leaf);
            let fits = |known: &&String| noun.as_ref().is_none_or(|noun| noun == *known);
            let kinds = hidden.ids.keys().filter(fits);
            kinds.map(|noun| json!(hidden.ids[noun][0])).collect()
        }
        "String" if ["after", "before"].contains(&leaf.name()) => hidden.places.iter().map(one).collect(),
        "String" => hidden.texts.iter().map(one).collect(),
        "JSON" => hidden.texts.iter().take(1).map(one).collect(),
        "JSONObject" => hidden
            .texts
            .iter()
            .take(1)
            .map(|text| json!({ text: text }))
            .collect(),
        "ChangeCursor" => hidden.positions.iter().take(2).map(one).collect(),
        _ => Vec::new(),
    }
}

/// The requests of queries with something hidden in each place.
pub fn queries(schema: &Schema, things: &Things, hidden: &Hidden) -> (Vec<String>, usize) {
    let mut requests = Vec::new();
    let mut document = Document::new(Root::Query);
    let mut places = 0;
    for asked in Asked::all(schema) {
        let selection = schema.selection(&asked.field.of.name, 0);
        for leaf in schema.leaves(&asked.field.arguments) {
            for foreign in values(schema, asked.field, &leaf, hidden) {
                places += 1;
                let value = &mut |place: &Place| {
                    if place.path == leaf.path {
                        foreign.clone()
                    } else {
                        things.value(schema, asked.field, place)
                    }
                };
                let arguments = schema.arguments_to(&asked.field.arguments, &leaf.path, value);
                // An error ends what stands beside it, and when it comes nobody knows.
                let refused = leaf.of == "ID" && leaf.path.len() == 1 && asked.field.of.required;
                if refused || ["after", "before"].contains(&leaf.name()) {
                    let mut alone = Document::new(Root::Query);
                    asked.add_to(&mut alone, things, &arguments, &selection.text);
                    requests.push(alone.request().to_string());
                    continue;
                }
                asked.add_to(&mut document, things, &arguments, &selection.text);
                if document.len() == AT_ONCE {
                    requests.push(document.request().to_string());
                    document = Document::new(Root::Query);
                }
            }
        }
    }
    requests.push(document.request().to_string());
    (requests, places)
}

/// The requests of mutations with something hidden in each place: among what is the viewer's own, and among nothing but
/// hidden things.
pub fn mutations(schema: &Schema, things: &Things, hidden: &Hidden) -> Vec<String> {
    let mut requests = Vec::new();
    for field in schema.root(Root::Mutation) {
        let answer = &schema.get(&field.of.name).fields;
        let nouns = answer.iter().filter(|one| schema.is_noun(&one.of.name));
        let nouns: String = nouns.map(|one| format!(" {} {{ id }}", one.name)).collect();
        let selection = format!(" {{ userErrors {{ code message path existingId }}{nouns} }}");
        for leaf in schema.leaves(&field.arguments) {
            let values = values(schema, field, &leaf, hidden);
            // An address or an id of another system is one of the first and the last; more do not find more.
            let few = values
                .len()
                .min(if leaf.of == "String" { 1 } else { values.len() });
            let is_email = leaf.name().to_lowercase().contains("email");
            let few = if is_email {
                values.len() - few..values.len()
            } else {
                0..few
            };
            for foreign in &values[few] {
                // Texts find nothing by what stands beside them.
                let beside: &[bool] = if leaf.of == "ID" { &[true, false] } else { &[true] };
                for &own in beside {
                    let value = &mut |place: &Place| {
                        if place.path == leaf.path {
                            return foreign.clone();
                        }
                        let noun = (place.of == "ID").then(|| schema.noun_at(field, place)).flatten();
                        match noun {
                            // What would be gone is not given: others need it.
                            Some(noun) if field.destroys() => json!(nothing(things.id(&noun))),
                            Some(noun) if !own => json!(hidden.ids[&noun][0]),
                            _ if makes_address(field, place) => json!("FRESH@example.com"),
                            _ => things.value(schema, field, place),
                        }
                    };
                    let arguments = schema.arguments_to(&field.arguments, &leaf.path, value);
                    let mut document = Document::new(Root::Mutation);
                    document.add(field, &arguments, &selection);
                    requests.push(document.request().to_string());
                }
            }
        }
    }
    requests.sort();
    requests.dedup();
    requests
}

/// An address that must be nobody's.
fn makes_address(field: &Field, place: &Place) -> bool {
    place.name() == "email"
        && field.name.ends_with("Create")
        && place.owner.as_deref() != Some("CustomerIdentifier")
}

/// Asks about what is hidden, and the same about what does not exist.
pub async fn ask(app: &TestApp, onlooker: &Onlooker, hidden: &Hidden, requests: &[String]) -> Vec<String> {
    let mut leaks = Vec::new();
    for request in requests {
        let mut difference = None;
        for _ in 0..TRIES {
            let one = app.tell(&onlooker.person, request).await;
            let two = app.tell(&onlooker.person, &hidden.twin(request)).await;
            leaks.extend(onlooker.shown(hidden, request, &one, request));
            let seen = |told: &Told| Told {
                body: hidden.twin(&told.body),
                ..told.clone()
            };
            difference = onlooker.can_tell(request, &seen(&one), &seen(&two));
            if difference.is_none() {
                break;
            }
        }
        leaks.extend(difference);
    }
    leaks
}

/// Writes about what is hidden, and the same about what does not exist, the latter in the onlooker's mirror: there
/// everything is as it is here, and stays so. Everything that was ever sent may come back.
pub async fn write(
    app: &TestApp,
    onlooker: &Onlooker,
    hidden: &Hidden,
    requests: &[String],
    sent: &mut String,
) -> Vec<String> {
    let mut leaks = Vec::new();
    for request in requests {
        let request = request.replace("FRESH", &format!("fresh{}", sent.len()));
        sent.push_str(&request);
        let one = app.tell(&onlooker.person, &request).await;
        let (mirror, twin) = onlooker.mirrored(&hidden.twin(&request));
        let two = app.tell(mirror, &twin).await;
        leaks.extend(onlooker.shown(hidden, &request, &one, sent));
        let seen = |told: &Told| Told {
            body: without_names(&hidden.twin(&told.body)),
            ..told.clone()
        };
        leaks.extend(onlooker.can_tell(&request, &seen(&one), &seen(&two)));
    }
    leaks
}

/// The subscriptions with something hidden in each place.
pub fn subscriptions(schema: &Schema, things: &Things, hidden: &Hidden) -> Vec<String> {
    let mut requests = Vec::new();
    for field in schema.root(Root::Subscription) {
        let selection = schema.selection(&field.of.name, 1);
        for leaf in schema.leaves(&field.arguments) {
            for foreign in values(schema, field, &leaf, hidden) {
                let value = &mut |place: &Place| {
                    if place.path == leaf.path {
                        foreign.clone()
                    } else {
                        things.value(schema, field, place)
                    }
                };
                let arguments = schema.arguments_to(&field.arguments, &leaf.path, value);
                let mut document = Document::new(Root::Subscription);
                document.add(field, &arguments, &selection.text);
                requests.push(document.request().to_string());
            }
        }
    }
    requests
}
