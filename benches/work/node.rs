//! A node without network, with a `SQLite` file that is deleted afterwards.

use deskgraph::{
    app::App,
    auth::Viewer,
    clock::Clock,
    config::{Secret, Settings},
    graphql::{self, Graph},
    service::{
        self, Patch, Services,
        import::{self, ImportTicket, Source},
    },
    store::{
        Columns, ListQuery, Order, Page, list,
        ticket::{TicketFilter, TicketSort},
    },
};
use entity::{
    TicketId, Timestamp, WorkspaceId, ticket,
    ticket::{Priority, Status},
};
use tokio::runtime::{Builder, Runtime};

const START: Timestamp = Timestamp(1_767_268_800_000);

/// A node that does all of its work on the calling thread.
pub struct Node {
    pub runtime: Runtime,
    pub graph: Graph,
    pub services: Services,
    pub workspace: WorkspaceId,
    _folder: tempfile::TempDir,
}

impl Node {
    /// Creates a node with a number of tickets of one customer.
    pub fn with_tickets(count: usize) -> Self {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let folder = tempfile::tempdir().expect("a folder");
        let settings = Settings {
            database_url: Secret::new(format!("sqlite://{}", folder.path().join("bench.db").display())),
            database_connections: 1,
            statement_timeout_ms: 600_000,
            request_timeout_ms: 600_000,
            page_size_max: 1000,
            query_cost_max: u32::MAX,
            ..Settings::default()
        };
        let (services, graph, workspace) = runtime.block_on(async {
            let (clock, _) = Clock::manual(START, 7);
            let services = App::build(&settings, clock).await.expect("a node").services;
            let graph = graphql::build(services.clone(), &settings).expect("a schema");
            let workspace = service::workspace::create(&services, "Bench")
                .await
                .expect("a workspace")
                .id;
            let viewer = Viewer::operator(workspace);
            let source = Source {
                viewer: &viewer,
                workspace,
                system: "bench",
                strict: false,
                prefer_source: false,
                revive: false,
            };
            let tickets: Vec<ImportTicket> = (0..count).map(of_number).collect();
            for block in tickets.chunks(500) {
                import::tickets(&services, &source, block).await.expect("tickets");
            }
            (services, graph, workspace)
        });
        Self {
            runtime,
            graph,
            services,
            workspace,
            _folder: folder,
        }
    }

    /// Returns one of the tickets.
    pub fn a_ticket(&self) -> TicketId {
        let query = ListQuery::<ticket::Entity> {
            workspace: None,
            filter: TicketFilter::default(),
            order: Order {
                field: TicketSort::CreatedAt,
                descending: false,
            },
            page: Page::beginning(1),
        };
        let scope = Viewer::operator(self.workspace).scope();
        let page = self.runtime.block_on(list::list::<ticket::Entity>(
            &self.services.db,
            &scope,
            &query,
            Columns::ALL,
            &[],
        ));
        page.expect("a page").rows.first().expect("a ticket").id()
    }
}

fn of_number(number: usize) -> ImportTicket {
    let minute = i64::try_from(number).expect("small") * 60_000;
    ImportTicket {
        external_id: number.to_string(),
        subject: Some(format!("Where is order number {number}?")),
        status: Some(Status::Open),
        priority: Some(Priority::Medium),
        customer_external_id: None,
        customer_email: Some("c@example.com".to_owned()),
        customer_name: Some("Jane Doe".to_owned()),
        source: "email".to_owned(),
        assigned_to: Patch::Keep,
        resolution_type: Patch::Keep,
        tags: Patch::Set(vec!["orders".to_owned(), "late".to_owned()]),
        created_at: Some(Timestamp(START.0 - minute)),
        updated_at: Some(Timestamp(START.0 - minute)),
        resolved_at: None,
    }
}

/// Returns the cursor of a ticket in the list by creation time: version, list, order, id, kind, time.
pub fn cursor(number: u64) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let mut bytes = vec![1, 2, 1];
    bytes.extend((u128::from(number) << 64 | 0x7000_8000).to_be_bytes());
    bytes.push(0);
    bytes.extend((START.0 + i64::try_from(number).expect("small")).to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}
