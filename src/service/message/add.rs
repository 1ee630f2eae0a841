//! Adds a message to a ticket or a conversation. An inbound one opens a pending or solved ticket again.

use entity::{
    AgentId, ConversationId, CustomerId, TicketId, WorkspaceId, conversation, customer,
    message::{Direction, Model},
    ticket::{self, Status},
};

use super::{Draft, Place, Ready, Sender, compose};
use crate::{
    auth::{Identity, Viewer, policy},
    events::{ChangeCursor, FieldChanges, NewEvent},
    service::{
        Error, Patch, Services, Transaction, UserError, Warning,
        customer::{has_address, ticket_moved},
        exist,
        ticket::enter,
        transaction::with_retries,
        validate::{Checks, LINE_MAX},
    },
    store::{
        self,
        filter::email_key,
        message::MessageRow,
        thread::{Asked, Thread},
    },
};

/// Where a message goes.
#[derive(Clone, Copy, Debug)]
pub enum MessageTarget {
    /// Into a ticket, and its conversation.
    Ticket(TicketId),
    /// Into a conversation.
    Conversation(ConversationId),
}

/// What is wanted.
#[derive(Clone, Debug)]
pub struct AddMessage {
    /// Where it goes.
    pub target: MessageTarget,
    /// Plain text.
    pub body: String,
    /// The same as HTML.
    pub body_html: Option<String>,
    /// Address of the sender.
    pub sender_email: String,
    /// Name of the sender.
    pub sender_name: Option<String>,
    /// Which way it goes.
    pub direction: Direction,
    /// A note between those who answer.
    pub internal: bool,
}

/// What was written.
#[derive(Clone, Debug)]
pub struct Added {
    /// The message.
    pub message: MessageRow,
    /// What was left out of it.
    pub warnings: Vec<Warning>,
    /// Where the change log stands.
    pub cursor: Option<ChangeCursor>,
}

/// Adds the message.
pub async fn add(services: &Services, viewer: &Viewer, input: AddMessage) -> Result<Added, Error> {
    policy::write(viewer)?;
    let mut checks = Checks::default();
    checks.email(&input.sender_email, &["input", "senderEmail"]);
    let name = checks.line(
        input.sender_name.clone().into(),
        LINE_MAX,
        &["input", "senderName"],
    );
    let draft = Draft {
        body: &input.body,
        body_html: input.body_html.as_deref(),
        direction: input.direction,
    };
    draft.check(services, &mut checks);
    if viewer.as_customer().is_some() && input.direction == Direction::Outbound {
        checks.add(UserError::forbidden(
            "Only agents write to customers.",
            &["input", "direction"],
        ));
    }
    if input.internal
        && let Err(denied) = policy::notes(viewer)
    {
        checks.add(UserError::forbidden(denied.needs, &["input", "internal"]));
    }
    checks.finish()?;
    if draft.is_costly() {
        require_target(services, viewer, input.target).await?;
    }
    let ready = draft.ready(services, viewer).await;
    with_retries(services, || {
        once(services, viewer, &input, &name, (&draft, &ready))
    })
    .await
}

