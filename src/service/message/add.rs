//! Adds a message to a ticket or a conversation. An inbound message opens the conversation and its pending or
//! solved ticket, and creates a follow-up of a closed ticket.

use entity::{
    AgentId, ConversationId, TicketId,
    message::{Direction, Model},
    ticket::{self, Status},
};

use super::{
    Draft, MessageLocation, PreparedText, Sender, compose,
    sent_by::{SentBy, sent_by},
    thread::{LockedThread, follow_up_of, hold, require_target},
};
use crate::{
    auth::{Viewer, policy},
    events::{ChangeCursor, FieldChanges, NewEvent},
    service::{
        Error, Services, Transaction, UserError, UserErrorCode, Warning,
        conversation::reopen,
        customer::{ticket_made, ticket_moved},
        moment::{Dated, moment_behind},
        ticket::{enter, follow_up},
        transaction::with_retries,
        validate::{Checks, LINE_MAX},
    },
    store::{self, message::MessageRow, thread::Thread},
};

/// Destination of a message.
#[derive(Clone, Copy, Debug)]
pub enum MessageTarget {
    /// A ticket and its conversation.
    Ticket(TicketId),
    Conversation(ConversationId),
}

#[derive(Clone, Debug)]
pub struct AddMessage {
    pub target: MessageTarget,
    /// Plain text.
    pub body: String,
    pub body_html: Option<String>,
    pub sender_email: String,
    pub sender_name: Option<String>,
    pub direction: Direction,
    pub internal: bool,
}

#[derive(Clone, Debug)]
pub struct Added {
    pub message: MessageRow,
    /// Parts of the input that were left out.
    pub warnings: Vec<Warning>,
    pub cursor: Option<ChangeCursor>,
}

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
        let why = "cannot be `OUTBOUND` for a customer.";
        let path = ["input", "direction"];
        checks.add(UserError::of(UserErrorCode::Forbidden, why, &path));
    }
    if input.internal
        && let Err(denied) = policy::notes(viewer)
    {
        checks.add(UserError::forbidden(denied.needs, &["input", "isInternal"]));
    }
    checks.finish()?;
    if draft.is_costly() {
        require_target(services, viewer, input.target).await?;
    }
    let ready = draft.ready(services, viewer).await;
    let adding = CheckedMessage {
        services,
        viewer,
        input: &input,
        name: name.over(&None),
        draft: &draft,
        ready: &ready,
    };
    with_retries(services, || adding.once()).await
}

struct CheckedMessage<'a> {
    services: &'a Services,
    viewer: &'a Viewer,
    input: &'a AddMessage,
    name: Option<String>,
    draft: &'a Draft<'a>,
    ready: &'a PreparedText,
}

