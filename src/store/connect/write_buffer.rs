//! Sends writes whose results no caller needs in one round trip.
//!
//! On PostgreSQL, all statements but the last go into the `WITH` clause of one statement. On `SQLite`, the
//! statements are joined into one text. Statements in a `WITH` clause do not see the writes of each other and
//! run in no fixed order. So none of them reads a column that another one changes, no two of them write to one
//! table, and any other operation of the transaction sends them first. None of them waits for another writer: each
//! row is new or already locked, and the only unique values are the ids of new rows.

use sea_orm::{
    EntityName, Statement,
    sea_query::{
        Alias, CommonTableExpression, DeleteStatement, Expr, InsertStatement, Query, SubQueryStatement,
        UpdateStatement, WithQuery,
    },
};

use super::super::dialect::Dialect;

/// Maximum number of parameters of one combined statement. The texts of longer ones differ each time, so
/// caching them gains nothing.
const PARAMETERS_MAX: usize = 1_000;

/// Statement that writes rows of one table, reads no column that others change, and waits for no lock.
#[derive(Clone, Debug)]
pub enum Write {
    Insert(InsertStatement),
    Update(UpdateStatement),
    Delete(DeleteStatement),
}

impl Write {
    fn built(&self, dialect: Dialect) -> Statement {
        match self {
            Self::Insert(insert) => dialect.backend().build(insert),
            Self::Update(update) => dialect.backend().build(update),
            Self::Delete(delete) => dialect.backend().build(delete),
        }
    }

    /// Turns the statement into a named `WITH` query that other statements can depend on.
    fn named(mut self, name: &str) -> CommonTableExpression {
        let one = Query::returning().expr(Expr::cust("1"));
        match &mut self {
            Self::Insert(insert) => {
                insert.returning(one);
            }
            Self::Update(update) => {
                update.returning(one);
            }
            Self::Delete(delete) => {
                delete.returning(one);
            }
        }
        common(name, self)
    }
}

impl From<Write> for SubQueryStatement {
    fn from(write: Write) -> Self {
        match write {
            Write::Insert(insert) => insert.into(),
            Write::Update(update) => update.into(),
            Write::Delete(delete) => delete.into(),
        }
    }
}

fn common(name: &str, query: impl Into<SubQueryStatement>) -> CommonTableExpression {
    let mut common = CommonTableExpression::new();
    common.table_name(Alias::new(name)).query(query);
    common
}

/// Counter row to advance, and the rows that take their numbers from it.
#[derive(Clone, Debug)]
pub struct NumberedInsert {
    /// Table of the counter. The rows read the counter after it has advanced.
    pub counter: &'static str,
    /// Statement that advances the counter.
    pub advance: UpdateStatement,
    /// Columns of the counter that the rows use.
    pub needs: Vec<Alias>,
    /// Statement that inserts the rows from a select on the counter.
    pub rows: InsertStatement,
}

/// Queue of writes, in order.
#[derive(Debug, Default)]
pub(super) struct WriteBuffer {
    writes: Vec<(&'static str, Write)>,
    parameters: usize,
}

impl WriteBuffer {
    /// Whether a write with this number of parameters can join the queue.
    pub(super) fn takes(&self, table: &str, parameters: usize) -> bool {
        self.writes.iter().all(|(other, _)| *other != table) && self.parameters + parameters <= PARAMETERS_MAX
    }

    pub(super) fn add<E: EntityName>(&mut self, table: &E, write: Write, parameters: usize) {
        self.writes.push((table.table_name(), write));
        self.parameters += parameters;
    }

    /// Combines all queued writes into one statement. `None` for an empty queue.
    pub(super) fn take(&mut self, dialect: Dialect) -> Option<Statement> {
        let mut writes = std::mem::take(self).writes;
        if dialect == Dialect::Sqlite || writes.len() < 2 {
            let texts = writes.iter().map(|(_, write)| write.built(dialect));
            return texts.reduce(behind);
        }
        let (_, last) = writes.pop()?;
        let mut all = WithQuery::new();
        for (table, write) in writes {
            all.cte(write.named(&format!("written_{table}")));
        }
        Some(dialect.backend().build(all.query(last)))
    }

