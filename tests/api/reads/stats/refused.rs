//! Arguments that are refused, permissions, and groups with objects.

use deskgraph::auth::Grant;
use fastrand::Rng;
use serde_json::{Value, json};

use super::{
    document,
    tickets::{People, Ticket},
};
use crate::support::{TestApp, fill::minute, on_each_database};

async fn wrong_arguments_are_refused_by_name(app: TestApp) {
    let (_, admin) = app.admin().await;
    let status = json!({ "field": "STATUS" });
    let field = |key: String| json!({ "groupBy": [{ "customField": key }] });
    for (variables, expected) in [
        (
            json!({ "groupBy": vec![status.clone(); 4] }),
            "BAD_USER_INPUT groupBy",
        ),
        (json!({ "timeZone": "Mars/Olympus" }), "BAD_USER_INPUT timeZone"),
        (json!({ "timeZone": "" }), "BAD_USER_INPUT timeZone"),
        (json!({ "first": 0 }), "BAD_USER_INPUT first"),
        (json!({ "first": 1001 }), "BAD_USER_INPUT first"),
        (json!({ "first": -1 }), "BAD_USER_INPUT first"),
        (field("k".repeat(65)), "BAD_USER_INPUT groupBy.0.customField"),
        (field("\0".to_owned()), "BAD_USER_INPUT groupBy.0.customField"),
        (
            json!({ "filter": { "status": null } }),
            "BAD_USER_INPUT filter.status",
        ),
    ] {
        let answer = app.ask(&admin, &document(), variables.clone()).await;
        assert_eq!(answer.error(), expected, "{variables}");
    }
    for key in [
        json!({}),
        json!({ "field": "STATUS", "createdAt": "DAY" }),
        json!({ "field": "SUBJECT" }),
        json!({ "createdAt": "YEAR" }),
        json!({ "customField": null }),
    ] {
        let answer = app.ask(&admin, &document(), json!({ "groupBy": [key] })).await;
        assert!(
            answer.error().starts_with("BAD_USER_INPUT"),
            "{key}: {}",
            answer.body
        );
    }
}

async fn omitted_null_and_default_arguments_have_the_same_result(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let people = People::of(&app, workspace, &admin).await;
    people.fill(&app, &mut Rng::with_seed(1), 50).await;
    let ask = async |variables: Value| app.ask(&admin, &document(), variables).await.at("/ticketStats");
    let plain = ask(json!({})).await;
    assert_eq!(plain["total"]["count"], 50);
    assert_eq!(plain["nodes"], json!([plain["total"]]));
    for variables in [
        json!({ "groupBy": null, "filter": null, "timeZone": null, "first": null }),
        json!({ "groupBy": [], "timeZone": "UTC", "first": 100 }),
    ] {
        assert_eq!(ask(variables.clone()).await, plain, "{variables}");
    }
    let by_day = |zone: Value| json!({ "groupBy": [{ "createdAt": "DAY" }], "timeZone": zone });
    assert_eq!(ask(by_day(Value::Null)).await, ask(by_day(json!("UTC"))).await);
}

async fn without_tickets_there_are_no_groups(app: TestApp) {
    let (_, admin) = app.admin().await;
    for keys in [
        json!([]),
        json!([{ "field": "STATUS" }]),
        json!([{ "field": "TAG" }]),
    ] {
        let stats = app.ask(&admin, &document(), json!({ "groupBy": keys })).await;
        let stats = stats.at("/ticketStats");
        assert_eq!(stats["nodes"], json!([]));
        assert_eq!(stats["isTruncated"], false);
        let total = &stats["total"];
        assert_eq!((&total["count"], &total["messageCount"]), (&json!(0), &json!(0)));
        assert_eq!(total["resolutionTimeP90"], Value::Null);
        assert_eq!(total["firstResponseTimeAvg"], Value::Null);
    }
}

async fn figures_count_only_tickets_that_the_viewer_sees(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let people = People::of(&app, workspace, &admin).await;
    people.fill(&app, &mut Rng::with_seed(2), 20).await;
    let elsewhere = app.workspace("Elsewhere").await;
    let stranger = app.api_key(&[elsewhere], &Grant::ALL).await;
    let both = app.api_key(&[elsewhere, workspace], &[Grant::Read]).await;
    let query = "query($id: ID) { ticketStats(workspaceId: $id) { total { count } nodes { count } } }";
    for (person, id, expected) in [
        (&admin, Value::Null, 20),
        (&admin, json!(workspace.to_string()), 20),
        (&admin, json!(elsewhere.to_string()), 0),
        (&stranger, Value::Null, 0),
        (&stranger, json!(workspace.to_string()), 0),
        (&both, Value::Null, 20),
        (&both, json!(elsewhere.to_string()), 0),
    ] {
        let stats = app
            .ask(person, query, json!({ "id": id }))
            .await
            .at("/ticketStats");
        assert_eq!(stats["total"]["count"], expected, "{id}");
    }
    let customer = app.customer(workspace, "c0@example.com").await;
    let answer = app.ask(&customer, query, json!({})).await;
    assert_eq!(answer.error(), "FORBIDDEN");
}

