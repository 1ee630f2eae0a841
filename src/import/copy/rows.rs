//! Converts lines of a complete export to rows.

use entity::{
    CustomFields, Tags, WorkspaceId, agent, change, conversation, customer, erased,
    external_reference::{self, Kind},
    message, queue, team, ticket, workspace,
};
use uuid::Uuid;

use super::line::{Change, Conversation, Customer, Line, Message, Reference, Sender, Ticket};
use crate::{
    service::copy::Block,
    store::filter::{email_key, fold},
    words,
};

/// Adds the row of a line to a block. Returns the line if it has no row.
pub fn add(block: &mut Block, workspace: WorkspaceId, line: Line) -> Result<(), Line> {
    let mut refer = |kind, object: Uuid, references: Vec<Reference>| {
        block
            .references
            .extend(references.into_iter().map(|one| external_reference::Model {
                workspace_id: workspace,
                system: one.system,
                kind,
                external_id: one.id,
                object_id: object,
                told: one.told.map(|told| told.0),
                told_as: one.told_as,
                read_as: one.read_as,
            }));
    };
    match line {
        Line::Agent {
            id,
            name,
            email,
            role,
            is_active,
            created_at,
            copy,
        } => {
            refer(Kind::Agent, id.0.0, copy.external_references);
            block.agents.push(agent::Model {
                id: id.0,
                workspace_id: workspace,
                name_key: words::fold(&name),
                name,
                email_key: email_key(&email),
                email,
                role: role.0,
                is_active,
                created_at: created_at.0,
            });
        }
        Line::Team {
            id,
            name,
            agent_ids,
            copy,
        } => {
            refer(Kind::Team, id.0.0, copy.external_references);
            let row = team::Model {
                id: id.0,
                workspace_id: workspace,
                name,
                created_at: copy.created_at.0,
            };
            block
                .teams
                .push((row, agent_ids.into_iter().map(|id| id.0).collect()));
        }
        Line::Queue { id, name, copy } => {
            refer(Kind::Queue, id.0.0, copy.external_references);
            block.queues.push(queue::Model {
                id: id.0,
                workspace_id: workspace,
                name,
                created_at: copy.created_at.0,
            });
        }
        Line::Customer(mut line) => {
            let references = std::mem::take(&mut line.copy.external_references);
            refer(Kind::Customer, line.id.0.0, references);
            block.customers.push(line.row(workspace));
        }
        Line::Conversation(mut line) => {
            let references = std::mem::take(&mut line.copy.external_references);
            refer(Kind::Conversation, line.id.0.0, references);
            block.conversations.push(line.row(workspace));
        }
        Line::Ticket(mut line) => {
            let references = std::mem::take(&mut line.copy.external_references);
            refer(Kind::Ticket, line.id.0.0, references);
            block.tickets.push(line.row(workspace));
        }
        Line::Message(mut line) => {
            let references = std::mem::take(&mut line.copy.external_references);
            refer(Kind::Message, line.id.0.0, references);
            block.messages.push(line.row(workspace));
        }
        Line::Erased { mark, erased_at } => block.erased.push(erased::Model {
            workspace_id: workspace,
            mark: mark.0,
            erased_at: erased_at.0,
        }),
        Line::Change(line) => block.changes.push(line.row(workspace)),
        other => return Err(other),
    }
    Ok(())
}

/// The row of the workspace, if the line is a workspace line.
pub fn workspace(line: &Line) -> Option<workspace::Model> {
    match line {
        Line::Workspace { id, name, created_at } => Some(workspace::Model {
            id: id.0,
            name: name.clone(),
            created_at: created_at.0,
        }),
        _ => None,
    }
}

