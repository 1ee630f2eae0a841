//! Messages in other languages than English count in no mood.

use entity::customer;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::support::{TestApp, on_each_database};

async fn only_messages_in_english_count(app: TestApp) {
    let (_, admin) = app.admin().await;
    let mood = async |body: &str| -> Value {
        let input = json!({ "subject": "Help", "customerEmail": "ann@example.com", "body": body });
        app.wrote(&admin, "ticketCreate", json!({ "input": input })).await;
        let query = "{ customers { nodes { overallSentiment } } }";
        let answer = app.ask(&admin, query, json!({})).await;
        answer.at("/customers/nodes/0/overallSentiment")
    };
    // To a lexicon of English it would be about death.
    assert_eq!(
        mood("Die Lieferung ist da, und die Rechnung auch.").await,
        Value::Null
    );
    assert_eq!(mood("Спасибо!").await, Value::Null);
    assert_eq!(mood("Where is my order??").await, "NEUTRAL");
    assert_eq!(mood("I love the new version. Great work!").await, "POSITIVE");
    let customers = customer::Entity::find().all(app.services.db.connection()).await;
    assert_eq!(customers.expect("a row")[0].recent_score_count, 2);
}

on_each_database!(only_messages_in_english_count);