async fn groups_show_their_objects(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let people = People::of(&app, workspace, &admin).await;
    let tickets = people.fill(&app, &mut Rng::with_seed(3), 60).await;
    let query = "query($keys: [TicketStatsKey!]) { ticketStats(groupBy: $keys, first: 1000) { nodes { key count periodStart status \
                 priority text assignee { id name } team { id } queue { id } customer { id email } } } }";
    let ask = async |keys: Value| {
        let stats = app.ask(&admin, query, json!({ "keys": keys })).await;
        stats.at("/ticketStats/nodes").as_array().unwrap().clone()
    };
    for (field, name) in [
        ("ASSIGNEE", "assignee"),
        ("TEAM", "team"),
        ("QUEUE", "queue"),
        ("CUSTOMER", "customer"),
    ] {
        app.statements.take();
        let groups = ask(json!([{ "field": field }])).await;
        // The objects of all groups are one more statement.
        assert_eq!(app.statements.take().len(), 2, "{field}");
        for group in &groups {
            let id = group[name].get("id").unwrap_or(&Value::Null);
            assert_eq!(id, &group["key"][0], "{field}");
            assert_eq!((&group["status"], &group["text"]), (&Value::Null, &Value::Null));
        }
        let counts = groups.iter().map(|group| group["count"].as_u64().unwrap());
        assert_eq!(counts.sum::<u64>(), 60, "{field}");
    }
    let groups = ask(json!([{ "field": "STATUS" }, { "field": "SOURCE" }, { "field": "PRIORITY" }])).await;
    for group in &groups {
        assert_eq!(
            group["key"],
            json!([group["status"], group["text"], group["priority"]])
        );
    }
    let groups = ask(json!([{ "customField": "plan" }, { "createdAt": "MONTH" }])).await;
    for group in &groups {
        assert_eq!(group["key"][1], group["periodStart"]);
        let text = match &group["key"][0] {
            Value::Null => Value::Null,
            Value::String(text) => json!(text),
            other => json!(other.to_string()),
        };
        assert_eq!(group["text"], text);
    }
    assert!(groups.is_sorted_by_key(|group| group["periodStart"].as_str().unwrap().to_owned()));
    // Times before 1970 have periods too.
    let mut old = tickets[0].clone();
    old.id = entity::TicketId(uuid::Uuid::from_u128(5));
    old.created_at = minute(0).0 - 60 * 365 * 86_400_000;
    old.resolved_at = None;
    people.write(&app, &[old]).await;
    for (period, expected) in [
        ("HOUR", "1966-01-16T12:00:00.000Z"),
        ("DAY", "1966-01-16T00:00:00.000Z"),
        ("WEEK", "1966-01-10T00:00:00.000Z"),
        ("MONTH", "1966-01-01T00:00:00.000Z"),
    ] {
        let groups = ask(json!([{ "createdAt": period }])).await;
        assert_eq!(groups[0]["periodStart"], expected);
    }
}

async fn extreme_times_are_counted(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let people = People::of(&app, workspace, &admin).await;
    let mut rng = Rng::with_seed(4);
    let mut tickets = people.fill(&app, &mut rng, 1).await;
    for (number, ticket) in (5..).zip(vec![tickets.remove(0); 3]) {
        // In the zone of the request, the year 10000 has begun. The sum of the three times exceeds 64 bits.
        let ticket = Ticket {
            id: entity::TicketId(uuid::Uuid::from_u128(number)),
            created_at: 253_402_300_799_000,
            status: entity::ticket::Status::Solved,
            resolved_at: Some(i64::MAX / 2),
            ..ticket
        };
        people.write(&app, &[ticket]).await;
    }
    let query = "{ ticketStats(groupBy: [{ createdAt: MONTH }], timeZone: \"Asia/Tokyo\", filter: { status: [SOLVED], \
                 createdAt: { gt: \"9000-01-01T00:00:00Z\" } }) { nodes { count periodStart resolutionTimeAvg } } }";
    let found = app.ask(&admin, query, json!({})).await.at("/ticketStats/nodes");
    assert_eq!(found[0]["count"], 3, "{found}");
    assert_eq!(found[0]["periodStart"], "9999-11-30T15:00:00.000Z");
    assert!(found[0]["resolutionTimeAvg"].as_f64() > Some(4e15), "{found}");
}

on_each_database!(
    wrong_arguments_are_refused_by_name,
    omitted_null_and_default_arguments_have_the_same_result,
    without_tickets_there_are_no_groups,
    figures_count_only_tickets_that_the_viewer_sees,
    groups_show_their_objects,
    extreme_times_are_counted,
);
