//! A writer that makes random writes, whose effects are counted afterwards.

use deskgraph::{
    auth::Viewer,
    service::import::{self, Source},
};
use entity::{Timestamp, WorkspaceId, message::Direction, ticket::Status};
use serde_json::{Value, json};

use crate::support::{Person, TestApp, fill};

/// Maximum number of customers.
pub const CUSTOMERS: u64 = 12;

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

/// Statements at which a panic aborts a transaction with earlier writes.
const BREAKS: [&str; 6] = [
    "INSERT INTO \"change\"",
    "UPDATE \"customer\"",
    "SET recent_score_count",
    "UPDATE \"ticket\"",
    "UPDATE \"conversation_activity\"",
    "DELETE FROM conversation WHERE",
];

/// A generator of random numbers. All runs use the same numbers.
pub struct SeededRandom(pub u64);

impl SeededRandom {
    pub fn below(&mut self, bound: u64) -> u64 {
        // Knuth's constants. The high bits are more random.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[usize::try_from(self.below(of.len() as u64)).expect("small")]
    }
}

/// Results of the writes.
#[derive(Clone, Copy, Debug, Default)]
pub struct WriteCounts {
    /// Number of successful writes.
    pub done: usize,
    /// Number of rejected writes, which changed nothing.
    pub refused: usize,
    /// Number of aborted writes, which were rolled back.
    pub broken: usize,
}

/// A writer and the tickets that it knows.
pub struct Writer<'a> {
    pub app: &'a TestApp,
    pub person: &'a Person,
    pub workspace: WorkspaceId,
    pub dice: SeededRandom,
    pub tickets: Vec<Value>,
    pub told: WriteCounts,
    name: u64,
    steps: usize,
}

impl<'a> Writer<'a> {
    pub fn new(app: &'a TestApp, person: &'a Person, workspace: WorkspaceId, seed: u64) -> Self {
        Self {
            app,
            person,
            workspace,
            dice: SeededRandom(seed),
            tickets: Vec::new(),
            told: WriteCounts::default(),
            name: seed,
            steps: 0,
        }
    }

    pub async fn step(&mut self) {
        self.steps += 1;
        let forward = i64::try_from(self.dice.below(100_000)).expect("small");
        self.app.clock_control.advance_ms(forward);
        let choice = self.dice.below(24);
        match choice {
            20 => self.import().await,
            21 => {
                let part = *self.dice.pick(&BREAKS);
                self.app.statements.panic_at(part);
                let (mutation, variables) = self.write(choice - 20);
                self.run(mutation, variables).await;
                self.app.statements.panic_at("");
            }
            22 => self.repeat().await,
            _ => {
                let (mutation, variables) = self.write(choice);
                self.run(mutation, variables).await;
            }
        }
    }

    /// Returns a write of this kind.
    fn write(&mut self, choice: u64) -> (&'static str, Value) {
        if self.tickets.is_empty() {
            return self.create(None);
        }
        let ticket = self.dice.pick(&self.tickets).clone();
        match choice {
            0..=2 => self.create(None),
            3 => self.create(Some(&ticket)),
            4..=9 => {
                let status = *self.dice.pick(&["OPEN", "PENDING", "SOLVED", "CLOSED"]);
                let mut variables = json!({ "id": ticket["id"], "input": { "status": status } });
                if self.dice.below(8) == 0 {
                    variables["ifVersion"] = json!(1_000_000);
                }
                ("ticketUpdate", variables)
            }
            10 if self.dice.below(2) == 0 => {
                let input = json!({ "status": self.dice.pick(&["OPEN", "DONE"]) });
                let id = &ticket["conversation"]["id"];
                ("conversationUpdate", json!({ "id": id, "input": input }))
            }
            10 => {
                let input = json!({ "customer": { "email": self.customer() }, "name": "Chat" });
                ("conversationCreate", json!({ "input": input }))
            }
            11 => {
                let input = json!({ "name": format!("{} {}", self.name, self.steps) });
                // Versions of other customers are checked.
                let customer = if is_changed(&ticket["customer"]["email"]) {
                    &ticket["customer"]["id"]
                } else {
                    &Value::Null
                };
                match customer {
                    Value::Null => self.create(None),
                    id => ("customerUpdate", json!({ "id": id, "input": input })),
                }
            }
            12 if self.dice.below(2) == 0 => ("customerDelete", json!({ "id": ticket["customer"]["id"] })),
            _ => self.message(&ticket),
        }
    }

    fn customer(&mut self) -> String {
        format!("c{}@example.com", self.dice.below(CUSTOMERS))
    }

    fn create(&mut self, beside: Option<&Value>) -> (&'static str, Value) {
        let email = match beside {
            Some(ticket) => ticket["customerEmail"].clone(),
            None => json!(self.customer()),
        };
        let body = *self.dice.pick(&BODIES);
        let mut input = json!({ "subject": "Help", "customerEmail": email, "body": body });
        if let Some(ticket) = beside {
            input["conversationId"] = ticket["conversation"]["id"].clone();
        }
        ("ticketCreate", json!({ "input": input }))
    }

