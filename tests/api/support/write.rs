//! Mutations by name, and methods to read their payloads.

use std::ops::Index;

use deskgraph::{events::ChangeCursor, store::change};
use entity::{WorkspaceId, change::Model};
use serde_json::{Value, json};

use super::{Answer, Person, TestApp};

const CUSTOMER: &str = "id name displayName email phone company jobTitle location timezone isVip priorityOverride \
                        tags internalNotes externalId salesforceContactId hubspotContactId hubspotCompanyId \
                        totalTickets openTickets avgResolutionTime overallSentiment sentimentTrend firstTicketAt \
                        lastTicketAt createdAt updatedAt version firstName lastName username avatarUrl displayColor \
                        displayIcon signedUpAt status sentiment customFields \
                        emails { email type isVerified isPrimary } phones { phone type isPrimary }";
const TICKET: &str = "id subject status priority customerEmail customerName source assignedTo resolutionType tags \
                      customFields team { id name } queue { id name } \
                      messageCount lastMessageAt resolvedAt createdAt updatedAt version customer { id name email } \
                      conversation { id name channel messageCount }";
const MESSAGE: &str = "id direction senderEmail senderName body bodyHtml createdAt changeCursor ticketId \
                       ticket { id status } conversation { id } customer { id } \
                       sender { __typename ... on Agent { id } ... on Customer { id } }";
const CONVERSATION: &str = "id name channel status snoozedUntil messageCount lastMessageAt createdAt updatedAt \
                            version customer { id email } tags customFields externalId assignees { id name } \
                            teams { id name } queue { id name }";
/// Without the token, which a repeated request does not return.
const KEY: &str =
    "apiKey { id name prefix grants workspaces { id } createdAt lastUsedAt expiresAt revokedAt }";

/// Mutations with the argument `ifVersion`.
const VERSIONED: [&str; 4] = [
    "customerUpdate",
    "customerDelete",
    "ticketUpdate",
    "conversationUpdate",
];

/// The payload of a mutation.
#[derive(Clone, Debug)]
pub struct Payload {
    value: Value,
    errors: Vec<String>,
}

impl Index<&str> for Payload {
    type Output = Value;

    fn index(&self, field: &str) -> &Value {
        &self.value[field]
    }
}

impl Payload {
    /// Returns code and path of every user error, as `REQUIRED input.subject`.
    pub fn errors(&self) -> &[String] {
        &self.errors
    }

    /// Returns the position of its cursor. `None` without a cursor.
    pub fn position(&self) -> Option<i64> {
        self.value["changeCursor"].as_str().map(position)
    }
}

pub fn position(cursor: &str) -> i64 {
    cursor.parse::<ChangeCursor>().expect("a cursor").position
}

