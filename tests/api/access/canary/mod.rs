//! Nothing leaks. Unique words are written to all data that is hidden from a viewer. The viewer then requests
//! everything that introspection lists, with the ids, texts and cursors of hidden data.
//!
//! No response contains a word. Responses and their cost equal those before the hidden data existed, and those for
//! nonexistent data. Requests are generated from the schema ([`crate::support::schema`]), so new fields, arguments
//! and mutations are covered. A control ([`control`]) checks that viewers with access find the words. Without it, the
//! test would prove nothing.

mod control;
mod field_queries;
mod hidden;
mod inside;
mod plant;
mod sample;
mod streams;
mod twins;
mod workspaces;

use std::time::Instant;

use deskgraph::{
    auth::Viewer,
    config::Settings,
    export::{self, Export},
};
use entity::WorkspaceId;

pub use sample::SampleWorkspace;

use self::{
    field_queries::{FieldAnswer, choices, everything},
    hidden::Hidden,
    twins::{mutations, queries},
};
use crate::support::{
    Person, TestApp,
    schema::{Schema, Things},
};

/// The generated documents are larger than those of clients.
fn generous(settings: &mut Settings) {
    settings.query_cost_max = u32::MAX;
    settings.query_selections_max = u32::MAX;
    settings.query_tokens_max = u32::MAX;
    settings.query_depth_max = 100;
    settings.query_aliases_max = u32::MAX;
    settings.query_root_fields_max = 1_000;
    settings.body_bytes_max = 16 << 20;
}

/// A viewer from whom data is hidden.
struct Outsider {
    who: &'static str,
    person: Person,
    /// For a viewer that writes: a person with the same position in another workspace, and the objects of that
    /// workspace.
    mirror: Option<(Person, Things)>,
    /// True if the viewer tries every value of every argument. Viewers who see the same rows need not repeat this.
    thorough: bool,
    /// True if the hidden changes are in the log that the viewer reads. Its length is then visible.
    same_log: bool,
    /// Objects of the viewer.
    things: Things,
    /// Responses before the hidden data existed.
    before: Vec<FieldAnswer>,
}

impl Outsider {
    fn new(who: &'static str, person: &Person, things: &Things, thorough: bool) -> Self {
        Self {
            who,
            thorough,
            person: person.clone(),
            things: things.clone(),
            mirror: None,
            same_log: false,
            before: Vec::new(),
        }
    }

    /// Requests everything.
    async fn look(&self, app: &TestApp, schema: &Schema) -> (Vec<String>, Vec<FieldAnswer>) {
        let mut requests = everything(schema, &self.things).0;
        if self.thorough {
            requests.extend(choices(schema, &self.things).0);
        }
        // The first use of a key in a minute is stored, so it happens before the measurement.
        app.tell(&self.person, &requests[0]).await;
        if let Some((mirror, _)) = &self.mirror {
            app.tell(mirror, &requests[0]).await;
        }
        let mut told = Vec::with_capacity(requests.len());
        for request in &requests {
            let answer = app.tell(&self.person, request).await;
            assert!(
                answer.body.starts_with("{\"data\""),
                "{}: {request}: {}",
                self.who,
                answer.body
            );
            told.push(answer);
        }
        (requests, told)
    }

    /// Requests everything before the hidden data exists.
    async fn look_before(&mut self, app: &TestApp, schema: &Schema) {
        self.before = self.look(app, schema).await.1;
    }

    /// Requests everything again and compares.
    async fn look_again(&self, app: &TestApp, schema: &Schema, hidden: &Hidden) -> Vec<String> {
        let (requests, told) = self.look(app, schema).await;
        let mut leaks = Vec::new();
        for ((request, now), before) in requests.iter().zip(&told).zip(&self.before) {
            leaks.extend(self.shown(hidden, request, now, ""));
            let seen = |told: &FieldAnswer| {
                let told = told.without_cost();
                if self.same_log { told.without_ends() } else { told }
            };
            leaks.extend(self.can_tell(request, &seen(before), &seen(now)));
        }
        leaks
    }

    /// Returns the hidden data in a response, except for data that was sent.
    fn shown(&self, hidden: &Hidden, request: &str, told: &FieldAnswer, sent: &str) -> Option<String> {
        let found = hidden.found_in(&format!("{}\n{}", told.headers, told.body), sent);
        let who = self.who;
        (!found.is_empty()).then(|| format!("{who} is shown {found:?} by {request}"))
    }

    /// Returns the difference between two responses that must be equal.
    fn can_tell(&self, request: &str, one: &FieldAnswer, two: &FieldAnswer) -> Option<String> {
        let difference = one.differs_from(two)?;
        let who = self.who;
        Some(format!("{who} can tell what is hidden by {request}{difference}"))
    }

    /// Returns the person in the mirror workspace and the request with the ids of that workspace.
    fn mirrored(&self, request: &str) -> (&Person, String) {
        let (person, things) = self.mirror.as_ref().expect("a mirror");
        let mut request = request.replace(&self.things.cursor, &things.cursor);
        for (noun, ids) in &self.things.ids {
            for (here, there) in ids.iter().zip(&things.ids[noun]) {
                request = request.replace(here.as_str(), there);
            }
        }
        (person, request)
    }

    /// Sends queries with hidden data.
    async fn ask(&self, app: &TestApp, schema: &Schema, hidden: &Hidden) -> Vec<String> {
        let began = Instant::now();
        let (_, ways) = everything(schema, &self.things);
        let (choices, chosen) = choices(schema, &self.things);
        let (queries, values) = queries(schema, &self.things, hidden);
        let leaks = twins::ask(app, self, hidden, &queries).await;
        println!(
            "{}: {ways} paths, {chosen} choices in {} requests, {values} values in {} × 2 requests, {:?}",
            self.who,
            choices.len(),
            queries.len(),
            began.elapsed()
        );
        leaks
    }

    /// Sends mutations with hidden data.
    async fn write(&self, app: &TestApp, schema: &Schema, hidden: &Hidden, sent: &mut String) -> Vec<String> {
        let began = Instant::now();
        let mutations = mutations(schema, &self.things, hidden);
        let leaks = twins::write(app, self, hidden, &mutations, sent).await;
        println!(
            "{}: {} × 2 writes, {:?}",
            self.who,
            mutations.len(),
            began.elapsed()
        );
        leaks
    }
}

/// Returns all stored data of a workspace.
async fn all_of(app: &TestApp, workspace: WorkspaceId) -> String {
    let viewer = Viewer::operator(workspace);
    let wanted = Export {
        viewer: &viewer,
        workspace,
        page_size: 100,
        complete: false,
    };
    let mut written = Vec::new();
    export::run(&app.services, &wanted, &mut written, &|_| ())
        .await
        .expect("an export");
    let log = app.log(workspace).await;
    format!("{}\n{log:?}", String::from_utf8(written).expect("a text"))
}

fn assert_none(leaks: &[String]) {
    let shown: Vec<&String> = leaks.iter().take(5).collect();
    assert!(leaks.is_empty(), "{} leaks, such as {shown:#?}", leaks.len());
}
