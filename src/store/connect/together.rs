//! Writes for which nobody waits, sent together: each by itself would be a journey to the database and back.
//!
//! PostgreSQL gets one statement in which all but the last stand in its `WITH` clause; `SQLite` gets one text behind the
//! other. In a `WITH` clause none sees what the others write, and no order is promised. So none of them reads, no two of
//! them write to one table, and whatever else a transaction does sends them first. Nor does one of them wait for another
//! writer: each row is new, or held already, and nothing unique is written but the id of what is new.

use sea_orm::{
    EntityName, Statement,
    sea_query::{
        Alias, CommonTableExpression, Expr, InsertStatement, Query, SubQueryStatement, UpdateStatement,
        WithQuery,
    },
};

use super::super::dialect::Dialect;

/// Parameters of what is sent together. Longer texts differ each time: there is nothing to be gained from them.
const PARAMETERS_MAX: usize = 1_000;

/// A statement that writes rows of one table, looks at no other, and waits for nobody.
#[derive(Clone, Debug)]
pub enum Write {
    /// Adds rows.
    Insert(InsertStatement),
    /// Changes rows.
    Update(UpdateStatement),
}

impl Write {
    fn built(&self, dialect: Dialect) -> Statement {
        match self {
            Self::Insert(insert) => dialect.backend().build(insert),
            Self::Update(update) => dialect.backend().build(update),
        }
    }

    /// Under a name, so that others can wait for it.
    fn named(mut self, name: &str) -> CommonTableExpression {
        let one = Query::returning().expr(Expr::cust("1"));
        match &mut self {
            Self::Insert(insert) => {
                insert.returning(one);
            }
            Self::Update(update) => {
                update.returning(one);
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
        }
    }
}

fn common(name: &str, query: impl Into<SubQueryStatement>) -> CommonTableExpression {
    let mut common = CommonTableExpression::new();
    common.table_name(Alias::new(name)).query(query);
    common
}

/// The row of a counter that is advanced, and the rows that are numbered by it.
#[derive(Clone, Debug)]
pub struct Numbered {
    /// Its table. The rows are read from it as it is afterwards.
    pub counter: &'static str,
    /// Advances it.
    pub advance: UpdateStatement,
    /// The columns of the counter that the rows need.
    pub needs: Vec<Alias>,
    /// Adds the rows, selected from the counter.
    pub rows: InsertStatement,
}

/// Writes that wait to be sent, in their order.
#[derive(Debug, Default)]
pub(super) struct Together {
    writes: Vec<(&'static str, Write)>,
    parameters: usize,
}

impl Together {
    /// Whether one with so many parameters can go with those that wait.
    pub(super) fn takes(&self, table: &str, parameters: usize) -> bool {
        self.writes.iter().all(|(other, _)| *other != table) && self.parameters + parameters <= PARAMETERS_MAX
    }

    pub(super) fn add<E: EntityName>(&mut self, table: &E, write: Write, parameters: usize) {
        self.writes.push((table.table_name(), write));
        self.parameters += parameters;
    }

    /// All that wait; none when there are none.
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

    /// All that wait, then the counter, then the rows that it numbers: whoever waits for the counter waits for no write
    /// of ours, and so nobody waits in a circle.
    pub(super) fn take_with(&mut self, numbered: Numbered, dialect: Dialect) -> Statement {
        let Numbered {
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
            // A condition that always holds, and that is not known before the write is done.
            advance.and_where(Expr::cust(format!("(SELECT count(*) FROM \"{name}\") >= 0")));
            all.cte(write.named(&name));
        }
        advance.returning(Query::returning().columns(needs));
        all.cte(common(counter, advance));
        dialect.backend().build(all.query(rows))
    }
}

/// One statement behind the other. Their parameters have no numbers on `SQLite`.
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

    fn two() -> Together {
        let mut together = Together::default();
        together.add(&ticket::Entity, update("ticket", 1), 1);
        together.add(&conversation::Entity, update("conversation", 2), 1);
        together
    }

    fn numbered() -> Numbered {
        let mut advance = Query::update();
        advance.table(Alias::new("counter")).value(Alias::new("n"), 3);
        let mut rows = Query::insert();
        rows.into_table(Alias::new("event"))
            .columns([Alias::new("n")])
            .values_panic([4.into()]);
        Numbered {
            counter: "counter",
            advance,
            needs: vec![Alias::new("n")],
            rows,
        }
    }

    #[test]
    fn no_two_that_go_together_write_to_one_table() {
        let together = two();
        assert!(together.takes("message", 20));
        assert!(!together.takes("ticket", 20));
        assert!(!together.takes("message", PARAMETERS_MAX));
        assert!(Together::default().takes("message", PARAMETERS_MAX));
    }

    #[test]
    fn those_that_wait_are_one_statement() {
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
            let mut together = two();
            let taken = together.take(dialect).expect("two");
            assert_eq!(taken.sql, sql);
            assert_eq!(taken.values.expect("values").0, [1.into(), 2.into()]);
            assert!(together.take(dialect).is_none(), "each is sent once");
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
