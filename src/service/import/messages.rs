//! Messages of another system, each in a ticket that was brought in before.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
};

use entity::{
    Attachment, Attachments, CustomerId, MessageId, Timestamp,
    external_reference::Kind,
    message::{Direction, Model},
    ticket,
};

use super::{BATCH_TRIES, Outcome, Source, agents, customers::Held, fit, mistakes};
use crate::{
    events::NewEvent,
    service::{
        Error, Services, Transaction, UserError, UserErrorCode,
        customer::has_address,
        message::{Draft, Place, Ready, Sender, compose},
        transaction::with_tries,
        validate::{Checks, EXTERNAL_ID_MAX, LINE_MAX},
    },
    store::{self, customer::Wanted, filter::email_key},
};

/// A message of another system.
#[derive(Clone, Debug)]
pub struct ImportMessage {
    /// Its id there.
    pub external_id: String,
    /// The id of its ticket there.
    pub ticket_external_id: String,
    /// Which way it went.
    pub direction: Direction,
    /// Address of the sender; empty when it has none.
    pub sender_email: String,
    /// Name of the sender.
    pub sender_name: Option<String>,
    /// Plain text; one that is blank is made of the HTML, unless the source is strict.
    pub body: String,
    /// The same as HTML.
    pub body_html: Option<String>,
    /// When it was written.
    pub created_at: Option<Timestamp>,
    /// Files that came with it.
    pub attachments: Vec<Attachment>,
}

/// Brings messages in.
pub async fn messages(
    services: &Services,
    source: &Source<'_>,
    rows: &[ImportMessage],
) -> Result<Vec<Outcome>, Error> {
    with_tries(services, BATCH_TRIES, || once(services, source, rows)).await
}

async fn once(
    services: &Services,
    source: &Source<'_>,
    rows: &[ImportMessage],
) -> Result<Vec<Outcome>, Error> {
    let mut transaction = Transaction::begin_alone(services).await?;
    let known = source
        .known(
            &transaction,
            Kind::Message,
            rows.iter().map(|row| row.external_id.clone()),
        )
        .await?;
    let tickets = rows.iter().map(|row| row.ticket_external_id.clone());
    let tickets = source.known(&transaction, Kind::Ticket, tickets).await?;
    let mut ids: Vec<_> = tickets.values().copied().collect();
    ids.sort_unstable();
    ids.dedup();
    let held = store::ticket::find_many_to_change_unscoped(transaction.writing(), &ids).await?;
    // In the order in which a single message takes them: ticket, conversation, customer.
    let conversations: Vec<_> = held.iter().map(|row| row.conversation_id).collect();
    store::conversation::hold_many_unscoped(transaction.writing(), &conversations).await?;
    let threads: HashMap<_, _> = held.into_iter().map(|row| (row.id.0, row)).collect();
    let owners: BTreeSet<_> = threads.values().map(|row| row.customer_id).collect();
    let owners = Held::read(&transaction, source, Wanted::of(owners, [])).await?;
    let outbound = rows.iter().filter(|row| row.direction == Direction::Outbound);
    let agents = agents::by_email(
        &transaction,
        source,
        outbound.map(|row| row.sender_email.as_str()),
    )
    .await?;

    let mut seen: BTreeSet<&str> = known.keys().map(String::as_str).collect();
    let mut made: Vec<Model> = Vec::new();
    let mut following = Vec::new();
    let mut references = Vec::new();
    let mut outcomes = Vec::with_capacity(rows.len());
    for row in rows {
        let external_id = &row.external_id;
        let (row, mut told) = if source.strict {
            (Cow::Borrowed(row), Vec::new())
        } else {
            fit::message(services, row)
        };
        let ticket = tickets
            .get(&row.ticket_external_id)
            .and_then(|id| threads.get(id));
        let ticket = match check(services, source, &row, ticket) {
            Err(failed) => {
                outcomes.push(failed);
                continue;
            }
            Ok(ticket) => ticket,
        };
        if !seen.insert(external_id) {
            outcomes.push(Outcome::Unchanged.but_for(told));
            continue;
        }
        let (mut message, ready) = new(services, &row, ticket);
        if ready.score.follows {
            following.push(message.id);
        }
        match row.direction {
            Direction::Outbound => {
                message.sender_agent_id = agents.get(&email_key(&row.sender_email)).copied();
            }
            Direction::Inbound => {
                let owner = owners.by_id(ticket.customer_id);
                message.sender_customer_id = owner
                    .filter(|owner| has_address(owner, &email_key(&row.sender_email)))
                    .map(|owner| owner.id);
            }
        }
        references.push(source.reference(Kind::Message, &row.external_id, message.id.0));
        transaction.record(NewEvent::message_created(&message));
        made.push(message);
        told.extend(
            ready
                .warning
                .map(|code| UserError::new(UserErrorCode::Invalid, code.message(), &["bodyHtml"])),
        );
        outcomes.push(Outcome::Created.but_for(told));
    }
    write(&transaction, made, &following, references).await?;
    transaction.commit_rows(source.viewer).await?;
    Ok(outcomes)
}

