//! Invalid arguments: each error names the argument, and the node continues.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::first_id;
use crate::support::{
    Answer, Person, TestApp,
    fill::{self, Rows},
    on_each_database,
};

/// Creates a viewer with three customers, a ticket and a message.
async fn admin_with_rows(app: &TestApp) -> Person {
    let (workspace, admin) = app.admin().await;
    let rows = Rows {
        customers: ["ann", "bob", "cid"].map(fill::customer).into(),
        tickets: vec![fill::ticket("t", "ann")],
        messages: vec![fill::message("m", "t", "ann@example.com")],
    };
    app.fill(workspace, &rows).await;
    admin
}

/// Checks that the node still responds normally.
async fn assert_alive(app: &TestApp, person: &Person) {
    let answer = app.ask(person, "{ customers { totalCount } }", json!({})).await;
    assert_eq!(answer.at("/customers/totalCount"), 3);
}

/// Checks that the document is rejected for this reason. The status is 200, as for every well-formed request.
async fn refused(app: &TestApp, person: &Person, query: &str, variables: Value, reason: &str) -> Answer {
    let answer = app.ask(person, query, variables).await;
    assert_eq!(answer.status, 200, "{query}");
    assert_eq!(answer.error(), reason, "{query}: {}", answer.body);
    let message = answer.body["errors"][0]["message"].as_str().unwrap();
    assert!(
        !message.is_empty() && !message.to_uppercase().contains("SELECT"),
        "{message}"
    );
    assert_alive(app, person).await;
    answer
}

async fn page_sizes_out_of_range_are_refused_by_name(app: TestApp) {
    let admin = admin_with_rows(&app).await;
    let customer = first_id(&app, &admin, "customers").await;
    for list in ["customers", "tickets", "conversations"] {
        for (arguments, reason) in [
            ("first: -1", "first"),
            ("first: -1", "first"),
            ("first: 101", "first"),
            ("first: 1000000", "first"),
            ("first: -2147483648", "first"),
            ("last: -1", "last"),
            ("last: -1", "last"),
            ("last: 101", "last"),
            ("last: 1000000", "last"),
            ("first: 1, last: 1", "last"),
            ("offset: -1", "offset"),
            ("offset: 10001", "offset"),
            ("offset: 2147483647", "offset"),
            ("last: 1, offset: 1", "offset"),
        ] {
            let reason = format!("BAD_USER_INPUT {reason}");
            let query = format!("{{ {list}({arguments}) {{ nodes {{ id }} }} }}");
            let answer = refused(&app, &admin, &query, json!({}), &reason).await;
            assert_eq!(answer.body["data"], Value::Null);
            // Arguments are also checked if only the count is selected.
            let query = format!("{{ {list}({arguments}) {{ totalCount }} }}");
            refused(&app, &admin, &query, json!({}), &reason).await;
            if !arguments.contains("offset") {
                for nested in ["tickets", "conversations", "messages"] {
                    let query = format!(
                        "query($id: ID!) {{ customer(id: $id) {{ {nested}({arguments}) {{ nodes {{ id }} }} }} }}"
                    );
                    let answer = refused(&app, &admin, &query, json!({ "id": customer }), &reason).await;
                    assert_eq!(answer.body["data"], json!({ "customer": null }));
                }
            }
        }
        // Values that are not of the type Int. Errors of the type system have a code too.
        for first in [
            "2147483648",
            "99999999999999999999",
            "1.5",
            "\"1\"",
            "true",
            "[1]",
            "{}",
        ] {
            let query = format!("{{ {list}(first: {first}) {{ nodes {{ id }} }} }}");
            refused(&app, &admin, &query, json!({}), "BAD_USER_INPUT").await;
        }
    }
}

async fn cursor(app: &TestApp, person: &Person, list: &str) -> String {
    let query = format!("{{ {list} {{ pageInfo {{ startCursor }} }} }}");
    let data = app.ask(person, &query, json!({})).await.data();
    let (_, page) = data.as_object().unwrap().iter().next().unwrap();
    page["pageInfo"]["startCursor"].as_str().unwrap().to_owned()
}

async fn cursors_of_another_list_or_order_are_refused(app: TestApp) {
    let admin = admin_with_rows(&app).await;
    let order = |field: &str, direction: &str| {
        format!("customers(orderBy: {{field: {field}, direction: {direction}}})")
    };
    let own = cursor(&app, &admin, &order("CREATED_AT", "DESC")).await;
    let flipped = if own.ends_with('A') { "B" } else { "A" };
    let mut bad = vec![
        cursor(&app, &admin, "tickets").await,
        cursor(&app, &admin, "conversations").await,
        cursor(&app, &admin, &order("UPDATED_AT", "DESC")).await,
        cursor(&app, &admin, &order("EMAIL", "DESC")).await,
        cursor(&app, &admin, &order("CREATED_AT", "ASC")).await,
        own.to_uppercase(),
        format!("{own}{own}"),
        format!("{own}="),
        format!("{own} "),
        format!("{flipped}{own}"),
    ];
    bad.extend([" ", "x", "☃", "\0", "%00", "null", "AAAA", "' OR 1=1 --"].map(str::to_owned));
    bad.push("A".repeat(10_000));
    // Every prefix of a cursor.
    bad.extend((1..own.len()).map(|end| own[..end].to_owned()));
    for cursor in bad {
        for behind in ["after", "before"] {
            let query = format!("query($c: String) {{ customers({behind}: $c) {{ nodes {{ id }} }} }}");
            let answer = app.ask(&admin, &query, json!({ "c": cursor })).await;
            assert_eq!(answer.status, 200);
            assert_eq!(
                answer.error(),
                format!("BAD_USER_INPUT {behind}"),
                "{cursor:?} {}",
                answer.body
            );
        }
    }
    assert_alive(&app, &admin).await;
    // A cursor of a row that is deleted or never existed is a valid position.
    let query = "query($c: String) { customers(after: $c) { nodes { id } } }";
    app.ask(&admin, query, json!({ "c": own })).await.data();
    let query = "query($c: String) { customers(first: 1, after: $c, offset: 1) { nodes { id } } }";
    refused(&app, &admin, query, json!({ "c": own }), "BAD_USER_INPUT offset").await;
}

