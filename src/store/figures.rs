//! Compares the figures that rows store about other rows with those rows.
//!
//! Writers maintain these figures with increments or by counting some rows again. This module computes them
//! from scratch in another way, so that an error in one computation is not repeated in the other.

use std::fmt;

use entity::{ConversationId, CustomerId, TicketId, WorkspaceId, conversation, customer, ticket};
use sea_orm::{
    ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Statement, Value,
    prelude::Uuid, sea_query::ExprTrait,
};

use super::{
    Db, Noun, StoreError, connect::WriteTransaction, dialect::Dialect, hold::hold_many_unscoped, inbox,
};

/// Type of row that stores figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FigureOwner {
    /// Figures of its messages.
    Conversation,
    /// Figures of its messages.
    Ticket,
    /// Figures of its tickets and messages.
    Customer,
}

/// Figure that differs from its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Type of row.
    pub holder: FigureOwner,
    pub id: Uuid,
    /// Column of the figure.
    pub figure: &'static str,
    /// Stored value.
    pub stored: Option<i64>,
    /// Correct value.
    pub counted: Option<i64>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.holder {
            FigureOwner::Conversation => ConversationId(self.id).fmt(f),
            FigureOwner::Ticket => TicketId(self.id).fmt(f),
            FigureOwner::Customer => CustomerId(self.id).fmt(f),
        }?;
        let words = |value: Option<i64>| value.map_or("empty".to_owned(), |number| number.to_string());
        let (stored, counted) = (words(self.stored), words(self.counted));
        write!(f, " {}: stored {stored}, counted {counted}", self.figure)
    }
}

/// Columns that are figures, each with the expression for its correct value over [`FigureOwner::sources`].
type Figures = &'static [(&'static str, &'static str)];

/// Figure that counts the inbox rows of a conversation that are missing or wrong. It is not a column.
const WRONG_INBOX_ROWS: &str = "wrong_inbox_rows";

const OF_CUSTOMERS: Figures = &[
    ("ticket_count", "COALESCE(t.made, 0)"),
    ("open_ticket_count", "COALESCE(t.open, 0)"),
    ("resolved_ticket_count", "COALESCE(t.resolved, 0)"),
    ("resolution_ms_total", "COALESCE(t.resolution_ms, 0)"),
    ("first_ticket_at", "t.first_at"),
    ("last_ticket_at", "t.last_at"),
    ("recent_score_count", "COALESCE(m.scored, 0)"),
    ("recent_score_sum", "COALESCE(m.total, 0)"),
    ("newest_score_sum", "COALESCE(m.newest, 0)"),
];

const OF_TICKETS: Figures = &[
    ("status", "n.status"),
    ("priority", "n.priority"),
    ("message_count", "COALESCE(m.written, 0)"),
    ("last_message_at", "m.last_at"),
    ("last_inbound_at", "m.inbound"),
    ("last_outbound_at", "m.outbound"),
    ("first_response_at", "m.response"),
];

const OF_CONVERSATIONS: Figures = &[
    ("status", "n.status"),
    ("message_count", "COALESCE(m.written, 0)"),
    ("last_message_at", "m.last_at"),
    ("last_inbound_at", "m.inbound"),
    ("last_outbound_at", "m.outbound"),
    (
        "waiting_since",
        "CASE WHEN m.inbound IS NOT NULL AND (m.outbound IS NULL OR m.inbound > m.outbound) THEN m.inbound \
         ELSE 9223372036854775807 END",
    ),
    (WRONG_INBOX_ROWS, "0"),
];

/// Number of inbox rows of the conversation `n` that are missing or wrong: the stored rows and the correct rows, less
/// those that are both. Status 1 is open.
const WRONG_ROWS: &str = "(SELECT COUNT(*) FROM inbox AS i WHERE i.conversation_id = n.id) + \
    (SELECT COUNT(*) FROM ({owners}) AS o WHERE n.status = 1) - \
    2 * (SELECT COUNT(*) FROM inbox AS i JOIN ({owners}) AS o ON o.owner_id = i.owner_id \
    WHERE i.conversation_id = n.id AND i.waiting_since = k.waiting_since AND n.status = 1)";

const OWNERS: &str = "SELECT agent_id AS owner_id FROM conversation_agent WHERE conversation_id = n.id \
    UNION ALL SELECT team_id FROM conversation_team WHERE conversation_id = n.id \
    UNION ALL SELECT n.workspace_id WHERE NOT EXISTS (SELECT 1 FROM conversation_agent WHERE conversation_id = n.id) \
    AND NOT EXISTS (SELECT 1 FROM conversation_team WHERE conversation_id = n.id)";

