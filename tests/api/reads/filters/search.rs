//! The argument `search`: by words of all names, and by addresses and telephone numbers in any format.

use deskgraph::{
    app::App,
    auth::{Viewer, jwt::TokenRole},
    service::{Services, word_index},
    store::{self, StoreError},
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{
    super::first_id,
    customers::{list, three},
};
use crate::support::{Person, TestApp, on_each_database};

async fn words_are_found_by_prefix_in_any_order(app: TestApp) {
    let admin = three(&app).await;
    let list = list(&app, &admin);
    for (search, expected) in [
        ("SØREN", "ann"),
        ("ünal søren", "ann"),
        ("unal", "ann"),
        ("Ün SØ", "ann"),
        ("nal", ""),
        ("bob@example", "bob"),
        ("ob@example", ""),
        ("EXAMPLE", "ann bob"),
        ("example ann", "ann"),
        ("Off", "ann cid"),
        ("off-l", "ann cid"),
        ("50%", "ann cid"),
        ("500", "cid"),
        ("crm-1%", "ann"),
        ("%", ""),
        ("_", ""),
        ("\\ co b", "bob"),
        ("'", ""),
        ("nobody", ""),
        ("søren nobody", ""),
        ("", "ann bob cid"),
        (" \t", "ann bob cid"),
    ] {
        assert_eq!(
            list.finds(&format!("search: {}", json!(search))).await,
            expected,
            "{search}"
        );
    }
    let words: Vec<String> = ('a'..='q').map(String::from).collect();
    let query = "query($s: String) { customers(search: $s) { totalCount } }";
    let answer = app.ask(&admin, query, json!({ "s": words.join(" ") })).await;
    assert_eq!(answer.error(), "BAD_USER_INPUT search");
}

fn statement(services: &Services, sql: &str) -> Statement {
    Statement::from_string(services.db.dialect().backend(), sql)
}

async fn run(services: &Services, sql: &str) {
    let done = services
        .db
        .connection()
        .execute_raw(statement(services, sql))
        .await;
    done.expect("done");
}

async fn count(services: &Services, sql: &str) -> i64 {
    let row = services
        .db
        .connection()
        .query_one_raw(statement(services, sql))
        .await;
    row.expect("a row")
        .expect("a row")
        .try_get("", "n")
        .expect("a number")
}

async fn make(app: &TestApp, admin: &Person, mut input: Value) -> String {
    if input.get("emails").is_none() {
        let id: uuid::Uuid = app.services.clock.id();
        input["email"] = json!(format!("{}@mail.test", id.simple()));
    }
    let made = app
        .wrote(admin, "customerCreate", json!({ "input": input }))
        .await;
    made["customer"]["id"].as_str().expect("an id").to_owned()
}

async fn search_labels<'a>(
    app: &TestApp,
    person: &Person,
    search: &str,
    ids: &'a [(String, &str)],
) -> Vec<&'a str> {
    let query = "query($s: String!) { customers(search: $s) { totalCount nodes { id } } }";
    let found = app
        .ask(person, query, json!({ "s": search }))
        .await
        .at("/customers");
    let nodes = found["nodes"].as_array().expect("nodes");
    assert_eq!(found["totalCount"], nodes.len(), "{search}");
    let name = |node: &Value| ids.iter().find(|(id, _)| node["id"] == *id).expect("one").1;
    let mut names: Vec<&str> = nodes.iter().map(name).collect();
    names.sort_unstable();
    names
}

