//! Compares the computed fields of the API with the tickets and messages.

mod inbox;
mod language;
mod recount;
mod rescore;
mod writer;

use deskgraph::{
    auth::Grant,
    config::Settings,
    service::{
        recount::{RecountEvent, RecountOptions, recount},
        sentiment::{EnglishOnly, Scorer, Vader},
    },
};
use entity::{Timestamp, WorkspaceId};
use futures_util::future::join_all;
use serde_json::{Value, json};

use self::writer::{CUSTOMERS, Writer};
use crate::support::{Person, TestApp, on_each_database, text};

/// Returns a key, because a token would expire during the days that pass here.
async fn program(app: &TestApp) -> (WorkspaceId, Person) {
    let workspace = app.workspace("Test").await;
    let grants = [Grant::Read, Grant::Write, Grant::CustomerNotes];
    (workspace, app.api_key(&[workspace], &grants).await)
}

async fn figures_are_exact_after_a_long_sequence_of_writes(app: TestApp) {
    let (workspace, program) = program(&app).await;
    let mut writer = Writer::new(&app, &program, workspace, 7);
    for step in 0..1000 {
        writer.step().await;
        if step % 500 == 499 {
            assert_figures(&app, &program).await;
        }
    }
    let told = writer.told;
    assert!(
        told.done > 700 && told.refused > 20 && told.broken > 10,
        "{told:?}"
    );
}

async fn figures_are_exact_after_several_writers_at_once(app: TestApp) {
    let (workspace, program) = program(&app).await;
    let other = app.another().await;
    let nodes = [&app, &other];
    let writers = (0..8).map(|seed| {
        let mut writer = Writer::new(nodes[seed % 2], &program, workspace, seed as u64);
        async move {
            for _ in 0..125 {
                writer.step().await;
            }
            writer
        }
    });
    let writers = join_all(writers).await;
    assert_figures(&app, &program).await;
    // Now all writers use the same few tickets.
    let tickets: Vec<Value> = writers
        .iter()
        .filter_map(|writer| writer.tickets.last().cloned())
        .take(3)
        .collect();
    let same = (10..18).map(|seed| {
        let mut writer = Writer::new(nodes[seed % 2], &program, workspace, seed as u64);
        writer.tickets.clone_from(&tickets);
        async move {
            for _ in 0..75 {
                writer.step().await;
            }
            writer
        }
    });
    let same = join_all(same).await;
    assert_figures(&app, &program).await;
    let all = || writers.iter().chain(&same).map(|writer| writer.told);
    let done: usize = all().map(|told| told.done).sum();
    let stopped = all().fold((0, 0), |sum, told| (sum.0 + told.refused, sum.1 + told.broken));
    assert!(
        done > 1000 && stopped.0 > 20 && stopped.1 > 20,
        "{done} {stopped:?}"
    );
}

/// Returns the differences that `recount` finds.
async fn differences(app: &TestApp, repair: bool) -> Vec<String> {
    let wanted = RecountOptions {
        workspace: None,
        repair,
    };
    let mut found = Vec::new();
    let mut tell = |told| {
        if let RecountEvent::Differed(one) = told {
            found.push(one.to_string());
        }
    };
    recount(&app.services, wanted, &mut tell).await.expect("counted");
    found
}

const QUERY: &str = "{ customers(first: 100) { nodes {
    id email totalTickets openTickets avgResolutionTime firstTicketAt lastTicketAt overallSentiment sentimentTrend version
    tickets(first: 1000) { totalCount nodes {
        status createdAt resolvedAt messageCount lastMessageAt messages(first: 1000) { totalCount nodes { createdAt isInternal } } } }
    conversations(first: 1000) { totalCount nodes {
        messageCount lastMessageAt messages(first: 1000) { totalCount nodes { createdAt isInternal } } } }
    messages(last: 1000) { nodes { id direction body createdAt } }
} } }";

async fn assert_figures(app: &TestApp, person: &Person) {
    let customers = app.ask(person, QUERY, json!({})).await.at("/customers/nodes");
    let customers = customers.as_array().expect("customers");
    assert!((1..=CUSTOMERS).contains(&(customers.len() as u64)));
    assert_eq!(differences(app, false).await, Vec::<String>::new());
    let scorer = EnglishOnly(Vader::new());
    for customer in customers {
        let tickets = nodes(&customer["tickets"]);
        assert_eq!(customer["totalTickets"], tickets.len());
        assert_eq!(customer["totalTickets"], customer["tickets"]["totalCount"]);
        let open = tickets
            .iter()
            .filter(|one| one["status"] == "OPEN" || one["status"] == "PENDING")
            .count();
        assert_eq!(customer["openTickets"], open);
        assert_eq!(customer["avgResolutionTime"], mean_seconds(tickets));
        let made: Vec<&str> = tickets.iter().map(|one| text(&one["createdAt"])).collect();
        assert_eq!(customer["firstTicketAt"], json!(made.iter().min()));
        assert_eq!(customer["lastTicketAt"], json!(made.iter().max()));
        for thread in tickets.iter().chain(nodes(&customer["conversations"])) {
            let all = nodes(&thread["messages"]);
            assert_eq!(thread["messages"]["totalCount"], all.len());
            // Internal notes are not counted, because customers see these fields.
            let written: Vec<_> = all.iter().filter(|one| one["isInternal"] == false).collect();
            assert_eq!(thread["messageCount"], written.len());
            let last = written.iter().map(|one| text(&one["createdAt"])).max();
            assert_eq!(thread["lastMessageAt"], json!(last));
        }
        let (overall, trend) = sentiment_and_trend(&scorer, nodes(&customer["messages"]));
        assert_eq!(
            (&customer["overallSentiment"], &customer["sentimentTrend"]),
            (&overall, &trend)
        );
        // Computed fields do not change the version.
        if !writer::is_changed(&customer["email"]) {
            assert_eq!(customer["version"], 1);
        }
    }
}

