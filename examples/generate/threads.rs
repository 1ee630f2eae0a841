//! Tickets and their messages: the owner, the outcome and the texts.

use serde::Serialize;

use super::output::{At, NdjsonFile};
use super::people::{Agent, Customer, DAY, END, START};
use super::rng::{Rng, opaque_id};
use super::text;

/// Maximum number of messages in a ticket.
const LONGEST: u8 = 30;
const PROGRESS_EVERY: u64 = 100_000;

/// Seed and numbers of tickets and messages to write.
pub struct Plan {
    pub seed: u64,
    pub tickets: u64,
    pub messages: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ticket<'a> {
    id: &'a str,
    subject: String,
    status: &'static str,
    priority: &'static str,
    customer_id: &'a str,
    customer_email: &'a str,
    customer_name: &'a str,
    source: &'static str,
    assigned_to: Option<&'a str>,
    resolution_type: Option<&'static str>,
    tags: Vec<&'static str>,
    created_at: At,
    updated_at: At,
    resolved_at: Option<At>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    id: String,
    ticket_id: &'a str,
    direction: &'static str,
    sender_email: &'a str,
    sender_name: Option<&'a str>,
    body: String,
    body_html: Option<String>,
    created_at: At,
}

/// Writes every ticket and message, adds each ticket to its customer, and returns how many messages are inbound.
pub fn write(
    plan: &Plan,
    customers: &mut [Customer],
    agents: &[Agent],
    tickets: &mut NdjsonFile,
    messages: &mut NdjsonFile,
) -> Result<u64, String> {
    let mut rng = Rng::new(plan.seed, "tickets");
    let mut words = Rng::new(plan.seed, "texts");
    let owners = Owners::new(&mut rng, customers.len());
    let lengths = lengths(&mut rng, plan);
    let (mut written, mut inbound_messages) = (0, 0);
    for (number, length) in (0_u64..).zip(lengths) {
        let customer = &mut customers[owners.draw(&mut rng)];
        let life = Life::draw(&mut rng, length);
        customer.count_ticket(life.created, life.is_open(), life.resolved);

        let id = opaque_id("tkt_", number, plan.seed);
        let assignee = if rng.percent(25) {
            None
        } else {
            agents.get(rng.index(agents.len()))
        };
        tickets.write(&ticket(&mut rng, &id, customer, assignee, &life))?;

        // Unassigned tickets are answered by a random agent.
        let answered_by = assignee.unwrap_or(&agents[rng.index(agents.len())]);
        let last = life.message_times.len() - 1;
        for (place, at) in life.message_times.iter().enumerate() {
            // The first message is the customer's. In a pending ticket, the last one is an agent's.
            let waits = life.status == "pending" && place == last;
            let inbound = place == 0 || (!waits && rng.percent(44));
            messages.write(&message(
                &mut words,
                written,
                &id,
                inbound,
                customer,
                answered_by,
                *at,
            ))?;
            inbound_messages += u64::from(inbound);
            written += 1;
            if written % PROGRESS_EVERY == 0 {
                eprintln!("{written} of {} messages", plan.messages);
            }
        }
    }
    Ok(inbound_messages)
}

fn ticket<'a>(
    rng: &mut Rng,
    id: &'a str,
    customer: &'a Customer,
    assignee: Option<&'a Agent>,
    life: &Life,
) -> Ticket<'a> {
    let priority = rng.pick(&["low", "medium", "medium", "medium", "high", "urgent"]);
    Ticket {
        id,
        subject: text::subject(rng),
        status: life.status,
        priority: customer.priority_override.unwrap_or(priority),
        customer_id: &customer.id,
        customer_email: &customer.email,
        customer_name: &customer.name,
        source: rng.pick(&["email", "email", "email", "widget", "api", "phone"]),
        assigned_to: assignee.map(|agent| agent.email.as_str()),
        resolution_type: life.resolved.map(|_| rng.pick(&["human", "human", "ai", "auto"])),
        tags: rng.some_of(text::TICKET_TAGS, 3),
        created_at: At(life.created),
        updated_at: At(life.updated),
        resolved_at: life.resolved.map(At),
    }
}

