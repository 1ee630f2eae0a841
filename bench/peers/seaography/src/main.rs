//! Seaography over the gateway's tables, without authentication.

mod entities;

use std::{env, error::Error};

use async_graphql::{
    Request, Response,
    dynamic::{Field, FieldFuture, FieldValue, InputValue, Schema, TypeRef},
};
use axum::{Json, Router, extract::State, routing::post, serve::ListenerExt};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DbBackend, EntityTrait, Statement, prelude::Uuid,
};
use seaography::{Builder, BuilderContext};
use tokio::net::TcpListener;

use entities::{customer, message, ticket};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut options = ConnectOptions::new(env::var("DATABASE_URL")?);
    let connections = env::var("DATABASE_CONNECTIONS")?.parse()?;
    options
        .max_connections(connections)
        .min_connections(connections)
        .test_before_acquire(false)
        .sqlx_logging(false);
    let database = Database::connect(options).await?;
    // Lives as long as the process.
    let context: &'static BuilderContext = Box::leak(Box::default());
    let mut builder = Builder::new(context, database.clone());
    seaography::register_entity!(builder, customer);
    seaography::register_entity!(builder, ticket);
    seaography::register_entity!(builder, message);
    builder.mutations.push(message_add());
    let schema = builder.schema_builder().data(database).finish()?;
    let routes = Router::new().route("/graphql", post(answer)).with_state(schema);
    let address = format!("127.0.0.1:{}", env::var("PORT")?);
    let listener = TcpListener::bind(address).await?.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, routes).await?;
    Ok(())
}

async fn answer(State(schema): State<Schema>, Json(request): Json<Request>) -> Json<Response> {
    Json(schema.execute(request).await)
}

/// A single statement is one transaction.
const ADD: &str = "WITH now AS (SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS at), \
     t AS (UPDATE ticket SET message_count = message_count + 1, last_message_at = (SELECT at FROM now) \
     WHERE id = $1 RETURNING id, workspace_id, customer_id, conversation_id), \
     c AS (UPDATE conversation SET message_count = conversation.message_count + 1, last_message_at = (SELECT at FROM now) \
     FROM t WHERE conversation.id = t.conversation_id) \
     INSERT INTO message (id, workspace_id, customer_id, conversation_id, ticket_id, direction, sender_email, body, created_at) \
     SELECT gen_random_uuid(), t.workspace_id, t.customer_id, t.conversation_id, t.id, 2, $2, $3, (SELECT at FROM now) FROM t \
     RETURNING *";

/// A mutation that Seaography does not generate: it adds a message and updates the related rows.
fn message_add() -> Field {
    Field::new("messageAdd", TypeRef::named_nn("Message"), |context| {
        FieldFuture::new(async move {
            let database = context.data::<DatabaseConnection>()?;
            let id: Uuid = context.args.try_get("id")?.string()?.parse()?;
            let (sender, body) = (context.args.try_get("sender")?, context.args.try_get("body")?);
            let values = [id.into(), sender.string()?.into(), body.string()?.into()];
            let statement = Statement::from_sql_and_values(DbBackend::Postgres, ADD, values);
            let row = message::Entity::find()
                .from_raw_sql(statement)
                .one(database)
                .await?;
            Ok(row.map(FieldValue::owned_any))
        })
    })
    .argument(InputValue::new("id", TypeRef::named_nn(TypeRef::STRING)))
    .argument(InputValue::new("sender", TypeRef::named_nn(TypeRef::STRING)))
    .argument(InputValue::new("body", TypeRef::named_nn(TypeRef::STRING)))
}