fn check<'a>(
    services: &Services,
    source: &Source<'_>,
    row: &ImportMessage,
    ticket: Option<&'a ticket::Model>,
) -> Result<&'a ticket::Model, Outcome> {
    let mut checks = Checks::default();
    checks.required(&row.external_id, EXTERNAL_ID_MAX, &["id"]);
    // A mailer has no address.
    if source.strict || !row.sender_email.is_empty() {
        checks.email(&row.sender_email, &["senderEmail"]);
    }
    checks.line(row.sender_name.clone().into(), LINE_MAX, &["senderName"]);
    checks.long_text(&row.body, services.message_bytes_max, !source.strict, &["body"]);
    if let Some(html) = &row.body_html {
        checks.long_text(html, services.message_bytes_max, true, &["bodyHtml"]);
    }
    if ticket.is_none() {
        checks.add(UserError::not_found("There is no such ticket.", &["ticketId"]));
    }
    mistakes(checks)?;
    ticket.ok_or_else(|| Outcome::Failed(Vec::new()))
}

fn new(services: &Services, row: &ImportMessage, ticket: &ticket::Model) -> (Model, Ready) {
    let created_at = row.created_at.unwrap_or_else(|| services.clock.now());
    let draft = Draft {
        body: &row.body,
        body_html: row.body_html.as_deref(),
        direction: row.direction,
    };
    let ready = draft.ready_here(services);
    let sender = Sender {
        email: &row.sender_email,
        name: row.sender_name.as_deref(),
    };
    let message = compose(
        services,
        &draft,
        &ready,
        sender,
        Place::in_ticket(ticket),
        created_at,
    );
    let attachments = Attachments(row.attachments.clone());
    let message = Model {
        attachments,
        ..message
    };
    (message, ready)
}

async fn write(
    transaction: &Transaction<'_>,
    made: Vec<Model>,
    following: &[MessageId],
    references: Vec<entity::external_reference::Model>,
) -> Result<(), Error> {
    let writing = transaction.writing();
    let tickets: BTreeSet<_> = made.iter().filter_map(|row| row.ticket_id).collect();
    let conversations: BTreeSet<_> = made.iter().map(|row| row.conversation_id).collect();
    let scored = made.iter().filter(|row| row.sentiment_score.is_some());
    let customers: BTreeSet<CustomerId> = scored.map(|row| row.customer_id).collect();
    store::message::insert_many(writing, made).await?;
    store::scores::follow_threads_unscoped(writing, following).await?;
    store::external_reference::insert_many(writing, references).await?;
    let (tickets, conversations): (Vec<_>, Vec<_>) =
        (tickets.into_iter().collect(), conversations.into_iter().collect());
    store::message::recount(writing, &tickets, &conversations).await?;
    for customer in customers {
        store::customer::recount_sentiment(writing, customer).await?;
    }
    Ok(())
}
