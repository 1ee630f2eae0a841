//! Each address of a customer identifies the customer.

use serde_json::{Value, json};

use super::customer;
use crate::support::{Person, TestApp, on_each_database};
use deskgraph::auth::jwt::TokenRole;
use entity::WorkspaceId;

const HOME: &str = "Jané@Home.example.com";

/// Jane, whose second address is [`HOME`], with a ticket.
struct Jane {
    id: Value,
    ticket: Value,
    token: Person,
}

async fn jane(app: &TestApp, workspace: WorkspaceId, admin: &Person) -> Jane {
    let emails = json!([{ "email": "jane@example.com", "isPrimary": true }, { "email": HOME }]);
    let id = customer(app, admin, json!({ "emails": emails })).await["id"].clone();
    let ticket = app.ticket(admin, "jane@example.com").await;
    let text = id.as_str().expect("an id").to_owned();
    let credential = app.token(&text, TokenRole::Customer, &[workspace]);
    Jane {
        id,
        ticket,
        token: Person { credential, id: text },
    }
}

async fn queries_find_by_every_address(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let jane = jane(&app, workspace, &admin).await;
    customer(&app, &admin, json!({ "email": "other@example.com" })).await;
    let by_email = "query($email: String!) { customerByEmail(email: $email) { id } }";
    for email in [HOME, "JANé@HOME.EXAMPLE.COM", "Jane@example.com"] {
        for person in [&admin, &jane.token] {
            let found = app.ask(person, by_email, json!({ "email": email })).await;
            assert_eq!(found.at("/customerByEmail"), json!({ "id": jane.id }), "{email}");
        }
    }
    let found = app
        .ask(&admin, by_email, json!({ "email": "home.example.com" }))
        .await;
    assert_eq!(found.at("/customerByEmail"), Value::Null);
    let search = "query($text: String!) { customers(search: $text) { totalCount nodes { id } } }";
    for text in ["jané@home", "HOME.example", "jane@"] {
        let found = app.ask(&admin, search, json!({ "text": text })).await;
        let expected = json!({ "totalCount": 1, "nodes": [{ "id": jane.id }] });
        assert_eq!(found.at("/customers"), expected, "{text}");
    }
    // A customer with several matching addresses is returned once.
    let found = app.ask(&admin, search, json!({ "text": "example.com" })).await;
    assert_eq!(found.at("/customers/totalCount"), 2);
    // The filter applies to the primary address.
    let filter = "query($email: String!) { customers(filter: { email: { eq: $email } }) { totalCount } }";
    for (email, count) in [(HOME, 0), ("jane@example.com", 1)] {
        let found = app.ask(&admin, filter, json!({ "email": email })).await;
        assert_eq!(found.at("/customers/totalCount"), count, "{email}");
    }
}

async fn writes_find_by_every_address(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let jane = jane(&app, workspace, &admin).await;
    let other = app.ticket(&admin, "other@example.com").await;
    let upsert = json!({ "input": { "email": "jané@home.example.com", "name": "Jane" } });
    let upsert = app.wrote(&admin, "customerUpsert", upsert).await;
    assert_eq!(
        (&upsert["result"], &upsert["customer"]["id"]),
        (&json!("UPDATED"), &jane.id)
    );
    assert_eq!(upsert["customer"]["email"], "jane@example.com");
    let named = json!({ "identifier": { "email": HOME }, "input": { "isVip": true } });
    let named = app.wrote(&admin, "customerUpsert", named).await;
    assert_eq!(
        (&named["result"], &named["customer"]["id"]),
        (&json!("UPDATED"), &jane.id)
    );

    let input = json!({ "subject": "Help", "customerEmail": HOME, "body": "Please." });
    let ticket = app.wrote(&admin, "ticketCreate", json!({ "input": input })).await;
    assert_eq!(
        (
            &ticket["ticket"]["customer"]["id"],
            &ticket["customerCreated"],
            &ticket["ticket"]["customerEmail"]
        ),
        (&jane.id, &json!(false), &json!(HOME))
    );
    let input = json!({ "customer": { "email": HOME } });
    let thread = app
        .wrote(&admin, "conversationCreate", json!({ "input": input }))
        .await;
    assert_eq!(
        (
            &thread["conversation"]["customer"]["id"],
            &thread["customerCreated"]
        ),
        (&jane.id, &json!(false))
    );
    // The sender of a message, in her own ticket and in the ticket of another customer.
    for ticket in [&jane.ticket, &other] {
        let input = json!({ "target": { "ticketId": ticket["id"] }, "body": "Hm.", "senderEmail": HOME });
        let added = app.wrote(&admin, "messageAdd", json!({ "input": input })).await;
        let sender = json!({ "__typename": "Customer", "id": jane.id });
        assert_eq!(added["message"]["sender"], sender);
        assert_eq!(added["message"]["customer"]["id"], ticket["customer"]["id"]);
    }
}