impl FigureOwner {
    /// All types, in the order in which writers lock them.
    pub const ALL: [Self; 3] = [Self::Ticket, Self::Conversation, Self::Customer];

    pub fn table(self) -> &'static str {
        match self {
            Self::Conversation => "conversation",
            Self::Ticket => "ticket",
            Self::Customer => "customer",
        }
    }

    /// Table of the columns that are figures.
    fn stored_in(self) -> &'static str {
        match self {
            Self::Conversation => "conversation_activity",
            Self::Ticket => "ticket_activity",
            Self::Customer => "customer",
        }
    }

    fn figures(self) -> Figures {
        match self {
            Self::Conversation => OF_CONVERSATIONS,
            Self::Ticket => OF_TICKETS,
            Self::Customer => OF_CUSTOMERS,
        }
    }

    /// Joins for the object `n` and its row of figures `k`. `{ids}` is replaced by the placeholders of the ids.
    fn sources(self) -> String {
        match self {
            // Statuses 1 and 2 are open and pending, 3 and 4 are solved and closed.
            Self::Customer => "LEFT JOIN (SELECT customer_id, COUNT(*) AS made, \
                COUNT(CASE WHEN status IN (1, 2) THEN 1 END) AS open, COUNT(CASE WHEN status IN (3, 4) THEN 1 END) AS resolved, \
                SUM(CASE WHEN status IN (3, 4) THEN resolved_at - created_at END) AS resolution_ms, \
                MIN(created_at) AS first_at, MAX(created_at) AS last_at \
                FROM ticket WHERE customer_id IN ({ids}) GROUP BY customer_id) AS t ON t.customer_id = k.id \
                LEFT JOIN (SELECT customer_id, COUNT(*) AS scored, SUM(sentiment_score) AS total, \
                SUM(CASE WHEN age <= 5 THEN sentiment_score END) AS newest \
                FROM (SELECT customer_id, sentiment_score, \
                ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY created_at DESC, id DESC) AS age \
                FROM message WHERE customer_id IN ({ids}) AND sentiment_score IS NOT NULL) AS scores \
                WHERE age <= 10 GROUP BY customer_id) AS m ON m.customer_id = k.id"
                .to_owned(),
            // Internal notes do not count.
            Self::Ticket | Self::Conversation => {
                let column = format!("{}_id", self.table());
                format!(
                    "LEFT JOIN (SELECT {column}, COUNT(*) AS written, MAX(created_at) AS last_at, \
                     MAX(CASE WHEN direction = 1 THEN created_at END) AS inbound, \
                     MAX(CASE WHEN direction = 2 THEN created_at END) AS outbound, \
                     MIN(CASE WHEN direction = 2 THEN created_at END) AS response FROM message \
                     WHERE {column} IN ({{ids}}) AND NOT internal GROUP BY {column}) AS m ON m.{column} = n.id"
                )
            }
        }
    }

    /// Inserts the rows of figures that these objects lack.
    async fn complete(self, writing: &WriteTransaction, ids: &[Uuid]) -> Result<(), StoreError> {
        let (columns, values) = match self {
            Self::Conversation => ("status, waiting_since", "n.status, 9223372036854775807"),
            Self::Ticket => ("status, priority", "n.status, n.priority"),
            Self::Customer => return Ok(()),
        };
        let (table, stored_in) = (self.table(), self.stored_in());
        let places = writing.dialect().places(ids.len());
        let sql = format!(
            "INSERT INTO {stored_in} (id, workspace_id, {columns}) SELECT n.id, n.workspace_id, {values} \
             FROM {table} AS n WHERE n.id IN ({places}) \
             AND NOT EXISTS (SELECT 1 FROM {stored_in} AS k WHERE k.id = n.id)"
        );
        let ids = ids.iter().map(|id| Value::from(*id));
        let insert = Statement::from_sql_and_values(writing.dialect().backend(), sql, ids);
        writing.connection().execute_raw(insert).await?;
        Ok(())
    }

    /// Returns a statement that reads the stored and the correct figures of these rows. One statement sees
    /// one state, so a concurrent commit changes both values or neither.
    fn compare(self, dialect: Dialect, ids: &[Uuid]) -> Statement {
        let places = dialect.places(ids.len());
        let columns = self
            .figures()
            .iter()
            .map(|(column, counted)| {
                let stored = match *column {
                    WRONG_INBOX_ROWS => WRONG_ROWS.replace("{owners}", OWNERS),
                    column => format!("k.{column}"),
                };
                format!(
                    ", CAST({stored} AS BIGINT) AS {column}, CAST({counted} AS BIGINT) AS counted_{column}"
                )
            })
            .collect::<String>();
        let (table, stored_in) = (self.table(), self.stored_in());
        let sources = self.sources().replace("{ids}", &places);
        // An object without a row of figures is reported too.
        let sql = format!(
            "SELECT n.id{columns} FROM {table} AS n LEFT JOIN {stored_in} AS k ON k.id = n.id {sources} \
             WHERE n.id IN ({places}) ORDER BY n.id"
        );
        let values = ids.iter().map(|id| Value::from(*id));
        Statement::from_sql_and_values(dialect.backend(), sql, values)
    }
}

