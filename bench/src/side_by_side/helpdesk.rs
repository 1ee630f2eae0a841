//! Generates the measured data in the format of an export: customers, tickets and messages. The same scale gives the
//! same data.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

use fastrand::Rng;
use serde_json::{Value, json};

use crate::{failure::Done, instant};

const SEED: u64 = 11;
const AGENTS: usize = 40;
/// 2024-01-01, in milliseconds since 1970. Tickets are created during the following two years.
const BEGIN: i64 = 1_704_067_200_000;
const SPAN: f64 = 63_072_000_000.0;
const DAY: i64 = 86_400_000;
/// Flatness of the distribution of tickets among customers. With 20 and ten thousand customers, the first one has 0.8
/// % of all tickets.
const FLAT: f64 = 20.0;
/// Maximum number of messages in a ticket.
const LONGEST: usize = 30;

const GIVEN: [&str; 16] = [
    "Anke", "Bruno", "Célia", "Dmitri", "Esra", "Farid", "Gudrun", "Hiro", "Ilse", "Jonas", "Kira", "Luís",
    "Mirja", "Nils", "Oona", "Pavel",
];
const FAMILY: [&str; 16] = [
    "Aalto", "Brandt", "Çelik", "Dahl", "Escobar", "Ferrari", "Grün", "Horvat", "Ibsen", "Jónsson", "Keller",
    "Lind", "Moreno", "Nowak", "O'Hara", "Przybyl",
];
const COMPANIES: [&str; 8] = [
    "Birch & Sons",
    "Northwind Tools",
    "Kiosk 24",
    "Lumen GmbH",
    "Riverside Bikes",
    "Tea House",
    "Orbit Labs",
    "Paper Crane",
];
const SUBJECTS: [&str; 10] = [
    "The invoice shows the wrong address",
    "My parcel has not arrived",
    "How can I add a colleague?",
    "Signing in takes me back to the start",
    "Refund of an order",
    "The \"export\" button does nothing",
    "Change of plan",
    "The app closes by itself",
    "Question about delivery times",
    "A webhook is not sent",
];
const WORDS: [&str; 48] = [
    "I",
    "we",
    "you",
    "the",
    "a",
    "this",
    "order",
    "parcel",
    "invoice",
    "account",
    "button",
    "page",
    "app",
    "payment",
    "address",
    "is",
    "was",
    "has",
    "cannot",
    "please",
    "thanks",
    "great",
    "happy",
    "love",
    "helpful",
    "angry",
    "terrible",
    "broken",
    "slow",
    "wrong",
    "waiting",
    "again",
    "since",
    "Monday",
    "yesterday",
    "still",
    "and",
    "but",
    "because",
    "with",
    "without",
    "colleague",
    "answer",
    "question",
    "sent",
    "open",
    "closed",
    "now",
];
const TAGS: [&str; 8] = [
    "billing", "delivery", "login", "mobile", "api", "refund", "plan", "urgent",
];
const SOURCES: [&str; 4] = ["email", "widget", "api", "phone"];
const PRIORITIES: [&str; 6] = ["low", "medium", "medium", "medium", "high", "urgent"];

/// Numbers of rows.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub customers: usize,
    pub tickets: usize,
    pub messages: usize,
}

impl Size {
    /// Returns ten thousand customers, a hundred thousand tickets and half a million messages, times a factor.
    pub fn of_scale(scale: f64) -> Self {
        let times = |count: f64| ((count * scale).round() as usize).max(10);
        Self {
            customers: times(10_000.0),
            tickets: times(100_000.0),
            messages: times(500_000.0),
        }
    }
}

/// Writes the files to a folder.
pub fn write(folder: &Path, size: Size) -> Done {
    let mut rng = Rng::with_seed(SEED);
    let open = |name: &str| Ok::<_, std::io::Error>(BufWriter::new(File::create(folder.join(name))?));
    let mut agents = open("agents.ndjson")?;
    for number in 0..AGENTS {
        let agent = json!({
            "id": format!("agent-{number}"), "name": name(&mut rng), "email": agent(number), "role": "agent",
        });
        writeln!(agents, "{agent}")?;
    }
    let mut customers = open("customers.ndjson")?;
    for number in 0..size.customers {
        writeln!(customers, "{}", customer(&mut rng, number))?;
    }
    let (mut tickets, mut messages) = (open("tickets.ndjson")?, open("messages.ndjson")?);
    let mut written = 0;
    for number in 0..size.tickets {
        let left = size.tickets - number;
        let count = thread_length(&mut rng, size.messages - written, left);
        let thread = Thread::new(&mut rng, number, size.customers, count);
        writeln!(tickets, "{}", thread.ticket)?;
        for (place, at) in thread.times.iter().enumerate() {
            writeln!(
                messages,
                "{}",
                thread.message(&mut rng, written + place, place, *at)
            )?;
        }
        written += count;
    }
    for mut file in [agents, customers, tickets, messages] {
        file.flush()?;
    }
    Ok(())
}

/// Returns the number of messages of the next ticket: mostly few, sometimes many. `messages` and `tickets` are the
/// remaining numbers. The last ticket gets all remaining messages.
fn thread_length(rng: &mut Rng, messages: usize, tickets: usize) -> usize {
    if tickets == 1 {
        return messages.max(1);
    }
    let mean = messages as f64 / tickets as f64;
    let long = 1 + (-(1.0 - rng.f64()).ln() * (mean - 0.5)) as usize;
    long.clamp(1, LONGEST.min(messages.saturating_sub(tickets - 1).max(1)))
}

