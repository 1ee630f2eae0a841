//! Reads rows and counts their bytes as they arrive.
//!
//! A statement can return much more than a response may hold. Each row is charged to the running request
//! before the next row is read, so reading stops at the limit and not at the end of the rows.

use futures_util::{Stream, TryStreamExt, pin_mut};
use sea_orm::{
    DbErr, QueryResult,
    sqlx::{self, Column, Decode, Row, ValueRef},
};

use super::session::told;
use crate::budget;

/// Bytes of a row in addition to its values: the object built from it and its place in lists.
const ROW: usize = 256;
/// Bytes charged for a value that is not in a long column.
const VALUE: usize = 32;

/// Columns with values of kilobytes. Values of all other columns have at most a few hundred characters.
const LONG: [&str; 11] = [
    "attachments",
    "avatar_url",
    "body",
    "body_html",
    "custom_fields",
    "emails",
    "fields",
    "internal_notes",
    "phones",
    "subject",
    "tags",
];

/// Reads every row and, on request, charges it to the running request.
pub(super) async fn read_all<R>(
    rows: impl Stream<Item = Result<R, sqlx::Error>>,
    is_counted: bool,
) -> Result<Vec<QueryResult>, DbErr>
where
    R: Row + Into<QueryResult>,
    for<'r> &'r [u8]: Decode<'r, R::Database>,
    usize: sqlx::ColumnIndex<R>,
{
    pin_mut!(rows);
    let (mut all, mut long) = (Vec::new(), None);
    while let Some(row) = rows.try_next().await.map_err(|error| DbErr::Query(told(error)))? {
        if is_counted {
            let long = long.get_or_insert_with(|| long_columns(&row));
            let texts: usize = long.iter().map(|place| length(&row, *place)).sum();
            if !(budget::hold(ROW + VALUE * row.columns().len()) && budget::read(texts)) {
                return Err(DbErr::Custom("the answer has no room for more rows".to_owned()));
            }
        }
        all.push(row.into());
    }
    Ok(all)
}

/// Positions of the columns that can be long.
fn long_columns<R: Row>(row: &R) -> Vec<usize> {
    let columns = row.columns().iter().enumerate();
    let long = columns.filter(|(_, column)| LONG.contains(&column.name()));
    long.map(|(place, _)| place).collect()
}

/// Length of a value in bytes, as the database sent it.
fn length<R>(row: &R, place: usize) -> usize
where
    R: Row,
    for<'r> &'r [u8]: Decode<'r, R::Database>,
    usize: sqlx::ColumnIndex<R>,
{
    let Ok(value) = row.try_get_raw(place) else {
        return 0;
    };
    if value.is_null() {
        return 0;
    }
    <&[u8]>::decode(value).map_or(0, <[u8]>::len)
}
