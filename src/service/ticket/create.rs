//! Makes a ticket with its first message; an unknown address makes the customer.

use entity::{
    AgentId, ConversationId, Tags, Timestamp, WorkspaceId, conversation, customer, message,
    message::Direction,
    ticket::{Model, Priority, Status},
};

use crate::{
    auth::{Viewer, policy},
    events::{ChangeCursor, NewEvent},
    service::{
        Error, Patch, Services, Transaction, UserError, UserErrorCode,
        conversation::open,
        customer::{find_or_make, ticket_made},
        message::{Draft, Place, Ready, Sender, compose},
        transaction::with_retries,
        validate::{Checks, LINE_MAX, SUBJECT_MAX, WORD_MAX},
        workspace_of,
    },
    store::{self, filter::fold},
};

/// What is wanted.
#[derive(Clone, Debug)]
pub struct CreateTicket {
    /// Where; the viewer's only workspace when absent.
    pub workspace: Option<WorkspaceId>,
    /// What it is about.
    pub subject: String,
    /// Who asks.
    pub customer_email: String,
    /// Its name.
    pub customer_name: Option<String>,
    /// First message.
    pub body: String,
    /// First message as HTML.
    pub body_html: Option<String>,
    /// Where it comes from.
    pub source: String,
    /// How urgent it is; decided by the customer's `priority_override`, else medium, when absent.
    pub priority: Option<Priority>,
    /// Who gets it.
    pub assigned_to: Option<AgentId>,
    /// Labels.
    pub tags: Vec<String>,
    /// The thread that it belongs to; a new one when absent.
    pub conversation: Option<ConversationId>,
}

/// What was made.
#[derive(Clone, Debug)]
pub struct Created {
    /// The ticket.
    pub ticket: Model,
    /// Its first message.
    pub message: message::Model,
    /// Whether the customer was made for it.
    pub customer_created: bool,
    /// Where the change log stands.
    pub cursor: Option<ChangeCursor>,
}

/// Makes the ticket.
pub async fn create(services: &Services, viewer: &Viewer, input: CreateTicket) -> Result<Created, Error> {
    policy::write(viewer)?;
    let workspace = workspace_of(viewer, input.workspace, &["input", "workspaceId"])?;
    let mut checks = Checks::default();
    checks.required(&input.subject, SUBJECT_MAX, &["input", "subject"]);
    checks.email(&input.customer_email, &["input", "customerEmail"]);
    checks.required(&input.source, WORD_MAX, &["input", "source"]);
    let name = checks.line(
        input.customer_name.clone().into(),
        LINE_MAX,
        &["input", "customerName"],
    );
    let tags = checks.tags(input.tags.clone(), &["input", "tags"]);
    let draft = Draft {
        body: &input.body,
        body_html: input.body_html.as_deref(),
        direction: Direction::Inbound,
    };
    let draft = draft.checked(services, &mut checks);
    if viewer.as_customer().is_some() {
        let agents_only = [
            ("priority", input.priority.is_some()),
            ("assignedTo", input.assigned_to.is_some()),
            ("tags", !input.tags.is_empty()),
        ];
        for (field, _) in agents_only.into_iter().filter(|(_, given)| *given) {
            checks.add(UserError::forbidden(
                "Only agents decide this.",
                &["input", field],
            ));
        }
    }
    checks.finish()?;
    with_retries(|| once(services, viewer, workspace, &input, &name, &tags, &draft)).await
}

