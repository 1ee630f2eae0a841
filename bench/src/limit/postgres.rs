//! The limit on PostgreSQL: one prepared statement for each query.

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
    RequestVariables, fresh,
    json::Json,
    rows::{self, Cells},
    statements::statements,
    unknown,
};
use crate::failure::{Done, Failure, Trying};

/// Connections with prepared statements.
pub struct Postgres {
    workspace: Uuid,
    turns: Semaphore,
    /// Idle connections. The last one returned is used first, because its data is more likely in the processor's
    /// cache.
    idle: Mutex<Vec<Session>>,
}

struct Session {
    client: Client,
    statements: Vec<(&'static str, Statement)>,
}

impl Postgres {
    /// Connects and prepares every statement on every connection.
    pub async fn connect(url: &str, connections: usize) -> Done<Self> {
        let mut idle = Vec::new();
        for _ in 0..connections {
            idle.push(Session::open(url).await?);
        }
        let session = idle
            .first()
            .ok_or_else(|| Failure("the number of connections is 0".to_owned()))?;
        let row = session.client.query_one("SELECT id FROM workspace", &[]).await?;
        Ok(Self {
            workspace: row.try_get(0)?,
            turns: Semaphore::new(connections),
            idle: Mutex::new(idle),
        })
    }

    /// Executes a query.
    pub async fn answer(&self, question: &str, asked: &RequestVariables) -> Done<Vec<u8>> {
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

    async fn answer(&self, question: &str, workspace: Uuid, asked: &RequestVariables) -> Done<Vec<u8>> {
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

/// The statement returns a row for each message, with its ticket.
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
            // A customer without tickets still has one row.
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

/// An integer of any width.
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

/// JSON in binary format: a version byte followed by text.
struct Binary<'a>(&'a str);

impl<'a> FromSql<'a> for Binary<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(std::str::from_utf8(raw.get(1..).unwrap_or_default())?))
    }

    fn accepts(kind: &Type) -> bool {
        *kind == Type::JSONB
    }
}
