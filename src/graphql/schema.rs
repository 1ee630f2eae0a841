//! Puts the parts of the three roots together.

use std::time::Duration;

use async_graphql::{MergedObject, MergedSubscription, SDLExportOptions};

use super::{
    agent, api_key, change, columns, conversation, customer,
    disclosure::Disclosure,
    limits::{Bounds, Gate, Rate},
    message, node,
    pagination::Limits,
    persisted::{Checker, ChecksOnly, Documents, ManifestError},
    queue, rate_limit, team, ticket,
    types::Types,
    viewer, workspace,
};
use crate::{config::Settings, service::Services};

/// Reads.
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

/// Writes. Each answers the thing that it wrote, the mistakes in its arguments, and where the change log stands.
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

/// What happens from now on, or from a position of the change log.
#[derive(Default, MergedSubscription)]
pub struct Subscription(message::MessageSubscription, change::ChangeSubscription);

/// The schema.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// The schema over some services. Fails when the trusted documents do not fit it.
pub async fn build(services: Services, settings: &Settings) -> Result<Schema, ManifestError> {
    let clock = services.clock.clone();
    let rate = |per_second| Rate::new(per_second, settings.rate_limit_size, clock);
    let gate = Gate::new(settings, settings.rate_limit_per_second.map(rate));
    let disclosure = Disclosure {
        introspection: settings.introspection,
    };
    let documents = Documents::load(settings, &checker(&gate, disclosure)).await?;
    let definition = if settings.introspection {
        definition()
    } else {
        definition().disable_introspection().disable_suggestions()
    };
    let schema = definition
        .data(services)
        .data(gate)
        .data(disclosure)
        .data(documents)
        .data(Limits {
            page_size_max: settings.page_size_max,
            offset_max: settings.offset_max,
        })
        .finish();
    Ok(schema)
}

/// Checks documents within some limits, without services to run them.
fn checker(gate: &Gate, disclosure: Disclosure) -> Checker<'_> {
    Checker {
        schema: definition().extension(ChecksOnly).finish(),
        gate,
        disclosure,
    }
}

/// A schema that goes with a request as far as it goes without services, and answers with what is wrong with it. The
/// settings name no trusted documents.
pub fn rehearsal(settings: &Settings) -> Schema {
    let gate = Gate::new(settings, None);
    let builder = definition().extension(ChecksOnly).disable_suggestions();
    builder
        .data(Disclosure {
            introspection: settings.introspection,
        })
        .data(Documents::untrusted(settings))
        .data(gate)
        .finish()
}

/// The schema as text: sorted, so that a change shows as a change.
pub fn sdl() -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items();
    let mut text = definition().finish().sdl_with_options(options);
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

impl Gate {
    fn new(settings: &Settings, rate: Option<Rate>) -> Self {
        Self {
            bounds: Bounds::of(settings),
            types: types(),
            rate,
            time: Duration::from_millis(settings.request_timeout_ms),
        }
    }
}

/// What the schema says of its fields, and what they are read from.
fn types() -> Types {
    let mut types = Types::read(&sdl());
    columns::note::<entity::agent::Entity>(&mut types);
    columns::note::<entity::conversation::Entity>(&mut types);
    columns::note::<entity::customer::Entity>(&mut types);
    columns::note::<entity::message::Entity>(&mut types);
    columns::note::<entity::queue::Entity>(&mut types);
    columns::note::<entity::team::Entity>(&mut types);
    columns::note::<entity::ticket::Entity>(&mut types);
    types
}

fn definition() -> async_graphql::SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .register_output_type::<node::Node>()
}