async fn a_customer_can_write_from_each_of_its_addresses(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let jane = jane(&app, workspace, &admin).await;
    let sender = json!({ "__typename": "Customer", "id": jane.id });
    let input = json!({ "subject": "Help", "customerEmail": HOME, "body": "Please." });
    let made = app
        .wrote(&jane.token, "ticketCreate", json!({ "input": input }))
        .await;
    assert_eq!(
        (&made["ticket"]["customer"]["id"], &made["message"]["sender"]),
        (&jane.id, &sender)
    );
    let message = |email: &str| {
        let target = json!({ "ticketId": jane.ticket["id"] });
        json!({ "input": { "target": target, "body": "Hm.", "senderEmail": email } })
    };
    let added = app
        .wrote(&jane.token, "messageAdd", message("jané@home.example.com"))
        .await;
    assert_eq!(added["message"]["sender"], sender);
    let input = json!({ "input": { "customer": { "email": HOME } } });
    app.wrote(&jane.token, "conversationCreate", input).await;

    // A removed address does not match.
    let input = json!({ "emails": [{ "email": "jane@example.com" }] });
    super::update(&app, &admin, &jane.id, input).await;
    let refused = app.write(&jane.token, "messageAdd", message(HOME)).await;
    assert_eq!(refused.errors(), ["FORBIDDEN input.senderEmail"]);
    let input = json!({ "subject": "Help", "customerEmail": HOME, "body": "Please." });
    let refused = app
        .write(&jane.token, "ticketCreate", json!({ "input": input }))
        .await;
    assert_eq!(refused.errors(), ["FORBIDDEN input.customerEmail"]);
    let input = json!({ "input": { "customer": { "email": HOME } } });
    let refused = app.write(&jane.token, "conversationCreate", input).await;
    assert_eq!(refused.errors(), ["NOT_FOUND input.customer"]);
}

async fn a_lookup_across_workspaces_needs_a_workspace(app: TestApp) {
    let (one, two) = (app.workspace("One").await, app.workspace("Two").await);
    let admin = app.admin_of(&[one, two]).await;
    let mut ids = Vec::new();
    for (workspace, email) in [(one, "first@example.com"), (two, "second@example.com")] {
        let emails = json!([{ "email": email }, { "email": HOME }]);
        let variables = json!({ "workspaceId": workspace.to_string(), "input": { "emails": emails } });
        let made = app.wrote(&admin, "customerCreate", variables).await;
        ids.push((workspace, made["customer"]["id"].clone()));
    }
    let query = "query($email: String!, $in: ID) { customerByEmail(email: $email, workspaceId: $in) { id } }";
    let answer = app.ask(&admin, query, json!({ "email": HOME })).await;
    assert_eq!(answer.error(), "WORKSPACE_REQUIRED workspaceId");
    for (workspace, id) in &ids {
        let variables = json!({ "email": HOME, "in": workspace.to_string() });
        let found = app.ask(&admin, query, variables).await.at("/customerByEmail/id");
        assert_eq!(found, *id);
    }
    let found = app
        .ask(&admin, query, json!({ "email": "second@example.com" }))
        .await;
    assert_eq!(found.at("/customerByEmail/id"), ids[1].1);
}

async fn only_the_case_of_ascii_letters_is_ignored(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let kim = super::customer(&app, &admin, json!({ "email": "kim.ö@example.com" })).await;
    let query = "query($email: String!) {
        customerByEmail(email: $email) { id }
        customers(filter: { email: { eq: $email } }) { totalCount }
    }";
    for (email, is_kim) in [
        ("kim.ö@example.com", true),
        ("KIM.ö@Example.COM", true),
        // The Kelvin sign, whose lower case is `k`.
        ("\u{212a}im.ö@example.com", false),
        ("kim.Ö@example.com", false),
        // A dotted I, whose lower case starts with `i`.
        ("k\u{130}m.ö@example.com", false),
    ] {
        let found = app.ask(&admin, query, json!({ "email": email })).await.data();
        assert_eq!(found["customerByEmail"]["id"] == kim["id"], is_kim, "{email}");
        assert_eq!(found["customers"]["totalCount"], i32::from(is_kim), "{email}");
        let made = app
            .write(&admin, "customerCreate", json!({ "input": { "email": email } }))
            .await;
        let expected: &[&str] = if is_kim { &["EMAIL_TAKEN input.email"] } else { &[] };
        assert_eq!(made.errors(), expected, "{email}");
    }
    // Senders of messages and agents are matched by the same rule.
    let ticket = app.ticket(&admin, "kim.ö@example.com").await;
    let message = json!({
        "target": { "ticketId": ticket["id"] }, "body": "Hi", "senderEmail": "\u{212a}im.ö@example.com",
    });
    let added = app.wrote(&admin, "messageAdd", json!({ "input": message })).await;
    assert_ne!(added["message"]["sender"]["id"], kim["id"]);
    for email in ["kay@example.com", "\u{212a}ay@example.com"] {
        let agent = json!({ "input": { "name": "Kay", "email": email } });
        app.wrote(&admin, "agentCreate", agent).await;
    }
    assert_eq!(app.log(workspace).await.len(), 8);
}

on_each_database!(
    queries_find_by_every_address,
    writes_find_by_every_address,
    a_customer_can_write_from_each_of_its_addresses,
    a_lookup_across_workspaces_needs_a_workspace,
    only_the_case_of_ascii_letters_is_ignored,
);
