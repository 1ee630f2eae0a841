//! SQL that differs between `SQLite` and PostgreSQL.

mod fields;
mod stats;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, Statement, Value,
    prelude::Uuid,
    sea_query::{
        Alias, ArrayType, Expr, ExprTrait, Func, FunctionCall, Query, SelectStatement,
        extension::postgres::PgFunc,
    },
};

use super::{
    filter::{FieldValue, containing},
    noun::Side,
};

/// Type of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Embedded database.
    Sqlite,
    /// Database server.
    Postgres,
}

impl Dialect {
    pub fn of(connection: &impl ConnectionTrait) -> Self {
        match connection.get_database_backend() {
            DbBackend::Postgres => Self::Postgres,
            _ => Self::Sqlite,
        }
    }

    /// Type of database in the terms of `SeaORM`.
    pub fn backend(self) -> DbBackend {
        match self {
            Self::Sqlite => DbBackend::Sqlite,
            Self::Postgres => DbBackend::Postgres,
        }
    }

    /// Query for the file that holds the data. `None` for a server.
    pub fn file(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => Some("SELECT file FROM pragma_database_list WHERE name = 'main'"),
            Self::Postgres => None,
        }
    }

    /// Query that returns a row if the table of applied migrations exists.
    pub fn was_migrated(self) -> &'static str {
        match self {
            Self::Sqlite => "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'seaql_migrations'",
            Self::Postgres => "SELECT 1 WHERE to_regclass('seaql_migrations') IS NOT NULL",
        }
    }

    /// Condition: `column` is one of `ids`. The ids are one parameter, so that the text of the statement is
    /// the same for any number of ids above one. A single id is compared directly: PostgreSQL assumes a
    /// longer array for a parameter, and would plan the statement again on each execution.
    pub fn is_among(self, column: impl ColumnTrait, ids: &[Uuid]) -> Expr {
        let column = Expr::col((column.entity_name(), column));
        if let [id] = ids {
            return column.eq(*id);
        }
        match self {
            Self::Sqlite => column.in_subquery(
                Query::select()
                    .expr(Expr::cust_with_values(IDS_OF_JSON, [json_array(ids)]))
                    .take(),
            ),
            Self::Postgres => column.eq(PgFunc::any(Expr::val(uuid_array(ids)))),
        }
    }

    /// Condition: `column` is in the result of a statement that returns few rows. The statement runs first.
    /// Otherwise PostgreSQL would not expect few rows and would rather read a list to its end.
    pub fn is_found_by(self, column: impl ColumnTrait, select: SelectStatement) -> Expr {
        let column = Expr::col((column.entity_name(), column));
        match self {
            Self::Sqlite => column.in_subquery(select),
            Self::Postgres => {
                let found = Func::cust("ARRAY").arg(Expr::SubQuery(None, Box::new(select.into())));
                column.eq(PgFunc::any(found))
            }
        }
    }

    /// Condition: `column` is one of these texts. The texts are one parameter, as in [`Self::is_among`].
    pub fn is_one_of(self, column: impl ColumnTrait, texts: Vec<String>) -> Expr {
        let column = Expr::col((column.entity_name(), column));
        match self {
            Self::Sqlite => column.in_subquery(
                Query::select()
                    .expr(Expr::cust_with_values(
                        "value FROM json_each(?)",
                        [serde_json::Value::from(texts).to_string()],
                    ))
                    .take(),
            ),
            Self::Postgres => column.eq(PgFunc::any(Expr::val(text_array(texts)))),
        }
    }

    /// Inserts the words of customers that do not exist yet. The n-th elements of the lists form one row. The
    /// text of the statement is the same for any number of rows.
    pub fn insert_words(self, workspaces: &[Uuid], words: Vec<String>, customers: &[Uuid]) -> Statement {
        match self {
            Self::Sqlite => {
                let ids = workspaces.iter().zip(customers);
                let rows = ids.zip(words).map(|((workspace, customer), word)| {
                    serde_json::json!([
                        workspace.simple().to_string(),
                        word,
                        customer.simple().to_string()
                    ])
                });
                let rows = serde_json::Value::Array(rows.collect()).to_string();
                let sql = "INSERT OR IGNORE INTO customer_word (workspace_id, word, customer_id) \
                           SELECT unhex(value ->> 0), value ->> 1, unhex(value ->> 2) FROM json_each(?)";
                Statement::from_sql_and_values(DbBackend::Sqlite, sql, [Value::from(rows)])
            }
            Self::Postgres => {
                let sql = "INSERT INTO customer_word (workspace_id, word, customer_id) \
                           SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[]) ON CONFLICT DO NOTHING";
                let values = [uuid_array(workspaces), text_array(words), uuid_array(customers)];
                Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
            }
        }
    }

    /// Expression for `column` with the letters A to Z in lower case and all others unchanged, independent of
    /// the locale.
    pub fn ascii_lower(self, column: impl ColumnTrait) -> Expr {
        match self {
            Self::Sqlite => Func::lower(Expr::col((column.entity_name(), column))).into(),
            Self::Postgres => Func::lower(Expr::cust(format!(
                "\"{}\".\"{}\" COLLATE \"C\"",
                column.entity_name(),
                column.as_str()
            )))
            .into(),
        }
    }

    /// Condition: `whole` contains `part`, case-sensitive. LIKE of `SQLite` starts again after each letter
    /// that matches: in a text of 256 KiB, a pattern of 128 letters takes a hundred times as long as this
    /// function.
    pub fn holds(self, whole: Expr, part: &str) -> Expr {
        match self {
            Self::Sqlite => Expr::from(Func::cust("instr").args([whole, Expr::val(part)])).gt(0),
            Self::Postgres => whole.like(containing(part)),
        }
    }

    /// Condition: the JSON array in `column` contains one of `tags`.
    pub fn has_any_tag(self, column: impl ColumnTrait, tags: &[String]) -> Expr {
        let column = format!("\"{}\".\"{}\"", column.entity_name(), column.as_str());
        let elements = self.each_tag(&column);
        let place = match self {
            Self::Sqlite => "?",
            Self::Postgres => "$1",
        };
        // One parameter for each tag, joined with OR, because a list cannot be a single parameter on SQLite.
        let one = |tag: &String| {
            let sql = format!("EXISTS (SELECT 1 FROM {elements} WHERE tag.value = {place})");
            Expr::cust_with_values(sql, [tag.clone()])
        };
        tags.iter()
            .map(one)
            .reduce(ExprTrait::or)
            .unwrap_or_else(|| Expr::value(false))
    }

    /// Condition: the JSON object in `column` has this key.
    pub fn has_field(self, column: impl ColumnTrait, key: &str) -> Expr {
        let column = format!("\"{}\".\"{}\"", column.entity_name(), column.as_str());
        let sql = match self {
            Self::Sqlite => {
                format!("EXISTS (SELECT 1 FROM json_each({column}) AS field WHERE field.key = ?)")
            }
            // The operator of this function is a question mark, which would be read as a placeholder.
            Self::Postgres => format!("jsonb_exists({column}, $1)"),
        };
        Expr::cust_with_values(sql, [key.to_owned()])
    }

    /// Returns the function that lists the keys of the JSON object in `column` as rows, the alias of the
    /// rows, and the key in a row.
    pub fn keys_of(self, column: impl ColumnTrait) -> (FunctionCall, Alias, Expr) {
        let object = Expr::col((column.entity_name(), column));
        let (function, key) = match self {
            Self::Sqlite => ("json_each", "key"),
            Self::Postgres => ("jsonb_object_keys", "field"),
        };
        let (name, key) = (Alias::new("field"), Alias::new(key));
        (
            Func::cust(function).arg(object),
            name.clone(),
            Expr::col((name, key)),
        )
    }

    /// Statements that remove samples of texts from the statistics of the planner. `None` where the database
    /// replaces them by itself.
    pub fn forget_samples(self) -> Option<[&'static str; 2]> {
        match self {
            Self::Sqlite => Some([
                "SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat4'",
                "DELETE FROM sqlite_stat4 WHERE tbl IN \
                 ('customer', 'customer_address', 'customer_word', 'conversation', 'ticket', 'external_reference')",
            ]),
            Self::Postgres => None,
        }
    }

    /// Condition: the JSON object in `column` has this value under a key.
    pub fn field_is(self, column: impl ColumnTrait, key: &str, value: &FieldValue) -> Expr {
        let column = format!("\"{}\".\"{}\"", column.entity_name(), column.as_str());
        let (fits, value) = match (self, value) {
            (Self::Sqlite, FieldValue::Text(text)) => {
                ("field.type = 'text' AND field.value = ?", text.clone())
            }
            (Self::Sqlite, FieldValue::Number(number)) => {
                let fits = "field.type IN ('integer', 'real') AND field.value = CAST(? AS NUMERIC)";
                (fits, number.clone())
            }
            (Self::Sqlite, FieldValue::Flag(flag)) => ("field.type = ?", flag.to_string()),
            (Self::Sqlite, FieldValue::Nested(json)) => (
                "field.type IN ('array', 'object') AND json(field.value) = json(?)",
                json.clone(),
            ),
            (Self::Postgres, FieldValue::Text(text)) => ("to_jsonb($2::text)", text.clone()),
            (Self::Postgres, FieldValue::Flag(flag)) => ("$2::text::jsonb", flag.to_string()),
            (Self::Postgres, FieldValue::Number(json) | FieldValue::Nested(json)) => {
                ("$2::text::jsonb", json.clone())
            }
        };
        let sql = match self {
            Self::Sqlite => {
                format!("EXISTS (SELECT 1 FROM json_each({column}) AS field WHERE field.key = ? AND {fits})")
            }
            Self::Postgres => format!("{column} -> $1::text = {fits}"),
        };
        Expr::cust_with_values(sql, [key.to_owned(), value])
    }

    /// Returns the n-th placeholder of a hand-written statement, from 1.
    pub fn place(self, n: usize) -> String {
        match self {
            Self::Sqlite => format!("?{n}"),
            Self::Postgres => format!("${n}"),
        }
    }

    /// Returns the first `n` placeholders, separated by commas.
    pub fn places(self, n: usize) -> String {
        let places: Vec<_> = (1..=n).map(|n| self.place(n)).collect();
        places.join(", ")
    }

    /// The places of so many rows of so many values, for `VALUES`: the first ones of a statement.
    pub fn rows(self, rows: usize, values: usize) -> String {
        let row = |row: usize| {
            let places: Vec<_> = (1..=values).map(|n| self.place(row * values + n)).collect();
            format!("({})", places.join(", "))
        };
        (0..rows).map(row).collect::<Vec<_>>().join(", ")
    }

    /// Runs `inner` for each of many parents in one statement. `inner` limits the children of one parent,
    /// whose id is `k.id`.
    ///
    /// `columns` are the columns of `table` to read.
    pub fn for_each_parent(self, inner: Inner<'_>, parents: &[Uuid]) -> Statement {
        let Inner {
            sql,
            values,
            table,
            side,
            columns,
        } = inner;
        // PostgreSQL reads all columns from the rows of the inner statement.
        let side = side.filter(|_| self == Self::Sqlite);
        let side_of = |name| side.filter(|side| side.columns.contains(name));
        let joined = columns.iter().find_map(side_of).map(|side| side.table);
        let joined = joined.map_or_else(String::new, |side| {
            format!(" CROSS JOIN \"{side}\" ON \"{side}\".\"id\" = \"{table}\".\"id\"")
        });
        let columns = columns
            .iter()
            .map(|name| {
                format!(
                    "\"{}\".\"{name}\"",
                    side_of(name).map_or(table, |side| side.table)
                )
            })
            .collect::<Vec<_>>()
            .join(", ");
        match self {
            // LATERAL reads the first rows of each parent along an index and stops.
            Self::Postgres => {
                let place = values.len() + 1;
                let mut values = values;
                values.push(uuid_array(parents));
                Statement::from_sql_and_values(
                    DbBackend::Postgres,
                    format!(
                        "SELECT {columns} FROM unnest(${place}::uuid[]) AS k(id) \
                         CROSS JOIN LATERAL ({sql}) AS \"{table}\""
                    ),
                    values,
                )
            }
            // SQLite has no LATERAL. A correlated subquery for ids has the same effect.
            Self::Sqlite => {
                let values = std::iter::once(Value::from(json_array(parents)))
                    .chain(values)
                    .collect::<Vec<_>>();
                Statement::from_sql_and_values(
                    DbBackend::Sqlite,
                    format!(
                        "WITH k(id) AS (SELECT {IDS_OF_JSON}) SELECT {columns} FROM k CROSS JOIN \"{table}\" \
                         ON \"{table}\".\"id\" IN ({sql}){joined}"
                    ),
                    values,
                )
            }
        }
    }

    /// Whether the inner statement of [`Self::for_each_parent`] must select whole rows. Otherwise it must
    /// select ids.
    pub fn inner_selects_rows(self) -> bool {
        self == Self::Postgres
    }
}

