//! One page of a list: size, position, count, workspaces, and cost.

use serde_json::{Value, json};

use super::each;
use crate::support::{
    Person, TestApp,
    fill::{self, Rows},
    on_each_database,
};

/// Creates some tickets, each with a customer and a conversation, in the order of their subjects.
async fn tickets(app: &TestApp, count: usize) -> Person {
    let (workspace, admin) = app.admin().await;
    let mut rows = Rows::default();
    for i in 0..count {
        rows.customers.push(fill::customer(&format!("{i:02}")));
        rows.tickets
            .push(fill::ticket(&format!("{i:02}"), &format!("{i:02}")));
    }
    app.fill(workspace, &rows).await;
    admin
}

/// Returns the subjects on a page of tickets, the oldest first, and the page info.
async fn page(app: &TestApp, person: &Person, arguments: &str) -> (String, Value) {
    let query = format!(
        "{{ tickets(orderBy: {{field: CREATED_AT, direction: ASC}}, {arguments}) \
         {{ nodes {{ subject }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
    );
    let page = app.ask(person, &query, json!({})).await.at("/tickets");
    (
        each(&page["nodes"], "subject").join(" "),
        page["pageInfo"].clone(),
    )
}

/// Returns whether there are following and preceding pages.
fn neighboring_pages(info: &Value) -> (bool, bool) {
    let flag = |name: &str| info[name].as_bool().unwrap();
    (flag("hasNextPage"), flag("hasPreviousPage"))
}

async fn page_info_is_correct_in_the_middle_and_ends(app: TestApp) {
    let admin = tickets(&app, 6).await;
    let (subjects, first) = page(&app, &admin, "first: 2").await;
    assert_eq!(
        (subjects.as_str(), neighboring_pages(&first)),
        ("00 01", (true, false))
    );

    let after = |info: &Value| format!("first: 2, after: {}", info["endCursor"]);
    let (subjects, middle) = page(&app, &admin, &after(&first)).await;
    assert_eq!(
        (subjects.as_str(), neighboring_pages(&middle)),
        ("02 03", (true, true))
    );
    let (subjects, end) = page(&app, &admin, &after(&middle)).await;
    assert_eq!(
        (subjects.as_str(), neighboring_pages(&end)),
        ("04 05", (false, true))
    );
    let (subjects, beyond) = page(&app, &admin, &after(&end)).await;
    assert_eq!(
        (subjects.as_str(), neighboring_pages(&beyond)),
        ("", (false, true))
    );
    assert_eq!(beyond["startCursor"], Value::Null);
    assert_eq!(beyond["endCursor"], Value::Null);

    let (subjects, last) = page(&app, &admin, "last: 2").await;
    assert_eq!(
        (subjects.as_str(), neighboring_pages(&last)),
        ("04 05", (false, true))
    );
    let before = |info: &Value| format!("last: 2, before: {}", info["startCursor"]);
    let (subjects, middle) = page(&app, &admin, &before(&last)).await;
    assert_eq!(
        (subjects.as_str(), neighboring_pages(&middle)),
        ("02 03", (true, true))
    );
    let (subjects, begin) = page(&app, &admin, &before(&middle)).await;
    assert_eq!(
        (subjects.as_str(), neighboring_pages(&begin)),
        ("00 01", (true, false))
    );

    let (subjects, whole) = page(&app, &admin, "first: 6").await;
    assert_eq!(subjects.len(), 17);
    assert_eq!(neighboring_pages(&whole), (false, false));
}

async fn a_page_can_lie_between_two_cursors(app: TestApp) {
    let admin = tickets(&app, 6).await;
    let (_, ends) = page(&app, &admin, "first: 6").await;
    let between = format!("after: {}, before: {}", ends["startCursor"], ends["endCursor"]);
    let (subjects, _) = page(&app, &admin, &format!("first: 3, {between}")).await;
    assert_eq!(subjects, "01 02 03");
    let (subjects, _) = page(&app, &admin, &format!("last: 3, {between}")).await;
    assert_eq!(subjects, "02 03 04");
    let (subjects, _) = page(&app, &admin, &between).await;
    assert_eq!(subjects, "01 02 03 04");
}

