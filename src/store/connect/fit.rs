//! Checks that a PostgreSQL database is suitable and that the role has the rights it needs. Each error names
//! the statement that fixes it.

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, Value, sea_query::ArrayType};

use super::connections::{Connections, StatementRunner};
use crate::store::{StoreError, dialect::Dialect, write::tables};

tables!(
    /// Tables of the gateway, without the table of migrations.
    pub(super) fn tables =
        agent, api_key, api_key_workspace, change, change_counter, conversation, conversation_activity,
        conversation_agent, conversation_team, customer, customer_address, customer_word, epoch, erased,
        erasure_key, external_reference, idempotency_key, identity, inbox, message, queue, sync_place, team,
        team_agent, ticket, ticket_activity, word_index, workspace
);

/// Table of the applied migrations.
const STEPS: &str = "seaql_migrations";

/// Rejects a database whose encoding cannot store every text.
pub(super) async fn check_encoding(connections: &Connections) -> Result<(), StoreError> {
    if connections.runner.dialect() != Dialect::Postgres {
        return Ok(());
    }
    let sql = "SELECT current_setting('server_encoding'), quote_ident(current_database()), \
               quote_ident(current_database() || '_utf8')";
    let Some(row) = ask(connections, sql, None).await?.pop() else {
        return Ok(());
    };
    let (encoding, name, new): (String, String, String) = (
        row.try_get_by_index(0)?,
        row.try_get_by_index(1)?,
        row.try_get_by_index(2)?,
    );
    if encoding == "UTF8" {
        return Ok(());
    }
    Err(StoreError::Unfit(format!(
        "The database {name} uses the encoding {encoding}, which cannot store every character. Create a UTF-8 database \
         and move the data to it: CREATE DATABASE {new} ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE \
         template0"
    )))
}

/// Rejects a role that cannot read and write the tables, or cannot create them when they are missing and
/// migrations are requested.
pub(super) async fn check_rights(connections: &Connections, is_to_migrate: bool) -> Result<(), StoreError> {
    if connections.runner.dialect() != Dialect::Postgres {
        return Ok(());
    }
    let sql = "SELECT quote_ident(current_user), quote_ident(current_schema()), \
               to_regclass('seaql_migrations') IS NOT NULL";
    let Some(row) = ask(connections, sql, None).await?.pop() else {
        return Ok(());
    };
    let (role, schema, is_migrated): (String, Option<String>, bool) = (
        row.try_get_by_index(0)?,
        row.try_get_by_index(1)?,
        row.try_get_by_index(2)?,
    );
    let Some(schema) = schema else {
        return Err(StoreError::Unfit(format!(
            "The role {role} cannot use any schema of the database. Run: GRANT USAGE, CREATE ON SCHEMA public TO {role}"
        )));
    };
    if !is_migrated {
        return if is_to_migrate {
            check_creation(connections).await
        } else {
            Ok(())
        };
    }
    let sql = "SELECT quote_ident(relname), relname = $2 FROM pg_class \
               WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND (\
               relname = $2 AND NOT has_table_privilege(oid, 'SELECT') OR relname = ANY ($1) AND NOT (\
               has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT') \
               AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE'))) ORDER BY relname";
    let (mut lacking, mut lacks_steps) = (Vec::new(), false);
    for row in ask(connections, sql, Some([names(), Value::from(STEPS)])).await? {
        if row.try_get_by_index(1)? {
            lacks_steps = true;
        } else {
            lacking.push(row.try_get_by_index::<String>(0)?);
        }
    }
    let mut grants = Vec::new();
    if !lacking.is_empty() {
        let lacking = lacking.join(", ");
        grants.push(format!(
            "GRANT SELECT, INSERT, UPDATE, DELETE ON {lacking} TO {role}"
        ));
    }
    if lacks_steps {
        grants.push(format!("GRANT SELECT ON {STEPS} TO {role}"));
    }
    if grants.is_empty() {
        return Ok(());
    }
    Err(StoreError::Unfit(format!(
        "The role {role} cannot read and write all tables in the schema {schema}. Run: {}",
        grants.join("; ")
    )))
}

/// Rejects a role that cannot create tables or alter the existing ones.
pub(super) async fn check_creation(connections: &Connections) -> Result<(), StoreError> {
    let sql = "SELECT quote_ident(current_user), quote_ident(current_schema()), \
               has_schema_privilege(current_schema(), 'CREATE'), \
               (SELECT string_agg('ALTER TABLE ' || quote_ident(relname) || ' OWNER TO ' || quote_ident(current_user), \
               '; ' ORDER BY relname) FROM pg_class WHERE relnamespace = current_schema()::regnamespace \
               AND (relname = ANY ($1) OR relname = $2) AND NOT pg_has_role(relowner, 'USAGE'))";
    let Some(row) = ask(connections, sql, Some([names(), Value::from(STEPS)]))
        .await?
        .pop()
    else {
        return Ok(());
    };
    let (role, schema): (String, Option<String>) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    let (may_create, alter): (Option<bool>, Option<String>) =
        (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
    if may_create == Some(false) {
        let schema = schema.unwrap_or_default();
        return Err(StoreError::Unfit(format!(
            "The role {role} cannot create tables in the schema {schema}. Run: GRANT CREATE ON SCHEMA {schema} TO {role}"
        )));
    }
    let Some(alter) = alter else { return Ok(()) };
    Err(StoreError::Unfit(format!(
        "The tables need a migration, which only their owner can run. The role {role} is not their owner. Run deskgraph \
         migrate as the owner, or run: {alter}"
    )))
}

fn names() -> Value {
    let names = tables().into_iter().map(Value::from).collect();
    Value::Array(ArrayType::String, Some(Box::new(names)))
}

async fn ask(
    connections: &Connections,
    sql: &str,
    values: Option<[Value; 2]>,
) -> Result<Vec<QueryResult>, DbErr> {
    let backend = connections.runner.dialect().backend();
    let statement = match values {
        Some(values) => Statement::from_sql_and_values(backend, sql, values),
        None => Statement::from_string(backend, sql),
    };
    connections.query_all_raw(statement).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::{Secret, Settings},
        store::Db,
    };

    #[tokio::test]
    async fn every_table_is_checked() {
        let settings = Settings {
            database_url: Secret::new("sqlite::memory:"),
            database_connections: 1,
            ..Settings::default()
        };
        let db = Db::open(&settings).await.expect("a database");
        db.migrate().await.expect("migrated");
        let sql =
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
        let rows = ask(db.connection(), sql, None).await.expect("rows");
        let found: Vec<String> = rows
            .iter()
            .map(|row| row.try_get_by_index(0).expect("a name"))
            .filter(|name| name != STEPS)
            .collect();
        assert_eq!(found, tables());
    }
}