fn message<'a>(
    words: &mut Rng,
    number: u64,
    ticket_id: &'a str,
    inbound: bool,
    customer: &'a Customer,
    agent: &'a Agent,
    at: i64,
) -> Message<'a> {
    let body = if inbound {
        text::question(words, customer.mood(at), &customer.name)
    } else {
        text::answer(words)
    };
    Message {
        id: format!("msg_{number:08}"),
        ticket_id,
        direction: if inbound { "inbound" } else { "outbound" },
        sender_email: if inbound { &customer.email } else { &agent.email },
        sender_name: inbound.then_some(customer.name.as_str()),
        body_html: words.percent(10).then(|| text::as_html(&body)),
        body,
        created_at: At(at),
    }
}

/// Times and outcome of one ticket.
struct Life {
    status: &'static str,
    created: i64,
    /// In ascending order; the first is `created`.
    message_times: Vec<i64>,
    /// Set exactly if the ticket is solved or closed. Never before the last message, which would have reopened it.
    resolved: Option<i64>,
    updated: i64,
}

impl Life {
    fn draw(rng: &mut Rng, messages: u8) -> Self {
        let mut created = START + rng.seconds(END - START);
        if rng.percent(25) {
            // The later of two draws, so that newer months have more tickets, as in a growing business.
            created = created.max(START + rng.seconds(END - START));
        }
        let status = status(rng, (END - created) / DAY);
        let mut last = created;
        let mut message_times = vec![created];
        for _ in 1..messages {
            last += 60 + rng.waiting(4 * 3_600);
            message_times.push(last);
        }
        let resolved = matches!(status, "solved" | "closed").then(|| last + 30 + rng.waiting(2 * 3_600));
        // Solved tickets close automatically after three days.
        let settled = resolved.unwrap_or(last) + if status == "closed" { 3 * DAY } else { 0 };
        Self {
            status,
            created,
            message_times,
            resolved,
            updated: settled + 1 + rng.seconds(600),
        }
    }

    fn is_open(&self) -> bool {
        matches!(self.status, "open" | "pending")
    }
}

/// The status of a ticket. Older tickets are more likely solved or closed.
fn status(rng: &mut Rng, age_days: i64) -> &'static str {
    let (open, pending, solved) = match age_days {
        ..14 => (55, 20, 25),
        14..60 => (15, 10, 60),
        _ => (3, 2, 15),
    };
    match rng.below(100) {
        draw if draw < open => "open",
        draw if draw < open + pending => "pending",
        draw if draw < open + pending + solved => "solved",
        _ => "closed",
    }
}

/// The number of messages of each ticket: mostly few, with a long tail. The sum is exactly the planned number.
fn lengths(rng: &mut Rng, plan: &Plan) -> Vec<u8> {
    let mut lengths: Vec<u8> = (0..plan.tickets)
        .map(|_| 1 + u8::try_from(rng.waiting(9) / 2).map_or(LONGEST - 1, |more| more.min(LONGEST - 1)))
        .collect();
    let mut sum: u64 = lengths.iter().map(|length| u64::from(*length)).sum();
    let wanted = plan
        .messages
        .clamp(plan.tickets, plan.tickets * u64::from(LONGEST));
    while sum != wanted {
        let place = rng.index(lengths.len());
        let length = &mut lengths[place];
        if sum < wanted && *length < LONGEST {
            *length += 1;
            sum += 1;
        } else if sum > wanted && *length > 1 {
            *length -= 1;
            sum -= 1;
        }
    }
    lengths
}

/// Skewed ownership: a few customers write very often, most write rarely.
struct Owners {
    /// The customer of each rank, shuffled so that the rank is independent of the order in the file.
    by_rank: Vec<usize>,
    /// Running sum of the weights of the ranks.
    sums: Vec<u64>,
}

impl Owners {
    fn new(rng: &mut Rng, customers: usize) -> Self {
        // Zipf's 1 / rank, starting at rank 20: the largest of 10 000 customers gets about 0.8 %.
        const UNIT: u64 = 1_000_000_000_000;
        let mut by_rank: Vec<usize> = (0..customers).collect();
        rng.shuffle(&mut by_rank);
        let sums = (20_u64..).zip(&by_rank).scan(0, |sum, (rank, _)| {
            *sum += UNIT / rank;
            Some(*sum)
        });
        Self {
            sums: sums.collect(),
            by_rank,
        }
    }

    fn draw(&self, rng: &mut Rng) -> usize {
        let total = self.sums.last().copied().unwrap_or(0);
        let point = rng.below(total);
        self.by_rank[self.sums.partition_point(|sum| *sum <= point)]
    }
}
