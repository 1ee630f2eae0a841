//! Fills a workspace by every mutation. Every text is a unique word.

use std::collections::{BTreeMap, BTreeSet};

use deskgraph::auth::Grant;
use entity::{WorkspaceId, message::Direction};
use serde_json::{Value, json};

use crate::support::{
    Person, TestApp,
    fill::{self, Rows},
    schema::{Document, Field, Root, Schema, Things, ValuePath},
    text,
};

/// Fields that cannot be given together with a list of the same kind.
const BESIDE: [(&str, &str); 2] = [("CustomerInput", "email"), ("CustomerInput", "phone")];

/// Fields with a fixed format that cannot contain a word.
const FORMS: [&str; 1] = ["timezone"];

/// The planted words and objects.
#[derive(Clone, Debug, Default)]
pub struct PlantedWords {
    /// The objects that can be requested.
    pub things: Things,
    /// Number of the first word.
    first: usize,
    /// Each word and the place where it was written, such as `teamCreate.input.name`.
    pub words: BTreeMap<String, String>,
}

impl PlantedWords {
    /// Returns the next word and records its place.
    fn word(&mut self, word: &str, at: String) -> String {
        let next = format!("{word}{:04}", self.first + self.words.len());
        self.words.insert(next.clone(), at);
        next
    }

    /// Returns the word at a place.
    pub fn at(&self, place: &str) -> &str {
        let found = self.words.iter().find(|(_, at)| *at == place);
        found
            .unwrap_or_else(|| panic!("nothing was written at {place}"))
            .0
    }
}

/// Writes words into a workspace.
pub struct WordPlanter<'a> {
    pub app: &'a TestApp,
    pub schema: &'a Schema,
    pub workspace: WorkspaceId,
    /// Name of the workspace, which is also a word.
    pub called: &'a str,
    /// Number of the first word. Two runs in one workspace need different numbers.
    pub first: usize,
    pub admin: &'a Person,
    /// Returns the prefix of a word by the place where it is written.
    pub word: &'a dyn Fn(&str) -> &'static str,
}