fn document(mutation: &str) -> String {
    let (variables, arguments, thing) = match mutation {
        "customerUpsert" => (
            "$workspaceId: ID, $identifier: CustomerIdentifier, $input: CustomerInput!",
            "workspaceId: $workspaceId, identifier: $identifier, input: $input",
            format!("result customer {{ {CUSTOMER} }}"),
        ),
        "customerCreate" => (
            "$workspaceId: ID, $input: CustomerInput!",
            "workspaceId: $workspaceId, input: $input",
            format!("result customer {{ {CUSTOMER} }}"),
        ),
        "customerUpdate" => (
            "$id: ID!, $input: CustomerInput!",
            "id: $id, input: $input",
            format!("result customer {{ {CUSTOMER} }}"),
        ),
        "customerDelete" => (
            "$id: ID!",
            "id: $id",
            "deletedId deletedTickets deletedConversations deletedMessages customer { id version }"
                .to_owned(),
        ),
        "agentCreate" => (
            "$workspaceId: ID, $input: AgentCreateInput!",
            "workspaceId: $workspaceId, input: $input",
            "agent { id name email role teams { id name } }".to_owned(),
        ),
        "agentUpdate" => (
            "$id: ID!, $input: AgentUpdateInput!",
            "id: $id, input: $input",
            "agent { id name email role teams { id name } }".to_owned(),
        ),
        "teamCreate" => (
            "$workspaceId: ID, $input: TeamCreateInput!",
            "workspaceId: $workspaceId, input: $input",
            "team { id name agents { id name } }".to_owned(),
        ),
        "teamUpdate" => (
            "$id: ID!, $input: TeamUpdateInput!",
            "id: $id, input: $input",
            "team { id name agents { id name } }".to_owned(),
        ),
        "queueCreate" => (
            "$workspaceId: ID, $input: QueueCreateInput!",
            "workspaceId: $workspaceId, input: $input",
            "queue { id name }".to_owned(),
        ),
        "queueUpdate" => (
            "$id: ID!, $input: QueueUpdateInput!",
            "id: $id, input: $input",
            "queue { id name }".to_owned(),
        ),
        "apiKeyCreate" => ("$input: ApiKeyCreateInput!", "input: $input", KEY.to_owned()),
        "apiKeyRotate" => (
            "$id: ID!, $input: ApiKeyRotateInput",
            "id: $id, input: $input",
            format!("{KEY} replaced {{ id expiresAt revokedAt replacedBy {{ id }} }}"),
        ),
        "apiKeyRevoke" => ("$id: ID!", "id: $id", KEY.to_owned()),
        "ticketCreate" => (
            "$workspaceId: ID, $input: TicketCreateInput!",
            "workspaceId: $workspaceId, input: $input",
            format!("customerCreated ticket {{ {TICKET} }} message {{ {MESSAGE} }}"),
        ),
        "ticketUpdate" => (
            "$id: ID!, $input: TicketUpdateInput!",
            "id: $id, input: $input",
            format!("customerCreated ticket {{ {TICKET} }} message {{ {MESSAGE} }}"),
        ),
        "messageAdd" => (
            "$input: MessageAddInput!",
            "input: $input",
            format!("message {{ {MESSAGE} }}"),
        ),
        "conversationCreate" => (
            "$workspaceId: ID, $input: ConversationCreateInput!",
            "workspaceId: $workspaceId, input: $input",
            format!("customerCreated conversation {{ {CONVERSATION} }}"),
        ),
        "conversationUpdate" => (
            "$id: ID!, $input: ConversationUpdateInput!",
            "id: $id, input: $input",
            format!("customerCreated conversation {{ {CONVERSATION} }}"),
        ),
        other => panic!("no mutation {other}"),
    };
    let (versions, version) = if VERSIONED.contains(&mutation) {
        (", $ifVersion: Int", ", ifVersion: $ifVersion")
    } else {
        ("", "")
    };
    // Settings are not recorded in the change log.
    let is_setting = ["agent", "team", "queue", "apiKey"]
        .iter()
        .any(|noun| mutation.starts_with(noun));
    let position = if is_setting { "" } else { "changeCursor" };
    format!(
        "mutation({variables}, $idempotencyKey: String{versions}) {{ \
         {mutation}({arguments}, idempotencyKey: $idempotencyKey{version}) {{ {thing} userErrors {{ code message path existingId }} {position} }} }}"
    )
}

impl TestApp {
    /// Runs a mutation and returns the response, with or without errors.
    pub async fn attempt(&self, person: &Person, mutation: &str, variables: Value) -> Answer {
        self.ask(person, &document(mutation), variables).await
    }

    /// Runs a mutation and returns its payload, with or without user errors.
    pub async fn write(&self, person: &Person, mutation: &str, variables: Value) -> Payload {
        let answer = self.attempt(person, mutation, variables).await;
        assert!(answer.body.get("errors").is_none(), "{mutation}: {}", answer.body);
        let errors = answer.user_errors();
        Payload {
            value: answer.data()[mutation].clone(),
            errors,
        }
    }

    /// Runs a mutation that must succeed.
    pub async fn wrote(&self, person: &Person, mutation: &str, variables: Value) -> Payload {
        let payload = self.write(person, mutation, variables).await;
        assert!(payload.errors().is_empty(), "{mutation}: {:?}", payload.errors());
        payload
    }

    /// Creates a ticket of the customer with this address.
    pub async fn ticket(&self, person: &Person, email: &str) -> Value {
        let input =
            json!({ "subject": "Help", "customerEmail": email, "body": "The parcel weighs two kilograms." });
        self.wrote(person, "ticketCreate", json!({ "input": input }))
            .await["ticket"]
            .clone()
    }

    /// Returns the whole change log of a workspace.
    pub async fn log(&self, workspace: WorkspaceId) -> Vec<Model> {
        change::list_unscoped(&self.services.db, workspace, 0, 1_000_000)
            .await
            .expect("the log")
    }
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}
