//! Combines the fields of the three roots into the schema.

use std::{sync::Arc, time::Duration};

use async_graphql::{
    MergedObject, MergedSubscription, SDLExportOptions, ServerError, ValidationMode, ValidationResult,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation},
};

use super::{
    columns::Sources,
    context::Limits,
    nouns::{
        agent, api_key, change, conversation, customer, message, node, queue, rate_limit, team, ticket,
        viewer, workspace,
    },
    output::Metering,
    pagination::DEFAULT_SIZE,
    scalars, stats,
};
use crate::{
    config::Settings,
    request::{
        Bounds, Checker, Count, Definition, Disclosure, Documents, Gate, Gateway, ManifestError, Opened,
        Persisted, Rate, Sent, Validator,
    },
    service::Services,
};

/// Operations that read data. Every field returns only objects that the viewer sees. Every request requires the
/// grant `READ`.
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
    stats::StatsQuery,
);

/// Operations that write data. Each mutation returns the object that it wrote, errors in its arguments as
/// `userErrors`, and the position of the change in the change log as `changeCursor`, which payloads of
/// settings do not have. When a mutation returns `userErrors`, it has written nothing. A mutation with an
/// `idempotencyKey` can be sent again safely after a lost response. Every mutation also requires the grant
/// `READ`. Codes after "Errors:" are returned in `userErrors`. `FORBIDDEN` is in `errors` instead when the
/// viewer may not run the mutation at all. A repeated `idempotencyKey` whose object was deleted later returns
/// `GONE` in `errors`.
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
/// reads too slowly receives the error `SLOW_CONSUMER` and continues from `extensions.changeCursor`.
#[derive(Default, MergedSubscription)]
pub struct Subscription(message::MessageSubscription, change::ChangeSubscription);

/// The schema type.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// The schema with its services and its gateway. It runs only requests that the gateway admits. Cheap to clone.
#[derive(Clone)]
pub struct Graph {
    gateway: Arc<Gateway>,
    schema: Schema,
    services: Services,
    sources: Arc<Sources>,
    compiles: bool,
}

impl Graph {
    /// Finds and reads the document of a request.
    pub fn open(&self, sent: Sent) -> Opened {
        self.gateway.open(sent)
    }

    /// Returns the gateway, which decides which requests run.
    pub fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// The schema.
    pub(super) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The use cases.
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// Returns the columns that each field reads.
    pub(super) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Whether objects are serialized from compiled selections where possible.
    pub(super) fn compiles(&self) -> bool {
        self.compiles
    }

    /// The same schema with every response written by async-graphql alone. Tests compare both ways.
    #[doc(hidden)]
    #[must_use]
    pub fn without_compiled_selections(self) -> Self {
        Self {
            compiles: false,
            ..self
        }
    }
}

/// Builds the schema. Fails when a trusted document is not valid for it.
pub fn build(services: Services, settings: &Settings) -> Result<Graph, ManifestError> {
    let clock = services.clock.clone();
    let rate = |per_second| Rate::new(per_second, settings.rate_limit_size, clock);
    let gateway = gateway(settings, settings.rate_limit_per_second.map(rate))?;
    let gateway = Arc::new(gateway);
    let schema = runner(settings)
        .extension(Metering)
        .data(services.clone())
        .data(gateway.clone())
        .data(Limits {
            page_size_max: settings.page_size_max,
            offset_max: settings.offset_max,
        })
        .finish();
    Ok(Graph {
        sources: Arc::new(Sources::of(gateway.fields())),
        gateway,
        schema,
        services,
        compiles: true,
    })
}

/// Builds the gateway of the schema. Fails when a trusted document is not valid for it.
pub fn gateway(settings: &Settings, rate: Option<Rate>) -> Result<Gateway, ManifestError> {
    let definition = described();
    let gate = Gate {
        bounds: Bounds::of(settings, definition.page_size),
        rate,
        time: Duration::from_millis(settings.request_timeout_ms),
    };
    let disclosure = Disclosure {
        introspection: settings.introspection,
    };
    let documents = Documents::new(
        settings.prepared_documents_bytes_max,
        Validator::new(&definition, settings.introspection),
    );
    let checker = Checker {
        documents: &documents,
        bounds: gate.bounds,
        disclosure,
    };
    let persisted = Persisted::load(settings, &checker)?;
    Ok(Gateway::new(gate, documents, persisted, disclosure))
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

/// A schema without services. It applies the checks of the library to a request, and returns their errors.
pub fn checks_only(settings: &Settings) -> Schema {
    runner(settings).extension(ChecksOnly).finish()
}

/// Ends every request after the checks of the library.
struct ChecksOnly;

impl ExtensionFactory for ChecksOnly {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for ChecksOnly {
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        next.run(ctx).await?;
        // The checks found no error. The request ends here.
        Err(Vec::new())
    }
}

/// Returns the schema as text, in a fixed order.
pub fn sdl() -> String {
    text(&definition().finish())
}

fn text(schema: &Schema) -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .include_specified_by();
    let mut text = schema.sdl_with_options(options);
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// Describes the schema for the gateway.
fn described() -> Definition {
    Definition {
        sdl: sdl(),
        description: DESCRIPTION,
        scalars: scalars::READ,
        page_size: DEFAULT_SIZE,
        count,
    }
}

/// The description of the schema.
const DESCRIPTION: &str = "Customers, tickets, conversations and messages of a helpdesk. Lists are Relay \
    connections. Mutations return errors in their arguments as userErrors. Subscriptions continue from any position \
    of the change log.";

/// How many objects a field returns, for fields whose form does not determine it.
fn count(parent: &str, field: &str) -> Option<Count> {
    match (parent, field) {
        (_, "userErrors") => Some(Count::Part),
        ("Viewer", "workspaces") => Some(Count::Tenants),
        ("Query", "nodes") => Some(Count::Ids),
        ("Query", "ticketStats") => Some(Count::Groups),
        ("TicketStatsResult", "nodes") => Some(Count::Items),
        ("Customer", "emails" | "phones") => Some(Count::List(50)),
        ("Message", "attachments") | (_, "externalReferences" | "changedFields") => Some(Count::List(20)),
        _ => None,
    }
}

type Builder = async_graphql::SchemaBuilder<Query, Mutation, Subscription>;

fn definition() -> Builder {
    Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .register_output_type::<node::Node>()
        .register_output_type::<change::EntityChange>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::check;

    #[test]
    fn the_schema_is_valid_and_every_scalar_has_a_function() {
        assert_eq!(check(&described()), Ok(()));
    }

    /// The library passes null for a variable that was not sent, so null must have the effect of the default.
    #[test]
    fn every_argument_of_a_field_with_a_default_is_nullable() {
        use async_graphql::parser::{
            parse_schema,
            types::{TypeKind, TypeSystemDefinition},
        };

        let read = parse_schema(sdl()).expect("a schema");
        let mut defaults = 0;
        for definition in read.definitions {
            let TypeSystemDefinition::Type(of) = definition else {
                continue;
            };
            let TypeKind::Object(object) = of.node.kind else {
                continue;
            };
            for argument in object.fields.iter().flat_map(|field| &field.node.arguments) {
                if argument.node.default_value.is_some() {
                    assert!(argument.node.ty.node.nullable, "{}", of.node.name);
                    defaults += 1;
                }
            }
        }
        assert!(defaults > 20, "{defaults}");
    }
}
