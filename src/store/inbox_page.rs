//! Reads the inbox of an agent: its own conversations, those of its teams, and those of its workspace that have neither
//! agents nor teams.

use std::fmt::Write;

use entity::{AgentId, conversation::Column};
use sea_orm::{
    Value,
    sea_query::{Expr, SelectStatement},
};

use super::{ListPosition, SortValue, dialect::Dialect, noun::Window};
use crate::auth::Scope;

/// Condition: the conversation is in the inbox of an agent. A customer sees no inboxes.
pub fn is_in(agent: &AgentId, scope: &Scope, dialect: Dialect) -> Expr {
    let mut text = Text::new(dialect);
    let owners = text.owners(*agent, scope, None);
    text.found(&format!(
        "conversation_id FROM inbox WHERE owner_id IN ({owners})"
    ))
}

/// Condition: the conversation is on a page of the inbox, in the order of `waiting_since`. Reads at most one page of
/// each owner.
pub fn is_on_page(agent: AgentId, part: &Window<'_>, scope: &Scope, dialect: Dialect) -> Expr {
    let mut text = Text::new(dialect);
    let size = u64::from(part.page.size) + 1 + part.page.offset;
    let direction = if part.descending == part.page.from_end {
        "ASC"
    } else {
        "DESC"
    };
    let order = format!("ORDER BY waiting_since {direction}, conversation_id {direction} LIMIT {size}");
    // The parameters of SQLite have no numbers: the owners come first in the text.
    let owners = text.owners(agent, scope, part.workspace);
    let mut beyond = String::new();
    for (place, is_after) in [(&part.page.after, true), (&part.page.before, false)] {
        if let Some(ListPosition {
            value: SortValue::Number(value),
            id,
        }) = place
        {
            let sign = if is_after == part.descending { "<" } else { ">" };
            let (value, id) = (text.bind(*value), text.bind(*id));
            let _ = write!(
                beyond,
                " AND (waiting_since, conversation_id) {sign} ({value}, {id})"
            );
        }
    }
    let merged = match dialect {
        Dialect::Postgres => format!(
            "SELECT DISTINCT i.waiting_since, i.conversation_id FROM ({owners}) AS o(id) CROSS JOIN LATERAL (\
             SELECT waiting_since, conversation_id FROM inbox WHERE owner_id = o.id{beyond} {order}) AS i {order}"
        ),
        Dialect::Sqlite => format!(
            "SELECT DISTINCT x.waiting_since, x.conversation_id FROM ({owners}) AS o CROSS JOIN inbox AS x \
             ON x.owner_id = o.id AND (x.waiting_since, x.conversation_id) IN (\
             SELECT waiting_since, conversation_id FROM inbox WHERE owner_id = o.id{beyond} {order}) {order}"
        ),
    };
    text.found(&format!("conversation_id FROM ({merged}) AS page"))
}

/// Text of a statement with its parameters.
struct Text {
    dialect: Dialect,
    values: Vec<Value>,
}

impl Text {
    fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            values: Vec::new(),
        }
    }

    /// Adds a parameter and returns its placeholder.
    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        match self.dialect {
            Dialect::Sqlite => "?".to_owned(),
            Dialect::Postgres => format!("${}", self.values.len()),
        }
    }

    /// Statement that selects the owners whose conversations are in the inbox of an agent, none if the viewer does not
    /// see the agent.
    fn owners(&mut self, agent: AgentId, scope: &Scope, workspace: Option<entity::WorkspaceId>) -> String {
        let is_seen = |text: &mut Self| {
            let id = text.bind(agent);
            if scope.customer.is_some() {
                return format!("agent.id = {id} AND FALSE");
            }
            let seen = scope
                .workspaces
                .iter()
                .copied()
                .filter(|seen| workspace.is_none_or(|only| only == *seen));
            let seen: Vec<_> = seen.map(|seen| text.bind(seen)).collect();
            if seen.is_empty() {
                return format!("agent.id = {id} AND FALSE");
            }
            format!("agent.id = {id} AND agent.workspace_id IN ({})", seen.join(", "))
        };
        let (own, whole, teams) = (is_seen(self), is_seen(self), is_seen(self));
        format!(
            "SELECT agent.id AS id FROM agent WHERE {own} \
             UNION ALL SELECT agent.workspace_id FROM agent WHERE {whole} \
             UNION ALL SELECT team_agent.team_id FROM team_agent JOIN agent ON agent.id = team_agent.agent_id WHERE {teams}"
        )
    }

    /// Condition: the id of the conversation is among the results.
    fn found(self, select: &str) -> Expr {
        let mut found = SelectStatement::new();
        found.expr(Expr::cust_with_values(select.to_owned(), self.values));
        self.dialect.is_found_by(Column::Id, found)
    }
}
