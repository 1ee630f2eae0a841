//! Sends each request with hidden data and with nonexistent data in each argument. The responses and their costs must
//! be equal.

use serde_json::{Value, json};

use super::{
    Outsider,
    field_queries::{FieldAnswer, FieldQuery},
    hidden::{Hidden, nothing, without_names},
};
use crate::support::{
    TestApp,
    schema::{Document, Field, Root, Schema, Things, ValuePath},
};

/// Number of fields per request.
const AT_ONCE: usize = 20;

/// Number of times that a difference must be observed, because fields of one request can be batched in several ways,
/// which changes the number of statements.
const TRIES: usize = 5;

/// Returns hidden values of the type of an argument.
fn values(schema: &Schema, field: &Field, leaf: &ValuePath, hidden: &Hidden) -> Vec<Value> {
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

/// Returns queries with hidden data in each argument.
pub fn queries(schema: &Schema, things: &Things, hidden: &Hidden) -> (Vec<String>, usize) {
    let mut requests = Vec::new();
    let mut document = Document::new(Root::Query);
    let mut places = 0;
    for asked in FieldQuery::all(schema) {
        let selection = schema.selection(&asked.field.of.name, 0);
        for leaf in schema.leaves(&asked.field.arguments) {
            for foreign in values(schema, asked.field, &leaf, hidden) {
                places += 1;
                let value = &mut |place: &ValuePath| {
                    if place.path == leaf.path {
                        foreign.clone()
                    } else {
                        things.value(schema, asked.field, place)
                    }
                };
                let arguments = schema.arguments_to(&asked.field.arguments, &leaf.path, value);
                // An error cancels sibling fields at an undefined time, so the field gets its own request.
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

/// Returns mutations with hidden data in each argument, combined with the viewer's own data and with hidden data
/// only.
pub fn mutations(schema: &Schema, things: &Things, hidden: &Hidden) -> Vec<String> {
    let mut requests = Vec::new();
    for field in schema.root(Root::Mutation) {
        let answer = &schema.get(&field.of.name).fields;
        let nouns = answer.iter().filter(|one| schema.is_noun(&one.of.name));
        let nouns: String = nouns.map(|one| format!(" {} {{ id }}", one.name)).collect();
        let selection = format!(" {{ userErrors {{ code message path existingId }}{nouns} }}");
        for leaf in schema.leaves(&field.arguments) {
            let values = values(schema, field, &leaf, hidden);
            // One text suffices: the last one for addresses, the first one for other fields.
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
                // Texts do not depend on the other arguments.
                let beside: &[bool] = if leaf.of == "ID" { &[true, false] } else { &[true] };
                for &own in beside {
                    let value = &mut |place: &ValuePath| {
                        if place.path == leaf.path {
                            return foreign.clone();
                        }
                        let noun = (place.of == "ID").then(|| schema.noun_at(field, place)).flatten();
                        match noun {
                            // An object that the mutation deletes is not used, because other mutations need it.
                            Some(noun) if field.destroys() => json!(nothing(things.id(&noun))),
                            Some(noun) if !own => json!(hidden.ids[&noun][0]),
                            _ if needs_unused_address(field, place) => json!("FRESH@example.com"),
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

/// Returns true if an argument must be an unused address.
fn needs_unused_address(field: &Field, place: &ValuePath) -> bool {
    place.name() == "email"
        && field.name.ends_with("Create")
        && place.owner.as_deref() != Some("CustomerIdentifier")
}

/// Sends queries about hidden and about nonexistent data and compares the responses.
pub async fn ask(app: &TestApp, onlooker: &Outsider, hidden: &Hidden, requests: &[String]) -> Vec<String> {
    let mut leaks = Vec::new();
    for request in requests {
        let mut difference = None;
        for _ in 0..TRIES {
            let one = app.tell(&onlooker.person, request).await;
            let two = app.tell(&onlooker.person, &hidden.twin(request)).await;
            leaks.extend(onlooker.shown(hidden, request, &one, request));
            let seen = |told: &FieldAnswer| FieldAnswer {
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

/// Sends mutations about hidden data, and about nonexistent data in the mirror workspace, which has the same content
/// and remains unchanged. Responses may contain everything that was sent.
pub async fn write(
    app: &TestApp,
    onlooker: &Outsider,
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
        let seen = |told: &FieldAnswer| FieldAnswer {
            body: without_names(&hidden.twin(&told.body)),
            ..told.clone()
        };
        leaks.extend(onlooker.can_tell(&request, &seen(&one), &seen(&two)));
    }
    leaks
}

/// Returns subscriptions with hidden data in each argument.
pub fn subscriptions(schema: &Schema, things: &Things, hidden: &Hidden) -> Vec<String> {
    let mut requests = Vec::new();
    for field in schema.root(Root::Subscription) {
        let selection = schema.selection(&field.of.name, 1);
        for leaf in schema.leaves(&field.arguments) {
            for foreign in values(schema, field, &leaf, hidden) {
                let value = &mut |place: &ValuePath| {
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
