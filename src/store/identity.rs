//! Identity of the file or server that holds the database.
//!
//! The database stores its identity. If the actual identity differs, the database was restored, copied or
//! promoted, and a new epoch begins in every workspace. A file that is opened again or mounted elsewhere
//! keeps its identity.

use std::{fmt, fs::Metadata};

use entity::identity::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use super::{
    Db, StoreError,
    connect::WriteTransaction,
    epoch::{begin_everywhere, new_id},
};
use crate::clock::Clock;

/// Id of the only row.
const ID: i16 = 1;
/// Separator between two parts.
const SEPARATOR: char = '/';
/// Placeholder for an unknown part.
const UNKNOWN: &str = "-";

/// Parts that distinguish a file or server from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity(Vec<String>);

impl Identity {
    /// Identity of a server: its system identifier, its timeline, and the object ids of the database and of a
    /// table in it. A promoted standby has another timeline. A restored or copied database has another object
    /// id, and so does a table that was created again.
    pub(super) fn of_server(parts: [Option<String>; 4]) -> Self {
        let parts = parts
            .into_iter()
            .map(|part| part.unwrap_or_else(|| UNKNOWN.to_owned()));
        Self(std::iter::once("server".to_owned()).chain(parts).collect())
    }

    /// Identity of a file: its inode number and its creation time, because inode numbers are reused. The path
    /// and the device are not part of it, because they change with a mount.
    pub(super) fn of_file(metadata: &Metadata) -> Self {
        let made = metadata.created().ok();
        let made = made.and_then(|made| made.duration_since(std::time::UNIX_EPOCH).ok());
        let made = made.map_or_else(|| UNKNOWN.to_owned(), |made| made.as_nanos().to_string());
        Self(vec!["file".to_owned(), number(metadata), made])
    }

    /// Identity of a backup, which is not in use.
    pub fn of_backup() -> Self {
        Self(vec!["backup".to_owned()])
    }

    fn read(text: &str) -> Self {
        Self(text.split(SEPARATOR).map(str::to_owned).collect())
    }

    /// Whether the identities differ in a part that both know.
    pub(super) fn is_other_than(&self, other: &Self) -> bool {
        let differs = |(one, other): (&String, &String)| one != other && one != UNKNOWN && other != UNKNOWN;
        self.0.len() != other.0.len() || self.0.iter().zip(&other.0).any(differs)
    }

    /// Fills unknown parts with those of the same identity as stored before.
    fn completed(mut self, before: &Self) -> Self {
        for (part, before) in self.0.iter_mut().zip(&before.0) {
            if part == UNKNOWN {
                part.clone_from(before);
            }
        }
        self
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(&SEPARATOR.to_string()))
    }
}

#[cfg(unix)]
fn number(metadata: &Metadata) -> String {
    use std::os::unix::fs::MetadataExt;
    metadata.ino().to_string()
}

#[cfg(not(unix))]
fn number(_: &Metadata) -> String {
    UNKNOWN.to_owned()
}

/// Stores the actual identity. If it differs from the stored one, begins a new epoch in every workspace and
/// returns true. If several nodes notice at once, only one does it.
pub(super) async fn keep(
    db: &Db,
    begin: impl AsyncFnOnce() -> Result<WriteTransaction, StoreError>,
    actual: Identity,
    clock: &Clock,
) -> Result<bool, StoreError> {
    let Some(kept) = Entity::find_by_id(ID).one(db.connection()).await? else {
        // No earlier identity is known.
        let writing = begin().await?;
        let row = Model {
            id: ID,
            parts: actual.to_string(),
        };
        Entity::insert(row.into_active_model())
            .on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned())
            .exec_without_returning(writing.connection())
            .await?;
        writing.commit().await?;
        return Ok(false);
    };
    let before = Identity::read(&kept.parts);
    let is_other = actual.is_other_than(&before);
    let actual = if is_other {
        actual
    } else {
        actual.completed(&before)
    };
    if actual == before {
        return Ok(false);
    }
    let writing = begin().await?;
    let replaced = Entity::update_many()
        .col_expr(Column::Parts, Expr::value(actual.to_string()))
        .filter(Column::Id.eq(ID))
        .filter(Column::Parts.eq(kept.parts))
        .exec(writing.connection())
        .await?;
    // Otherwise another node was faster.
    let is_begun = is_other && replaced.rows_affected == 1;
    if is_begun {
        begin_everywhere(&writing, new_id(clock), clock.now()).await?;
    }
    writing.commit().await?;
    if is_begun {
        tracing::warn!(
            before = %before,
            now = %actual,
            "another file or server than before holds the database: it was restored, copied or promoted. New epochs of the \
             change logs start, and cursors of lost events expire"
        );
    }
    Ok(is_begun)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(parts: [&str; 4]) -> Identity {
        Identity::of_server(parts.map(|part| Some(part.to_owned()).filter(|part| part != UNKNOWN)))
    }

    #[test]
    fn any_differing_part_means_another_server() {
        let one = server(["7", "00000001", "5", "6"]);
        assert!(!one.is_other_than(&one));
        for other in [
            server(["8", "00000001", "5", "6"]),
            server(["7", "00000002", "5", "6"]),
            server(["7", "00000001", "6", "6"]),
            server(["7", "00000001", "5", "7"]),
            Identity::of_backup(),
        ] {
            assert!(one.is_other_than(&other) && other.is_other_than(&one), "{other}");
        }
    }

    #[test]
    fn unknown_parts_are_ignored_and_keep_stored_values() {
        let full = server(["7", "00000001", "5", "6"]);
        let poor = server(["-", "-", "5", "6"]);
        assert!(!full.is_other_than(&poor) && !poor.is_other_than(&full));
        assert_eq!(poor.clone().completed(&full), full);
        assert_eq!(full.clone().completed(&poor), full);
        assert_eq!(poor.to_string(), "server/-/-/5/6");
        assert_eq!(Identity::read(&full.to_string()), full);
    }

    #[test]
    fn moved_files_keep_their_identity_and_copies_differ() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name| folder.path().join(name);
        let of = |name| Identity::of_file(&std::fs::metadata(path(name)).expect("a file"));
        std::fs::write(path("one"), "x").expect("written");
        let one = of("one");
        std::fs::copy(path("one"), path("two")).expect("copied");
        assert!(of("two").is_other_than(&one));
        std::fs::rename(path("one"), path("three")).expect("moved");
        std::fs::write(path("three"), "more").expect("written");
        assert_eq!(of("three"), one);
    }
}
