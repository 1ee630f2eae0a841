//! The combinators `and`, `or` and `not`.

use super::customers::{list, three};
use crate::support::{TestApp, on_each_database};

async fn conditions_are_combined_by_boolean_logic(app: TestApp) {
    let admin = three(&app).await;
    let list = list(&app, &admin);
    for (filter, expected) in [
        ("", "ann bob cid"),
        ("and: []", "ann bob cid"),
        ("or: []", ""),
        ("not: {or: []}", "ann bob cid"),
        ("not: {not: {isVip: true}}", "ann"),
        ("or: [{isVip: true}]", "ann"),
        (
            "isVip: false, or: [{isVip: true}, {email: {isNull: true}}]",
            "cid",
        ),
        ("isVip: true, not: {isVip: true}", ""),
        (
            "and: [{or: [{isVip: true}, {name: {isNull: true}}]}, {company: {isNull: false}}]",
            "ann cid",
        ),
        (
            "or: [{and: [{isVip: true}, {email: {isNull: true}}]}, {company: {isNull: true}}]",
            "bob",
        ),
        ("not: {or: [{isVip: true}, {email: {isNull: true}}]}", "bob"),
    ] {
        assert_eq!(list.fitting(filter).await, expected, "{filter}");
    }
}

async fn a_negation_matches_rows_without_a_value(app: TestApp) {
    let admin = three(&app).await;
    let list = list(&app, &admin);
    for (filter, expected) in [
        ("not: {priorityOverride: [HIGH]}", "bob cid"),
        ("not: {priorityOverride: [LOW, HIGH]}", "cid"),
        (r#"not: {company: {contains: "off"}}"#, "bob"),
        (r#"not: {email: {eq: "ann@example.com"}}"#, "bob cid"),
        (r#"not: {tags: {hasAny: ["vip"]}}"#, "bob cid"),
        (
            "not: {or: [{priorityOverride: [HIGH]}, {isVip: true}]}",
            "bob cid",
        ),
        ("not: {and: [{priorityOverride: [HIGH]}]}", "bob cid"),
        ("not: {not: {priorityOverride: [HIGH]}}", "ann"),
    ] {
        assert_eq!(list.fitting(filter).await, expected, "{filter}");
    }
}

async fn conditions_can_be_nested_eight_levels_deep(app: TestApp) {
    let admin = three(&app).await;
    let list = list(&app, &admin);
    let nested =
        |depth: usize| (0..depth).fold("isVip: true".to_owned(), |inner, _| format!("not: {{{inner}}}"));
    assert_eq!(list.fitting(&nested(8)).await, "ann");
    assert_eq!(list.fitting(&nested(7)).await, "bob cid");
}

on_each_database!(
    conditions_are_combined_by_boolean_logic,
    a_negation_matches_rows_without_a_value,
    conditions_can_be_nested_eight_levels_deep,
);