async fn an_offset_skips_rows(app: TestApp) {
    let admin = tickets(&app, 6).await;
    let (subjects, info) = page(&app, &admin, "first: 2, offset: 3").await;
    assert_eq!(
        (subjects.as_str(), neighboring_pages(&info)),
        ("03 04", (true, true))
    );
    let (subjects, info) = page(&app, &admin, "first: 2, offset: 4").await;
    assert_eq!(
        (subjects.as_str(), neighboring_pages(&info)),
        ("04 05", (false, true))
    );
    let (subjects, info) = page(&app, &admin, "first: 2, offset: 0").await;
    assert_eq!(
        (subjects.as_str(), neighboring_pages(&info)),
        ("00 01", (true, false))
    );
    let (subjects, _) = page(&app, &admin, "offset: 5").await;
    assert_eq!(subjects, "05");
    let (subjects, _) = page(&app, &admin, "first: 2, offset: 10000").await;
    assert_eq!(subjects, "");
    // Cursors continue from a page that was reached by an offset.
    let (_, info) = page(&app, &admin, "first: 2, offset: 1").await;
    let (subjects, _) = page(&app, &admin, &format!("after: {}", info["endCursor"])).await;
    assert_eq!(subjects, "03 04 05");
}

async fn a_page_has_twenty_rows_by_default(app: TestApp) {
    let admin = tickets(&app, 23).await;
    let query = "{ customers { nodes { id } } tickets { nodes { id } } conversations { nodes { id } } }";
    let data = app.ask(&admin, query, json!({})).await.data();
    for list in ["customers", "tickets", "conversations"] {
        assert_eq!(each(&data[list]["nodes"], "id").len(), 20, "{list}");
    }
    let (subjects, info) = page(&app, &admin, "first: 100").await;
    assert_eq!(subjects.split(' ').count(), 23);
    assert_eq!(neighboring_pages(&info), (false, false));
}

async fn the_total_counts_the_whole_list_on_every_page(app: TestApp) {
    let admin = tickets(&app, 7).await;
    for arguments in ["first: 2", "last: 1", "first: 2, offset: 5"] {
        let query = format!("{{ tickets({arguments}) {{ totalCount nodes {{ id }} }} }}");
        let total = app.ask(&admin, &query, json!({})).await.at("/tickets/totalCount");
        assert_eq!(total, 7, "{arguments}");
    }
    let query = r#"{ tickets(filter: {subject: {in: ["00", "03"]}}) { totalCount } }"#;
    assert_eq!(
        app.ask(&admin, query, json!({})).await.at("/tickets/totalCount"),
        2
    );
    let (_, info) = page(&app, &admin, "first: 3").await;
    let query = "query($after: String) { tickets(first: 1, after: $after, orderBy: {field: CREATED_AT, direction: ASC}) { totalCount } }";
    let after = json!({ "after": info["endCursor"] });
    assert_eq!(app.ask(&admin, query, after).await.at("/tickets/totalCount"), 7);
}

async fn unselected_parts_of_a_list_are_not_read(app: TestApp) {
    let admin = tickets(&app, 3).await;
    for list in [
        "customers",
        "tickets",
        "conversations",
        "agents",
        "teams",
        "queues",
    ] {
        let run = async |selection: &str| {
            let query = format!("{{ {list} {{ {selection} }} }}");
            app.statements.take();
            app.ask(&admin, &query, json!({})).await.data();
            let counts = |sql: &String| sql.to_uppercase().contains("COUNT(");
            let (counts, lists): (Vec<_>, Vec<_>) = app.statements.take().into_iter().partition(counts);
            (counts.len(), lists.len())
        };
        assert_eq!(run("totalCount").await, (1, 0), "{list}");
        assert_eq!(run("__typename").await, (0, 0), "{list}");
        for rows in ["nodes { id }", "edges { cursor }", "pageInfo { hasNextPage }"] {
            assert_eq!(run(rows).await, (0, 1), "{list} {rows}");
        }
        assert_eq!(
            run("edges { node { id } } nodes { id } pageInfo { endCursor }").await,
            (0, 1)
        );
        assert_eq!(run("totalCount nodes { id }").await, (1, 1));
        assert_eq!(run("... { totalCount }").await, (1, 0));
        assert_eq!(run("... { ... { nodes { id } } }").await, (0, 1));
        assert_eq!(run("totalCount nodes @skip(if: true) { id }").await, (1, 0));
    }
}

