//! Combines the fields of the three roots into the schema.

use std::time::Duration;

use async_graphql::{MergedObject, MergedSubscription, SDLExportOptions, ValidationMode};

use super::{
    agent, api_key, change, columns, conversation, customer,
    disclosure::Disclosure,
    limits::{Bounds, Gate, Rate},
    message, node,
    output::Metering,
    pagination::Limits,
    persisted::{Checker, ChecksOnly, Documents, ManifestError},
    prepared::Preparer,
    queue, rate_limit, team, ticket,
    types::Types,
    validation::Validator,
    viewer, workspace,
};
use crate::{config::Settings, service::Services};

/// Operations that read data. Every field returns only objects that the viewer sees. Every request requires the
/// grant `read`.
#[derive(Default, MergedObject)]
pub struct Query(
    viewer::ViewerQuery,
    node::NodeQuery,
    workspace::WorkspaceQuery,
    customer::CustomerQuery,
    ticket::TicketQuery,
    conversation::ConversationQuery,
    message::MessageQuery,
    agent::AgentQuery,
    team::TeamQuery,
    queue::QueueQuery,
    api_key::ApiKeyQuery,
    change::ChangeQuery,
    rate_limit::RateLimitQuery,
);

/// Operations that write data. Each mutation returns the object that it wrote, errors in its arguments as
/// `userErrors`, and the position of the change in the change log as `cursor`. When a mutation returns
/// `userErrors`, it has written nothing. A mutation with an `idempotencyKey` can be sent again safely after a
/// lost response.
#[derive(Default, MergedObject)]
pub struct Mutation(
    customer::CustomerMutation,
    ticket::TicketMutation,
    conversation::ConversationMutation,
    message::MessageMutation,
    agent::AgentMutation,
    team::TeamMutation,
    queue::QueueMutation,
    api_key::ApiKeyMutation,
);

/// Operations that send events of the change log as they are committed. With `after`, a subscription first
/// sends the stored events after that position, then new events, without gaps or repetitions. A client that
/// reads too slowly receives the error `SLOW_CONSUMER` and continues from `extensions.cursor`.
#[derive(Default, MergedSubscription)]
pub struct Subscription(message::MessageSubscription, change::ChangeSubscription);

/// The schema type.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// Builds the schema. Fails when a trusted document is not valid for it.
pub fn build(services: Services, settings: &Settings) -> Result<Schema, ManifestError> {
    let clock = services.clock.clone();
    let rate = |per_second| Rate::new(per_second, settings.rate_limit_size, clock);
    let gate = gate(settings, settings.rate_limit_per_second.map(rate));
    let disclosure = Disclosure {
        introspection: settings.introspection,
    };
    let validator = validator(settings);
    let checker = Checker {
        validator: &validator,
        gate: &gate,
        disclosure,
    };
    let documents = Documents::load(settings, &checker)?;
    let schema = runner(settings)
        .extension(Metering)
        .data(services)
        .data(gate)
        .data(disclosure)
        .data(documents)
        .data(Preparer::new(settings.prepared_documents_bytes_max, validator))
        .data(Limits {
            page_size_max: settings.page_size_max,
            offset_max: settings.offset_max,
        })
        .finish();
    Ok(schema)
}

/// Returns the request limits of the schema.
fn gate(settings: &Settings, rate: Option<Rate>) -> Gate {
    Gate {
        bounds: Bounds::of(settings),
        types: types(&sdl()),
        rate,
        time: Duration::from_millis(settings.request_timeout_ms),
    }
}

/// Returns the parser and validator of documents.
fn validator(settings: &Settings) -> Validator {
    Validator::new(&sdl(), settings.introspection)
}

/// Returns a builder that skips the validation of the library, because documents are validated before.
fn runner(settings: &Settings) -> Builder {
    let definition = definition().validation_mode(ValidationMode::Fast);
    if settings.introspection {
        definition
    } else {
        definition.disable_introspection().disable_suggestions()
    }
}

/// Builds a schema without services. It checks a request against all limits and rules and returns the errors. The settings
/// name no trusted documents.
pub fn rehearsal(settings: &Settings) -> Schema {
    runner(settings)
        .extension(ChecksOnly)
        .data(Disclosure {
            introspection: settings.introspection,
        })
        .data(Documents::untrusted(settings))
        .data(Preparer::new(
            settings.prepared_documents_bytes_max,
            validator(settings),
        ))
        .data(gate(settings, None))
        .finish()
}

/// Returns the schema as text, in a fixed order.
pub fn sdl() -> String {
    text(&definition().finish())
}

fn text(schema: &Schema) -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by();
    let mut text = schema.sdl_with_options(options);
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// Returns the types of all fields and the columns that they are read from.
fn types(sdl: &str) -> Types {
    let mut types = Types::read(sdl);
    columns::note::<entity::agent::Entity>(&mut types);
    columns::note::<entity::conversation::Entity>(&mut types);
    columns::note::<entity::customer::Entity>(&mut types);
    columns::note::<entity::message::Entity>(&mut types);
    columns::note::<entity::queue::Entity>(&mut types);
    columns::note::<entity::team::Entity>(&mut types);
    columns::note::<entity::ticket::Entity>(&mut types);
    types
}

type Builder = async_graphql::SchemaBuilder<Query, Mutation, Subscription>;

fn definition() -> Builder {
    Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .register_output_type::<node::Node>()
}
