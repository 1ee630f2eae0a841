//! `search`: in email, name and company, without case; % and _ are plain characters.

use serde_json::json;

use super::customers::{list, three};
use crate::support::{TestApp, on_each_database};

async fn a_search_looks_in_email_name_and_company_without_case(app: TestApp) {
    let admin = three(&app).await;
    let list = list(&app, &admin);
    for (search, expected) in [
        ("SØREN", "ann"),
        ("søren", "ann"),
        ("ÜNAL", "ann"),
        ("ünal", "ann"),
        ("unal", "ann"),
        ("bob@example", "bob"),
        ("EXAMPLE", "ann bob"),
        ("Off", "ann cid"),
        ("50%", "ann"),
        ("%", "ann"),
        ("_", "ann"),
        ("f-l", "cid"),
        ("\\", "bob"),
        ("\\ co", "bob"),
        ("\\%", ""),
        ("'", ""),
        ("\"", ""),
        ("nobody", ""),
        ("", "ann bob cid"),
    ] {
        assert_eq!(
            list.finds(&format!("search: {}", json!(search))).await,
            expected,
            "{search}"
        );
    }
}

async fn a_search_and_a_filter_hold_at_once(app: TestApp) {
    let admin = three(&app).await;
    let list = list(&app, &admin);
    let arguments = r#"search: "off", filter: {isVip: false}"#;
    assert_eq!(list.finds(arguments).await, "cid");
    let arguments = r#"search: "off", filter: {or: [{isVip: true}, {name: {isNull: false}}]}"#;
    assert_eq!(list.finds(arguments).await, "ann");
    assert_eq!(list.finds("filter: null").await, "ann bob cid");
}

async fn a_customer_is_found_by_its_whole_email_without_case(app: TestApp) {
    let admin = three(&app).await;
    let query = "query($email: String!) { customerByEmail(email: $email) { jobTitle } }";
    for (email, expected) in [
        ("BOB@example.org", json!({ "jobTitle": "bob" })),
        ("ann@EXAMPLE.com", json!({ "jobTitle": "ann" })),
        ("ann@example", json!(null)),
        ("%", json!(null)),
        ("", json!(null)),
    ] {
        let found = app.ask(&admin, query, json!({ "email": email })).await;
        assert_eq!(found.at("/customerByEmail"), expected, "{email}");
    }
}

on_each_database!(
    a_search_looks_in_email_name_and_company_without_case,
    a_search_and_a_filter_hold_at_once,
    a_customer_is_found_by_its_whole_email_without_case,
);
