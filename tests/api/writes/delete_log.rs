//! The change log keeps positions and ids of deleted objects, but no content.

use entity::change::{Model, Name};
use serde_json::{Value, json};

use super::delete::{Case, delete};
use crate::support::{TestApp, on_each_database, position, text};

async fn the_log_keeps_positions_and_loses_texts(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let (ann, ben) = (
        Case::new(&app, &admin, "ann").await,
        Case::new(&app, &admin, "ben").await,
    );
    let before = app.log(workspace).await;
    app.clock_control.advance_ms(1_000);
    let gone = delete(&app, &admin, &ann.customer).await;
    let log = app.log(workspace).await;
    let (old, new) = log.split_at(before.len());
    let of = |event: &Model, id: &Value| event.customer_id.to_string() == text(id);
    let mut said = 0;
    for (then, now) in before.iter().zip(old) {
        let expected = if of(then, &ann.customer) {
            None
        } else {
            then.fields.clone()
        };
        said += usize::from(then.fields.is_some() && expected.is_none());
        assert_eq!(
            *now,
            Model {
                fields: expected,
                ..then.clone()
            }
        );
    }
    assert_eq!(said, 3);
    let kept = old
        .iter()
        .filter(|event| of(event, &ben.customer) && event.fields.is_some());
    assert_eq!(kept.count(), 3);

    let expected: Vec<(Name, &Value)> = ann
        .messages
        .iter()
        .map(|id| (Name::MessageDeleted, id))
        .chain(ann.tickets.iter().map(|id| (Name::TicketDeleted, id)))
        .chain(ann.conversations.iter().map(|id| (Name::ConversationDeleted, id)))
        .chain([(Name::CustomerDeleted, &ann.customer)])
        .collect();
    let mut heard: Vec<(Name, String)> = new.iter().map(|event| (event.name, object(event))).collect();
    // Children first, each once. The clock did not move while they were created.
    assert_eq!(
        heard.last(),
        Some(&(Name::CustomerDeleted, text(&ann.customer).to_owned()))
    );
    let kinds: Vec<Name> = heard.iter().map(|(name, _)| *name).collect();
    assert_eq!(kinds, expected.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    let mut expected: Vec<(Name, String)> = expected
        .into_iter()
        .map(|(name, id)| (name, text(id).to_owned()))
        .collect();
    heard.sort_by_key(|(_, id)| id.clone());
    expected.sort_by_key(|(_, id)| id.clone());
    assert_eq!(heard, expected);
    for (event, place) in new.iter().zip(before.len() + 1..) {
        assert_eq!(usize::try_from(event.position), Ok(place));
        assert!(event.fields.is_none() && of(event, &ann.customer));
        assert_eq!(event.at.to_rfc3339(), "2026-01-01T12:00:01.000Z");
        assert_eq!(
            event.actor_id.map(|id| entity::AgentId(id).to_string()),
            Some(admin.id.clone())
        );
    }
    assert_eq!(gone.position(), Some(position_of(log.len())));
    // The events still contain where the objects were.
    let message = new
        .iter()
        .find(|event| object(event) == text(&ann.messages[0]))
        .expect("an event");
    assert_eq!(
        message.ticket_id.map(|id| id.to_string()).as_deref(),
        ann.tickets[0].as_str()
    );
    assert_eq!(
        message.conversation_id.map(|id| id.to_string()).as_deref(),
        ann.conversations[0].as_str()
    );
}

fn position_of(count: usize) -> i64 {
    i64::try_from(count).expect("small")
}

/// Returns the id of the object of an event.
fn object(event: &Model) -> String {
    let id = event.object_id;
    match event.name {
        Name::MessageCreated | Name::MessageDeleted => entity::MessageId(id).to_string(),
        Name::TicketCreated | Name::TicketUpdated | Name::TicketDeleted => entity::TicketId(id).to_string(),
        Name::ConversationCreated | Name::ConversationUpdated | Name::ConversationDeleted => {
            entity::ConversationId(id).to_string()
        }
        Name::CustomerCreated | Name::CustomerUpdated | Name::CustomerDeleted => {
            entity::CustomerId(id).to_string()
        }
    }
}

async fn a_subscription_across_a_deletion_gets_remaining_events(app: TestApp) {
    let (_, admin) = app.admin().await;
    let keep = app.ticket(&admin, "keep@example.com").await;
    let ann = Case::new(&app, &admin, "ann").await;
    let message = |body: &str| {
        let target = json!({ "ticketId": keep["id"] });
        json!({ "input": { "target": target, "body": body, "senderEmail": "ann@example.com" } })
    };
    let told = app.wrote(&admin, "messageAdd", message("one")).await;
    let first = app
        .log(
            told["changeCursor"]
                .as_str()
                .expect("a cursor")
                .parse::<deskgraph::events::ChangeCursor>()
                .expect("one")
                .workspace,
        )
        .await;
    let watch = "subscription($after: ChangeCursor) { messageAdded(after: $after) { body changeCursor sender { __typename } } }";
    let mut live = app.socket(&admin).await;
    live.begin("1", watch, &json!({ "after": told["changeCursor"] }))
        .await;
    app.wrote(&admin, "messageAdd", message("two")).await;
    assert_eq!(live.data("1").await["messageAdded"]["body"], "two");
    delete(&app, &admin, &ann.customer).await;
    app.wrote(&admin, "messageAdd", message("three")).await;
    assert_eq!(live.data("1").await["messageAdded"]["body"], "three");
    // From the start of the log: the customer's own messages are gone, and those in the ticket of another customer do
    // not belong to her.
    let mut late = app.socket(&admin).await;
    let beginning = deskgraph::events::ChangeCursor {
        workspace: first[0].workspace_id,
        position: 0,
        epoch: 0,
    };
    late.begin("1", watch, &json!({ "after": beginning.to_string() }))
        .await;
    let mut last = 0;
    for body in ["The parcel weighs two kilograms.", "one", "two", "three"] {
        let heard = late.data("1").await["messageAdded"].take();
        assert_eq!(heard["body"], body);
        let place = position(text(&heard["changeCursor"]));
        assert!(place > last);
        last = place;
    }
    app.wrote(&admin, "messageAdd", message("four")).await;
    for socket in [&mut live, &mut late] {
        assert_eq!(socket.data("1").await["messageAdded"]["body"], "four");
    }
}

on_each_database!(
    the_log_keeps_positions_and_loses_texts,
    a_subscription_across_a_deletion_gets_remaining_events,
);
