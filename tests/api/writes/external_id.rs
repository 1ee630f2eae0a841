//! External ids of customers and conversations.

use serde_json::{Value, json};

use super::{customer, recorded, update};
use crate::support::{TestApp, on_each_database};

const FIND: &str =
    "query($id: String!, $in: ID) { customerByExternalId(externalId: $id, workspaceId: $in) { id } }";

async fn an_external_id_is_set_kept_and_cleared(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let made = customer(&app, &admin, json!({ "externalId": "CRM-7" })).await;
    assert_eq!(
        (&made["externalId"], &made["displayName"]),
        (&json!("CRM-7"), &json!("CRM-7"))
    );
    let id = &made["id"];
    let kept = update(&app, &admin, id, json!({ "name": "Ann" })).await;
    assert_eq!(kept["customer"]["externalId"], "CRM-7");
    let same = update(&app, &admin, id, json!({ "externalId": "CRM-7" })).await;
    assert_eq!(same.position(), None);
    let other = update(&app, &admin, id, json!({ "externalId": "crm-7" })).await;
    assert_eq!(other["customer"]["externalId"], "crm-7");
    assert_eq!(
        recorded(&app, workspace).await,
        json!({ "externalId": { "before": "CRM-7", "after": "crm-7" } })
    );
    for cleared in [Value::Null, json!(" ")] {
        update(&app, &admin, id, json!({ "externalId": "x" })).await;
        let none = update(&app, &admin, id, json!({ "externalId": cleared })).await;
        assert_eq!(none["customer"]["externalId"], Value::Null, "{cleared}");
    }
    for (wrong, code) in [("x".repeat(256), "TOO_LONG"), ("a\u{0}".to_owned(), "INVALID")] {
        let refused = update(&app, &admin, id, json!({ "externalId": wrong })).await;
        assert_eq!(refused.errors(), [format!("{code} input.externalId")]);
    }
    let longest = update(&app, &admin, id, json!({ "externalId": "é".repeat(255) })).await;
    assert_eq!(longest["customer"]["externalId"], "é".repeat(255));
}

async fn a_taken_external_id_is_reported_with_its_owner(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ann = customer(&app, &admin, json!({ "externalId": "crm-7" })).await["id"].clone();
    let ben = customer(&app, &admin, json!({ "email": "ben@example.com" })).await["id"].clone();
    let events = app.log(workspace).await.len();
    let input = json!({ "externalId": "crm-7" });
    for (mutation, variables) in [
        ("customerCreate", json!({ "input": input })),
        ("customerUpdate", json!({ "id": ben, "input": input })),
        (
            "customerUpsert",
            json!({ "identifier": { "id": ben }, "input": input }),
        ),
        (
            "customerUpsert",
            json!({ "identifier": { "email": "ben@example.com" }, "input": input }),
        ),
        (
            "customerUpsert",
            json!({ "identifier": { "email": "new@example.com" }, "input": input }),
        ),
        (
            "customerUpsert",
            json!({ "identifier": { "externalId": "crm-8" }, "input": input }),
        ),
    ] {
        let refused = app.write(&admin, mutation, variables.clone()).await;
        assert_eq!(
            refused.errors(),
            ["EXTERNAL_ID_TAKEN input.externalId"],
            "{variables}"
        );
        assert_eq!(refused["userErrors"][0]["existingId"], ann, "{variables}");
    }
    // Both conflicts are reported.
    let both = json!({ "email": "ben@example.com", "externalId": "crm-7" });
    let refused = app
        .write(&admin, "customerCreate", json!({ "input": both }))
        .await;
    assert_eq!(
        refused.errors(),
        ["EMAIL_TAKEN input.email", "EXTERNAL_ID_TAKEN input.externalId"]
    );
    let owners = [
        &refused["userErrors"][0]["existingId"],
        &refused["userErrors"][1]["existingId"],
    ];
    assert_eq!(owners, [&ben, &ann]);
    assert_eq!(app.log(workspace).await.len(), events);

    // Ids are case-sensitive, workspaces are separate, and removed ids are free.
    customer(&app, &admin, json!({ "externalId": "CRM-7" })).await;
    let stranger = app.admin_of(&[app.workspace("Other").await]).await;
    customer(&app, &stranger, input.clone()).await;
    update(&app, &admin, &ann, json!({ "externalId": null })).await;
    assert_eq!(
        update(&app, &admin, &ben, input).await["customer"]["externalId"],
        "crm-7"
    );
}

