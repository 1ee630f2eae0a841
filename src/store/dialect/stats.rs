//! SQL of figures that differs between `SQLite` and PostgreSQL.

use sea_orm::{ColumnTrait, sea_query::Expr};

use super::Dialect;

impl Dialect {
    /// Expression for the month, such as `2026-01`, that contains a number of seconds since 1970 computed from `column`,
    /// null without a value in the column. Times after the year 9999, which is the last year of timestamps, are in its
    /// last month.
    pub fn month(self, column: &str, seconds: &str) -> String {
        const LAST: i64 = 253_402_300_799;
        match self {
            Self::Sqlite => format!("strftime('%Y-%m', MIN({seconds}, {LAST}), 'unixepoch')"),
            Self::Postgres => {
                // LEAST ignores null.
                format!(
                    "CASE WHEN {column} IS NOT NULL THEN \
                     to_char(to_timestamp(LEAST({seconds}, {LAST})) AT TIME ZONE 'UTC', 'YYYY-MM') END"
                )
            }
        }
    }

    /// Expression for a text that is compared and sorted by its bytes.
    pub fn by_bytes(self, text: &str) -> String {
        match self {
            Self::Sqlite => text.to_owned(),
            Self::Postgres => format!("{text} COLLATE \"C\""),
        }
    }

    /// Expression for the JSON text of the field with this key in the JSON object in `column`, null without it.
    pub fn field_json(self, column: impl ColumnTrait, key: &str) -> Expr {
        let column = format!("\"{}\".\"{}\"", column.entity_name(), column.as_str());
        let sql = match self {
            Self::Sqlite => format!(
                "(SELECT {column} -> field.fullkey FROM json_each({column}) AS field WHERE field.key = ?)"
            ),
            Self::Postgres => format!("({column} -> $1::text)::text COLLATE \"C\""),
        };
        Expr::cust_with_values(sql, [key.to_owned()])
    }

    /// The elements of the JSON array `array` as rows of a table `tag` with the column `value`.
    pub fn each_tag(self, array: &str) -> String {
        match self {
            Self::Sqlite => format!("json_each({array}) AS tag"),
            Self::Postgres => format!("jsonb_array_elements_text({array}) AS tag(value)"),
        }
    }

    /// Whether the database has aggregates for percentiles.
    pub fn has_percentiles(self) -> bool {
        self == Self::Postgres
    }
}
