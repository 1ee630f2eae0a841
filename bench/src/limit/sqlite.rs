//! The limit on SQLite. Lists are read level by level, because an additional statement costs little in the same
//! process.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, Row, ToSql};
use tokio::task::block_in_place;
use uuid::Uuid;

use super::{
    RequestVariables, fresh,
    json::Json,
    rows::{self, Cells, MESSAGE},
    unknown,
};
use crate::failure::{Done, Trying};

const LISTED: &str = "t.id, t.subject, t.status, t.priority, t.created_at";
const CUSTOMER: &str = "c.id, c.name, c.email";
const NEWEST: &str = "ORDER BY t.created_at DESC, t.id DESC";
const TICKET_FIGURES: &str = "SELECT count(*), count(*) FILTER (WHERE status < 3), count(*) FILTER (WHERE status >= 3), \
     COALESCE(sum(resolved_at - created_at) FILTER (WHERE status >= 3), 0), min(created_at), max(created_at) \
     FROM ticket WHERE customer_id = ?1";
const SCORE_FIGURES: &str = "SELECT count(*), COALESCE(sum(score), 0), COALESCE(sum(score) FILTER (WHERE age <= 5), 0) \
     FROM (SELECT sentiment_score AS score, row_number() OVER (ORDER BY created_at DESC, id DESC) AS age \
     FROM (SELECT sentiment_score, created_at, id FROM message WHERE customer_id = ?1 \
     AND sentiment_score IS NOT NULL ORDER BY created_at DESC, id DESC LIMIT 10))";
const STORED: &str = "ticket_count, open_ticket_count, resolved_ticket_count, resolution_ms_total, first_ticket_at, \
     last_ticket_at, recent_score_count, recent_score_sum, newest_score_sum";
const STATEMENTS_KEPT: usize = 64;
const TIMEOUT: Duration = Duration::from_secs(10);

/// Connections to a file: several for reads, and one for writes.
pub struct Sqlite {
    file: String,
    workspace: Vec<u8>,
    readers: Mutex<Vec<Connection>>,
    writer: Mutex<Connection>,
}

impl Sqlite {
    pub fn open(file: &str) -> Done<Self> {
        let writer = connection(file)?;
        let workspace = writer.query_row("SELECT id FROM workspace", [], |row| row.get(0))?;
        Ok(Self {
            file: file.to_owned(),
            workspace,
            readers: Mutex::default(),
            writer: Mutex::new(writer),
        })
    }

    /// Executes a query.
    pub fn answer(&self, question: &str, asked: &RequestVariables) -> Done<Vec<u8>> {
        if question == "m1" {
            // Waits for the disk and for other writers.
            return block_in_place(|| self.add(asked));
        }
        let idle = held(&self.readers).pop();
        let reader = Reader {
            connection: idle.map_or_else(|| connection(&self.file), Ok)?,
            workspace: &self.workspace,
        };
        let told = reader.answer(question, asked);
        held(&self.readers).push(reader.connection);
        told
    }

    fn add(&self, asked: &RequestVariables) -> Done<Vec<u8>> {
        let (id, now) = fresh();
        let (id, ticket) = (id.as_bytes().as_slice(), asked.id.as_bytes().as_slice());
        let mut out = Json::begin("{\"data\":{\"it\":[");
        let writer = held(&self.writer);
        writer.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let touched = writer
            .prepare_cached(
                "UPDATE ticket SET message_count = message_count + 1, last_message_at = ?1 \
                 WHERE workspace_id = ?2 AND id = ?3",
            )?
            .execute((now, &self.workspace, ticket));
        let added = touched.and_then(|_| {
            writer
                .prepare_cached(
                    "UPDATE conversation SET message_count = message_count + 1, last_message_at = ?1 \
                     WHERE id = (SELECT conversation_id FROM ticket WHERE id = ?2)",
                )?
                .execute((now, ticket))?;
            let insert = format!(
                "INSERT INTO message AS m (id, workspace_id, customer_id, conversation_id, ticket_id, direction, \
                 sender_email, body, created_at) SELECT ?1, workspace_id, customer_id, conversation_id, id, 2, ?2, ?3, ?4 \
                 FROM ticket WHERE id = ?5 RETURNING {}",
                MESSAGE.replace("m.", "")
            );
            let mut insert = writer.prepare_cached(&insert)?;
            let mut rows = insert.query((id, &asked.sender, &asked.body, now, ticket))?;
            while let Some(row) = rows.next()? {
                rows::message(&mut out, row, 0);
            }
            Ok(())
        });
        let end = if added.is_ok() { "COMMIT" } else { "ROLLBACK" };
        writer.prepare_cached(end)?.execute([])?;
        added?;
        Ok(out.end("]}}"))
    }
}