impl WordPlanter<'_> {
    /// Runs every mutation with all of its text arguments, and all other ways to write texts.
    pub async fn plant(&self) -> PlantedWords {
        let mut made = PlantedWords {
            first: self.first,
            ..PlantedWords::default()
        };
        made.things.add("Workspace", &self.workspace.to_string());
        made.words
            .insert(self.called.to_owned(), "workspace.name".to_owned());
        let name = made.word((self.word)("apiKey.name"), "apiKey.name".to_owned());
        let key = self.app.key_called(&name, &[self.workspace], &Grant::ALL).await;
        made.things.add("ApiKey", &key.id);
        let mut left: Vec<&Field> = self
            .schema
            .root(Root::Mutation)
            .iter()
            .filter(|field| !field.destroys())
            .collect();
        while !left.is_empty() {
            // Mutations with the fewest missing objects run first: agents are members of teams, and teams contain
            // agents.
            let missing = |field: &Field| {
                let leaves = self.schema.leaves(&field.arguments);
                let ids = leaves
                    .iter()
                    .filter(|leaf| leaf.of == "ID" && self.wanted(field, leaf));
                let nouns: BTreeSet<String> =
                    ids.filter_map(|leaf| self.schema.noun_at(field, leaf)).collect();
                let there = nouns
                    .iter()
                    .filter(|noun| made.things.ids.contains_key(*noun))
                    .count();
                (nouns.len() - there, !field.name.ends_with("Create"))
            };
            let next = (0..left.len()).min_by_key(|index| missing(left[*index]));
            let field = left.remove(next.expect("one is left"));
            self.run(&mut made, field).await;
        }
        self.answer(&mut made).await;
        self.bring_in(&mut made).await;
        self.delete(&mut made).await;
        let touched = json!({ "id": made.things.id("Customer"), "input": { "isVip": true } });
        self.app.wrote(&key, "customerUpdate", touched).await;
        made
    }

    /// Returns true for texts and ids. Identifiers of upserts and the fields in [`BESIDE`] are omitted.
    fn wanted(&self, field: &Field, place: &ValuePath) -> bool {
        let owner = place.owner.as_deref().unwrap_or_default();
        let is_text = ["ID", "String", "JSON", "JSONObject"].contains(&place.of.as_str());
        let upsert = field.name.ends_with("Upsert") && place.path[0] == "identifier";
        is_text && !upsert && !BESIDE.contains(&(owner, place.name()))
    }

    async fn run(&self, made: &mut PlantedWords, field: &Field) {
        if made.things.ids.contains_key("Customer") {
            made.things.look(self.app, self.admin).await;
        }
        let leaves = self.schema.leaves(&field.arguments);
        let there = |leaf: &&ValuePath| {
            let noun = (leaf.of == "ID")
                .then(|| self.schema.noun_at(field, leaf))
                .flatten();
            noun.is_none_or(|noun| made.things.ids.contains_key(&noun))
        };
        let wanted: Vec<ValuePath> = leaves
            .iter()
            .filter(|leaf| self.wanted(field, leaf))
            .filter(there)
            .cloned()
            .collect();
        let leads = |path: &[String]| wanted.iter().any(|leaf| leaf.path.starts_with(path));
        let arguments = self.schema.arguments_all(&field.arguments, &leads, &mut |place| {
            self.value(made, field, place)
        });
        let mut document = Document::new(Root::Mutation);
        document.add(field, &arguments, &self.payload(field));
        let request = document.request();
        let answer = self
            .app
            .ask(self.admin, text(&request["query"]), request["variables"].clone())
            .await;
        let payload = answer.at("/f0");
        assert_eq!(payload["userErrors"], json!([]), "{}: {request}", field.name);
        for (name, value) in payload.as_object().expect("a payload") {
            let known = self.schema.get(&field.of.name);
            let noun = known.fields.iter().find(|one| one.name == *name);
            if let (Some(noun), Some(id)) = (noun, value["id"].as_str()) {
                made.things.add(&noun.of.name, id);
            }
        }
    }

    fn payload(&self, field: &Field) -> String {
        let fields = &self.schema.get(&field.of.name).fields;
        let nouns = fields.iter().filter(|one| self.schema.is_noun(&one.of.name));
        let nouns: String = nouns.map(|one| format!(" {} {{ id }}", one.name)).collect();
        format!(" {{ userErrors {{ code message path }}{nouns} }}")
    }

    fn value(&self, made: &mut PlantedWords, field: &Field, place: &ValuePath) -> Value {
        let at = format!("{}.{}", field.name, place.dotted());
        let name = place.name();
        let owner = place.owner.as_deref().unwrap_or_default();
        let begin = (self.word)(&at);
        match place.of.as_str() {
            "String" if FORMS.contains(&name) => made.things.value(self.schema, field, place),
            // An address determines the owner of an object.
            "String" if name.to_lowercase().ends_with("email") => {
                let makes = owner.starts_with("Agent") || owner == "CustomerEmailInput";
                if !makes && !made.things.email.is_empty() {
                    return json!(made.things.email);
                }
                json!(format!("{}@example.com", made.word(begin, at)))
            }
            "String" | "JSON" => json!(made.word(begin, at)),
            "JSONObject" => {
                let key = made.word(begin, format!("{at}.KEY"));
                json!({ key: made.word(begin, at) })
            }
            _ => made.things.value(self.schema, field, place),
        }
    }

    /// Adds a message of an agent, so that agents are senders too.
    async fn answer(&self, made: &mut PlantedWords) {
        made.things.look(self.app, self.admin).await;
        let query = "query($id: ID!) { agent(id: $id) { email } }";
        let agent = json!({ "id": made.things.id("Agent") });
        let email = self.app.ask(self.admin, query, agent).await.text("/agent/email");
        let body = made.word((self.word)("answer.body"), "answer.body".to_owned());
        let input = json!({
            "target": { "ticketId": made.things.id("Ticket") }, "body": body, "direction": "OUTBOUND",
            "senderEmail": email,
        });
        let sent = self
            .app
            .wrote(self.admin, "messageAdd", json!({ "input": input }))
            .await;
        made.things.add("Message", text(&sent["message"]["id"]));
    }

    /// Imports rows with external ids.
    async fn bring_in(&self, made: &mut PlantedWords) {
        let mut word = |what: &str| {
            let at = format!("import.{what}");
            made.word((self.word)(&at), at)
        };
        let (customer, ticket, message) = (word("customer"), word("ticket"), word("message"));
        let mut from = fill::message(&message, &ticket, &fill::email_of(&customer));
        from.direction = Direction::Inbound;
        let rows = Rows {
            customers: vec![fill::customer(&customer)],
            tickets: vec![fill::ticket(&ticket, &customer)],
            messages: vec![from],
        };
        self.app.fill(self.workspace, &rows).await;
        let query = "query($email: String!, $ws: ID!) { customerByEmail(email: $email, workspaceId: $ws) { id \
                     tickets { nodes { id conversation { id } messages { nodes { id } } } } } }";
        let of = json!({ "email": fill::email_of(&customer), "ws": self.workspace.to_string() });
        let found = self.app.ask(self.admin, query, of).await.at("/customerByEmail");
        made.things.add("Customer", text(&found["id"]));
        let found = &found["tickets"]["nodes"][0];
        made.things.add("Ticket", text(&found["id"]));
        made.things
            .add("Conversation", text(&found["conversation"]["id"]));
        made.things
            .add("Message", text(&found["messages"]["nodes"][0]["id"]));
    }

    /// Deletes a customer with a ticket. The change log still contains the deletion.
    async fn delete(&self, made: &mut PlantedWords) {
        let at = "deleted.email".to_owned();
        let email = format!("{}@example.com", made.word((self.word)(&at), at));
        let ticket = self.app.ticket(self.admin, &email).await;
        let customer = &ticket["customer"]["id"];
        self.app
            .wrote(self.admin, "customerDelete", json!({ "id": customer }))
            .await;
        // Added last, so that it is used only by name.
        made.things.add("Customer", text(customer));
        made.things.add("Ticket", text(&ticket["id"]));
        made.things
            .add("Conversation", text(&ticket["conversation"]["id"]));
    }
}
