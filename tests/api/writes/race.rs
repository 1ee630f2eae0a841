//! Concurrent writes of the same data.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Payload, TestApp, on_each_database, text};

const WRITERS: usize = 8;

fn ids(payloads: &[Payload], thing: &str) -> BTreeSet<String> {
    payloads
        .iter()
        .map(|payload| text(&payload[thing]["id"]).to_owned())
        .collect()
}

async fn concurrent_upserts_of_an_email_create_one_customer(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    for identifier in [
        Value::Null,
        json!({ "email": "Ann@example.com" }),
        json!({ "externalId": "crm-7" }),
    ] {
        let input = json!({ "email": if identifier["externalId"].is_null() { "ann@example.com" } else { "b@example.com" } });
        let variables = json!({ "identifier": identifier, "input": input });
        let writes = (0..WRITERS).map(|_| app.wrote(&admin, "customerUpsert", variables.clone()));
        let written = join_all(writes).await;
        assert_eq!(ids(&written, "customer").len(), 1, "{identifier}");
    }
    let created =
        |result: &str, written: &[Payload]| written.iter().filter(|one| one["result"] == result).count();
    let variables = json!({ "input": { "email": "new@example.com", "name": "New" } });
    let writes = (0..WRITERS).map(|_| app.wrote(&admin, "customerUpsert", variables.clone()));
    let written = join_all(writes).await;
    assert_eq!(
        (created("CREATED", &written), created("UNCHANGED", &written)),
        (1, WRITERS - 1)
    );
    assert_eq!(app.log(workspace).await.len(), 3);
}

async fn concurrent_creations_report_the_one_that_succeeds(app: TestApp) {
    let (_, admin) = app.admin().await;
    let variables = json!({ "input": { "email": "ann@example.com" } });
    let writes = (0..WRITERS).map(|_| app.write(&admin, "customerCreate", variables.clone()));
    let (won, lost): (Vec<_>, Vec<_>) = join_all(writes)
        .await
        .into_iter()
        .partition(|one| one.errors().is_empty());
    assert_eq!((won.len(), lost.len()), (1, WRITERS - 1));
    for one in &lost {
        assert_eq!(one.errors(), ["EMAIL_TAKEN input.email"]);
        assert_eq!(one["userErrors"][0]["existingId"], won[0]["customer"]["id"]);
    }
}

async fn concurrent_tickets_of_an_email_create_one_customer(app: TestApp) {
    let (_, admin) = app.admin().await;
    let input = json!({ "subject": "Help", "customerEmail": "ann@example.com", "body": "Please." });
    let writes = (0..WRITERS).map(|_| app.wrote(&admin, "ticketCreate", json!({ "input": input })));
    let written = join_all(writes).await;
    let made = written
        .iter()
        .filter(|one| one["customerCreated"] == true)
        .count();
    assert_eq!(made, 1);
    let customers: BTreeSet<&str> = written
        .iter()
        .map(|one| text(&one["ticket"]["customer"]["id"]))
        .collect();
    assert_eq!((customers.len(), ids(&written, "ticket").len()), (1, WRITERS));
    let query = "{ customers { nodes { totalTickets openTickets messages { totalCount } } } }";
    let customers = app.ask(&admin, query, json!({})).await.at("/customers/nodes");
    let counts =
        json!({ "totalTickets": WRITERS, "openTickets": WRITERS, "messages": { "totalCount": WRITERS } });
    assert_eq!(customers, json!([counts]));
}

async fn concurrent_conversations_of_an_email_create_one_customer(app: TestApp) {
    let (_, admin) = app.admin().await;
    let input = json!({ "customer": { "email": "ann@example.com" } });
    let writes = (0..WRITERS).map(|_| app.wrote(&admin, "conversationCreate", json!({ "input": input })));
    let written = join_all(writes).await;
    let made = written
        .iter()
        .filter(|one| one["customerCreated"] == true)
        .count();
    assert_eq!((made, ids(&written, "conversation").len()), (1, WRITERS));
}

