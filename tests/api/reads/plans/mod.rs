//! The query plans of every list, with every filter and every order.
//!
//! Filters and orders come from the schema. A new one is tested automatically and needs a line in [`VALUES`](tables::VALUES).

mod complete;
mod plan;
mod rows;
mod tables;

use deskgraph::{config::Settings, store::dialect::Dialect};
use entity::{AgentId, ConversationId, CustomerId, MessageId, QueueId, TeamId, TicketId, Timestamp};
use serde_json::json;

use self::{
    plan::look,
    rows::{created, id},
    tables::{CHILDREN, OTHERS, ROOTS, TOGETHER, VALUES, WALKS, WALKS_ON_SQLITE},
};
use super::names_in;
use crate::support::{Person, TestApp, on_each_database};

/// Maximum number of rows to read for a page. The workspace has 15 000 tickets.
const ROWS_MAX: u64 = 1_000;

/// Returns the id of a row of a noun.
fn numbered(noun: &str, number: u128) -> String {
    match noun {
        "Customer" => CustomerId(id(rows::CUSTOMER, number)).to_string(),
        "Conversation" => ConversationId(id(rows::CONVERSATION, number)).to_string(),
        _ => TicketId(id(rows::TICKET, number)).to_string(),
    }
}

/// Replaces placeholders for ids in a text.
fn filled(text: &str, noun: &str) -> String {
    let own = numbered(noun, 7);
    text.replace("[ID]", &format!("[\"{own}\"]"))
        .replace("CUSTOMER\"", &format!("{}\"", CustomerId(id(rows::CUSTOMER, 7))))
        .replace("TICKET\"", &format!("{}\"", TicketId(id(rows::TICKET, 7))))
        .replace(
            "CONVERSATION\"",
            &format!("{}\"", ConversationId(id(rows::CONVERSATION, 7))),
        )
        .replace("MESSAGE\"", &format!("{}\"", MessageId(id(rows::MESSAGE, 7))))
        .replace("AGENT\"", &format!("{}\"", AgentId(id(rows::AGENT, 0))))
        .replace("BUSY\"", &format!("{}\"", AgentId(id(rows::AGENT, 1))))
        .replace("TEAM\"", &format!("{}\"", TeamId(id(rows::TEAM, 0))))
        .replace("QUEUE\"", &format!("{}\"", QueueId(id(rows::QUEUE, 0))))
        .replace("OLD", &Timestamp(created(20)).to_rfc3339())
}

/// A node with two filled workspaces, and its admin.
struct PlanFixture {
    app: TestApp,
    admin: Person,
    told: Vec<String>,
}

/// Permitted steps of a plan, besides reads by an index.
#[derive(Clone, Copy, Default)]
struct May<'a> {
    /// Reads by an index of which only the workspace is given.
    walk: bool,
    /// Sorting.
    sort: bool,
    /// Reads of large tables by other columns than this one.
    by: Option<&'a str>,
}

impl PlanFixture {
    fn is_sqlite(&self) -> bool {
        self.app.services.db.dialect() == Dialect::Sqlite
    }

    /// Requests a page that must be read by an index and only as far as necessary. Returns the number of rows read.
    async fn look(&mut self, person: &Person, query: &str, may: May<'_>) -> u64 {
        let looked = look(&self.app, person, query).await;
        let astray = |step: &&String| {
            let by = |column: &str| {
                step.contains(&format!("({column}=?")) || step.contains(&format!("{column}=?)"))
            };
            may.by.is_some_and(|column| !by(column) && !by("id"))
        };
        // The list of parents is read in its own order.
        let is_astray = looked.searches.iter().filter(astray).count() > 1;
        let fine = looked.scans.is_empty()
            && (may.walk || looked.walks.is_empty())
            && (may.sort || !looked.sorts)
            && !is_astray
            && looked.rows <= ROWS_MAX;
        if !fine {
            self.told.push(format!("{query}\n{looked:?}\n"));
        }
        looked.rows
    }
}

fn value(noun: &str, field: &str) -> String {
    let filter = format!("{noun}Filter");
    let found = VALUES
        .iter()
        .find(|(of, name, _)| (*of == filter || *of == "*") && *name == field);
    let (.., text) = found.unwrap_or_else(|| panic!("{filter}.{field} needs a line in VALUES"));
    filled(text, noun)
}

