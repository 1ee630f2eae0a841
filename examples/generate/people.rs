//! Customers and agents.

use serde::Serialize;

use super::output::At;
use super::rng::{Rng, opaque_id};
use super::text;

/// The two years in which tickets are created: 2024-10-01 to 2026-10-01. They are fixed so that the files never change.
pub const START: i64 = 1_727_740_800;
pub const END: i64 = START + 730 * DAY;
pub const DAY: i64 = 86_400;

const AGENTS: u64 = 40;

#[derive(Serialize)]
pub struct Agent {
    id: String,
    name: String,
    pub email: String,
    role: &'static str,
}

pub fn agents(rng: &mut Rng) -> Vec<Agent> {
    (1..=AGENTS)
        .map(|number| Agent {
            id: format!("agt_{number:02}"),
            name: format!("{} {}", rng.pick(text::FIRST_NAMES), rng.pick(text::LAST_NAMES)),
            email: format!("agent{number}@support.example.com"),
            role: if number <= 3 { "admin" } else { "agent" },
        })
        .collect()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    pub id: String,
    pub email: String,
    pub name: String,
    company: Option<String>,
    phone: Option<String>,
    job_title: Option<&'static str>,
    location: Option<&'static str>,
    timezone: Option<&'static str>,
    is_vip: bool,
    pub priority_override: Option<&'static str>,
    tags: Vec<&'static str>,
    internal_notes: Option<&'static str>,
    pub total_tickets: u64,
    open_tickets: u64,
    avg_resolution_time: Option<i64>,
    first_ticket_at: Option<At>,
    last_ticket_at: Option<At>,
    salesforce_contact_id: Option<String>,
    hubspot_contact_id: Option<String>,
    hubspot_company_id: Option<String>,
    created_at: At,
    updated_at: At,
    /// The customer's mood in the first and in the second of the two years.
    #[serde(skip)]
    moods: [text::Mood; 2],
    #[serde(skip)]
    resolution_seconds: i64,
    #[serde(skip)]
    resolved_tickets: i64,
}

impl Customer {
    pub fn mood(&self, at: i64) -> text::Mood {
        self.moods[usize::from(at >= START + (END - START) / 2)]
    }

    pub fn count_ticket(&mut self, created: i64, is_open: bool, resolved: Option<i64>) {
        let created_at = At(created);
        self.total_tickets += 1;
        self.open_tickets += u64::from(is_open);
        if let Some(resolved) = resolved {
            self.resolution_seconds += resolved - created;
            self.resolved_tickets += 1;
        }
        self.first_ticket_at = Some(
            self.first_ticket_at
                .map_or(created_at, |first| first.min(created_at)),
        );
        self.last_ticket_at = Some(
            self.last_ticket_at
                .map_or(created_at, |last| last.max(created_at)),
        );
        self.updated_at = self.updated_at.max(created_at);
    }

    /// The mean, rounded half up: floor(sum / n + 1/2) in integers.
    pub fn finish(&mut self) {
        let count = self.resolved_tickets;
        self.avg_resolution_time = (count > 0).then(|| (2 * self.resolution_seconds + count) / (2 * count));
    }
}

pub fn customers(rng: &mut Rng, count: u64, seed: u64) -> Vec<Customer> {
    (0..count).map(|number| customer(rng, number, seed)).collect()
}

fn customer(rng: &mut Rng, number: u64, seed: u64) -> Customer {
    let (first, last) = (rng.pick(text::FIRST_NAMES), rng.pick(text::LAST_NAMES));
    let name = match rng.below(25) {
        0 => format!("{first} \"{}\" {last}", rng.pick(text::COMPANIES)),
        _ => format!("{first} {last}"),
    };
    let (location, timezone) = rng.pick(text::PLACES);
    let created = At(START - rng.seconds(365 * DAY));
    Customer {
        id: opaque_id("cust_", number, seed),
        // The number makes addresses unique. The domains are reserved for examples and receive no mail.
        email: format!(
            "{}.{number}@shop{}.example.com",
            mailbox(first, last),
            rng.below(40)
        ),
        name,
        company: sometimes(rng, 85, |rng| {
            format!(
                "{} {}",
                rng.pick(text::COMPANIES),
                rng.pick(text::COMPANY_ENDINGS)
            )
        }),
        phone: sometimes(rng, 60, |rng| format!("+1-555-01{:02}", rng.below(100))),
        job_title: sometimes(rng, 80, |rng| rng.pick(text::JOB_TITLES)),
        location,
        timezone,
        is_vip: rng.percent(6),
        priority_override: sometimes(rng, 8, |rng| rng.pick(&["low", "medium", "high", "urgent"])),
        tags: rng.some_of(text::CUSTOMER_TAGS, 2),
        internal_notes: sometimes(rng, 10, |rng| rng.pick(text::NOTES)),
        total_tickets: 0,
        open_tickets: 0,
        avg_resolution_time: None,
        first_ticket_at: None,
        last_ticket_at: None,
        salesforce_contact_id: sometimes(rng, 30, |rng| format!("003{:09}", rng.below(1_000_000_000))),
        hubspot_contact_id: sometimes(rng, 30, |rng| rng.below(1_000_000).to_string()),
        hubspot_company_id: sometimes(rng, 15, |rng| rng.below(1_000_000).to_string()),
        created_at: created,
        updated_at: created,
        moods: [rng.pick(text::MOODS), rng.pick(text::MOODS)],
        resolution_seconds: 0,
        resolved_tickets: 0,
    }
}

fn sometimes<T>(rng: &mut Rng, percent: u64, make: impl FnOnce(&mut Rng) -> T) -> Option<T> {
    rng.percent(percent).then(|| make(rng))
}

/// The part before the @: the ASCII letters and digits of the name, or `user` if there are none.
fn mailbox(first: &str, last: &str) -> String {
    let part = |name: &str| -> String {
        name.chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|letter| letter.to_ascii_lowercase())
            .collect()
    };
    match (part(first), part(last)) {
        (first, last) if first.is_empty() && last.is_empty() => "user".to_owned(),
        (first, last) if first.is_empty() => last,
        (first, last) if last.is_empty() => first,
        (first, last) => format!("{first}.{last}"),
    }
}