async fn modified_cursors_are_refused_or_valid_positions(app: TestApp) {
    let admin = admin_with_rows(&app).await;
    let own = cursor(&app, &admin, "customers(orderBy: {field: NAME})").await;
    let bytes = URL_SAFE_NO_PAD.decode(own).unwrap();
    // Version, list, order and a sixteen-byte id precede the kind of the sort value, which is followed by the value.
    let (head, kind) = (&bytes[..19], bytes[19]);
    let ask = async |bytes: Vec<u8>| {
        let query = "query($c: String) { customers(after: $c, orderBy: {field: NAME}) { nodes { id } } }";
        let cursor = URL_SAFE_NO_PAD.encode(bytes);
        app.ask(&admin, query, json!({ "c": cursor })).await
    };
    for text in ["", "ann", "søren", "%", "'"] {
        ask([head, &[kind], text.as_bytes()].concat()).await.data();
    }
    for tail in [&b"\xff"[..], b"\xc3", b"\0", b"a\0b", b"\xed\xa0\x80"] {
        let answer = ask([head, &[kind], tail].concat()).await;
        assert_eq!(answer.error(), "BAD_USER_INPUT after", "{tail:?}");
    }
    for kind in (0..=255).filter(|other| *other != kind) {
        let answer = ask([head, &[kind], &[0; 8]].concat()).await;
        assert_eq!(answer.error(), "BAD_USER_INPUT after", "{kind}");
    }
    for place in 0..3 {
        let mut bytes = bytes.clone();
        bytes[place] ^= 0x41;
        assert_eq!(ask(bytes).await.error(), "BAD_USER_INPUT after");
    }
    assert_alive(&app, &admin).await;
}

async fn malformed_and_mistyped_ids_are_refused_everywhere(app: TestApp) {
    let admin = admin_with_rows(&app).await;
    let ticket = first_id(&app, &admin, "tickets").await;
    let customer = first_id(&app, &admin, "customers").await;
    let other_case = customer.to_uppercase();
    for (query, argument, own) in [
        ("customers(workspaceId: $id) { nodes { id } }", "workspaceId", ""),
        ("tickets(workspaceId: $id) { totalCount }", "workspaceId", ""),
        (
            "conversations(workspaceId: $id) { totalCount }",
            "workspaceId",
            "",
        ),
        ("agents(workspaceId: $id) { totalCount }", "workspaceId", ""),
        (
            r#"customerByEmail(email: "a@b.example", workspaceId: $id) { id }"#,
            "workspaceId",
            "",
        ),
        ("workspace(id: $id) { id }", "id", ""),
        ("agent(id: $id) { id }", "id", ""),
        ("message(id: $id) { id }", "id", ""),
        (
            "customers(filter: {id: [$id]}) { totalCount }",
            "filter.id",
            "cust",
        ),
        (
            "customers(filter: {or: [{isVip: true}, {not: {id: [$id]}}]}) { totalCount }",
            "filter.or.1.not.id",
            "cust",
        ),
        ("tickets(filter: {id: [$id]}) { totalCount }", "filter.id", "tkt"),
        (
            "tickets(filter: {customerId: [$id]}) { totalCount }",
            "filter.customerId",
            "cust",
        ),
        (
            "tickets(filter: {assignedTo: [$id]}) { totalCount }",
            "filter.assignedTo",
            "",
        ),
        (
            "tickets(filter: {customer: {id: [$id]}}) { totalCount }",
            "filter.customer.id",
            "cust",
        ),
        (
            "conversations(filter: {id: [$id]}) { totalCount }",
            "filter.id",
            "",
        ),
        (
            "conversations(filter: {customerId: [$id]}) { totalCount }",
            "filter.customerId",
            "cust",
        ),
        (
            "conversations(filter: {customer: {and: [{id: [$id]}]}}) { totalCount }",
            "filter.customer.and.0.id",
            "cust",
        ),
    ] {
        let query = format!("query($id: ID!) {{ {query} }}");
        let reason = format!("BAD_USER_INPUT {argument}");
        for id in [
            &ticket,
            &customer,
            "",
            "1",
            "☃",
            "cust_",
            "ws_\0",
            "ws_0",
            &other_case,
            "ws_%",
        ] {
            if own.is_empty() || !id.starts_with(own) || id == "cust_" {
                refused(&app, &admin, &query, json!({ "id": id }), &reason).await;
            }
        }
    }
}

on_each_database!(
    page_sizes_out_of_range_are_refused_by_name,
    cursors_of_another_list_or_order_are_refused,
    modified_cursors_are_refused_or_valid_positions,
    malformed_and_mistyped_ids_are_refused_everywhere,
);