fn agent(number: usize) -> String {
    format!("agent-{number}@desk.example.com")
}

fn email(number: usize) -> String {
    format!("customer-{number}@shop-{}.example.com", number % 37)
}

fn name(rng: &mut Rng) -> String {
    format!("{} {}", pick(rng, &GIVEN), pick(rng, &FAMILY))
}

fn pick<'a>(rng: &mut Rng, words: &[&'a str]) -> &'a str {
    words[rng.usize(..words.len())]
}

fn tags(rng: &mut Rng) -> Vec<&'static str> {
    let first = rng.usize(..TAGS.len());
    (0..rng.usize(..4))
        .map(|step| TAGS[(first + step * 3) % TAGS.len()])
        .collect()
}

fn customer(rng: &mut Rng, number: usize) -> Value {
    let created = instant::text(BEGIN - rng.i64(0..365 * DAY));
    json!({
        "id": format!("customer-{number}"), "email": email(number), "name": name(rng),
        "company": (rng.u8(..10) > 1).then(|| pick(rng, &COMPANIES)),
        "phone": (rng.u8(..10) > 3).then(|| format!("+1-555-{:04}", rng.u16(..10_000))),
        "timezone": "Europe/Berlin", "isVip": rng.u8(..16) == 0, "tags": tags(rng),
        "createdAt": created, "updatedAt": created,
    })
}

/// A ticket and the times of its messages.
struct Thread {
    ticket: Value,
    times: Vec<i64>,
}

impl Thread {
    fn new(rng: &mut Rng, number: usize, customers: usize, count: usize) -> Self {
        // A few customers have most of the tickets.
        let rank = FLAT * ((customers as f64 / FLAT + 1.0).powf(rng.f64()) - 1.0);
        let customer = (rank as usize * 7_919 + 13) % customers;
        let created = BEGIN + (SPAN * rng.f64().powf(0.8)) as i64;
        let mut times = vec![created];
        for _ in 1..count {
            let last = times.last().copied().unwrap_or(created);
            times.push(last + 60_000 + rng.i64(0..8 * 3_600_000));
        }
        let last = times.last().copied().unwrap_or(created);
        let status = status(rng, BEGIN + SPAN as i64 - created);
        let resolved = matches!(status, "solved" | "closed").then(|| last + rng.i64(30_000..4 * 3_600_000));
        let ticket = json!({
            "id": format!("ticket-{number}"), "subject": pick(rng, &SUBJECTS), "status": status,
            "priority": pick(rng, &PRIORITIES), "customerId": format!("customer-{customer}"),
            "customerEmail": email(customer), "customerName": name(rng), "source": pick(rng, &SOURCES),
            "assignedTo": (rng.u8(..4) > 0).then(|| agent(rng.usize(..AGENTS))),
            "resolutionType": resolved.map(|_| "human"), "tags": tags(rng), "createdAt": instant::text(created),
            "updatedAt": instant::text(resolved.unwrap_or(last)), "resolvedAt": resolved.map(instant::text),
        });
        Self { ticket, times }
    }

    fn message(&self, rng: &mut Rng, number: usize, place: usize, at: i64) -> Value {
        let inbound = place == 0 || rng.u8(..20) < 9;
        let count = 5 + (-(1.0 - rng.f64()).ln() * 22.0) as usize;
        let words: Vec<&str> = (0..count.min(150)).map(|_| pick(rng, &WORDS)).collect();
        let sender = if inbound {
            self.ticket["customerEmail"].clone()
        } else {
            Value::from(agent(rng.usize(..AGENTS)))
        };
        json!({
            "id": format!("message-{number}"), "ticketId": self.ticket["id"],
            "direction": if inbound { "inbound" } else { "outbound" }, "senderEmail": sender, "senderName": null,
            "body": format!("{}.\n\"{}\"", words.join(" "), pick(rng, &GIVEN)), "createdAt": instant::text(at),
        })
    }
}

/// Most old tickets are closed.
fn status(rng: &mut Rng, age: i64) -> &'static str {
    let [open, pending, solved] = match age / DAY {
        ..14 => [55, 75, 100],
        14..60 => [15, 25, 85],
        _ => [4, 7, 25],
    };
    match rng.i32(0..100) {
        lot if lot < open => "open",
        lot if lot < pending => "pending",
        lot if lot < solved => "solved",
        _ => "closed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_scales_give_equal_files_with_exact_counts() {
        let size = Size::of_scale(0.003);
        let [one, other] = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
        write(one.path(), size).expect("written");
        write(other.path(), size).expect("written");
        for (name, lines) in [
            ("agents", AGENTS),
            ("customers", size.customers),
            ("tickets", size.tickets),
            ("messages", size.messages),
        ] {
            let read = |folder: &tempfile::TempDir| {
                std::fs::read_to_string(folder.path().join(format!("{name}.ndjson"))).expect("a file")
            };
            assert_eq!(read(&one), read(&other));
            assert_eq!(read(&one).lines().count(), lines, "{name}");
        }
    }
}
