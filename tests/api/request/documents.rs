//! Documents are read as the specification requires.

use serde_json::json;

use super::{none, refused, why};
use crate::support::{TestApp, on_each_database};

async fn strings_are_decoded(app: TestApp) {
    let (_, admin) = app.admin().await;
    let made = app
        .ask(
            &admin,
            r#"mutation {
                ticketCreate(input: {
                    subject: "\ud83d\ude00 \u{1F600} \u00e9"
                    customerEmail: "jane@example.com"
                    body: """
                        a \""" b
                          \u0041
                    """
                }) { ticket { subject messages(first: 1) { nodes { body } } } }
            }"#,
            none(),
        )
        .await
        .at("/ticketCreate/ticket");
    assert_eq!(made["subject"], "😀 😀 é");
    assert_eq!(made["messages"]["nodes"][0]["body"], "a \"\"\" b\n  \\u0041");
}

async fn syntax_errors_and_invalid_documents_are_refused(app: TestApp) {
    let (_, admin) = app.admin().await;
    for (query, expected) in [
        ("query() { viewer { kind } }", "Syntax error: "),
        ("query Q() { viewer { kind } }", "Syntax error: "),
        ("{ viewer { __typename { kind } } }", "must not have a selection"),
        (
            "{ tickets(filter: { status: \"OPEN\" }) { totalCount } }",
            "Expected a value of type",
        ),
        (
            "{ viewer { kind } ... @defer { viewer { kind } } }",
            "Unknown directive \"@defer\".",
        ),
        (
            "{ viewer { ...f } } fragment f on Viewer { kind } fragment f on Viewer { kind }",
            "only one fragment named",
        ),
        ("{ node(id: \"\\ud83d\") { id } }", "Syntax error: "),
    ] {
        let message = why(&app, &admin, query, none()).await;
        assert!(message.contains(expected), "{query}: {message}");
    }
}

async fn a_name_without_a_value_is_refused_and_not_ignored(app: TestApp) {
    let (_, admin) = app.admin().await;
    let update = |rest: &str| {
        format!(
            "mutation {{ ticketUpdate(input: {{ id: \"x\", subject: \"b\" {rest} }}) {{ ticket {{ id }} }} }}"
        )
    };
    for query in [
        "{ customers(filter: { email }) { totalCount } }",
        "{ tickets(first) { totalCount } }",
        "{ tickets(filter: { status: { in: [OPEN] } search }) { totalCount } }",
        "{ viewer { kind @skip(if) } }",
        "query($filter: TicketFilter = { status }) { tickets(filter: $filter) { totalCount } }",
        &update("ifVersion"),
        &update("ifVersion, title: \"c\""),
    ] {
        let message = why(&app, &admin, query, none()).await;
        assert_eq!(
            message, "Syntax error: expected a colon and a value after this name.",
            "{query}"
        );
    }
    let errors = refused(&app, &admin, "{ tickets(first) { totalCount } }", none()).await;
    assert_eq!(errors[0]["locations"], json!([{ "line": 1, "column": 11 }]));
}

async fn a_subscription_can_select_its_field_twice(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let start = app.services.hub.newest(workspace).await.expect("a cursor");
    let mut socket = app.socket(&admin).await;
    let twice = "subscription($a: ChangeCursor) { changes(after: $a) { __typename } ...f } \
                 fragment f on Subscription { changes(after: $a) { changeCursor } }";
    socket.begin("1", twice, &json!({ "a": start.to_string() })).await;
    app.ticket(&admin, "jane@example.com").await;
    let change = socket.data("1").await;
    let change = change["changes"].as_object().expect("a change");
    assert_eq!(change.keys().collect::<Vec<_>>(), ["__typename", "changeCursor"]);
    let mut socket = app.socket(&admin).await;
    for query in [
        "subscription { changes { changeCursor } other: changes { changeCursor } }",
        "subscription { changes { changeCursor } messageAdded { changeCursor } }",
        "subscription { changes { changeCursor } changes(after: \"x\") { changeCursor } }",
    ] {
        socket.begin("2", query, &none()).await;
        assert_eq!(socket.refusal("2").await, "BAD_USER_INPUT", "{query}");
    }
}

/// Fragments that each spread the next one twice: a kilobyte of text, and 2^30 selections.
async fn exponential_fragments_exceed_the_limit_of_selections(app: TestApp) {
    let (_, admin) = app.admin().await;
    let fragments: String = (0..30)
        .map(|n| format!("fragment f{n} on Query {{ ...f{0} ...f{0} }}", n + 1))
        .collect();
    let query = format!("{{ ...f0 }} {fragments} fragment f30 on Query {{ __typename }}");
    app.statements.take();
    let answer = app.ask(&admin, &query, none()).await;
    assert!(app.statements.take().is_empty());
    let error = &answer.body["errors"][0]["extensions"];
    assert_eq!(error["code"], "QUERY_TOO_COSTLY", "{}", answer.body);
    assert_eq!(error["limit"], "selections", "{}", answer.body);
}

on_each_database!(
    exponential_fragments_exceed_the_limit_of_selections,
    strings_are_decoded,
    syntax_errors_and_invalid_documents_are_refused,
    a_name_without_a_value_is_refused_and_not_ignored,
    a_subscription_can_select_its_field_twice,
);
