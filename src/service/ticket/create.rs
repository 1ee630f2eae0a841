//! Creates a ticket with its first message. An unknown email address creates the customer.

use entity::{
    AgentId, ConversationId, CustomFields, QueueId, TeamId, Timestamp, WorkspaceId, conversation, customer,
    message::Direction, queue, team, ticket::Model,
};

use super::{TicketFields, blank};
use crate::{
    auth::{Viewer, policy},
    events::{ChangeCursor, NewEvent},
    service::{
        Error, Services, Transaction, UserError, UserErrorCode, Warning,
        conversation::{open, reopen},
        custom_fields::merged,
        customer::{find_or_make, ticket_made},
        exist::{self, InputReferences},
        message::{Draft, MessageLocation, PreparedText, Sender, compose},
        moment::moment_behind,
        transaction::with_retries,
        validate::{Checks, LINE_MAX, SUBJECT_MAX, WORD_MAX},
        workspace_of,
    },
    store::{self, message::MessageRow},
};

/// Path of errors in custom fields.
const FIELDS: [&str; 2] = ["input", "customFields"];

#[derive(Clone, Debug)]
pub struct CreateTicket {
    /// Workspace of the ticket. If absent, the only workspace of the viewer.
    pub workspace: Option<WorkspaceId>,
    pub subject: String,
    pub customer_email: String,
    pub customer_name: Option<String>,
    /// Text of the first message.
    pub body: String,
    /// HTML of the first message.
    pub body_html: Option<String>,
    /// Origin of the ticket.
    pub source: String,
    /// The other fields, which only agents can set. Without a priority, the `priority_override` of the
    /// customer, or else medium.
    pub fields: TicketFields,
    /// Conversation of the ticket. If absent, a new one.
    pub conversation: Option<ConversationId>,
}

#[derive(Clone, Debug)]
pub struct Created {
    pub ticket: Model,
    /// First message.
    pub message: MessageRow,
    pub customer_created: bool,
    /// Parts of the message that were left out.
    pub warnings: Vec<Warning>,
    pub cursor: Option<ChangeCursor>,
}

pub async fn create(services: &Services, viewer: &Viewer, mut input: CreateTicket) -> Result<Created, Error> {
    policy::write(viewer)?;
    let workspace = workspace_of(viewer, input.workspace, &["workspaceId"])?;
    let mut checks = Checks::default();
    checks.required(&input.subject, SUBJECT_MAX, &["input", "subject"]);
    checks.email(&input.customer_email, &["input", "customerEmail"]);
    checks.required(&input.source, WORD_MAX, &["input", "source"]);
    let name = checks.line(
        input.customer_name.clone().into(),
        LINE_MAX,
        &["input", "customerName"],
    );
    let given: Vec<_> = input.fields.given().collect();
    input.fields = input.fields.checked(&mut checks);
    // Refused before anything is read.
    merged(
        &CustomFields::default(),
        input.fields.custom_fields.clone(),
        &FIELDS,
    )?;
    let draft = Draft {
        body: &input.body,
        body_html: input.body_html.as_deref(),
        direction: Direction::Inbound,
    };
    draft.check(services, &mut checks);
    if viewer.as_customer().is_some() {
        for field in given {
            checks.add(UserError::not_for_customers(&["input", &field]));
        }
    }
    checks.finish()?;
    let name = name.over(&None);
    if let Some(id) = input.conversation.filter(|_| draft.is_costly())
        && !exist::is_seen::<conversation::Entity>(services, viewer, id).await?
    {
        return Err(no_conversation());
    }
    let ready = draft.ready(services, viewer).await;
    with_retries(services, || {
        once(
            services,
            viewer,
            workspace,
            &input,
            name.as_deref(),
            (&draft, &ready),
        )
    })
    .await
}

