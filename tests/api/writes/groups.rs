//! Agents, teams and queues: creation and updates by admins.

use serde_json::{Value, json};

use crate::support::{Payload, Person, TestApp, on_each_database};

pub(super) fn ids(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap_or_else(|| panic!("not a list: {list}"));
    list.iter()
        .map(|one| one["id"].as_str().expect("an id"))
        .collect()
}

pub(super) async fn team(app: &TestApp, admin: &Person, name: &str, agents: &[&str]) -> String {
    let input = json!({ "name": name, "agentIds": agents });
    let made = app.wrote(admin, "teamCreate", json!({ "input": input })).await;
    made["team"]["id"].as_str().expect("an id").to_owned()
}

pub(super) async fn queue(app: &TestApp, admin: &Person, name: &str) -> String {
    let made = app
        .wrote(admin, "queueCreate", json!({ "input": { "name": name } }))
        .await;
    made["queue"]["id"].as_str().expect("an id").to_owned()
}

async fn update(app: &TestApp, admin: &Person, mutation: &str, id: &str, input: Value) -> Payload {
    app.wrote(admin, mutation, json!({ "id": id, "input": input }))
        .await
}

async fn read(app: &TestApp, person: &Person, selection: &str, id: &str) -> Value {
    let query = format!("query($id: ID!) {{ node(id: $id) {{ __typename {selection} }} }}");
    app.ask(person, &query, json!({ "id": id })).await.at("/node")
}

async fn an_agent_is_created_and_updated(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let (one, two) = (
        team(&app, &admin, "One", &[]).await,
        team(&app, &admin, "Two", &[]).await,
    );
    let input =
        json!({ "name": "Ada Doe", "email": "Ada@Example.com", "role": "ADMIN", "teamIds": [one, one] });
    let made = app.wrote(&admin, "agentCreate", json!({ "input": input })).await;
    let agent = &made["agent"];
    assert_eq!(
        [&agent["name"], &agent["email"], &agent["role"]],
        ["Ada Doe", "Ada@Example.com", "ADMIN"]
    );
    assert_eq!(ids(&agent["teams"]), [one.as_str()]);
    let id = agent["id"].as_str().expect("an id");

    let same = update(&app, &admin, "agentUpdate", id, json!({})).await;
    assert_eq!(same["agent"], *agent);
    let changed =
        json!({ "name": "Ada Roe", "email": "ada@example.com", "role": "AGENT", "teamIds": [one, two] });
    let changed = update(&app, &admin, "agentUpdate", id, changed).await;
    let agent = &changed["agent"];
    assert_eq!(
        [&agent["name"], &agent["email"], &agent["role"]],
        ["Ada Roe", "ada@example.com", "AGENT"]
    );
    assert_eq!(ids(&agent["teams"]).len(), 2);
    let seen = read(
        &app,
        &admin,
        "... on Agent { name email role teams { id } workspace { id } }",
        id,
    )
    .await;
    assert_eq!(
        [&seen["__typename"], &seen["name"], &seen["email"], &seen["role"]],
        ["Agent", "Ada Roe", "ada@example.com", "AGENT"]
    );
    assert_eq!(seen["workspace"]["id"], workspace.to_string());
    for (teams, left) in [
        (json!([two]), 1),
        (json!(null), 0),
        (json!([two]), 1),
        (json!([]), 0),
    ] {
        let changed = update(&app, &admin, "agentUpdate", id, json!({ "teamIds": teams })).await;
        assert_eq!(ids(&changed["agent"]["teams"]).len(), left, "{teams}");
    }
    // The agent is found by the new name, and not by the old one.
    let query = "query($text: String!) { agents(search: $text) { nodes { id } } }";
    for (text, count) in [("roe", 1), ("ada doe", 0)] {
        let found = app
            .ask(&admin, query, json!({ "text": text }))
            .await
            .at("/agents/nodes");
        assert_eq!(ids(&found).len(), count, "{text}");
    }
    let plain = app
        .wrote(
            &admin,
            "agentCreate",
            json!({ "input": { "name": "B", "email": "b@example.com" } }),
        )
        .await;
    assert_eq!(
        (&plain["agent"]["role"], &plain["agent"]["teams"]),
        (&json!("AGENT"), &json!([]))
    );
    // The change log contains no changes of settings.
    assert!(app.log(workspace).await.is_empty());
}

