//! SQL of ranges of custom fields that differs between `SQLite` and PostgreSQL.

use sea_orm::{ColumnTrait, Value, sea_query::Expr};

use super::Dialect;
use crate::store::filter::{FieldOperator, FieldRange};

/// Form of a time in the format of RFC 3339, for GLOB of `SQLite`. Time zones have at most 14 hours.
const TIME_GLOB: &str = "[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]*";

/// Time zone of such a time.
const SQLITE_ZONE: &str = "ltrim(substr(upper(field.value), 20), '.0123456789')";

/// Regular expression for the times that PostgreSQL can convert: in the format of RFC 3339, on a day that exists.
const TIME_REGEX: &str = "^((?!0000)[0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)\
    |02-(0[1-9]|1[0-9]|2[0-8]))\
    |([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)-02-29)\
    T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])$";

impl Dialect {
    /// Condition: the value under a key of the JSON object in `column` compares with another. A value of another kind
    /// does not match.
    pub fn field_compares(
        self,
        column: impl ColumnTrait,
        key: &str,
        operator: FieldOperator,
        value: &FieldRange,
    ) -> Expr {
        let column = format!("\"{}\".\"{}\"", column.entity_name(), column.as_str());
        let operator = operator.sql();
        let (fits, values): (String, Vec<Value>) = match (self, value) {
            (Self::Sqlite, FieldRange::Number(number)) => (
                format!("field.type IN ('integer', 'real') AND field.value {operator} CAST(? AS NUMERIC)"),
                vec![number.clone().into()],
            ),
            (Self::Sqlite, FieldRange::Time(time)) => (
                // A day that does not exist, such as the 31st of June, would become another one.
                format!(
                    "field.type = 'text' AND upper(field.value) GLOB '{TIME_GLOB}' \
                     AND substr(field.value, 12, 2) < '24' AND date(substr(field.value, 1, 10), '+0 days') = substr(field.value, 1, 10) \
                     AND ({SQLITE_ZONE} = 'Z' OR {SQLITE_ZONE} GLOB '[+-][01][0-9]:[0-5][0-9]') \
                     AND unixepoch(substr(upper(field.value), 1, 19) || {SQLITE_ZONE}) * 1000 \
                     + CASE substr(field.value, 20, 1) WHEN '.' \
                     THEN CAST(round(CAST(substr(field.value, 20, 4) AS REAL) * 1000) AS INTEGER) ELSE 0 END \
                     {operator} ?"
                ),
                vec![time.0.into()],
            ),
            (Self::Postgres, FieldRange::Number(number)) => (
                format!(
                    "CASE WHEN jsonb_typeof({column} -> $1::text) = 'number' \
                     THEN ({column} -> $1::text)::numeric {operator} $2::text::numeric ELSE false END"
                ),
                vec![number.clone().into()],
            ),
            (Self::Postgres, FieldRange::Time(time)) => (
                format!(
                    "CASE WHEN jsonb_typeof({column} -> $1::text) = 'string' \
                     AND upper(({column} ->> $1::text) COLLATE \"C\") ~ $2::text \
                     THEN floor(extract(epoch FROM ({column} ->> $1::text)::timestamptz) * 1000) {operator} $3::bigint \
                     ELSE false END"
                ),
                vec![TIME_REGEX.into(), time.0.into()],
            ),
        };
        let sql = match self {
            Self::Sqlite => {
                format!("EXISTS (SELECT 1 FROM json_each({column}) AS field WHERE field.key = ? AND {fits})")
            }
            Self::Postgres => fits,
        };
        Expr::cust_with_values(sql, std::iter::once(Value::from(key)).chain(values))
    }
}