async fn a_list_contains_only_workspaces_of_the_viewer(app: TestApp) {
    let mut workspaces = Vec::new();
    for name in ["One", "Two", "Three"] {
        let workspace = app.workspace(name).await;
        let rows = Rows {
            customers: vec![fill::customer(name)],
            tickets: vec![fill::ticket(name, name)],
            messages: Vec::new(),
        };
        app.fill(workspace, &rows).await;
        workspaces.push(workspace);
    }
    let admin = app.admin_of(&workspaces[..2]).await;
    for (list, label) in [
        ("customers", "email"),
        ("tickets", "subject"),
        ("conversations", "name"),
    ] {
        let query = format!(
            "query($w: ID) {{ {list}(workspaceId: $w, orderBy: {{field: CREATED_AT, direction: ASC}}) \
             {{ totalCount nodes {{ {label} workspace {{ name }} }} }} }}"
        );
        let seen = async |variables: Value| {
            let found = app.ask(&admin, &query, variables).await.at(&format!("/{list}"));
            let nodes = found["nodes"].as_array().unwrap().iter();
            let names: Vec<_> = nodes
                .map(|node| node["workspace"]["name"].as_str().unwrap())
                .collect();
            assert_eq!(found["totalCount"], names.len());
            names.join(" ")
        };
        assert_eq!(seen(json!({})).await, "One Two", "{list}");
        assert_eq!(seen(json!({ "w": null })).await, "One Two", "{list}");
        assert_eq!(
            seen(json!({ "w": workspaces[0].to_string() })).await,
            "One",
            "{list}"
        );
        assert_eq!(
            seen(json!({ "w": workspaces[1].to_string() })).await,
            "Two",
            "{list}"
        );
        assert_eq!(
            seen(json!({ "w": workspaces[2].to_string() })).await,
            "",
            "{list}"
        );
    }
}

async fn agents_are_listed_newest_first_and_can_be_searched(app: TestApp) {
    let workspace = app.workspace("Test").await;
    let admin = app.admin_of(&[workspace]).await;
    for name in ["Søren", "Mia", "Noor"] {
        app.agent(workspace, name).await;
    }
    let names = async |arguments: &str| {
        let query =
            format!("{{ agents({arguments}) {{ nodes {{ name }} pageInfo {{ endCursor hasNextPage }} }} }}");
        let page = app.ask(&admin, &query, json!({})).await.at("/agents");
        (each(&page["nodes"], "name").join(" "), page["pageInfo"].clone())
    };
    let (first, info) = names("first: 3").await;
    assert_eq!(first, "Noor Mia Søren");
    assert_eq!(info["hasNextPage"], true);
    let (second, info) = names(&format!("first: 3, after: {}", info["endCursor"])).await;
    assert_eq!(second, "admin");
    assert_eq!(info["hasNextPage"], false);
    assert_eq!(names(r#"search: "SØREN""#).await.0, "Søren");
    assert_eq!(names(r#"search: "MIA@AGENTS""#).await.0, "Mia");
    assert_eq!(names(r#"search: "%""#).await.0, "");
}

on_each_database!(
    page_info_is_correct_in_the_middle_and_ends,
    a_page_can_lie_between_two_cursors,
    an_offset_skips_rows,
    a_page_has_twenty_rows_by_default,
    the_total_counts_the_whole_list_on_every_page,
    unselected_parts_of_a_list_are_not_read,
    a_list_contains_only_workspaces_of_the_viewer,
    agents_are_listed_newest_first_and_can_be_searched,
);