/// Statement that reads the children of one parent.
#[derive(Debug)]
pub struct Inner<'a> {
    /// Text of the statement, including its limit.
    pub sql: String,
    /// Parameters of the statement.
    pub values: Vec<Value>,
    /// Table of the children.
    pub table: &'a str,
    /// Table with some of the columns, by the same id.
    pub side: Option<Side>,
    pub columns: &'a [&'a str],
}

fn uuid_array(ids: &[Uuid]) -> Value {
    Value::Array(
        ArrayType::Uuid,
        Some(Box::new(ids.iter().map(|id| Value::from(*id)).collect())),
    )
}

fn text_array(texts: Vec<String>) -> Value {
    let texts = texts.into_iter().map(Value::from).collect();
    Value::Array(ArrayType::String, Some(Box::new(texts)))
}

/// Ids from a JSON array of hexadecimal texts, so that any number of ids is one parameter.
const IDS_OF_JSON: &str = "unhex(value) FROM json_each(?)";

fn json_array(ids: &[Uuid]) -> String {
    let mut json = String::with_capacity(ids.len() * 35 + 2);
    json.push('[');
    for (index, id) in ids.iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        json.push('"');
        json.push_str(id.simple().encode_lower(&mut Uuid::encode_buffer()));
        json.push('"');
    }
    json.push(']');
    json
}