async fn filtered(fixture: &mut PlanFixture) {
    let admin = fixture.admin.clone();
    for (list, noun) in ROOTS {
        let orders = names_in(&fixture.app, &admin, &format!("{noun}OrderField")).await;
        let filters = names_in(&fixture.app, &admin, &format!("{noun}Filter")).await;
        let together = TOGETHER.iter().filter(|(of, _)| *of == list);
        let mut asked: Vec<String> = together.map(|(_, text)| filled(text, noun)).collect();
        for field in filters {
            let is_walked = WALKS.contains(&(noun, &field))
                || fixture.is_sqlite() && WALKS_ON_SQLITE.contains(&(noun, &field));
            if !is_walked {
                asked.push(format!("{field}: {}", value(noun, &field)));
            }
        }
        for filter in asked {
            for order in &orders {
                if fixture.is_sqlite() && order != "CREATED_AT" {
                    continue;
                }
                let order = format!("orderBy: {{ field: {order}, direction: DESC }}");
                let query =
                    format!("{{ {list}(first: 20, filter: {{ {filter} }}, {order}) {{ nodes {{ id }} }} }}");
                let may = May {
                    sort: true,
                    ..May::default()
                };
                fixture.look(&admin, &query, may).await;
            }
        }
    }
}

async fn deep(fixture: &mut PlanFixture) {
    let admin = fixture.admin.clone();
    for (list, noun) in ROOTS {
        for order in names_in(&fixture.app, &admin, &format!("{noun}OrderField")).await {
            // Rows of activity and rows of the noun, and those that PostgreSQL reads ahead.
            let is_joined = ["LAST_MESSAGE_AT", "WAITING_SINCE"].contains(&&*order) && noun != "Customer";
            let max = if is_joined { 3 * 21 } else { 21 };
            for direction in ["ASC", "DESC"] {
                let order = format!("orderBy: {{ field: {order}, direction: {direction} }}");
                let place =
                    format!("{{ {list}(first: 1, offset: 2000, {order}) {{ pageInfo {{ endCursor }} }} }}");
                let place = fixture.app.ask(&admin, &place, json!({})).await;
                let place = place.text(&format!("/{list}/pageInfo/endCursor"));
                for (page, walk) in [
                    ("first: 20".to_owned(), true),
                    ("last: 20".to_owned(), true),
                    (format!("first: 20, after: \"{place}\""), false),
                    (format!("last: 20, before: \"{place}\""), false),
                ] {
                    let query = format!("{{ {list}({page}, {order}) {{ nodes {{ id }} }} }}");
                    let may = May {
                        walk,
                        ..May::default()
                    };
                    let read = fixture.look(&admin, &query, may).await;
                    assert!(read <= max, "{query} read {read} rows");
                }
            }
        }
    }
}

async fn nested(fixture: &mut PlanFixture) {
    let admin = fixture.admin.clone();
    for (list, noun, column) in CHILDREN {
        let mut asked = vec![String::new()];
        for field in names_in(&fixture.app, &admin, &format!("{noun}Filter")).await {
            asked.push(format!(", filter: {{ {field}: {} }}", value(noun, &field)));
        }
        for order in names_in(&fixture.app, &admin, &format!("{noun}OrderField")).await {
            asked.push(format!(", orderBy: {{ field: {order}, direction: ASC }}"));
        }
        for arguments in asked {
            let query = format!("{{ {list}(first: 3{arguments}) {{ nodes {{ id }} }} }} }} }}");
            let may = May {
                walk: true,
                sort: true,
                by: Some(column),
            };
            fixture.look(&admin, &query, may).await;
        }
    }
    for (query, column) in OTHERS {
        let may = May {
            walk: true,
            sort: true,
            by: Some(column),
        };
        fixture.look(&admin, &filled(query, "Ticket"), may).await;
    }
}

/// A search reads the words with the requested prefixes, and the customers who have them.
async fn searched(fixture: &mut PlanFixture) {
    let admin = fixture.admin.clone();
    for search in [
        "c77",
        "rare77",
        "c77 name",
        "name c77 rare77",
        "c77 rare77",
        "common",
        "c77 common",
        "770077",
        "no such word",
    ] {
        for field in ["CREATED_AT", "NAME", "LAST_TICKET_AT"] {
            let order = format!("orderBy: {{ field: {field}, direction: DESC }}");
            let query =
                format!("{{ customers(first: 20, search: \"{search}\", {order}) {{ nodes {{ id }} }} }}");
            let is_common = search == "common";
            // PostgreSQL also counts rows that are read to estimate how common they are.
            let many = ["common", "name"].iter().any(|word| search.contains(word));
            if many && !fixture.is_sqlite() {
                continue;
            }
            let may = May {
                walk: is_common,
                sort: !is_common,
                by: None,
            };
            fixture.look(&admin, &query, may).await;
        }
    }
}