impl Customer {
    fn row(self, workspace: WorkspaceId) -> customer::Model {
        let (resolved, resolution_ms, scores, score_sum, newest_sum) = self.copy.figures;
        let key = |text: &Option<String>| text.as_deref().map(words::fold).unwrap_or_default();
        customer::Model {
            id: self.id.0,
            workspace_id: workspace,
            name_key: key(&self.name),
            name: self.name,
            display_name: self.copy.display_name,
            first_name: self.first_name,
            last_name: self.last_name,
            username: self.username,
            avatar_url: self.avatar_url,
            display_color: self.display_color,
            display_icon: self.display_icon,
            email_key: self.email.as_deref().map(email_key).unwrap_or_default(),
            email: self.email,
            emails: self.emails,
            phone: self.phone,
            phones: self.phones,
            company_key: key(&self.company),
            company: self.company,
            job_title: self.job_title,
            location: self.location,
            timezone: self.timezone,
            is_vip: self.is_vip,
            priority_override: self.priority_override.map(|one| one.0),
            tags: Tags(self.tags),
            internal_notes: self.internal_notes,
            status: self.status.0,
            sentiment: self.sentiment.0,
            custom_fields: CustomFields(self.custom_fields),
            external_id: self.external_id,
            salesforce_contact_id: self.salesforce_contact_id,
            hubspot_contact_id: self.hubspot_contact_id,
            hubspot_company_id: self.hubspot_company_id,
            ticket_count: self.total_tickets,
            open_ticket_count: self.open_tickets,
            resolved_ticket_count: resolved,
            resolution_ms_total: resolution_ms,
            first_ticket_at: self.first_ticket_at.map(|at| at.0),
            last_ticket_at: self.last_ticket_at.map(|at| at.0),
            recent_score_count: scores,
            recent_score_sum: score_sum,
            newest_score_sum: newest_sum,
            signed_up_at: self.signed_up_at.map(|at| at.0),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
            version: self.version,
        }
    }
}

impl Conversation {
    fn row(self, workspace: WorkspaceId) -> (conversation::Model, [Vec<Uuid>; 2]) {
        let lists = [
            self.assignee_ids.into_iter().map(|id| id.0.0).collect(),
            self.team_ids.into_iter().map(|id| id.0.0).collect(),
        ];
        let row = conversation::Model {
            id: self.id.0,
            workspace_id: workspace,
            customer_id: self.customer_id.0,
            name: self.name,
            channel: self.channel,
            status: self.status.0,
            snoozed_until: self.snoozed_until.map(|at| at.0),
            queue_id: self.queue_id.map(|id| id.0),
            tags: Tags(self.tags),
            custom_fields: CustomFields(self.custom_fields),
            external_id: self.external_id,
            message_count: self.message_count,
            last_message_at: self.last_message_at.map(|at| at.0),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
            version: self.version,
        };
        (row, lists)
    }
}

impl Ticket {
    fn row(self, workspace: WorkspaceId) -> ticket::Model {
        ticket::Model {
            id: self.id.0,
            workspace_id: workspace,
            customer_id: self.customer_id.0,
            conversation_id: self.conversation_id.0,
            follow_up_of_id: self.follow_up_of_id.map(|id| id.0),
            subject_key: fold(&self.subject),
            subject: self.subject,
            status: self.status.0,
            priority: self.priority.0,
            customer_email: self.customer_email,
            customer_name: self.customer_name,
            source: self.source,
            assigned_to: self.assigned_to.map(|id| id.0),
            team_id: self.team_id.map(|id| id.0),
            queue_id: self.queue_id.map(|id| id.0),
            custom_fields: CustomFields(self.custom_fields),
            resolution_type: self.resolution_type,
            tags: Tags(self.tags),
            message_count: self.message_count,
            last_message_at: self.last_message_at.map(|at| at.0),
            resolved_at: self.resolved_at.map(|at| at.0),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
            version: self.version,
        }
    }
}

impl Message {
    fn row(self, workspace: WorkspaceId) -> message::Model {
        let (agent, customer) = match self.sender {
            Some(Sender::Agent(id)) => (Some(id.0), None),
            Some(Sender::Customer(id)) => (None, Some(id.0)),
            None => (None, None),
        };
        message::Model {
            id: self.id.0,
            workspace_id: workspace,
            customer_id: self.customer_id.0,
            conversation_id: self.conversation_id.0,
            ticket_id: self.ticket_id.map(|id| id.0),
            direction: self.direction.0,
            sender_email: self.sender_email,
            sender_name: self.sender_name,
            sender_agent_id: agent,
            sender_customer_id: customer,
            body: self.body,
            body_html: self.body_html,
            attachments: self.attachments,
            sentiment_score: self.copy.sentiment_score,
            created_at: self.created_at.0,
            internal: self.internal,
        }
    }
}

impl Change {
    fn row(self, workspace: WorkspaceId) -> change::Model {
        change::Model {
            workspace_id: workspace,
            position: self.position,
            name: self.name.0,
            object_id: self.object_id,
            customer_id: self.customer_id.0,
            ticket_id: self.ticket_id.map(|id| id.0),
            conversation_id: self.conversation_id.map(|id| id.0),
            actor_kind: self.actor_kind.0,
            actor_id: self.actor_id,
            fields: self.fields,
            at: self.at.0,
            internal: self.internal,
            epoch: self.epoch.map(|epoch| epoch.0).unwrap_or_default(),
        }
    }
}