async fn customers_are_found_by_names_addresses_and_numbers(app: TestApp) {
    let (_, admin) = app.admin().await;
    let emails =
        json!([{ "email": "al@example.com", "isPrimary": true }, { "email": "countess@byron.example" }]);
    let phones = json!([{ "phone": "+1 212 555 0100", "isPrimary": true }, { "phone": "0049301234567" }]);
    let all = [
        (
            "ada",
            json!({ "firstName": "Ada", "lastName": "Lovelace", "emails": emails, "phone": "+44 (0)20 / 7946-0018" }),
        ),
        (
            "grace",
            json!({ "displayName": "Grace H.", "username": "ghopper", "externalId": "crm-77", "company": "Navy & Co", "phones": phones }),
        ),
        ("none", json!({ "phone": "493012345" })),
        ("jose", json!({ "name": "Jose\u{301} Núñez" })),
        (
            "müller",
            json!({ "name": "Müller  Anna", "company": "ＡＣＭＥ 株式会社" }),
        ),
        ("strasse", json!({ "name": "STRASSE Bäcker" })),
        ("o'brien", json!({ "name": "O’Brien" })),
    ];
    let mut ids = Vec::new();
    for (name, input) in all {
        ids.push((make(&app, &admin, input).await, name));
    }
    for (search, expected) in [
        ("lovelace", vec!["ada"]),
        ("Lovelace, Ada", vec!["ada"]),
        ("byron", vec!["ada"]),
        ("countess@byron.example", vec!["ada"]),
        ("grace", vec!["grace"]),
        ("GHOP", vec!["grace"]),
        ("crm-77", vec!["grace"]),
        ("navy", vec!["grace"]),
        ("7946", vec!["ada"]),
        ("0018", vec!["ada"]),
        ("+442079460018", vec!["ada"]),
        ("(020) 7946 0018", vec!["ada"]),
        ("493012345", vec!["grace", "none"]),
        ("+49 30 1234567", vec!["grace"]),
        ("030 1234567", vec!["grace"]),
        ("555-0100", vec!["grace"]),
        ("josé nunez", vec!["jose"]),
        ("NÚÑEZ", vec!["jose"]),
        ("muller", vec!["müller"]),
        ("anna müller", vec!["müller"]),
        ("acme", vec!["müller"]),
        ("会社", vec!["müller"]),
        ("straße", vec!["strasse"]),
        ("backer", vec!["strasse"]),
        ("obrien", vec!["o'brien"]),
        ("O'Brien", vec!["o'brien"]),
        ("brien", vec!["o'brien"]),
    ] {
        assert_eq!(
            search_labels(&app, &admin, search, &ids).await,
            expected,
            "{search}"
        );
    }
    for (filter, expected) in [
        ("name: { startsWith: \"MULLER\" }", 1),
        ("name: { contains: \"nunez\" }", 1),
        ("name: { eq: \"José Nuñez\" }", 1),
        ("company: { startsWith: \"acme\" }", 1),
        ("company: { in: [\"ACME 株式会社\"] }", 1),
        ("name: { startsWith: \"uller\" }", 0),
    ] {
        let query = format!("{{ customers(filter: {{ {filter} }}) {{ totalCount }} }}");
        let count = app
            .ask(&admin, &query, json!({}))
            .await
            .at("/customers/totalCount");
        assert_eq!(count, expected, "{filter}");
    }
}

async fn the_search_follows_changes_and_deletions(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ada = make(
        &app,
        &admin,
        json!({ "name": "Ada Byron", "email": "ada@example.com", "phone": "5550100" }),
    )
    .await;
    let ids = [(ada.clone(), "ada")];
    let input = json!({ "name": "Ada Lovelace", "phone": null });
    app.wrote(&admin, "customerUpdate", json!({ "id": ada, "input": input }))
        .await;
    for (search, count) in [("byron", 0), ("5550100", 0), ("lovelace", 1), ("ada", 1)] {
        assert_eq!(
            search_labels(&app, &admin, search, &ids).await.len(),
            count,
            "{search}"
        );
    }
    app.wrote(&admin, "customerDelete", json!({ "id": ada })).await;
    assert_eq!(search_labels(&app, &admin, "ada", &ids).await.len(), 0);
    let left = count(&app.services, "SELECT COUNT(*) AS n FROM customer_word").await;
    assert_eq!(left, 0);
}

