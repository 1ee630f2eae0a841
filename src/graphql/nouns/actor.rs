//! The interface of agents, customers and API keys, which make changes and send messages.

use async_graphql::Interface;

use super::{agent::Agent, api_key::ApiKey, customer::Customer};

/// Agent, customer or API key that made a change or sent a message.
#[derive(Interface)]
#[graphql(
    field(
        name = "id",
        ty = "async_graphql::ID",
        desc = "Opaque id of the agent, customer or API key."
    ),
    field(
        name = "display_name",
        ty = "String",
        desc = "Name to show: `name` of an agent or an API key, `displayName` of a customer."
    )
)]
pub enum Actor {
    /// An agent.
    Agent(Agent),
    /// A customer.
    Customer(Customer),
    /// An API key.
    ApiKey(ApiKey),
}