async fn once(
    services: &Services,
    viewer: &Viewer,
    workspace: WorkspaceId,
    input: &CreateTicket,
    name: &Patch<String>,
    tags: &Tags,
    draft: &Draft<'_, Ready>,
) -> Result<Created, Error> {
    let mut transaction = Transaction::begin(services).await?;
    let now = services.clock.now();
    let given = input.conversation;
    let thread = match given {
        Some(id) => Some(thread(&transaction, viewer, workspace, id).await?),
        None => None,
    };
    let name = name.clone().over(&None);
    let (mut customer, customer_created) = find_or_make(
        services,
        &mut transaction,
        viewer,
        workspace,
        &input.customer_email,
        name.as_deref(),
    )
    .await
    .map_err(|error| at_customer_email(error, viewer))?;
    let mut thread = match thread {
        Some(thread) if thread.customer_id == customer.id => thread,
        Some(_) => {
            let message = "This conversation is with another customer.";
            let path = &["input", "conversationId"];
            return Err(UserError::new(UserErrorCode::Invalid, message, path).into());
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
    if let Some(agent) = input.assigned_to {
        assignee(&transaction, viewer, workspace, agent).await?;
    }

    let ticket = ticket(services, input, &customer, &thread, name, tags.clone(), now);
    let sender = Sender {
        email: &input.customer_email,
        name: ticket.customer_name.as_deref(),
    };
    let mut message = compose(services, draft, sender, Place::in_ticket(&ticket), now);
    message.sender_customer_id = Some(customer.id);
    thread.message_count += 1;
    thread.last_message_at = thread.last_message_at.max(Some(now));

    let writing = transaction.writing();
    if given.is_some() {
        store::conversation::update(writing, thread.clone()).await?;
    } else {
        store::conversation::insert_many(writing, vec![thread.clone()]).await?;
    }
    store::ticket::insert_many(writing, vec![ticket.clone()]).await?;
    store::message::insert_many(writing, vec![message.clone()]).await?;
    ticket_made(&mut customer, &ticket);
    store::customer::update_figures(writing, &customer).await?;
    if message.sentiment_score.is_some() {
        store::customer::recount_sentiment(writing, customer.id).await?;
    }

    if given.is_none() {
        transaction.record(NewEvent::conversation_created(&thread));
    }
    transaction.record(NewEvent::ticket_created(&ticket));
    transaction.record(NewEvent::message_created(&message));
    let cursor = transaction.commit(viewer).await?;
    Ok(Created {
        ticket,
        message,
        customer_created,
        cursor,
    })
}

fn ticket(
    services: &Services,
    input: &CreateTicket,
    customer: &customer::Model,
    thread: &conversation::Model,
    name: Option<String>,
    tags: Tags,
    now: Timestamp,
) -> Model {
    Model {
        id: services.clock.id(),
        workspace_id: customer.workspace_id,
        customer_id: customer.id,
        conversation_id: thread.id,
        subject: input.subject.clone(),
        subject_key: fold(&input.subject),
        status: Status::Open,
        priority: input
            .priority
            .or(customer.priority_override)
            .unwrap_or(Priority::Medium),
        customer_email: input.customer_email.clone(),
        customer_name: name.or_else(|| customer.name.clone()),
        source: input.source.clone(),
        assigned_to: input.assigned_to,
        resolution_type: None,
        tags,
        message_count: 1,
        last_message_at: Some(now),
        resolved_at: None,
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

async fn thread(
    transaction: &Transaction<'_>,
    viewer: &Viewer,
    workspace: WorkspaceId,
    id: ConversationId,
) -> Result<conversation::Model, Error> {
    store::conversation::find_to_change(transaction.writing(), &viewer.scope(), id)
        .await?
        .filter(|thread| thread.workspace_id == workspace)
        .ok_or_else(|| {
            UserError::not_found("There is no such conversation.", &["input", "conversationId"]).into()
        })
}

/// Refuses an agent who is not one of the workspace.
pub(super) async fn assignee(
    transaction: &Transaction<'_>,
    viewer: &Viewer,
    workspace: WorkspaceId,
    id: AgentId,
) -> Result<(), Error> {
    store::agent::find(transaction.writing().connection(), &viewer.scope(), id)
        .await?
        .filter(|agent| agent.workspace_id == workspace)
        .map(|_| ())
        .ok_or_else(|| UserError::not_found("There is no such agent.", &["input", "assignedTo"]).into())
}

/// A customer writes in its own name only.
fn at_customer_email(error: Error, viewer: &Viewer) -> Error {
    match error {
        Error::Refused(_) if viewer.as_customer().is_some() => {
            UserError::forbidden("This is not your own email.", &["input", "customerEmail"]).into()
        }
        other => other,
    }
}