async fn the_agents_of_a_team_keep_their_order(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let mut agents = Vec::new();
    for name in ["Ada", "Bob", "Cyd", "Dan"] {
        agents.push(app.agent(workspace, name).await.id);
    }
    let of = |places: &[usize]| -> Vec<&str> { places.iter().map(|n| agents[*n].as_str()).collect() };
    let made = json!({ "input": { "name": "Support", "agentIds": of(&[2, 0, 2, 1]) } });
    let made = app.wrote(&admin, "teamCreate", made).await;
    assert_eq!(made["team"]["name"], "Support");
    assert_eq!(ids(&made["team"]["agents"]), of(&[2, 0, 1]));
    let id = made["team"]["id"].as_str().expect("an id");
    for order in [
        vec![1, 0, 2],
        vec![3, 1],
        vec![0, 1, 2, 3],
        vec![3, 2, 1, 0],
        vec![0],
    ] {
        let input = json!({ "agentIds": of(&order) });
        let changed = update(&app, &admin, "teamUpdate", id, input).await;
        assert_eq!(ids(&changed["team"]["agents"]), of(&order));
        let seen = read(&app, &admin, "... on Team { agents { id } }", id).await;
        assert_eq!(ids(&seen["agents"]), of(&order));
    }
    let renamed = update(&app, &admin, "teamUpdate", id, json!({ "name": "Second line" })).await;
    assert_eq!(renamed["team"]["name"], "Second line");
    assert_eq!(ids(&renamed["team"]["agents"]), of(&[0]));
    let none = update(&app, &admin, "teamUpdate", id, json!({ "agentIds": null })).await;
    assert_eq!(none["team"]["agents"], json!([]));
    assert!(app.log(workspace).await.is_empty());
}

async fn team_membership_is_visible_from_both_sides(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let (ada, bob) = (
        app.agent(workspace, "Ada").await.id,
        app.agent(workspace, "Bob").await.id,
    );
    let one = team(&app, &admin, "One", &[&ada]).await;
    let two = team(&app, &admin, "Two", &[&bob, &ada]).await;
    let teams = async |agent: &str| {
        let seen = read(&app, &admin, "... on Agent { teams { id } }", agent).await;
        let mut seen: Vec<String> = ids(&seen["teams"]).into_iter().map(str::to_owned).collect();
        seen.sort();
        seen
    };
    let agents =
        async |team: &str| read(&app, &admin, "... on Team { agents { id } }", team).await["agents"].clone();
    assert_eq!(teams(&ada).await, [one.clone(), two.clone()]);
    assert_eq!(teams(&bob).await, std::slice::from_ref(&two));
    // An agent that is added by `agentUpdate` is after the existing members.
    update(
        &app,
        &admin,
        "agentUpdate",
        &bob,
        json!({ "teamIds": [one, two] }),
    )
    .await;
    assert_eq!(ids(&agents(&one).await), [ada.as_str(), bob.as_str()]);
    assert_eq!(ids(&agents(&two).await), [bob.as_str(), ada.as_str()]);
    // A removal by `teamUpdate` is visible on the agent.
    update(&app, &admin, "teamUpdate", &two, json!({ "agentIds": [ada] })).await;
    assert_eq!(teams(&bob).await, std::slice::from_ref(&one));
    update(&app, &admin, "agentUpdate", &ada, json!({ "teamIds": [two] })).await;
    assert_eq!(ids(&agents(&one).await), [bob.as_str()]);
    let made = json!({ "name": "Cyd", "email": "cyd@example.com", "teamIds": [two, one] });
    let cyd = app.wrote(&admin, "agentCreate", json!({ "input": made })).await["agent"]["id"].clone();
    assert_eq!(
        ids(&agents(&two).await),
        [ada.as_str(), cyd.as_str().expect("an id")]
    );
}

