//! Column forms that every step uses, and the few words in which the two databases differ.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

/// A required id.
pub fn id(name: &'static str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).uuid().not_null().take()
}

/// An id that may be missing.
pub fn id_or_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).uuid().take()
}

/// A required text.
pub fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).text().not_null().take()
}

/// A text that may be missing.
pub fn text_or_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).text().take()
}

/// A folded text that is searched and sorted: byte order on both databases, whatever the locale.
pub fn key(manager: &SchemaManager<'_>, name: &'static str) -> ColumnDef {
    let mut column = text(name);
    column.default("");
    if manager.get_database_backend() == DbBackend::Postgres {
        column.extra("COLLATE \"C\"");
    }
    column
}

/// A required instant in milliseconds.
pub fn instant(name: &'static str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).big_integer().not_null().take()
}

/// An instant that may be missing.
pub fn instant_or_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).big_integer().take()
}

/// A required enumeration or small number.
pub fn small(name: &'static str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).small_integer().not_null().take()
}

/// An enumeration or small number that may be missing.
pub fn small_or_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).small_integer().take()
}

/// A flag that is not set when nobody says.
pub fn flag(name: &'static str) -> ColumnDef {
    ColumnDef::new(Alias::new(name))
        .boolean()
        .not_null()
        .default(false)
        .take()
}

/// A count that begins at zero.
pub fn count(name: &'static str) -> ColumnDef {
    ColumnDef::new(Alias::new(name))
        .integer()
        .not_null()
        .default(0)
        .take()
}

/// A list of texts as JSON.
pub fn tags(name: &'static str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).json_binary().not_null().take()
}

/// A list as JSON, empty when nobody says.
pub fn json_list(name: &'static str) -> ColumnDef {
    tags(name).default("[]").take()
}

/// An object as JSON, empty when nobody says.
pub fn custom_fields(name: &'static str) -> ColumnDef {
    tags(name).default("{}").take()
}

/// A reference from `table.column` to the id of `target`.
pub fn reference(
    table: &'static str,
    column: &'static str,
    target: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("{table}_{column}_fkey"))
        .from(Alias::new(table), Alias::new(column))
        .to(Alias::new(target), Alias::new("id"))
        .to_owned()
}

/// Runs statements that both databases understand.
pub async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    for statement in statements {
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}

/// Drops tables in the given order.
pub async fn drop_tables(manager: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for table in tables {
        manager
            .drop_table(Table::drop().table(Alias::new(*table)).to_owned())
            .await?;
    }
    Ok(())
}

/// Adds columns to a table that is there, one by one: `SQLite` knows no other way.
pub async fn add_columns(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: Vec<ColumnDef>,
) -> Result<(), DbErr> {
    for mut column in columns {
        manager
            .alter_table(
                Table::alter()
                    .table(Alias::new(table))
                    .add_column(&mut column)
                    .to_owned(),
            )
            .await?;
    }
    Ok(())
}

/// Takes columns from a table, the last first: one may refer to another table that goes next.
pub async fn drop_columns(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    for column in columns.iter().rev() {
        manager
            .alter_table(
                Table::alter()
                    .table(Alias::new(table))
                    .drop_column(Alias::new(*column))
                    .to_owned(),
            )
            .await?;
    }
    Ok(())
}

/// Tells `SQLite` how selective new indexes are: table, index, rows in all and rows for each further column. Every
/// index of a table needs it, or it would look better than those that have it.
pub async fn teach_sizes(manager: &SchemaManager<'_>, figures: &[(&str, &str, &str)]) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Sqlite {
        return Ok(());
    }
    for (table, index, figures) in figures {
        let insert =
            format!("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('{table}', '{index}', '{figures}')");
        run(manager, &[&insert]).await?;
    }
    // Makes open connections read them.
    run(manager, &["ANALYZE sqlite_schema"]).await
}