fn nodes(connection: &Value) -> &Vec<Value> {
    connection["nodes"].as_array().expect("nodes")
}

fn milliseconds(at: &Value) -> i64 {
    Timestamp::parse(text(at)).expect("an instant").0
}

fn mean_seconds(tickets: &[Value]) -> Value {
    let took: Vec<i64> = tickets
        .iter()
        .filter(|one| one["status"] == "SOLVED" || one["status"] == "CLOSED")
        .map(|one| milliseconds(&one["resolvedAt"]) - milliseconds(&one["createdAt"]))
        .collect();
    let unresolved = tickets.iter().filter(|one| one["resolvedAt"].is_null()).count();
    assert_eq!(unresolved + took.len(), tickets.len());
    if took.is_empty() {
        return Value::Null;
    }
    let (sum, count) = (
        took.iter().sum::<i64>(),
        i64::try_from(took.len()).expect("small"),
    );
    // Rounded half up to whole seconds.
    let (whole, rest) = (sum / (1000 * count), sum % (1000 * count));
    json!(whole + i64::from(2 * rest >= 1000 * count))
}

/// Returns sentiment and trend from the newest ten inbound messages with a score.
fn sentiment_and_trend(scorer: &impl Scorer, messages: &[Value]) -> (Value, Value) {
    let mut inbound: Vec<&Value> = messages
        .iter()
        .filter(|one| one["direction"] == "INBOUND")
        .collect();
    inbound.sort_by_key(|one| (text(&one["createdAt"]), text(&one["id"])));
    let newest: Vec<i64> = inbound
        .iter()
        .rev()
        .filter_map(|one| scorer.score(text(&one["body"])).value)
        .take(10)
        .map(i64::from)
        .collect();
    let word = |sum: i64, edge: i64, words: [&str; 3]| match sum {
        _ if sum >= edge => json!(words[0]),
        _ if sum <= -edge => json!(words[2]),
        _ => json!(words[1]),
    };
    let count = i64::try_from(newest.len()).expect("small");
    let overall = match count {
        0 => Value::Null,
        _ => word(
            newest.iter().sum(),
            500 * count,
            ["POSITIVE", "NEUTRAL", "NEGATIVE"],
        ),
    };
    let trend = match newest.split_at_checked(5) {
        Some((new, old)) if old.len() == 5 => {
            let rise = new.iter().sum::<i64>() - old.iter().sum::<i64>();
            word(rise, 5 * 500, ["IMPROVING", "STABLE", "DECLINING"])
        }
        _ => Value::Null,
    };
    (overall, trend)
}

async fn figures_of_fifty_customers_take_one_statement(app: TestApp) {
    let (_, admin) = app.admin().await;
    let query = "{ customers(first: 50) { nodes { totalTickets openTickets avgResolutionTime overallSentiment \
                 sentimentTrend firstTicketAt lastTicketAt } } }";
    let mut statements = Vec::new();
    for (from, to) in [(0, 1), (1, 50)] {
        for n in from..to {
            app.ticket(&admin, &format!("c{n}@example.com")).await;
        }
        app.statements.take();
        let nodes = app.ask(&admin, query, json!({})).await.at("/customers/nodes");
        assert_eq!(nodes.as_array().expect("nodes").len(), to);
        assert!(
            nodes
                .as_array()
                .expect("nodes")
                .iter()
                .all(|one| one["totalTickets"] == 1)
        );
        statements.push(app.statements.take());
    }
    assert_eq!(statements[1].len(), 1, "{:?}", statements[1]);
    assert_eq!(statements[0].len(), 1);
    for table in ["ticket\"", "message\"", "conversation\"", " ticket ", " message "] {
        assert!(!statements[1][0].contains(table), "{}", statements[1][0]);
    }
}

/// Raises limits for a query that reads every message of every customer.
fn costly(settings: &mut Settings) {
    settings.query_cost_max = u32::MAX;
    settings.page_size_max = 1000;
}

on_each_database!(
    with super::costly;
    figures_are_exact_after_a_long_sequence_of_writes,
    figures_are_exact_after_several_writers_at_once,
    figures_of_fifty_customers_take_one_statement,
);