async fn a_customer_is_found_by_exact_external_id(app: TestApp) {
    let (one, two) = (app.workspace("One").await, app.workspace("Two").await);
    let both = app.admin_of(&[one, two]).await;
    let (first, second) = (app.agent(one, "Ada").await, app.agent(two, "Bob").await);
    let ann = customer(&app, &first, json!({ "externalId": "Crm%_7" })).await["id"].clone();
    let ben = customer(&app, &second, json!({ "externalId": "other" })).await["id"].clone();
    let find = async |person, id: &str| {
        let answer = app.ask(person, FIND, json!({ "id": id })).await;
        answer.at("/customerByExternalId")
    };
    assert_eq!(find(&first, "Crm%_7").await["id"], ann);
    for wrong in ["crm%_7", "Crm", "Crm%_77", "", "%", "other"] {
        assert_eq!(find(&first, wrong).await, Value::Null, "{wrong}");
    }
    assert_eq!(find(&second, "Crm%_7").await, Value::Null);
    assert_eq!(find(&both, "other").await["id"], ben);
    let mine = app.token(
        ann.as_str().expect("an id"),
        deskgraph::auth::jwt::TokenRole::Customer,
        &[one],
    );
    let me = crate::support::Person {
        credential: mine,
        id: String::new(),
    };
    assert_eq!(find(&me, "Crm%_7").await["id"], ann);
    customer(&app, &first, json!({ "externalId": "not-anns" })).await;
    assert_eq!(find(&me, "not-anns").await, Value::Null);

    // If both workspaces contain the id, the workspace must be named.
    let twin = customer(&app, &second, json!({ "externalId": "Crm%_7" })).await["id"].clone();
    let answer = app.ask(&both, FIND, json!({ "id": "Crm%_7" })).await;
    assert_eq!(answer.error(), "WORKSPACE_REQUIRED workspaceId");
    for (workspace, id) in [(one, &ann), (two, &twin)] {
        let variables = json!({ "id": "Crm%_7", "in": workspace.to_string() });
        let found = app.ask(&both, FIND, variables).await;
        assert_eq!(found.at("/customerByExternalId/id"), *id);
    }
    let elsewhere = json!({ "id": "Crm%_7", "in": two.to_string() });
    assert_eq!(
        app.ask(&first, FIND, elsewhere).await.at("/customerByExternalId"),
        Value::Null
    );
    let long = app.ask(&first, FIND, json!({ "id": "x".repeat(501) })).await;
    assert_eq!(long.error(), "BAD_USER_INPUT externalId");
    let nul = app.ask(&first, FIND, json!({ "id": "a\u{0}" })).await;
    assert_eq!(nul.error(), "BAD_USER_INPUT externalId");
}

async fn an_upsert_creates_and_matches_by_external_id(app: TestApp) {
    let (_, admin) = app.admin().await;
    let upsert = async |identifier: Value, input: Value| {
        let variables = json!({ "identifier": identifier, "input": input });
        app.wrote(&admin, "customerUpsert", variables).await
    };
    let named = json!({ "externalId": "crm-7" });
    let made = upsert(named.clone(), json!({ "email": "ann@example.com" })).await;
    assert_eq!(
        (
            &made["result"],
            &made["customer"]["externalId"],
            &made["customer"]["email"]
        ),
        (&json!("CREATED"), &json!("crm-7"), &json!("ann@example.com"))
    );
    let same = upsert(
        named.clone(),
        json!({ "email": "ANN@example.com", "externalId": "crm-7" }),
    )
    .await;
    assert_eq!(
        (&same["result"], &same["customer"]["email"]),
        (&json!("UNCHANGED"), &json!("ann@example.com"))
    );
    // Found by this id, the customer gets another one.
    let moved = upsert(named.clone(), json!({ "externalId": "crm-8" })).await;
    assert_eq!(
        (&moved["result"], &moved["customer"]["id"]),
        (&json!("UPDATED"), &made["customer"]["id"])
    );
    let again = upsert(named, json!({ "name": "Another" })).await;
    assert_eq!(again["result"], "CREATED");
    // An upsert by address finds a customer, which gets an external id.
    let by_email = json!({ "input": { "email": "new@example.com", "externalId": "crm-9" } });
    let by_email = app.wrote(&admin, "customerUpsert", by_email).await;
    assert_eq!(
        (&by_email["result"], &by_email["customer"]["externalId"]),
        (&json!("CREATED"), &json!("crm-9"))
    );
    let blank = json!({ "identifier": { "externalId": " " }, "input": {} });
    let blank = app.write(&admin, "customerUpsert", blank).await;
    assert_eq!(blank.errors(), ["REQUIRED identifier.externalId"]);
}

async fn a_conversation_has_a_unique_external_id(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let input = json!({ "customer": { "email": "ann@example.com" }, "externalId": "t-1" });
    let made = app
        .wrote(&admin, "conversationCreate", json!({ "input": input }))
        .await;
    assert_eq!(made["conversation"]["externalId"], "t-1");
    let events = app.log(workspace).await.len();
    let other = json!({ "customer": { "email": "ben@example.com" }, "externalId": "t-1" });
    let refused = app
        .write(&admin, "conversationCreate", json!({ "input": other }))
        .await;
    assert_eq!(refused.errors(), ["EXTERNAL_ID_TAKEN input.externalId"]);
    assert_eq!(refused["userErrors"][0]["existingId"], made["conversation"]["id"]);
    // The new customer of the rejected mutation was not created either.
    assert_eq!(app.log(workspace).await.len(), events);
    let long = json!({ "customer": { "email": "ann@example.com" }, "externalId": "x".repeat(256) });
    let long = app
        .write(&admin, "conversationCreate", json!({ "input": long }))
        .await;
    assert_eq!(long.errors(), ["TOO_LONG input.externalId"]);
    let upper = json!({ "customer": { "email": "ann@example.com" }, "externalId": "T-1" });
    app.wrote(&admin, "conversationCreate", json!({ "input": upper }))
        .await;
    // The external id of a customer can equal that of another type.
    customer(&app, &admin, json!({ "externalId": "t-1" })).await;
    let stranger = app.admin_of(&[app.workspace("Other").await]).await;
    app.wrote(&stranger, "conversationCreate", json!({ "input": input }))
        .await;
    // A customer can be selected by its external id. An unknown one does not create a customer.
    let named = json!({ "input": { "customer": { "externalId": "t-1" } } });
    app.wrote(&admin, "conversationCreate", named).await;
    let unknown = json!({ "input": { "customer": { "externalId": "nobody" } } });
    let unknown = app.write(&admin, "conversationCreate", unknown).await;
    assert_eq!(unknown.errors(), ["NOT_FOUND input.customer"]);
}

on_each_database!(
    an_external_id_is_set_kept_and_cleared,
    a_taken_external_id_is_reported_with_its_owner,
    a_customer_is_found_by_exact_external_id,
    an_upsert_creates_and_matches_by_external_id,
    a_conversation_has_a_unique_external_id,
);
