//! Converts lines of a complete export to rows.

use entity::{
    WorkspaceId, agent, change, conversation, customer, erased,
    external_reference::{self, Kind},
    message, queue, team, ticket, workspace,
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    cells::{Copied, FromLine, LineFields},
    line::{Change, ConversationLists, Line, NoLists, Reference, TeamLists},
};
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
    /// The row and the lists of a line.
    macro_rules! take {
        ($line:ident, $kind:ident) => {{
            let Copied {
                mut row,
                references,
                lists,
            } = *$line;
            row.workspace_id = workspace;
            refer(Kind::$kind, row.id.0, references);
            (row, lists)
        }};
    }
    match line {
        Line::Agent(line) => block.agents.push(take!(line, Agent).0),
        Line::Team(line) => {
            let (row, lists) = take!(line, Team);
            let agents = lists.agent_ids.into_iter().map(|id| id.0);
            block.teams.push((row, agents.collect()));
        }
        Line::Queue(line) => block.queues.push(take!(line, Queue).0),
        Line::Customer(line) => block.customers.push(take!(line, Customer).0),
        Line::Conversation(line) => {
            let (row, lists) = take!(line, Conversation);
            let agents = lists.assignee_ids.into_iter().map(|id| id.0.0).collect();
            let teams = lists.team_ids.into_iter().map(|id| id.0.0).collect();
            block.conversations.push((row, [agents, teams]));
        }
        Line::Ticket(line) => block.tickets.push(take!(line, Ticket).0),
        Line::Message(line) => block.messages.push(take!(line, Message).0),
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

/// Sets a column to the folded text of a field, empty without a text.
fn fold_into(line: &mut LineFields, column: &str, field: &str, fold: fn(&str) -> String) {
    let text = line.get(field).and_then(Value::as_str);
    let folded = text.map(fold).unwrap_or_default();
    line.insert(column.to_owned(), folded.into());
}

/// Sets a column to the value of a field of another name.
fn rename(line: &mut LineFields, column: &str, field: &str) {
    if let Some(value) = line.remove(field) {
        line.insert(column.to_owned(), value);
    }
}

impl FromLine for agent::Model {
    type Lists = NoLists;

    fn complete(line: &mut LineFields) -> Result<(), String> {
        fold_into(line, "nameKey", "name", words::fold);
        fold_into(line, "emailKey", "email", email_key);
        // Exports of earlier versions do not contain the field.
        line.entry("isActive").or_insert(Value::Bool(true));
        Ok(())
    }
}

impl FromLine for team::Model {
    type Lists = TeamLists;

    fn complete(_: &mut LineFields) -> Result<(), String> {
        Ok(())
    }
}

impl FromLine for queue::Model {
    type Lists = NoLists;

    fn complete(_: &mut LineFields) -> Result<(), String> {
        Ok(())
    }
}

impl FromLine for customer::Model {
    type Lists = NoLists;

    fn complete(line: &mut LineFields) -> Result<(), String> {
        fold_into(line, "nameKey", "name", words::fold);
        fold_into(line, "emailKey", "email", email_key);
        fold_into(line, "companyKey", "company", words::fold);
        rename(line, "ticketCount", "totalTickets");
        rename(line, "openTicketCount", "openTickets");
        let figures = [
            "resolvedTicketCount",
            "resolutionMsTotal",
            "recentScoreCount",
            "recentScoreSum",
            "newestScoreSum",
        ];
        match line.remove("figures") {
            Some(Value::Array(values)) if values.len() == figures.len() => {
                line.extend(figures.map(str::to_owned).into_iter().zip(values));
            }
            _ => return Err(format!("figures: expected {} numbers", figures.len())),
        }
        Ok(())
    }
}

impl FromLine for conversation::Model {
    type Lists = ConversationLists;

    fn complete(line: &mut LineFields) -> Result<(), String> {
        // Computed from the other times when the row is written.
        line.insert("waitingSince".to_owned(), "1970-01-01T00:00:00.000Z".into());
        Ok(())
    }
}

impl FromLine for ticket::Model {
    type Lists = NoLists;

    fn complete(line: &mut LineFields) -> Result<(), String> {
        fold_into(line, "subjectKey", "subject", fold);
        // Exports of earlier versions do not contain the field.
        line.entry("reopenedCount").or_insert(0.into());
        Ok(())
    }
}

impl FromLine for message::Model {
    type Lists = NoLists;

    fn complete(line: &mut LineFields) -> Result<(), String> {
        line.entry("attachments").or_insert(Value::Array(Vec::new()));
        let sender = line.remove("sender").unwrap_or_default();
        let column = match sender.get("type").and_then(Value::as_str) {
            _ if sender.is_null() => return Ok(()),
            Some("Agent") => "senderAgentId",
            Some("Customer") => "senderCustomerId",
            _ => return Err("sender: expected the type Agent or Customer".to_owned()),
        };
        line.insert(column.to_owned(), sender.get("id").cloned().unwrap_or_default());
        Ok(())
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