    /// Combines all queued writes, the counter and the rows with its numbers, in this order. A transaction
    /// that waits for the counter then has no writes left to lock, so writers cannot deadlock.
    pub(super) fn take_with(&mut self, numbered: NumberedInsert, dialect: Dialect) -> Statement {
        let NumberedInsert {
            counter,
            mut advance,
            needs,
            rows,
        } = numbered;
        if dialect == Dialect::Sqlite {
            let numbering = behind(dialect.backend().build(&advance), dialect.backend().build(&rows));
            return match self.take(dialect) {
                Some(before) => behind(before, numbering),
                None => numbering,
            };
        }
        let mut all = WithQuery::new();
        for (table, write) in std::mem::take(self).writes {
            let name = format!("written_{table}");
            // This condition is always true, but PostgreSQL knows it only after the write.
            advance.and_where(Expr::cust(format!("(SELECT count(*) FROM \"{name}\") >= 0")));
            all.cte(write.named(&name));
        }
        advance.returning(Query::returning().columns(needs));
        all.cte(common(counter, advance));
        dialect.backend().build(all.query(rows))
    }
}

/// Joins two statements into one text. Parameters of `SQLite` have no numbers.
fn behind(first: Statement, second: Statement) -> Statement {
    let mut values = first.values.map(|values| values.0).unwrap_or_default();
    values.extend(second.values.into_iter().flat_map(|values| values.0));
    Statement::from_sql_and_values(first.db_backend, format!("{}; {}", first.sql, second.sql), values)
}

#[cfg(test)]
mod tests {
    use entity::{conversation, ticket};

    use super::*;

    fn update(table: &str, value: i32) -> Write {
        let mut update = Query::update();
        update.table(Alias::new(table)).value(Alias::new("n"), value);
        Write::Update(update)
    }

    fn two() -> WriteBuffer {
        let mut buffer = WriteBuffer::default();
        buffer.add(&ticket::Entity, update("ticket", 1), 1);
        buffer.add(&conversation::Entity, update("conversation", 2), 1);
        buffer
    }

    fn numbered() -> NumberedInsert {
        let mut advance = Query::update();
        advance.table(Alias::new("counter")).value(Alias::new("n"), 3);
        let mut rows = Query::insert();
        rows.into_table(Alias::new("event"))
            .columns([Alias::new("n")])
            .values_panic([4.into()]);
        NumberedInsert {
            counter: "counter",
            advance,
            needs: vec![Alias::new("n")],
            rows,
        }
    }

    #[test]
    fn buffered_writes_go_to_different_tables() {
        let buffer = two();
        assert!(buffer.takes("message", 20));
        assert!(!buffer.takes("ticket", 20));
        assert!(!buffer.takes("message", PARAMETERS_MAX));
        assert!(WriteBuffer::default().takes("message", PARAMETERS_MAX));
    }

    #[test]
    fn buffered_writes_are_sent_as_one_statement() {
        for (dialect, sql) in [
            (
                Dialect::Postgres,
                "WITH \"written_ticket\" AS (UPDATE \"ticket\" SET \"n\" = $1 RETURNING 1) \
                 UPDATE \"conversation\" SET \"n\" = $2",
            ),
            (
                Dialect::Sqlite,
                "UPDATE \"ticket\" SET \"n\" = ?; UPDATE \"conversation\" SET \"n\" = ?",
            ),
        ] {
            let mut buffer = two();
            let taken = buffer.take(dialect).expect("two");
            assert_eq!(taken.sql, sql);
            assert_eq!(taken.values.expect("values").0, [1.into(), 2.into()]);
            assert!(buffer.take(dialect).is_none(), "each is sent once");
        }
    }

    #[test]
    fn the_counter_waits_for_every_other_write() {
        for (dialect, sql) in [
            (
                Dialect::Postgres,
                "WITH \"written_ticket\" AS (UPDATE \"ticket\" SET \"n\" = $1 RETURNING 1) , \
                 \"written_conversation\" AS (UPDATE \"conversation\" SET \"n\" = $2 RETURNING 1) , \
                 \"counter\" AS (UPDATE \"counter\" SET \"n\" = $3 \
                 WHERE ((SELECT count(*) FROM \"written_ticket\") >= 0) \
                 AND ((SELECT count(*) FROM \"written_conversation\") >= 0) RETURNING \"n\") \
                 INSERT INTO \"event\" (\"n\") VALUES ($4)",
            ),
            (
                Dialect::Sqlite,
                "UPDATE \"ticket\" SET \"n\" = ?; UPDATE \"conversation\" SET \"n\" = ?; \
                 UPDATE \"counter\" SET \"n\" = ?; INSERT INTO \"event\" (\"n\") VALUES (?)",
            ),
        ] {
            let taken = two().take_with(numbered(), dialect);
            assert_eq!(taken.sql, sql);
            let values = [1.into(), 2.into(), 3.into(), 4.into()];
            assert_eq!(taken.values.expect("values").0, values);
        }
    }
}
