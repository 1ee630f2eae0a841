//! Objects of any type by id.

use async_graphql::{Context, ID, Interface, Object};
use entity::{ApiKeyId, WorkspaceId};

use super::{
    agent::Agent, api_key::ApiKey, conversation::Conversation, customer::Customer, message::Message,
    queue::Queue, team::Team, ticket::Ticket, workspace::Workspace,
};
use crate::{
    graphql::{
        context::ContextExt,
        error::{Result, bad_input},
        id,
        listed::Listed,
        loaders::{ApiKeyById, Loadable, WorkspaceById, nouns},
    },
    service::wording,
    store::Noun,
};

/// An object with an id, which the queries `node` and `nodes` load.
#[derive(Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "Opaque id, unique among all objects. The prefix names the type, such as `tkt_` for a ticket."
))]
pub enum Node {
    /// A workspace.
    Workspace(Workspace),
    /// An agent.
    Agent(Agent),
    /// A team.
    Team(Team),
    /// A queue.
    Queue(Queue),
    /// An API key.
    ApiKey(ApiKey),
    /// A customer.
    Customer(Customer),
    /// A ticket.
    Ticket(Ticket),
    /// A conversation.
    Conversation(Conversation),
    /// A message.
    Message(Message),
}

/// Fields of the query root for objects of any type.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Returns the object with this id. Null when it does not exist or the viewer does not see it.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Id of an object of any type.")] id: ID,
    ) -> Result<Option<Node>> {
        find(ctx, "id", &id).await
    }

    /// Returns the objects with these ids, in the order of the ids. The list has null for each object that does
    /// not exist or that the viewer does not see.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Ids of objects of any type: up to 100 by default.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        let max = ctx.limits().page_size_max as usize;
        if ids.len() > max {
            return Err(bad_input("ids", &wording::too_many(ids.len(), "entries", max)));
        }
        let names: Vec<String> = (0..ids.len()).map(|index| format!("ids.{index}")).collect();
        let found = ids.iter().zip(&names).map(|(id, name)| find(ctx, name, id));
        futures_util::future::try_join_all(found).await
    }
}

macro_rules! find {
    ($($noun:ident = $tag:literal: $rows:ident, $by_id:ident;)+) => {
        async fn find(ctx: &Context<'_>, argument: &str, id: &ID) -> Result<Option<Node>> {
            let loaders = ctx.loaders();
            match id.split_once('_').map_or("", |(prefix, _)| prefix) {
                $(<<entity::$noun::Entity as Noun>::Id>::PREFIX => {
                    let id: <entity::$noun::Entity as Noun>::Id = id::argument(argument, id)?;
                    let found = loaders.load(<entity::$noun::Entity as Loadable>::ById::from(id)).await?;
                    Ok(found.map(|row| <entity::$noun::Entity as Listed>::Node::from(row).into()))
                })+
                WorkspaceId::PREFIX => {
                    let found = loaders.load(WorkspaceById(id::argument(argument, id)?)).await?;
                    Ok(found.map(|row| Workspace(row).into()))
                }
                ApiKeyId::PREFIX => {
                    let found = loaders.load(ApiKeyById(id::argument(argument, id)?)).await?;
                    Ok(found.map(|row| ApiKey(row).into()))
                }
                _ => Err(bad_input(argument, "is not a valid id.")),
            }
        }
    };
}

nouns!(find);
