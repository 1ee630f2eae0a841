//! Puts the parts of the three roots together.

use std::time::Duration;

use async_graphql::{MergedObject, MergedSubscription, SDLExportOptions};

use super::{
    agent, api_key, change, conversation, customer,
    limits::{Bounds, Gate, Rate},
    message, node,
    pagination::Limits,
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

/// The schema over some services.
pub fn build(services: Services, settings: &Settings) -> Schema {
    let clock = services.clock.clone();
    let rate = |per_second| Rate::new(per_second, settings.rate_limit_size, clock);
    definition()
        .data(services)
        .data(Gate {
            bounds: Bounds::of(settings),
            types: Types::read(&sdl()),
            rate: settings.rate_limit_per_second.map(rate),
            time: Duration::from_millis(settings.request_timeout_ms),
        })
        .data(Limits {
            page_size_max: settings.page_size_max,
            offset_max: settings.offset_max,
        })
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

fn definition() -> async_graphql::SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .register_output_type::<node::Node>()
}