async fn a_search_has_pages_and_respects_workspaces(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let other = app.workspace("Other").await;
    let stranger = app.admin_of(&[other]).await;
    for n in 0..5 {
        let input = json!({ "name": format!("Ann {n}") });
        make(&app, &admin, input.clone()).await;
        make(&app, &stranger, input).await;
    }
    let both = Person {
        credential: app.token(&admin.id, TokenRole::Admin, &[workspace, other]),
        id: admin.id.clone(),
    };
    let query = "query($w: ID, $after: String) { customers(search: \"ann\", workspaceId: $w, first: 3, after: $after, \
                 orderBy: { field: NAME, direction: ASC }) { totalCount nodes { name } pageInfo { endCursor } } }";
    for (person, count) in [(&admin, 5), (&stranger, 5), (&both, 10)] {
        let page = app.ask(person, query, json!({})).await.at("/customers");
        assert_eq!(page["totalCount"], count);
    }
    let one = app
        .ask(&both, query, json!({ "w": other.to_string() }))
        .await
        .at("/customers");
    assert_eq!(one["totalCount"], 5);
    let after = &one["pageInfo"]["endCursor"];
    let rest = app
        .ask(&both, query, json!({ "w": other.to_string(), "after": after }))
        .await;
    assert_eq!(
        rest.at("/customers/nodes"),
        json!([{ "name": "Ann 3" }, { "name": "Ann 4" }])
    );
    let customer = first_id(&app, &admin, "customers").await;
    let own = app.token(&customer, TokenRole::Customer, &[workspace]);
    let own = Person {
        credential: own,
        id: customer,
    };
    let seen = app.ask(&own, query, json!({})).await.at("/customers/totalCount");
    assert_eq!(seen, 1);
}

async fn a_search_and_a_filter_are_combined(app: TestApp) {
    let admin = three(&app).await;
    let list = list(&app, &admin);
    let arguments = r#"search: "off", filter: {isVip: false}"#;
    assert_eq!(list.finds(arguments).await, "cid");
    let arguments = r#"search: "off", filter: {or: [{isVip: true}, {name: {isNull: false}}]}"#;
    assert_eq!(list.finds(arguments).await, "ann");
    assert_eq!(list.finds("filter: null").await, "ann bob cid");
}

/// Rows without an index, or with an index of an earlier version, are indexed while the node serves. Until then, a
/// search is rejected.
async fn existing_customers_are_indexed(app: TestApp) {
    let admin = three(&app).await;
    // A node that serves has a worker, which could build the index that is deleted here. This one has none.
    app.end().await;
    let node = App::build(&app.settings, app.services.clock.clone())
        .await
        .expect("a node");
    run(&node.services, "DELETE FROM customer_word").await;
    run(
        &node.services,
        "UPDATE customer SET name_key = 'søren ünal', version = 7 WHERE name_key LIKE 's%'",
    )
    .await;
    run(
        &node.services,
        "UPDATE word_index SET is_complete = FALSE, version = 0",
    )
    .await;
    let workspaces = store::workspace::list_unscoped(&node.services.db).await;
    let scope = Viewer::operator(workspaces.expect("workspaces")[0].id).scope();
    let search = async || {
        let words = vec![vec!["unal".to_owned()]];
        node.services.search_customers(&scope, None, words).await
    };
    assert!(matches!(search().await, Err(StoreError::NotIndexed)));
    word_index::complete(node.services.clone(), CancellationToken::new()).await;
    search().await.expect("indexed");
    let app = app.another().await;
    let list = list(&app, &admin);
    assert_eq!(list.finds("search: \"unal\"").await, "ann");
    assert_eq!(
        list.finds("filter: { name: { contains: \"UNAL\" } }").await,
        "ann"
    );
    let versions = count(
        &app.services,
        "SELECT CAST(MAX(version) AS BIGINT) AS n FROM customer",
    )
    .await;
    assert_eq!(versions, 7);
    // Simulates a row that a node of an earlier version writes afterwards.
    run(&app.services, "DELETE FROM customer_word").await;
    assert_eq!(list.finds("search: \"unal\"").await, "");
    let mut told = Vec::new();
    word_index::reindex(&app.services, &mut |done| told.push(done))
        .await
        .expect("indexed");
    assert_eq!(told, [3, 3]);
    assert_eq!(list.finds("search: \"unal\"").await, "ann");
}

async fn a_customer_is_found_by_exact_email_ignoring_case(app: TestApp) {
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
    words_are_found_by_prefix_in_any_order,
    customers_are_found_by_names_addresses_and_numbers,
    the_search_follows_changes_and_deletions,
    a_search_has_pages_and_respects_workspaces,
    a_search_and_a_filter_are_combined,
    existing_customers_are_indexed,
    a_customer_is_found_by_exact_email_ignoring_case,
);
