//! Reads rows, and counts their bytes as they come.
//!
//! A statement may answer much more than a viewer is given at once. The running work is charged for each row before the
//! next one is read, so that it ends where its bound is and not where the rows end.

use futures_util::{Stream, TryStreamExt, pin_mut};
use sea_orm::{
    DbErr, QueryResult,
    sqlx::{self, Column, Decode, Row, ValueRef},
};

use super::session::told;
use crate::budget;

/// What a row takes beside its values: the object that is made of it, its place in lists.
const ROW: usize = 256;
/// What a value takes that is not in a long column.
const VALUE: usize = 32;

/// Columns with values of kilobytes. Texts in all others are a few hundred characters long at most.
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

/// Every row, counted for the running work if that is wanted.
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

/// The places of the columns that may be long.
fn long_columns<R: Row>(row: &R) -> Vec<usize> {
    let columns = row.columns().iter().enumerate();
    let long = columns.filter(|(_, column)| LONG.contains(&column.name()));
    long.map(|(place, _)| place).collect()
}

/// Bytes of a value as it came.
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