/// The rows to which a page points are looked up by their ids.
async fn pointing(fixture: &mut PlanFixture) {
    let pages = [
        (
            "tickets",
            "filter: { status: [OPEN] }",
            "customer { name } conversation { name } assignee { name }",
        ),
        (
            "tickets",
            "filter: { status: [OPEN, PENDING, SOLVED] }",
            "customer { name } team { name } queue { name }",
        ),
        (
            "conversations",
            "filter: { status: [OPEN] }",
            "customer { name } queue { name }",
        ),
        (
            "conversations",
            "orderBy: { field: CREATED_AT, direction: ASC }",
            "customer { name }",
        ),
    ];
    for (list, which, pointed) in pages {
        let query = format!("{{ {list}(first: 20, {which}) {{ nodes {{ id {pointed} }} }} }}");
        let may = May {
            walk: true,
            sort: true,
            ..May::default()
        };
        fixture.look(&fixture.admin.clone(), &query, may).await;
    }
}

/// Filters by ids use the ids, even if workspaces are small on average.
async fn named(fixture: &mut PlanFixture) {
    let admin = fixture.admin.clone();
    for (list, noun) in ROOTS {
        let ids: Vec<String> = (0..60).map(|number| numbered(noun, number)).collect();
        let ids = serde_json::to_string(&ids).expect("texts");
        for filter in [
            format!("{{ id: {ids} }}"),
            format!("{{ and: [{{ id: {ids} }}] }}"),
        ] {
            let query = format!("{{ {list}(first: 20, filter: {filter}) {{ nodes {{ id }} }} }}");
            // PostgreSQL plans for specific parameters until a statement has run a few times.
            for _ in 0..6 {
                fixture.app.ask(&admin, &query, json!({})).await.data();
            }
            let may = May {
                sort: true,
                ..May::default()
            };
            fixture.look(&admin, &query, may).await;
        }
    }
}

/// A customer's own data is read by customer and not by workspace.
async fn own(fixture: &mut PlanFixture, customer: &Person) {
    for (list, noun) in ROOTS {
        for order in names_in(&fixture.app, &fixture.admin.clone(), &format!("{noun}OrderField")).await {
            let order = format!("orderBy: {{ field: {order}, direction: DESC }}");
            let query = format!("{{ {list}(first: 20, {order}) {{ nodes {{ id }} }} }}");
            let may = May {
                sort: true,
                ..May::default()
            };
            fixture.look(customer, &query, may).await;
        }
    }
}

async fn every_page_is_read_by_an_index(app: TestApp) {
    let (large, small) = (app.workspace("Large").await, app.workspace("Small").await);
    let admin = app.admin_of(&[large]).await;
    let customer = app.customer(large, "own@example.com").await;
    rows::fill(&app, large, small).await;
    rows::make_common(&app, large).await;
    let mut fixture = PlanFixture {
        app,
        admin,
        told: Vec::new(),
    };
    // SQLite uses the statistics of a migration until `ANALYZE` runs.
    for is_counted in [false, true] {
        if is_counted {
            fixture.app.services.db.analyze().await.expect("analyzed");
        } else if fixture.app.services.db.dialect() == Dialect::Postgres {
            continue;
        }
        deep(&mut fixture).await;
        filtered(&mut fixture).await;
        nested(&mut fixture).await;
        pointing(&mut fixture).await;
        searched(&mut fixture).await;
        own(&mut fixture, &customer).await;
    }
    rows::scatter(&fixture.app).await;
    fixture.app.services.db.analyze().await.expect("analyzed");
    named(&mut fixture).await;
    let told = fixture.told;
    assert!(
        told.is_empty(),
        "{} queries read too much:\n{}",
        told.len(),
        told.join("\n")
    );
}

/// Uses one session, whose statistics are read.
fn one_session(settings: &mut Settings) {
    settings.database_connections = 1;
}

on_each_database!(with super::one_session; every_page_is_read_by_an_index);
