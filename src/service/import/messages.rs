//! Import of messages. Each belongs to a ticket or a conversation that was imported before.

use std::collections::BTreeSet;

use entity::{
    Attachment, Attachments, CustomerId, MessageId, Timestamp,
    external_reference::Kind,
    message::{Direction, Model},
};

use super::{
    BATCH_TRIES, Outcome, Source, assignees,
    customers::BatchCustomers,
    erased::Erased,
    fit::{self, Fitted, draft},
    threads::{ImportPlace, Threads},
};
use crate::{
    events::NewEvent,
    service::{
        Error, Services, Transaction, UserError, UserErrorCode,
        customer::has_address,
        message::{MessageLocation, PreparedText, Sender, compose},
        moment::moment,
        transaction::with_tries,
    },
    store::{self, customer::CustomerKeys, filter::email_key},
};

/// Message of another system.
#[derive(Clone, Debug)]
pub struct ImportMessage {
    /// Id in the other system.
    pub external_id: String,
    /// Ticket or conversation of the message.
    pub place: ImportPlace,
    pub direction: Direction,
    /// Email address of the sender. Empty if it has none.
    pub sender_email: String,
    pub sender: ImportSender,
    pub sender_name: Option<String>,
    /// Plain text. A blank text is derived from the HTML, unless the source is strict.
    pub body: String,
    pub body_html: Option<String>,
    /// Time when the message was written.
    pub created_at: Option<Timestamp>,
    pub attachments: Vec<Attachment>,
    pub internal: bool,
}

/// Sender of a message of another system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportSender {
    /// Agent or customer with the address, which should be present.
    Address,
    /// Customer of the conversation.
    Customer,
    /// Agent with this id in the other system, or with the address.
    Team(Option<String>),
}

impl ImportSender {
    fn agent(&self) -> Option<&String> {
        match self {
            Self::Team(id) => id.as_ref(),
            Self::Address | Self::Customer => None,
        }
    }
}

pub async fn messages(
    services: &Services,
    source: &Source<'_>,
    rows: &[ImportMessage],
) -> Result<Vec<Outcome>, Error> {
    let fitted = fit::all(services, source, rows).await?;
    with_tries(services, BATCH_TRIES, || once(services, source, rows, &fitted)).await
}

async fn once(
    services: &Services,
    source: &Source<'_>,
    rows: &[ImportMessage],
    fitted: &[Fitted<'_>],
) -> Result<Vec<Outcome>, Error> {
    let mut transaction = Transaction::begin_alone(services).await?;
    let known = source
        .known(
            &transaction,
            Kind::Message,
            rows.iter().map(|row| row.external_id.clone()),
        )
        .await?;
    let threads = Threads::hold(&transaction, source, rows).await?;
    let lost = rows.iter().map(|row| row.place.trace(source));
    let mut erased = Erased::read(&transaction, source, lost).await?;
    // Locked after the tickets and conversations, in the order of a single message.
    let owners = BatchCustomers::read(&transaction, source, CustomerKeys::of(threads.owners(), [])).await?;
    let outbound = rows.iter().filter(|row| row.direction == Direction::Outbound);
    let agents = assignees::by_email(
        &transaction,
        source,
        outbound.map(|row| row.sender_email.as_str()),
    )
    .await?;
    let named = rows.iter().filter_map(|row| row.sender.agent().cloned());
    let named = assignees::named(&transaction, source, named).await?;

    let mut seen: BTreeSet<&str> = known.keys().map(String::as_str).collect();
    let mut made: Vec<Model> = Vec::new();
    let mut following = Vec::new();
    let mut references = Vec::new();
    let mut outcomes = Vec::with_capacity(rows.len());
    for fitted in fitted {
        let row = &fitted.row;
        let place = threads.of(&row.place);
        if place.is_none() && erased.refuses(&row.place.trace(source)) {
            outcomes.push(Outcome::Erased(row.place.field()));
            continue;
        }
        let place = match check(fitted, place) {
            Err(failed) => {
                outcomes.push(failed);
                continue;
            }
            Ok(place) => place,
        };
        if !seen.insert(&fitted.given.external_id) {
            outcomes.push(Outcome::Unchanged.but_for(fitted.changes_of_existing()));
            continue;
        }
        // A message that was here before this transaction, and is gone.
        let late = || Fitted::of(services, source, fitted.given, true);
        let late = fitted.ready.is_none().then(late);
        let fitted = late.as_ref().unwrap_or(fitted);
        let (row, mut told) = (&fitted.row, fitted.told.clone());
        let Some(ready) = &fitted.ready else {
            outcomes.push(Outcome::Failed(fitted.faults.clone()));
            continue;
        };
        let mut message = new(services, row, ready, place);
        if ready.score.follows && message.sentiment_score.is_some() {
            following.push(message.id);
        }
        match row.direction {
            Direction::Outbound => {
                let by_id = row.sender.agent().and_then(|id| named.get(id)).copied();
                let by_address = || agents.get(&email_key(&row.sender_email)).copied();
                message.sender_agent_id = by_id.or_else(by_address);
            }
            Direction::Inbound => {
                let owner = owners.by_id(place.customer());
                let is_said = row.sender == ImportSender::Customer;
                message.sender_customer_id = owner
                    .filter(|owner| is_said || has_address(owner, &email_key(&row.sender_email)))
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

/// Where a message without mistakes goes.
fn check(fitted: &Fitted<'_>, place: Option<MessageLocation>) -> Result<MessageLocation, Outcome> {
    let missing = || fitted.row.place.missing();
    match place {
        Some(place) if fitted.faults.is_empty() => Ok(place),
        place => {
            let missing = place.is_none().then(missing);
            Err(Outcome::Failed(
                fitted.faults.iter().cloned().chain(missing).collect(),
            ))
        }
    }
}

fn new(services: &Services, row: &ImportMessage, ready: &PreparedText, place: MessageLocation) -> Model {
    let created_at = row.created_at.unwrap_or_else(|| moment(services, &[&place]));
    let sender = Sender {
        email: &row.sender_email,
        name: row.sender_name.as_deref(),
    };
    let message = compose(services, &draft(row), ready, sender, place, created_at);
    let attachments = Attachments(row.attachments.clone());
    Model {
        attachments,
        internal: row.internal,
        // Internal notes do not show the sentiment of the customer.
        sentiment_score: message.sentiment_score.filter(|_| !row.internal),
        ..message
    }
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
    let customers: Vec<_> = customers.into_iter().collect();
    Ok(store::customer::recount_sentiment(writing, &customers).await?)
}