async fn one_of_eight_updates_gets_the_email(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let mut whom = Vec::new();
    for n in 0..WRITERS {
        whom.push(app.customer(workspace, &format!("c{n}@example.com")).await.id);
    }
    let writes = whom.iter().map(|id| {
        let variables = json!({ "id": id, "input": { "email": "wanted@example.com" } });
        app.write(&admin, "customerUpdate", variables)
    });
    let written = join_all(writes).await;
    let won = written.iter().filter(|one| one.errors().is_empty()).count();
    assert_eq!(won, 1);
    let mut lost = written.iter().filter(|one| !one.errors().is_empty());
    assert!(lost.all(|one| one.errors() == ["EMAIL_TAKEN input.email"]));
}

/// Each transaction locks its own row and reads the other's. They must not deadlock.
async fn two_updates_that_swap_emails_both_finish(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ann = app.customer(workspace, "ann@example.com").await.id;
    let ben = app.customer(workspace, "ben@example.com").await.id;
    for _ in 0..4 {
        let change = |id: &str, email: &str| {
            app.write(
                &admin,
                "customerUpdate",
                json!({ "id": id, "input": { "email": email } }),
            )
        };
        let answers = join_all([change(&ann, "ben@example.com"), change(&ben, "ann@example.com")]).await;
        for answer in answers {
            assert_eq!(answer.errors(), ["EMAIL_TAKEN input.email"]);
        }
    }
}

async fn concurrent_writes_to_one_ticket_are_all_stored(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    let writes = (0..WRITERS * 2).map(|n| {
        let (app, admin, ticket) = (&app, &admin, &ticket);
        async move {
            match n % 4 {
                0 => {
                    let status = if n % 8 == 0 { "SOLVED" } else { "PENDING" };
                    let variables = json!({ "id": ticket["id"], "input": { "status": status } });
                    app.wrote(admin, "ticketUpdate", variables).await;
                }
                1 => {
                    let input = json!({
                        "subject": "More", "customerEmail": "ann@example.com", "body": "More.",
                        "conversationId": ticket["conversation"]["id"],
                    });
                    app.wrote(admin, "ticketCreate", json!({ "input": input })).await;
                }
                _ => {
                    let target = if n % 4 == 2 {
                        json!({ "ticketId": ticket["id"] })
                    } else {
                        json!({ "conversationId": ticket["conversation"]["id"] })
                    };
                    let input = json!({ "target": target, "body": "And?", "senderEmail": "ann@example.com" });
                    app.wrote(admin, "messageAdd", json!({ "input": input })).await;
                }
            }
        }
    });
    join_all(writes).await;
    let query = "query($id: ID!) { ticket(id: $id) { messageCount conversation { messageCount tickets { totalCount } } \
                 customer { totalTickets openTickets } status } }";
    let after = app
        .ask(&admin, query, json!({ "id": ticket["id"] }))
        .await
        .at("/ticket");
    assert_eq!(after["messageCount"], 1 + 4);
    assert_eq!(after["conversation"]["messageCount"], 1 + 4 + 4 + 4);
    assert_eq!(after["conversation"]["tickets"]["totalCount"], 1 + 4);
    assert_eq!(after["customer"]["totalTickets"], 1 + 4);
    let open = if after["status"] == "SOLVED" { 4 } else { 5 };
    assert_eq!(after["customer"]["openTickets"], open);
}

on_each_database!(
    concurrent_upserts_of_an_email_create_one_customer,
    concurrent_creations_report_the_one_that_succeeds,
    concurrent_tickets_of_an_email_create_one_customer,
    concurrent_conversations_of_an_email_create_one_customer,
    one_of_eight_updates_gets_the_email,
    two_updates_that_swap_emails_both_finish,
    concurrent_writes_to_one_ticket_are_all_stored,
);
