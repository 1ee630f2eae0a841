//! What the API computes of tickets and messages, against the tickets and messages themselves.

use deskgraph::{
    auth::Grant,
    config::Settings,
    service::sentiment::{Scorer, Vader},
};
use entity::Timestamp;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Person, TestApp, on_each_database, text};

const CUSTOMERS: u64 = 4;
const BODIES: [&str; 8] = [
    "Thank you, this is wonderful!",
    "This is terrible, I am so angry and disappointed.",
    "The parcel weighs two kilograms.",
    "I love the new version. Great work, everybody!",
    "Nothing works, and nobody answers. I hate it.",
    "It is good, but the invoice is wrong.",
    "When will it arrive?",
    "Awful. Worst support ever!!!",
];

/// The same numbers in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        // Knuth's constants; the high bits are the good ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[usize::try_from(self.below(of.len() as u64)).expect("small")]
    }
}

/// One who writes, and the tickets that it made.
struct Writer<'a> {
    app: &'a TestApp,
    person: &'a Person,
    dice: Dice,
    tickets: Vec<Value>,
}

impl Writer<'_> {
    async fn step(&mut self) {
        let customer = format!("c{}@example.com", self.dice.below(CUSTOMERS));
        let body = *self.dice.pick(&BODIES);
        let forward = i64::try_from(self.dice.below(100_000)).expect("small");
        self.app.hands.advance_ms(forward);
        if self.tickets.is_empty() {
            return self.create(&customer, body).await;
        }
        let ticket = self.dice.pick(&self.tickets).clone();
        match self.dice.below(10) {
            0 | 1 => self.create(&customer, body).await,
            2..=5 => {
                let status = *self.dice.pick(&["OPEN", "PENDING", "SOLVED", "CLOSED"]);
                let variables = json!({ "id": ticket["id"], "input": { "status": status } });
                self.app.wrote(self.person, "ticketUpdate", variables).await;
            }
            choice => {
                let direction = *self.dice.pick(&["INBOUND", "INBOUND", "OUTBOUND"]);
                let target = if choice == 9 {
                    json!({ "conversationId": ticket["conversation"]["id"] })
                } else {
                    json!({ "ticketId": ticket["id"] })
                };
                let input = json!({
                    "target": target, "body": body, "senderEmail": ticket["customerEmail"], "direction": direction,
                });
                self.app
                    .wrote(self.person, "messageAdd", json!({ "input": input }))
                    .await;
            }
        }
    }

    async fn create(&mut self, customer: &str, body: &str) {
        let input = json!({ "subject": "Help", "customerEmail": customer, "body": body });
        let made = self
            .app
            .wrote(self.person, "ticketCreate", json!({ "input": input }))
            .await;
        self.tickets.push(made["ticket"].clone());
    }
}

/// A key holds for ever; a token would not outlast the days that pass here.
async fn program(app: &TestApp) -> Person {
    let workspace = app.workspace("Test").await;
    app.api_key(&[workspace], &[Grant::Read, Grant::Write]).await
}

async fn figures_are_exact_after_a_long_sequence_of_writes(app: TestApp) {
    let program = program(&app).await;
    let mut writer = Writer {
        app: &app,
        person: &program,
        dice: Dice(7),
        tickets: Vec::new(),
    };
    for step in 0..160 {
        writer.step().await;
        if step % 40 == 39 {
            assert_figures(&app, &program).await;
        }
    }
}

async fn figures_are_exact_after_several_writers_at_once(app: TestApp) {
    let (app, program) = (&app, &program(&app).await);
    let writers = (0..6).map(|seed| async move {
        let mut writer = Writer {
            app,
            person: program,
            dice: Dice(seed),
            tickets: Vec::new(),
        };
        for _ in 0..25 {
            writer.step().await;
        }
        writer.tickets
    });
    let tickets = join_all(writers).await.concat();
    assert_figures(app, program).await;
    // Now all on the same few tickets.
    let writers = (10..16).map(|seed| {
        let tickets = tickets[..3].to_vec();
        async move {
            let mut writer = Writer {
                app,
                person: program,
                dice: Dice(seed),
                tickets,
            };
            for _ in 0..12 {
                writer.step().await;
            }
        }
    });
    join_all(writers).await;
    assert_figures(app, program).await;
}

const QUERY: &str = "{ customers(first: 100) { nodes {
    id totalTickets openTickets avgResolutionTime firstTicketAt lastTicketAt overallSentiment sentimentTrend version
    tickets(first: 100) { totalCount nodes {
        status createdAt resolvedAt messageCount lastMessageAt messages(first: 100) { totalCount nodes { createdAt } } } }
    conversations(first: 100) { totalCount nodes {
        messageCount lastMessageAt messages(first: 100) { totalCount nodes { createdAt } } } }
    messages(last: 100) { nodes { id direction body createdAt } }
} } }";

async fn assert_figures(app: &TestApp, person: &Person) {
    let customers = app.ask(person, QUERY, json!({})).await.at("/customers/nodes");
    let customers = customers.as_array().expect("customers");
    assert_eq!(customers.len() as u64, CUSTOMERS);
    let scorer = Vader::new();
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
            let written = nodes(&thread["messages"]);
            assert_eq!(thread["messageCount"], written.len());
            assert_eq!(thread["messageCount"], thread["messages"]["totalCount"]);
            let last = written.iter().map(|one| text(&one["createdAt"])).max();
            assert_eq!(thread["lastMessageAt"], json!(last));
        }
        let (overall, trend) = mood(&scorer, nodes(&customer["messages"]));
        assert_eq!(
            (&customer["overallSentiment"], &customer["sentimentTrend"]),
            (&overall, &trend)
        );
        // Figures are no fields: the version counts neither tickets nor messages.
        assert_eq!(customer["version"], 1);
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
    // Half up: the whole seconds, and one more from half a second on.
    let (whole, rest) = (sum / (1000 * count), sum % (1000 * count));
    json!(whole + i64::from(2 * rest >= 1000 * count))
}

/// From the newest ten inbound messages: the words for their mean, and for where it goes.
fn mood(scorer: &Vader, messages: &[Value]) -> (Value, Value) {
    let mut inbound: Vec<&Value> = messages
        .iter()
        .filter(|one| one["direction"] == "INBOUND")
        .collect();
    inbound.sort_by_key(|one| (text(&one["createdAt"]), text(&one["id"])));
    let newest: Vec<i64> = inbound
        .iter()
        .rev()
        .take(10)
        .map(|one| i64::from(scorer.score(text(&one["body"])).expect("a score")))
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

async fn fifty_customers_with_all_figures_are_one_statement_on_one_table(app: TestApp) {
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

/// Every message of every ticket of every customer is read at once, to count them anew.
fn costly(settings: &mut Settings) {
    settings.query_cost_max = u32::MAX;
}

on_each_database!(
    with super::costly;
    figures_are_exact_after_a_long_sequence_of_writes,
    figures_are_exact_after_several_writers_at_once,
    fifty_customers_with_all_figures_are_one_statement_on_one_table,
);