async fn once(
    services: &Services,
    viewer: &Viewer,
    workspace: WorkspaceId,
    input: &CreateTicket,
    name: Option<&str>,
    (draft, ready): (&Draft<'_>, &PreparedText),
) -> Result<Created, Error> {
    let mut transaction = Transaction::begin(services).await?;
    let given = match input.conversation {
        Some(id) => Some(thread(&transaction, viewer, workspace, id).await?),
        None => None,
    };
    let newest = given.as_ref().and_then(|thread| thread.last_message_at);
    let now = moment_behind(services, newest, &[&given]);
    let (mut customer, customer_created) = find_or_make(
        services,
        &mut transaction,
        viewer,
        workspace,
        &input.customer_email,
        name,
    )
    .await
    .map_err(|error| at_customer_email(error, viewer))?;
    let mut thread = match given.clone() {
        Some(thread) if thread.customer_id == customer.id => thread,
        Some(_) => {
            let why = "is the id of a conversation with another customer.";
            let path = &["input", "conversationId"];
            return Err(UserError::of(UserErrorCode::Invalid, why, path).into());
        }
        None => open(
            services,
            workspace,
            customer.id,
            Some(input.subject.clone()),
            &input.source,
            now,
        ),
    };
    let place = Assignment {
        agent: input.fields.assigned_to.as_set().copied(),
        team: input.fields.team_id.as_set().copied(),
        queue: input.fields.queue_id.as_set().copied(),
    };
    place.require(&transaction, viewer, workspace).await?;

    let ticket = ticket(services, input, name, &customer, &thread, now)?;
    let sender = Sender {
        email: &input.customer_email,
        name: ticket.customer_name.as_deref(),
    };
    let mut message = compose(
        services,
        draft,
        ready,
        sender,
        MessageLocation::in_ticket(&ticket),
        now,
    );
    message.sender_customer_id = Some(customer.id);
    if given.is_some() && ready.score.follows {
        let is_foreign = store::scores::is_foreign_unscoped(transaction.writing(), thread.id).await?;
        message.sentiment_score = ready.score.within(is_foreign);
    }
    thread.grow(Direction::Inbound, now);
    // A message of the customer opens the conversation.
    let opened = given.as_ref().and_then(|_| reopen(&mut thread, now));

    let writing = transaction.writing();
    match &given {
        Some(before) => store::conversation::change(writing, before, thread.clone()).await?,
        None => store::conversation::insert_many(writing, vec![thread.clone()]).await?,
    }
    store::ticket::insert_many(writing, vec![ticket.clone()]).await?;
    store::message::insert_many(writing, vec![message.clone()]).await?;
    ticket_made(&mut customer, &ticket);
    store::customer::update_figures(writing, &customer).await?;
    if message.sentiment_score.is_some() {
        store::customer::recount_sentiment(writing, &[customer.id]).await?;
    }

    if given.is_none() {
        transaction.record(NewEvent::conversation_created(&thread));
    }
    transaction.record(NewEvent::ticket_created(&ticket));
    transaction.record(NewEvent::message_created(&message));
    if let Some(event) = opened {
        transaction.record(event);
    }
    let created = |cursor| Created {
        ticket,
        message: message.into(),
        customer_created,
        warnings: ready.warnings(),
        cursor,
    };
    transaction.commit(viewer, created).await
}

fn ticket(
    services: &Services,
    input: &CreateTicket,
    name: Option<&str>,
    customer: &customer::Model,
    thread: &conversation::Model,
    now: Timestamp,
) -> Result<Model, UserError> {
    let place = (customer.workspace_id, customer.id, thread.id);
    let mut ticket = Model {
        subject: input.subject.clone(),
        priority: customer.priority_override.unwrap_or_default(),
        customer_email: input.customer_email.clone(),
        customer_name: name.map(str::to_owned).or_else(|| customer.name.clone()),
        source: input.source.clone(),
        ..blank(services, place, now)
    };
    ticket.grow(Direction::Inbound, now);
    input.fields.apply(&mut ticket, now)?;
    Ok(ticket)
}

async fn thread(
    transaction: &Transaction<'_>,
    viewer: &Viewer,
    workspace: WorkspaceId,
    id: ConversationId,
) -> Result<conversation::Model, Error> {
    store::hold::find_to_change::<conversation::Entity>(transaction.writing(), &viewer.scope(), id)
        .await?
        .filter(|thread| thread.workspace_id == workspace)
        .ok_or_else(no_conversation)
}

fn no_conversation() -> Error {
    UserError::no_such_here("conversation", &["input", "conversationId"]).into()
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Assignment {
    pub agent: Option<AgentId>,
    pub team: Option<TeamId>,
    pub queue: Option<QueueId>,
}

impl Assignment {
    /// Rejects an agent, team or queue of another workspace.
    pub async fn require(
        self,
        transaction: &Transaction<'_>,
        viewer: &Viewer,
        workspace: WorkspaceId,
    ) -> Result<(), Error> {
        let agent = InputReferences::one(self.agent, "agent", &["input", "assignedTo"]);
        exist::require_active(transaction, viewer, workspace, agent, |_| false).await?;
        let team = InputReferences::one(self.team, "team", &["input", "teamId"]);
        exist::require::<team::Entity>(transaction, viewer, workspace, team).await?;
        let queue = InputReferences::one(self.queue, "queue", &["input", "queueId"]);
        exist::require::<queue::Entity>(transaction, viewer, workspace, queue).await
    }
}

/// Replaces an error by a forbidden error if the viewer is a customer, which can only use its own address.
fn at_customer_email(error: Error, viewer: &Viewer) -> Error {
    match error {
        Error::Refused(_) if viewer.as_customer().is_some() => {
            UserError::not_your_email(&["input", "customerEmail"]).into()
        }
        other => other,
    }
}