    fn message(&mut self, ticket: &Value) -> (&'static str, Value) {
        let direction = *self.dice.pick(&["INBOUND", "INBOUND", "OUTBOUND"]);
        let target = if self.dice.below(5) == 0 {
            json!({ "conversationId": ticket["conversation"]["id"] })
        } else {
            json!({ "ticketId": ticket["id"] })
        };
        let input = json!({
            "target": target, "body": self.dice.pick(&BODIES), "senderEmail": ticket["customerEmail"],
            "direction": direction, "isInternal": direction == "OUTBOUND" && self.dice.below(3) == 0,
        });
        ("messageAdd", json!({ "input": input }))
    }

    /// Runs a mutation and returns true if it succeeded.
    async fn run(&mut self, mutation: &str, variables: Value) -> bool {
        let answer = self.app.attempt(self.person, mutation, variables.clone()).await;
        if let Some(error) = answer.body["errors"].get(0) {
            // Aborted by one of the writers, or deleted by one before it was returned. In the latter case, the write
            // succeeded.
            let code = &error["extensions"]["code"];
            assert!(
                code == "INTERNAL" || code == "GONE",
                "{mutation}: {}",
                answer.body
            );
            self.told.broken += usize::from(code == "INTERNAL");
            return false;
        }
        let refused = answer.user_errors();
        if let Some(error) = refused.first() {
            let known = ["NOT_FOUND ", "STALE_VERSION ", "IDEMPOTENCY_KEY_REUSED "];
            assert!(
                known.iter().any(|code| error.starts_with(code)),
                "{mutation}: {refused:?}"
            );
            if error.starts_with(known[0]) {
                self.tickets.retain(|one| one["id"] != variables["id"]);
            }
            self.told.refused += 1;
            return false;
        }
        let payload = answer.data()[mutation].clone();
        self.told.done += 1;
        if mutation == "customerDelete" {
            self.tickets
                .retain(|one| one["customer"]["id"] != variables["id"]);
        } else if mutation == "ticketCreate" {
            self.tickets.push(payload["ticket"].clone());
        }
        true
    }

    /// Sends a request twice with one key, and a different request with the same key.
    async fn repeat(&mut self) {
        let kind = self.dice.below(10);
        let (mutation, mut variables) = self.write(kind);
        variables["idempotencyKey"] = json!(format!("{} {}", self.name, self.steps));
        if !self.run(mutation, variables.clone()).await {
            return;
        }
        let again = self.app.attempt(self.person, mutation, variables.clone()).await;
        assert!(
            again.body["errors"].is_null()
                || again.error().starts_with("GONE")
                || again.error() == "INTERNAL",
            "{}",
            again.body
        );
        variables["input"]["tags"] = json!(["other"]);
        if mutation != "messageAdd" {
            self.run(mutation, variables).await;
        }
    }

    /// Imports a ticket with messages of earlier days, and sometimes the same ticket with its current data.
    async fn import(&mut self) {
        let (services, workspace) = (self.app.services.clone(), self.workspace);
        let id = format!("{}-{}", self.name, self.steps);
        let email = self.customer();
        let begin = Timestamp(self.app.services.clock.now().0 - 3_600_000);
        let mut ticket = fill::ticket(&id, "");
        (ticket.customer_external_id, ticket.customer_email) = (None, Some(email.clone()));
        ticket.created_at = Some(begin);
        let messages = (0..3).map(|n| {
            let mut message = fill::message(&format!("{id}-{n}"), &id, &email);
            message.created_at = Some(Timestamp(
                begin.0 + i64::try_from(self.dice.below(7_200_000)).expect("small"),
            ));
            (*self.dice.pick(&BODIES)).clone_into(&mut message.body);
            if n == 2 {
                message.direction = Direction::Outbound;
            }
            message
        });
        let messages: Vec<_> = messages.collect();
        let then = (self.dice.below(2) == 0).then(|| *self.dice.pick(&[Status::Pending, Status::Solved]));
        // A separate task, because a statement at which another writer panics can occur here too.
        let work = tokio::spawn(async move {
            let viewer = Viewer::operator(workspace);
            let source = Source {
                viewer: &viewer,
                workspace,
                system: "test",
                strict: false,
                prefer_source: false,
                revive: false,
            };
            import::tickets(&services, &source, &[ticket.clone()]).await?;
            import::messages(&services, &source, &messages).await?;
            if let Some(status) = then {
                ticket.status = Some(status);
                import::tickets(&services, &source, &[ticket]).await?;
            }
            Ok::<_, deskgraph::service::Error>(())
        });
        match work.await {
            Ok(done) => {
                done.expect("brought in");
                self.told.done += 2 + usize::from(then.is_some());
            }
            Err(panic) => {
                assert!(panic.is_panic());
                self.told.broken += 1;
            }
        }
    }
}

/// Returns true if writers change fields of this customer.
pub fn is_changed(email: &Value) -> bool {
    let number = |email: &str| {
        email
            .trim_start_matches('c')
            .split('@')
            .next()?
            .parse::<u64>()
            .ok()
    };
    email
        .as_str()
        .and_then(number)
        .is_some_and(|number| number % 2 == 1)
}