async fn queues_and_teams_are_listed_oldest_first(app: TestApp) {
    let (here, there) = (app.workspace("Here").await, app.workspace("There").await);
    let (admin, stranger) = (app.admin_of(&[here]).await, app.admin_of(&[there]).await);
    let both = app.admin_of(&[app.workspace("Third").await, here, there]).await;
    let (mut teams, mut queues) = (Vec::new(), Vec::new());
    for name in ["b", "a", "c"] {
        app.clock_control.advance_ms(1_000);
        teams.push(team(&app, &admin, name, &[]).await);
        queues.push(queue(&app, &admin, name).await);
    }
    app.clock_control.advance_ms(1_000);
    let (their_team, their_queue) = (
        team(&app, &stranger, "x", &[]).await,
        queue(&app, &stranger, "x").await,
    );
    let root = "query($in: ID) { teams(workspaceId: $in) { nodes { id } } queues(workspaceId: $in) { nodes { id } } }";
    let nested = "query($in: ID!) { workspace(id: $in) { teams { nodes { id } } queues { nodes { id } } agents { totalCount } } }";
    let (id, other) = (here.to_string(), there.to_string());
    let all = app.ask(&admin, root, json!({})).await.data();
    assert_eq!(
        (ids(&all["teams"]["nodes"]), ids(&all["queues"]["nodes"])),
        (ids_of(&teams), ids_of(&queues))
    );
    for (list, expected) in [("teams", &teams), ("queues", &queues)] {
        let page = async |arguments: &str| {
            let query = format!(
                "{{ {list}({arguments}) {{ nodes {{ id }} pageInfo {{ endCursor hasNextPage }} }} }}"
            );
            app.ask(&admin, &query, json!({})).await.data()[list].clone()
        };
        let first = page("first: 2").await;
        let rest = page(&format!("first: 2, after: {}", first["pageInfo"]["endCursor"])).await;
        assert_eq!(
            [
                &first["pageInfo"]["hasNextPage"],
                &rest["pageInfo"]["hasNextPage"]
            ],
            [true, false]
        );
        let found = [ids(&first["nodes"]), ids(&rest["nodes"])].concat();
        assert_eq!(found, ids_of(expected), "{list}");
    }
    for person in [&admin, &both] {
        let named = app.ask(person, root, json!({ "in": id })).await.data();
        assert_eq!(named, all);
        let seen = app
            .ask(person, nested, json!({ "in": id }))
            .await
            .at("/workspace");
        assert_eq!((&seen["teams"], &seen["queues"]), (&all["teams"], &all["queues"]));
        assert_eq!(seen["agents"]["totalCount"], 1);
    }
    let everywhere = app.ask(&both, root, json!({})).await.data();
    assert_eq!(
        ids(&everywhere["teams"]["nodes"]),
        [ids_of(&teams), vec![their_team.as_str()]].concat()
    );
    assert_eq!(
        ids(&everywhere["queues"]["nodes"]),
        [ids_of(&queues), vec![their_queue.as_str()]].concat()
    );
    // Nonexistent and hidden objects cause the same error.
    let nowhere = entity::WorkspaceId(uuid::Uuid::max()).to_string();
    for foreign in [&other, &nowhere] {
        let none = app.ask(&admin, root, json!({ "in": foreign })).await.data();
        assert_eq!(
            none,
            json!({ "teams": { "nodes": [] }, "queues": { "nodes": [] } })
        );
        let none = app
            .ask(&admin, nested, json!({ "in": foreign }))
            .await
            .at("/workspace");
        assert_eq!(none, Value::Null);
    }
    let selection = "... on Team { name workspace { id } } ... on Queue { name workspace { id } }";
    let seen = read(&app, &admin, selection, &teams[0]).await;
    assert_eq!(
        seen,
        json!({ "__typename": "Team", "name": "b", "workspace": { "id": id } })
    );
    let seen = read(&app, &admin, selection, &queues[1]).await;
    assert_eq!(
        seen,
        json!({ "__typename": "Queue", "name": "a", "workspace": { "id": id } })
    );
    let renamed = update(&app, &admin, "queueUpdate", &queues[1], json!({ "name": "A" })).await;
    assert_eq!(renamed["queue"], json!({ "id": queues[1], "name": "A" }));
    let same = update(&app, &admin, "queueUpdate", &queues[1], json!({})).await;
    assert_eq!(same["queue"]["name"], "A");
    for foreign in [&their_team, &their_queue] {
        assert_eq!(read(&app, &admin, selection, foreign).await, Value::Null);
    }
    assert!(app.log(here).await.is_empty());
}

fn ids_of(list: &[String]) -> Vec<&str> {
    list.iter().map(String::as_str).collect()
}

on_each_database!(
    an_agent_is_created_and_updated,
    the_agents_of_a_team_keep_their_order,
    team_membership_is_visible_from_both_sides,
    queues_and_teams_are_listed_oldest_first,
);
