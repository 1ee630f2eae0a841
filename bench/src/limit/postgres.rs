//! The limit on PostgreSQL: one prepared statement for each question.

use std::{
    error::Error,
    sync::{Mutex, PoisonError},
};

use tokio::sync::Semaphore;
use tokio_postgres::{
    Client, NoTls, Row, Statement,
    types::{FromSql, ToSql, Type},
};
use uuid::Uuid;

use super::{
    Asked, fresh,
    json::Json,
    rows::{self, Cells, MESSAGE},
    unknown,
};
use crate::failure::{Done, Failure, Trying};

/// Each with the workspace as `$1`. How many rows is written out: PostgreSQL would plan anew each time.
fn statements() -> [(&'static str, String); 8] {
    let listed = "t.id, t.subject, t.status, t.priority, t.created_at";
    let customer = "c.id, c.name, c.email";
    let newest = "ORDER BY t.created_at DESC, t.id DESC";
    let messages = |count: u8| {
        format!(
            "LEFT JOIN LATERAL (SELECT {MESSAGE} FROM message m WHERE m.ticket_id = t.id \
             ORDER BY m.created_at DESC, m.id DESC LIMIT {count}) m ON true"
        )
    };
    let of_status = format!(
        "(SELECT * FROM ticket t WHERE t.workspace_id = $1 AND t.status = $2 {newest} LIMIT 20) t \
         JOIN customer c ON c.id = t.customer_id"
    );
    [
        (
            "q1",
            format!(
                "SELECT {listed}, t.source, t.tags, t.updated_at, {customer} FROM ticket t \
                 JOIN customer c ON c.id = t.customer_id WHERE t.workspace_id = $1 AND t.id = $2"
            ),
        ),
        (
            "q2",
            format!("SELECT {listed}, {customer} FROM {of_status} {newest}"),
        ),
        (
            "q3",
            format!(
                "SELECT {listed}, {customer}, {MESSAGE} FROM {of_status} {} {newest}, m.created_at DESC, m.id DESC",
                messages(10)
            ),
        ),
        (
            "q4",
            format!(
                "SELECT {customer}, f.*, s.* FROM customer c CROSS JOIN LATERAL ({TICKET_FIGURES}) f \
                 CROSS JOIN LATERAL ({SCORE_FIGURES}) s \
                 WHERE c.workspace_id = $1 AND c.id = ANY($2) ORDER BY c.created_at DESC, c.id DESC"
            ),
        ),
        (
            "q4s",
            format!(
                "SELECT {customer}, ticket_count, open_ticket_count, resolved_ticket_count, resolution_ms_total, \
                 first_ticket_at, last_ticket_at, recent_score_count, recent_score_sum, newest_score_sum \
                 FROM customer c WHERE c.workspace_id = $1 AND c.id = ANY($2) ORDER BY c.created_at DESC, c.id DESC"
            ),
        ),
        (
            "q5",
            format!(
                "SELECT {customer}, t.id, t.subject, t.status, t.created_at, {MESSAGE} FROM customer c \
                 LEFT JOIN LATERAL (SELECT * FROM ticket t WHERE t.customer_id = c.id {newest} LIMIT 5) t ON true {} \
                 WHERE c.workspace_id = $1 AND c.id = ANY($2) \
                 ORDER BY c.created_at DESC, c.id DESC, t.created_at DESC, t.id DESC, m.created_at DESC, m.id DESC",
                messages(5)
            ),
        ),
        (
            "q6",
            format!(
                "SELECT {listed}, t.source, t.customer_email, t.customer_name, t.resolution_type, t.message_count, \
                 t.updated_at, t.resolved_at FROM ticket t WHERE t.workspace_id = $1 {newest} LIMIT 1000"
            ),
        ),
        ("m1", ADD.to_owned()),
    ]
}

/// 3 and 4 are solved and closed.
const TICKET_FIGURES: &str = "SELECT count(*) AS made, count(*) FILTER (WHERE status < 3) AS open, \
     count(*) FILTER (WHERE status >= 3) AS resolved, \
     COALESCE(sum(resolved_at - created_at) FILTER (WHERE status >= 3), 0)::bigint AS resolution, \
     min(created_at) AS first_at, max(created_at) AS last_at FROM ticket WHERE customer_id = c.id";

const SCORE_FIGURES: &str = "SELECT count(*) AS scored, COALESCE(sum(score), 0) AS total, \
     COALESCE(sum(score) FILTER (WHERE age <= 5), 0) AS newest \
     FROM (SELECT sentiment_score AS score, row_number() OVER (ORDER BY created_at DESC, id DESC) AS age \
     FROM (SELECT sentiment_score, created_at, id FROM message WHERE customer_id = c.id \
     AND sentiment_score IS NOT NULL ORDER BY created_at DESC, id DESC LIMIT 10) m) r";

/// One statement is one transaction.
const ADD: &str = "WITH t AS (UPDATE ticket SET message_count = message_count + 1, last_message_at = $4 \
     WHERE workspace_id = $1 AND id = $2 RETURNING id, workspace_id, customer_id, conversation_id), \
     c AS (UPDATE conversation SET message_count = conversation.message_count + 1, last_message_at = $4 \
     FROM t WHERE conversation.id = t.conversation_id) \
     INSERT INTO message (id, workspace_id, customer_id, conversation_id, ticket_id, direction, sender_email, body, created_at) \
     SELECT $3, t.workspace_id, t.customer_id, t.conversation_id, t.id, 2, $5, $6, $4 FROM t RETURNING id, body, direction, created_at";

/// Connections with their statements.
pub struct Postgres {
    workspace: Uuid,
    turns: Semaphore,
    /// The last that came back goes first: what it used is still near.
    idle: Mutex<Vec<Session>>,
}

struct Session {
    client: Client,
    statements: Vec<(&'static str, Statement)>,
}

impl Postgres {
    /// Connects, and prepares every statement on every connection.
    pub async fn connect(url: &str, connections: usize) -> Done<Self> {
        let mut idle = Vec::new();
        for _ in 0..connections {
            idle.push(Session::open(url).await?);
        }
        let session = idle
            .first()
            .ok_or_else(|| Failure("without a connection".to_owned()))?;
        let row = session.client.query_one("SELECT id FROM workspace", &[]).await?;
        Ok(Self {
            workspace: row.try_get(0)?,
            turns: Semaphore::new(connections),
            idle: Mutex::new(idle),
        })
    }

    /// Answers a question.
    pub async fn answer(&self, question: &str, asked: &Asked) -> Done<Vec<u8>> {
        let _turn = self.turns.acquire().await?;
        let session = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let session = session.ok_or_else(|| Failure("no connection is idle".to_owned()))?;
        let told = session.answer(question, self.workspace, asked).await;
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(session);
        told
    }
}

impl Session {
    async fn open(url: &str) -> Done<Self> {
        let (client, connection) = tokio_postgres::connect(url, NoTls)
            .await
            .trying("connect to PostgreSQL")?;
        #[expect(clippy::disallowed_methods, reason = "it ends with the process")]
        tokio::spawn(connection);
        let mut prepared = Vec::new();
        for (name, sql) in statements() {
            prepared.push((name, client.prepare(&sql).await.trying(&sql)?));
        }
        Ok(Self {
            client,
            statements: prepared,
        })
    }

    async fn answer(&self, question: &str, workspace: Uuid, asked: &Asked) -> Done<Vec<u8>> {
        let found = self.statements.iter().find(|(name, _)| *name == question);
        let (_, statement) = found.ok_or_else(|| unknown(question))?;
        let (id, now) = fresh();
        let parameters: &[&(dyn ToSql + Sync)] = match question {
            "q1" => &[&workspace, &asked.id],
            "q2" | "q3" => &[&workspace, &asked.status],
            "q6" => &[&workspace],
            "m1" => &[&workspace, &asked.id, &id, &now, &asked.sender, &asked.body],
            _ => &[&workspace, &asked.ids],
        };
        let rows = self.client.query(statement, parameters).await?;
        Ok(match question {
            "q1" | "m1" => one(question, &rows),
            "q3" => tickets_with_messages(&rows),
            "q5" => customers_with_tickets(&rows),
            _ => list(question, &rows),
        })
    }
}

fn one(question: &str, rows: &[Row]) -> Vec<u8> {
    let mut out = Json::begin("{\"data\":{\"it\":[");
    for row in rows {
        match question {
            "q1" => rows::ticket(&mut out, row),
            _ => rows::message(&mut out, row, 0),
        }
    }
    out.end("]}}")
}

fn list(question: &str, rows: &[Row]) -> Vec<u8> {
    let mut out = Json::begin("{\"data\":{\"all\":[");
    for row in rows {
        match question {
            "q2" => {
                out.next();
                out.raw("{");
                rows::ticket_in_list(&mut out, row);
                rows::customer(&mut out, row, 5);
                out.raw("}");
            }
            "q6" => rows::ticket_scalars(&mut out, row),
            _ => rows::figures(&mut out, row),
        }
    }
    out.end("]}}")
}

/// A ticket comes again with each of its messages.
fn tickets_with_messages(rows: &[Row]) -> Vec<u8> {
    let mut out = Json::begin("{\"data\":{\"all\":[");
    for ticket in rows.chunk_by(|one, next| one.id(0) == next.id(0)) {
        out.next();
        out.raw("{");
        rows::ticket_in_list(&mut out, &ticket[0]);
        rows::customer(&mut out, &ticket[0], 5);
        messages(&mut out, ticket, 8);
        out.raw("}");
    }
    out.end("]}}")
}

fn customers_with_tickets(rows: &[Row]) -> Vec<u8> {
    let mut out = Json::begin("{\"data\":{\"all\":[");
    for customer in rows.chunk_by(|one, next| one.id(0) == next.id(0)) {
        out.next();
        out.raw("{");
        rows::customer_fields(&mut out, &customer[0], 0);
        out.name("tickets");
        out.raw("[");
        for ticket in customer.chunk_by(|one, next| one.id(3) == next.id(3)) {
            // A customer without any has one row all the same.
            if ticket[0].id_or_null(3).is_some() {
                out.next();
                out.raw("{");
                rows::ticket_of_customer(&mut out, &ticket[0], 3);
                messages(&mut out, ticket, 7);
                out.raw("}");
            }
        }
        out.raw("]}");
    }
    out.end("]}}")
}

fn messages(out: &mut Json, ticket: &[Row], at: usize) {
    out.name("messages");
    out.raw("[");
    for row in ticket.iter().filter(|row| row.id_or_null(at).is_some()) {
        rows::message(out, row, at);
    }
    out.raw("]");
}

impl Cells for Row {
    fn text(&self, place: usize) -> Option<&str> {
        self.get(place)
    }

    fn json(&self, place: usize) -> &str {
        self.get::<_, Binary<'_>>(place).0
    }

    fn number(&self, place: usize) -> Option<i64> {
        self.get::<_, Option<Whole>>(place).map(|whole| whole.0)
    }

    fn id_or_null(&self, place: usize) -> Option<Uuid> {
        self.get(place)
    }
}

/// A whole number of any width.
struct Whole(i64);

impl<'a> FromSql<'a> for Whole {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(match *kind {
            Type::INT2 => i16::from_sql(kind, raw)?.into(),
            Type::INT4 => i32::from_sql(kind, raw)?.into(),
            _ => i64::from_sql(kind, raw)?,
        }))
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT2 | Type::INT4 | Type::INT8)
    }
}

/// JSON as it comes: a byte that tells the version, then text.
struct Binary<'a>(&'a str);

impl<'a> FromSql<'a> for Binary<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(std::str::from_utf8(raw.get(1..).unwrap_or_default())?))
    }

    fn accepts(kind: &Type) -> bool {
        *kind == Type::JSONB
    }
}