/// Returns the next ids after a given id, of one workspace or of all.
pub async fn ids_unscoped(
    db: &Db,
    holder: FigureOwner,
    workspace: Option<WorkspaceId>,
    after: Option<Uuid>,
    size: u64,
) -> Result<Vec<Uuid>, StoreError> {
    match holder {
        FigureOwner::Conversation => ids_of::<conversation::Entity>(db, workspace, after, size).await,
        FigureOwner::Ticket => ids_of::<ticket::Entity>(db, workspace, after, size).await,
        FigureOwner::Customer => ids_of::<customer::Entity>(db, workspace, after, size).await,
    }
}

async fn ids_of<N: Noun>(
    db: &Db,
    workspace: Option<WorkspaceId>,
    after: Option<Uuid>,
    size: u64,
) -> Result<Vec<Uuid>, StoreError> {
    let ids = N::find()
        .select_only()
        .column(N::id_column())
        .apply_if(workspace, |select, id| {
            select.filter(N::workspace_column().eq(id))
        })
        .apply_if(after, |select, id| {
            select.filter(N::id_column().into_expr().gt(id))
        })
        .order_by_asc(N::id_column())
        .limit(size);
    Ok(ids.into_tuple().all(db.connection()).await?)
}

/// Returns the figures of these rows that are wrong.
pub async fn differences_unscoped(
    db: &Db,
    holder: FigureOwner,
    ids: &[Uuid],
) -> Result<Vec<Difference>, StoreError> {
    compared(db.connection(), db.dialect(), holder, ids).await
}

/// Locks these rows, corrects their figures and returns the ones that were wrong.
pub async fn repair_unscoped(
    writing: &WriteTransaction,
    holder: FigureOwner,
    ids: &[Uuid],
) -> Result<Vec<Difference>, StoreError> {
    let mut lacking = compared(writing.connection(), writing.dialect(), holder, ids).await?;
    lacking.retain(|one| one.figure == "status" && one.stored.is_none());
    if !lacking.is_empty() {
        holder.complete(writing, ids).await?;
    }
    match holder {
        FigureOwner::Conversation => hold_many_unscoped::<conversation::Entity>(writing, ids).await,
        FigureOwner::Ticket => hold_many_unscoped::<ticket::Entity>(writing, ids).await,
        FigureOwner::Customer => hold_many_unscoped::<customer::Entity>(writing, ids).await,
    }?;
    // The locks are held, so the rows contain all earlier writes and do not change before the commit.
    let found = compared(writing.connection(), writing.dialect(), holder, ids).await?;
    let columns = found.iter().filter(|one| one.figure != WRONG_INBOX_ROWS);
    for Difference {
        id, figure, counted, ..
    } in columns
    {
        let (value, row) = (writing.dialect().place(1), writing.dialect().place(2));
        let sql = format!(
            "UPDATE {} SET {figure} = {value} WHERE id = {row}",
            holder.stored_in()
        );
        let values = [Value::from(*counted), Value::from(*id)];
        let update = Statement::from_sql_and_values(writing.dialect().backend(), sql, values);
        writing.connection().execute_raw(update).await?;
    }
    if holder == FigureOwner::Conversation {
        inbox::replace(writing, ids).await?;
    }
    lacking.extend(found);
    Ok(lacking)
}

async fn compared(
    connection: &impl ConnectionTrait,
    dialect: Dialect,
    holder: FigureOwner,
    ids: &[Uuid],
) -> Result<Vec<Difference>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for row in connection.query_all_raw(holder.compare(dialect, ids)).await? {
        for (figure, _) in holder.figures() {
            let stored: Option<i64> = row.try_get("", figure)?;
            let counted: Option<i64> = row.try_get("", &format!("counted_{figure}"))?;
            if stored != counted {
                found.push(Difference {
                    holder,
                    id: row.try_get("", "id")?,
                    figure,
                    stored,
                    counted,
                });
            }
        }
    }
    Ok(found)
}
