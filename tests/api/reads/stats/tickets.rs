//! Random tickets, written to the tables and held for the model.

use entity::{
    AgentId, ConversationId, CustomerId, QueueId, TeamId, TicketId, Timestamp, WorkspaceId, conversation,
    ticket::{self, Priority, Status},
    ticket_activity,
};
use fastrand::Rng;
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::support::{Person, TestApp, text};

/// First time of creation: the beginning of 2023.
const FIRST: i64 = 1_672_531_200_000;
/// Last time of creation: three years later.
const LAST: i64 = FIRST + 3 * 365 * 86_400_000;

/// A ticket with everything that figures read.
#[derive(Clone, Debug)]
pub struct Ticket {
    pub id: TicketId,
    pub status: Status,
    pub priority: Priority,
    pub customer: CustomerId,
    pub assignee: Option<AgentId>,
    pub team: Option<TeamId>,
    pub queue: Option<QueueId>,
    pub source: String,
    pub resolution_type: Option<String>,
    pub tags: Vec<String>,
    /// Value of the custom field `plan`.
    pub plan: Option<Value>,
    pub created_at: i64,
    pub resolved_at: Option<i64>,
    pub first_response_at: Option<i64>,
    pub messages: i32,
    pub reopened: i32,
}

/// The objects to which tickets point.
pub struct People {
    pub workspace: WorkspaceId,
    customers: Vec<CustomerId>,
    agents: Vec<AgentId>,
    teams: Vec<TeamId>,
    queues: Vec<QueueId>,
    conversation: ConversationId,
}

impl People {
    pub async fn of(app: &TestApp, workspace: WorkspaceId, admin: &Person) -> Self {
        let (mut customers, mut agents) = (Vec::new(), Vec::new());
        let (mut teams, mut queues) = (Vec::new(), Vec::new());
        for i in 0..4 {
            let customer = app.customer(workspace, &format!("c{i}@example.com")).await;
            customers.push(customer.id.parse().unwrap());
            let agent = app.agent(workspace, &format!("a{i}")).await;
            agents.push(agent.id.parse().unwrap());
            let input = json!({ "input": { "name": format!("n{i}") } });
            let team = app.wrote(admin, "teamCreate", input.clone()).await;
            teams.push(text(&team["team"]["id"]).parse().unwrap());
            let queue = app.wrote(admin, "queueCreate", input).await;
            queues.push(text(&queue["queue"]["id"]).parse().unwrap());
        }
        let thread = conversation::Model {
            id: ConversationId(Uuid::from_u128(1)),
            workspace_id: workspace,
            customer_id: customers[0],
            ..conversation::Model::default()
        };
        let conversation = thread.id;
        conversation::Entity::insert(thread.into_active_model())
            .exec_without_returning(app.services.db.connection())
            .await
            .expect("a row");
        Self {
            workspace,
            customers,
            agents,
            teams,
            queues,
            conversation,
        }
    }

    fn ticket(&self, rng: &mut Rng, number: u128) -> Ticket {
        let status = [Status::Open, Status::Pending, Status::Solved, Status::Closed][rng.usize(..4)];
        let created_at = rng.i64(FIRST..LAST);
        // Few different times, so that ranks meet equal values.
        let later = |rng: &mut Rng| created_at + rng.i64(0..400) * rng.i64(1..4) * 61_007;
        let is_resolved = !status.is_open();
        Ticket {
            id: TicketId(Uuid::from_u128(number << 64 | u128::from(rng.u64(..)))),
            status,
            priority: [Priority::Low, Priority::Medium, Priority::High, Priority::Urgent][rng.usize(..4)],
            customer: *rng.choice(&self.customers).unwrap(),
            assignee: maybe(rng, &self.agents),
            team: maybe(rng, &self.teams),
            queue: maybe(rng, &self.queues),
            source: (*rng.choice(["api", "API", "email", "ünal", "Zoo"].iter()).unwrap()).to_owned(),
            resolution_type: maybe(
                rng,
                &["fixed".to_owned(), "Fixed".to_owned(), "won't fix".to_owned()],
            ),
            tags: ["a", "B", "é", "zz"]
                .into_iter()
                .filter(|_| rng.bool())
                .map(str::to_owned)
                .collect(),
            plan: maybe(
                rng,
                &[
                    json!("gold"),
                    json!("5"),
                    json!(5),
                    json!(5.25),
                    json!(true),
                    json!([1, 2]),
                    json!("say \"ü\""),
                ],
            ),
            created_at,
            resolved_at: is_resolved.then(|| later(rng)),
            // The messages of an imported ticket can be older than the ticket.
            first_response_at: (rng.u8(..10) > 2).then(|| {
                if rng.u8(..10) == 0 {
                    created_at - 5_000
                } else {
                    later(rng)
                }
            }),
            messages: rng.i32(0..20),
            reopened: rng.i32(0..3),
        }
    }

    /// Writes random tickets to the tables.
    pub async fn fill(&self, app: &TestApp, rng: &mut Rng, count: u128) -> Vec<Ticket> {
        let tickets: Vec<Ticket> = (1..=count).map(|number| self.ticket(rng, number)).collect();
        self.write(app, &tickets).await;
        tickets
    }

    pub async fn write(&self, app: &TestApp, tickets: &[Ticket]) {
        let connection = app.services.db.connection();
        for block in tickets.chunks(500) {
            let rows: Vec<ticket::Model> = block.iter().map(|ticket| self.row(ticket)).collect();
            let activities: Vec<ticket_activity::Model> = rows.iter().map(Into::into).collect();
            ticket::Entity::insert_many(rows.into_iter().map(IntoActiveModel::into_active_model))
                .exec_without_returning(connection)
                .await
                .expect("rows");
            let activities = activities.into_iter().map(IntoActiveModel::into_active_model);
            ticket_activity::Entity::insert_many(activities)
                .exec_without_returning(connection)
                .await
                .expect("rows");
        }
    }

    fn row(&self, ticket: &Ticket) -> ticket::Model {
        let mut fields = Map::new();
        fields.extend(ticket.plan.clone().map(|plan| ("plan".to_owned(), plan)));
        ticket::Model {
            id: ticket.id,
            workspace_id: self.workspace,
            customer_id: ticket.customer,
            conversation_id: self.conversation,
            status: ticket.status,
            priority: ticket.priority,
            source: ticket.source.clone(),
            assigned_to: ticket.assignee,
            team_id: ticket.team,
            queue_id: ticket.queue,
            custom_fields: entity::CustomFields(fields),
            resolution_type: ticket.resolution_type.clone(),
            tags: entity::Tags(ticket.tags.clone()),
            message_count: ticket.messages,
            first_response_at: ticket.first_response_at.map(Timestamp),
            reopened_count: ticket.reopened,
            resolved_at: ticket.resolved_at.map(Timestamp),
            created_at: Timestamp(ticket.created_at),
            updated_at: Timestamp(ticket.created_at),
            version: 1,
            ..ticket::Model::default()
        }
    }
}

/// One of these values, or none.
fn maybe<T: Clone>(rng: &mut Rng, values: &[T]) -> Option<T> {
    let place = rng.usize(..=values.len());
    values.get(place).cloned()
}
