//! Errors of invalid documents: their number, their length and their suggestions.

use serde_json::{Value, json};

use super::{none, refused};
use crate::support::{TestApp, on_each_database};

fn messages(errors: &[Value]) -> Vec<&str> {
    let messages = errors
        .iter()
        .map(|error| error["message"].as_str().expect("a message"));
    messages.collect()
}

async fn a_hundred_mistakes_are_reported_and_the_others_counted(app: TestApp) {
    let (_, admin) = app.admin().await;
    let names: String = (0..9_000).map(|n| format!("{n:a>100} ")).collect();
    let query = format!("{{ viewer {{ {names} }} }}");
    let answer = app.ask(&admin, &query, none()).await;
    let errors = answer.body["errors"].as_array().expect("errors");
    assert_eq!(errors.len(), 100);
    assert_eq!(answer.body["extensions"]["errorsLeftOut"], 8_900);
    assert!(
        messages(errors)
            .iter()
            .all(|message| !message.contains("Did you mean"))
    );
    assert_eq!(errors[1]["locations"][0]["column"], 113);
}

async fn a_name_is_cut_after_a_hundred_characters(app: TestApp) {
    let (_, admin) = app.admin().await;
    let query = format!("{{ viewer {{ {} }} }}", "n".repeat(1 << 19));
    let errors = refused(&app, &admin, &query, none()).await;
    let expected = format!("Cannot query field \"{}…\" on type \"Viewer\".", "n".repeat(100));
    assert_eq!(messages(&errors), [expected]);
}

async fn a_message_is_cut_after_a_thousand_characters(app: TestApp) {
    let (_, admin) = app.admin().await;
    let query = "query($first: Int) { tickets(first: $first) { totalCount } }";
    let variables = json!({ "first": "\"".repeat(1 << 18) });
    let errors = refused(&app, &admin, query, variables).await;
    let messages = messages(&errors);
    assert_eq!(messages[0].chars().count(), 1_001);
    assert!(messages[0].starts_with("$first: expected a value of type \"Int\", found "));
}

async fn conflicts_of_long_values_are_reported_briefly(app: TestApp) {
    let (_, admin) = app.admin().await;
    let long = "a".repeat(1 << 19);
    let fields = "kind(a: 1) ".repeat(1_500);
    let query = format!("{{ viewer {{ kind(a: \"{long}\") {fields} }} }}");
    let answer = app.ask(&admin, &query, none()).await;
    let errors = answer.body["errors"].as_array().expect("errors");
    let message = errors[99]["message"].as_str().expect("a message");
    assert!(
        message.starts_with("Fields \"kind\" conflict because they have differing arguments."),
        "{message}"
    );
    assert_eq!(answer.body["extensions"]["errorsLeftOut"], 1_400);
}

async fn three_names_are_suggested(app: TestApp) {
    let (_, admin) = app.admin().await;
    let query = "{ tickts { id } viewer { kin } a: tickets(frist: 1) { totalCount } b: tickts { id } }";
    let errors = refused(&app, &admin, query, none()).await;
    let messages = messages(&errors);
    let suggestions: Vec<_> = messages
        .iter()
        .map(|message| message.split_once("Did you mean ").map(|(_, last)| last))
        .collect();
    let [Some(first), Some(second), Some(third), None] = suggestions.as_slice() else {
        panic!("{messages:?}")
    };
    assert!(first.contains("\"tickets\""), "{first}");
    assert!(second.contains("\"kind\""), "{second}");
    assert!(third.contains("\"first\""), "{third}");
}

async fn independent_mistakes_are_reported_together(app: TestApp) {
    let (_, admin) = app.admin().await;
    let query = "query($unused: Int) { nosuch { id } viewer { kind(no: 1) } tickets { nosuch } }";
    let errors = refused(&app, &admin, query, none()).await;
    let beginnings: Vec<_> = messages(&errors)
        .iter()
        .map(|message| message.split('"').take(2).collect::<Vec<_>>().join("\""))
        .collect();
    assert_eq!(
        beginnings,
        [
            "Cannot query field \"nosuch",
            "Unknown argument \"no",
            "Cannot query field \"nosuch"
        ],
        "consequences of unknown names are not reported"
    );
}

on_each_database!(
    a_hundred_mistakes_are_reported_and_the_others_counted,
    a_name_is_cut_after_a_hundred_characters,
    a_message_is_cut_after_a_thousand_characters,
    conflicts_of_long_values_are_reported_briefly,
    three_names_are_suggested,
    independent_mistakes_are_reported_together,
);
