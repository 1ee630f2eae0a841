//! Workspaces filled with words, and their people.

use deskgraph::auth::{Grant, jwt::TokenRole};
use entity::WorkspaceId;
use serde_json::json;

use super::plant::{PlantedWords, WordPlanter};
use crate::support::{
    Person, TestApp,
    schema::{Schema, Things},
};

/// Prefix of the words of onlookers.
pub const OWN: &str = "own";

/// A workspace in which every text is a word.
#[derive(Clone)]
pub struct SampleWorkspace {
    pub workspace: WorkspaceId,
    pub admin: Person,
    pub planted: PlantedWords,
    /// The objects that can be requested.
    pub things: Things,
}

impl SampleWorkspace {
    /// Creates a workspace whose name is a word. `word` returns the prefix of a word by the place where it is
    /// written.
    pub async fn new(
        app: &TestApp,
        schema: &Schema,
        called: &str,
        word: &dyn Fn(&str) -> &'static str,
    ) -> Self {
        let called = format!("{called}9999");
        let workspace = app.workspace(&called).await;
        let admin = app.admin_of(&[workspace]).await;
        let garden = WordPlanter {
            app,
            schema,
            workspace,
            called: &called,
            first: 0,
            admin: &admin,
            word,
        };
        let planted = garden.plant().await;
        let mut things = planted.things.clone();
        things.look(app, &admin).await;
        Self {
            workspace,
            admin,
            planted,
            things,
        }
    }

    /// Returns the first customer.
    pub fn customer(&self, app: &TestApp) -> Person {
        let id = self.things.id("Customer");
        Person {
            credential: app.token(id, TokenRole::Customer, &[self.workspace]),
            id: id.to_owned(),
        }
    }

    /// Changes all objects of the first customer. Returns the position of the log after that.
    pub async fn stir(&self, app: &TestApp, word: &str) -> i64 {
        let things = &self.things;
        let input = json!({
            "target": { "ticketId": things.id("Ticket") }, "body": word, "senderEmail": things.email,
        });
        app.wrote(&self.admin, "messageAdd", json!({ "input": input }))
            .await;
        let mut last = None;
        for (noun, mutation, field) in [
            ("Conversation", "conversationUpdate", "name"),
            ("Customer", "customerUpdate", "company"),
            ("Ticket", "ticketUpdate", "subject"),
        ] {
            let variables = json!({ "id": things.id(noun), "input": { field: word } });
            last = app.wrote(&self.admin, mutation, variables).await.position();
        }
        last.expect("something changed")
    }

    /// Returns one person of each kind in a workspace, and whether that person runs the full test.
    pub async fn people(&self, app: &TestApp) -> [(&'static str, Person, bool); 7] {
        let here = self.workspace;
        let key = async |grants: &[Grant]| app.api_key(&[here], grants).await;
        [
            ("an admin", self.admin.clone(), true),
            ("an agent", app.agent(here, "Mia").await, false),
            ("a customer", self.customer(app), true),
            ("a key to read", key(&[Grant::Read]).await, false),
            ("a key to write", key(&[Grant::Read, Grant::Write]).await, false),
            (
                "a key with notes",
                key(&[Grant::Read, Grant::Write, Grant::CustomerNotes]).await,
                false,
            ),
            ("a key to manage", key(&Grant::ALL).await, false),
        ]
    }
}