async fn once(
    services: &Services,
    viewer: &Viewer,
    input: &AddMessage,
    name: &Patch<String>,
    (draft, ready): (&Draft<'_>, &Ready),
) -> Result<Added, Error> {
    let mut transaction = Transaction::begin(services).await?;
    // The customer is held before the message is written: the score's sum over several messages must see each of them.
    let Thread {
        ticket,
        conversation: thread,
        mut customer,
        agent,
        is_foreign,
    } = target(&transaction, viewer, input, ready.score.follows).await?;
    let now = services.clock.now();

    let name = name.clone().over(&None);
    let sender = Sender {
        email: &input.sender_email,
        name: name.as_deref(),
    };
    let place = ticket
        .as_ref()
        .map_or_else(|| Place::in_conversation(&thread), Place::in_ticket);
    let mut message = compose(services, draft, ready, sender, place, now);
    message.sentiment_score = ready.score.within(is_foreign);
    if input.internal {
        message.sender_agent_id = agent;
        return note(transaction, viewer, message, ready.warnings()).await;
    }
    let reopened = ticket.as_ref().is_some_and(|row| reopens(row, input.direction));
    match sent_by(&transaction, viewer, &customer, agent, input).await? {
        SentBy::Agent(id) => message.sender_agent_id = Some(id),
        SentBy::Customer(id) => message.sender_customer_id = Some(id),
        SentBy::Somebody => {}
    }

    let writing = transaction.writing();
    store::message::insert_many(writing, vec![message.clone()]).await?;
    let mut grown = thread.clone();
    grown.message_count += 1;
    grown.last_message_at = grown.last_message_at.max(Some(now));
    store::conversation::change(writing, &thread, grown).await?;
    let mut updated = None;
    if let Some(before) = ticket {
        let mut row = before.clone();
        row.message_count += 1;
        row.last_message_at = row.last_message_at.max(Some(now));
        if reopened {
            let mut changes = FieldChanges::default();
            enter(&mut row, Status::Open, now, &mut changes);
            row.updated_at = now;
            row.version += 1;
            ticket_moved(&mut customer, &before, &row);
            store::customer::update_figures(writing, &customer).await?;
            updated = Some(NewEvent::ticket_updated(&row, changes));
        }
        store::ticket::change(writing, &before, row).await?;
    }
    if message.sentiment_score.is_some() {
        store::customer::recount_sentiment(writing, customer.id).await?;
    }
    transaction.record(NewEvent::message_created(&message));
    if let Some(event) = updated {
        transaction.record(event);
    }
    let added = |cursor| Added {
        message: message.into(),
        warnings: ready.warnings(),
        cursor,
    };
    transaction.commit(viewer, added).await
}

/// Writes a note. Nothing of it may show in what a customer sees, so nothing but the note is written.
async fn note(
    mut transaction: Transaction<'_>,
    viewer: &Viewer,
    message: Model,
    warnings: Vec<Warning>,
) -> Result<Added, Error> {
    let message = Model {
        sentiment_score: None,
        internal: true,
        ..message
    };
    store::message::insert_many(transaction.writing(), vec![message.clone()]).await?;
    transaction.record(NewEvent::message_created(&message));
    let added = |cursor| Added {
        message: message.into(),
        warnings,
        cursor,
    };
    transaction.commit(viewer, added).await
}

fn reopens(ticket: &ticket::Model, direction: Direction) -> bool {
    direction == Direction::Inbound && matches!(ticket.status, Status::Pending | Status::Solved)
}

/// Refuses a message into something that the viewer does not see, before much time is spent on its text.
async fn require_target(services: &Services, viewer: &Viewer, target: MessageTarget) -> Result<(), Error> {
    let is_there = match target {
        MessageTarget::Ticket(id) => exist::is_seen::<ticket::Entity>(services, viewer, id).await?,
        MessageTarget::Conversation(id) => {
            exist::is_seen::<conversation::Entity>(services, viewer, id).await?
        }
    };
    if is_there { Ok(()) } else { Err(no_target(target)) }
}

fn no_target(target: MessageTarget) -> Error {
    let (message, field) = match target {
        MessageTarget::Ticket(_) => ("There is no such ticket.", "ticketId"),
        MessageTarget::Conversation(_) => ("There is no such conversation.", "conversationId"),
    };
    UserError::not_found(message, &["input", "target", field]).into()
}

/// What the message goes into, and the agent who sends it, if one does; with the language of the thread if it counts.
async fn target(
    transaction: &Transaction<'_>,
    viewer: &Viewer,
    input: &AddMessage,
    by_language: bool,
) -> Result<Thread, Error> {
    let (writing, scope) = (transaction.writing(), viewer.scope());
    let is_of_staff = input.internal || input.direction == Direction::Outbound;
    let agent = is_of_staff.then(|| email_key(&input.sender_email));
    let asked = Asked {
        agent: agent.as_deref(),
        language: by_language,
    };
    let found = match input.target {
        MessageTarget::Ticket(id) => {
            store::thread::find_by_ticket_to_change(writing, &scope, id, asked).await?
        }
        MessageTarget::Conversation(id) => {
            store::thread::find_by_conversation_to_change(writing, &scope, id, asked).await?
        }
    };
    found.ok_or_else(|| no_target(input.target))
}

enum SentBy {
    Agent(AgentId),
    Customer(CustomerId),
    Somebody,
}

/// Who has the sender's address: the customer of the thread, an agent, another customer, or nobody known.
async fn sent_by(
    transaction: &Transaction<'_>,
    viewer: &Viewer,
    customer: &customer::Model,
    agent: Option<AgentId>,
    input: &AddMessage,
) -> Result<SentBy, Error> {
    let key = email_key(&input.sender_email);
    if let Identity::Customer(id) = viewer.identity {
        // A customer writes in its own name only.
        return if has_address(customer, &key) {
            Ok(SentBy::Customer(id))
        } else {
            Err(UserError::forbidden("This is not your own email.", &["input", "senderEmail"]).into())
        };
    }
    match input.direction {
        Direction::Inbound if has_address(customer, &key) => Ok(SentBy::Customer(customer.id)),
        Direction::Inbound => other_customer(transaction, viewer, customer.workspace_id, &key).await,
        Direction::Outbound => Ok(agent.map_or(SentBy::Somebody, SentBy::Agent)),
    }
}

async fn other_customer(
    transaction: &Transaction<'_>,
    viewer: &Viewer,
    workspace: WorkspaceId,
    key: &str,
) -> Result<SentBy, Error> {
    let by = store::customer::By::EmailKey(workspace, key);
    let connection = transaction.writing().connection();
    let found = store::customer::find(connection, &viewer.scope(), workspace, by).await?;
    Ok(found.map_or(SentBy::Somebody, |other| SentBy::Customer(other.id)))
}