impl CheckedMessage<'_> {
    async fn once(&self) -> Result<Added, Error> {
        let mut transaction = Transaction::begin(self.services).await?;
        // The customer is locked before the message is written, so that the sum of scores includes every
        // message.
        let mut held = self.hold(&transaction, self.input.target).await?;
        if let Some(closed) = self.closed(&held)
            && let Some(target) = follow_up_of(&transaction, self.viewer, closed.id).await?
        {
            // Starts a new transaction, because tickets are locked before conversations. A ticket that is
            // closed in the meantime gets a follow-up too.
            drop(transaction);
            transaction = Transaction::begin(self.services).await?;
            held = self.hold(&transaction, target).await?;
        }
        Box::pin(self.write(transaction, held)).await
    }

    async fn hold(
        &self,
        transaction: &Transaction<'_>,
        target: MessageTarget,
    ) -> Result<LockedThread, Error> {
        let by_language = self.ready.score.follows;
        hold(transaction, self.viewer, self.input, target, by_language).await
    }

    /// Returns the closed ticket to which the customer writes. `None` if the ticket is not closed or another
    /// sender writes.
    fn closed<'h>(&self, held: &'h LockedThread) -> Option<&'h ticket::Model> {
        let closed = held
            .thread
            .ticket
            .as_ref()
            .filter(|row| row.status == Status::Closed);
        closed.filter(|_| self.input.is_from_customer())
    }

    async fn write(&self, mut transaction: Transaction<'_>, held: LockedThread) -> Result<Added, Error> {
        let (services, viewer, input) = (self.services, self.viewer, self.input);
        let thread = &held.thread;
        let newest = thread.conversation.last_message_at;
        let rows: [&dyn Dated; 3] = [&thread.ticket, &held.beside, &thread.conversation];
        let now = moment_behind(services, newest, &rows);
        let follow_up = match self.closed(&held) {
            Some(closed) => Some(follow_up(
                services,
                closed,
                assignee(&transaction, closed).await?,
                now,
            )),
            None => None,
        };
        let place = follow_up.as_ref().or(thread.ticket.as_ref()).map_or_else(
            || MessageLocation::in_conversation(&thread.conversation),
            MessageLocation::in_ticket,
        );
        let sender = Sender {
            email: &input.sender_email,
            name: self.name.as_deref(),
        };
        let mut message = compose(services, self.draft, self.ready, sender, place, now);
        message.sentiment_score = self.ready.score.within(thread.is_foreign);
        if input.internal {
            message.sender_agent_id = thread.agent;
            return note(transaction, viewer, message, self.ready.warnings()).await;
        }
        let LockedThread { thread, beside } = held;
        let Thread {
            ticket,
            conversation,
            mut customer,
            agent,
            is_foreign: _,
        } = thread;
        match sent_by(&transaction, viewer, &customer, agent, input).await? {
            SentBy::Agent(id) => message.sender_agent_id = Some(id),
            SentBy::Customer(id) => message.sender_customer_id = Some(id),
            SentBy::Unknown => {}
        }

        let writing = transaction.writing();
        let mut events = Vec::new();
        if let Some(mut row) = follow_up.clone() {
            row.grow(input.direction, now);
            store::ticket::insert_many(writing, vec![row.clone()]).await?;
            ticket_made(&mut customer, &row);
            store::customer::update_figures(writing, &customer).await?;
            events.push(NewEvent::ticket_created(&row));
        }
        store::message::insert_many(writing, vec![message.clone()]).await?;
        events.push(NewEvent::message_created(&message));
        for (before, is_its_own) in [(ticket, true), (beside, false)] {
            let Some(before) = before.filter(|_| follow_up.is_none()) else {
                continue;
            };
            let mut row = before.clone();
            if is_its_own {
                row.grow(input.direction, now);
            }
            if input.is_from_customer() && matches!(before.status, Status::Pending | Status::Solved) {
                let mut changes = FieldChanges::default();
                enter(&mut row, Status::Open, now, &mut changes);
                row.updated_at = now;
                row.version += 1;
                ticket_moved(&mut customer, &before, &row);
                store::customer::update_figures(writing, &customer).await?;
                events.push(NewEvent::ticket_updated(&row, changes));
            }
            store::ticket::change(writing, &before, row).await?;
        }
        let mut grown = conversation.clone();
        grown.grow(input.direction, now);
        if input.is_from_customer() {
            events.extend(reopen(&mut grown, now));
        }
        store::conversation::change(writing, &conversation, grown).await?;
        if message.sentiment_score.is_some() {
            store::customer::recount_sentiment(writing, &[customer.id]).await?;
        }
        for event in events {
            transaction.record(event);
        }
        let added = |cursor| Added {
            message: message.into(),
            warnings: self.ready.warnings(),
            cursor,
        };
        transaction.commit(viewer, added).await
    }
}

/// Writes an internal note. Only the note itself is written, because customers must not see any effect of it.
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

/// Returns the agent of a closed ticket for its follow-up, if that agent is still active.
async fn assignee(transaction: &Transaction<'_>, closed: &ticket::Model) -> Result<Option<AgentId>, Error> {
    let Some(id) = closed.assigned_to else {
        return Ok(None);
    };
    let is_active = store::agent::is_active_unscoped(transaction.writing(), id).await?;
    Ok(closed.assigned_to.filter(|_| is_active))
}