struct Reader<'a> {
    connection: Connection,
    workspace: &'a [u8],
}

impl Reader<'_> {
    fn answer(&self, question: &str, asked: &RequestVariables) -> Done<Vec<u8>> {
        let mut out = Json::begin("{\"data\":{\"all\":[");
        let with_customer = format!("{CUSTOMER} FROM ticket t JOIN customer c ON c.id = t.customer_id");
        let of_status = format!("WHERE t.workspace_id = ?1 AND t.status = ?2 {NEWEST} LIMIT 20");
        let id = asked.id.as_bytes().as_slice();
        match question {
            "q1" => {
                let sql = format!(
                    "SELECT {LISTED}, t.source, t.tags, t.updated_at, {with_customer} WHERE t.workspace_id = ?1 AND t.id = ?2"
                );
                self.each(&sql, &[&self.workspace, &id], |row| {
                    rows::ticket(&mut out, row);
                    Ok(())
                })?;
            }
            "q2" | "q3" => {
                let sql = format!("SELECT {LISTED}, {with_customer} {of_status}");
                self.each(&sql, &[&self.workspace, &asked.status], |row| {
                    out.next();
                    out.raw("{");
                    rows::ticket_in_list(&mut out, row);
                    rows::customer(&mut out, row, 5);
                    if question == "q3" {
                        self.messages(&mut out, row.id(0), 10)?;
                    }
                    out.raw("}");
                    Ok(())
                })?;
            }
            "q4" => self.customers(CUSTOMER, &asked.ids, |row| self.figures(&mut out, row))?,
            "q4s" => self.customers(&format!("{CUSTOMER}, {STORED}"), &asked.ids, |row| {
                rows::figures(&mut out, row);
                Ok(())
            })?,
            "q5" => self.customers(CUSTOMER, &asked.ids, |row| {
                self.customer_with_tickets(&mut out, row)
            })?,
            "q6" => {
                let sql = format!(
                    "SELECT {LISTED}, t.source, t.customer_email, t.customer_name, t.resolution_type, t.message_count, \
                     t.updated_at, t.resolved_at FROM ticket t WHERE t.workspace_id = ?1 {NEWEST} LIMIT 1000"
                );
                self.each(&sql, &[&self.workspace], |row| {
                    rows::ticket_scalars(&mut out, row);
                    Ok(())
                })?;
            }
            _ => return Err(unknown(question)),
        }
        Ok(out.end("]}}"))
    }

    fn customers(&self, columns: &str, ids: &[Uuid], with: impl FnMut(&Row<'_>) -> Done) -> Done {
        let places = vec!["?"; ids.len()].join(", ");
        let sql = format!(
            "SELECT {columns} FROM customer c WHERE c.workspace_id = ? AND c.id IN ({places}) \
             ORDER BY c.created_at DESC, c.id DESC"
        );
        let ids: Vec<&[u8]> = ids.iter().map(|id| id.as_bytes().as_slice()).collect();
        let ids = ids.iter().map(|id| id as &dyn ToSql);
        let parameters: Vec<&dyn ToSql> = std::iter::once(&self.workspace as &dyn ToSql)
            .chain(ids)
            .collect();
        self.each(&sql, &parameters, with)
    }

    fn customer_with_tickets(&self, out: &mut Json, row: &Row<'_>) -> Done {
        out.next();
        out.raw("{");
        rows::customer_fields(out, row, 0);
        out.name("tickets");
        out.raw("[");
        let sql = format!(
            "SELECT t.id, t.subject, t.status, t.created_at FROM ticket t WHERE t.customer_id = ?1 {NEWEST} LIMIT 5"
        );
        self.each(&sql, &[&row.id(0).as_bytes().as_slice()], |ticket| {
            out.next();
            out.raw("{");
            rows::ticket_of_customer(out, ticket, 0);
            self.messages(out, ticket.id(0), 5)?;
            out.raw("}");
            Ok(())
        })?;
        out.raw("]}");
        Ok(())
    }

    fn messages(&self, out: &mut Json, ticket: Uuid, count: u8) -> Done {
        out.name("messages");
        out.raw("[");
        let sql = format!(
            "SELECT {MESSAGE} FROM message m WHERE m.ticket_id = ?1 ORDER BY m.created_at DESC, m.id DESC LIMIT {count}"
        );
        self.each(&sql, &[&ticket.as_bytes().as_slice()], |row| {
            rows::message(out, row, 0);
            Ok(())
        })?;
        out.raw("]");
        Ok(())
    }

    fn figures(&self, out: &mut Json, customer: &Row<'_>) -> Done {
        let id = customer.id(0);
        let id = id.as_bytes().as_slice();
        self.each(TICKET_FIGURES, &[&id], |tickets| {
            self.each(SCORE_FIGURES, &[&id], |scores| {
                rows::figures(out, &[customer, tickets, scores]);
                Ok(())
            })
        })
    }

    fn each(&self, sql: &str, parameters: &[&dyn ToSql], mut with: impl FnMut(&Row<'_>) -> Done) -> Done {
        let mut statement = self.connection.prepare_cached(sql).trying(sql)?;
        let mut rows = statement.query(parameters)?;
        while let Some(row) = rows.next()? {
            with(row)?;
        }
        Ok(())
    }
}

fn connection(file: &str) -> Done<Connection> {
    let connection = Connection::open(file).trying(file)?;
    connection.busy_timeout(TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    // The same durability and memory settings as in the gateway.
    connection
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16000;")?;
    Ok(connection)
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Cells for Row<'_> {
    fn text(&self, place: usize) -> Option<&str> {
        self.get_ref(place).ok()?.as_str().ok()
    }

    fn json(&self, place: usize) -> &str {
        let bytes = self.get_ref(place).ok().and_then(|value| value.as_bytes().ok());
        bytes
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or("null")
    }

    fn number(&self, place: usize) -> Option<i64> {
        self.get_ref(place).ok()?.as_i64().ok()
    }

    fn id_or_null(&self, place: usize) -> Option<Uuid> {
        Uuid::from_slice(self.get_ref(place).ok()?.as_blob().ok()?).ok()
    }
}

/// A customer, the counts of its tickets and those of its scores, as one row.
impl Cells for [&Row<'_>; 3] {
    fn text(&self, place: usize) -> Option<&str> {
        let (row, place) = at(self, place);
        row.text(place)
    }

    fn json(&self, place: usize) -> &str {
        let (row, place) = at(self, place);
        row.json(place)
    }

    fn number(&self, place: usize) -> Option<i64> {
        let (row, place) = at(self, place);
        row.number(place)
    }

    fn id_or_null(&self, place: usize) -> Option<Uuid> {
        let (row, place) = at(self, place);
        row.id_or_null(place)
    }
}

fn at<'a, 'b>(rows: &[&'a Row<'b>; 3], place: usize) -> (&'a Row<'b>, usize) {
    match place {
        ..3 => (rows[0], place),
        3..9 => (rows[1], place - 3),
        _ => (rows[2], place - 9),
    }
}
