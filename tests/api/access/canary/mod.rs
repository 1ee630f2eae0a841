//! Nothing leaks: words that occur nowhere else are planted in everything that somebody must not see, and everything is
//! asked for that introspection lists, with the ids, texts and cursors of what is hidden.
//!
//! No word comes back; the answers are the same, and cost the same, as before anything was hidden and as for what does
//! not exist. What is asked is made from the schema ([`crate::support::schema`]): a field, an argument or a mutation
//! that is added is asked for as well. Whoever may see the words finds them ([`control`]), or all this would prove
//! nothing.

mod control;
mod hidden;
mod house;
mod inside;
mod plant;
mod sights;
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

pub use house::House;

use self::{
    hidden::Hidden,
    sights::{Told, choices, everything},
    twins::{mutations, queries},
};
use crate::support::{
    Person, TestApp,
    schema::{Schema, Things},
};

/// Documents that ask for everything are larger than those of people.
fn generous(settings: &mut Settings) {
    settings.query_cost_max = u32::MAX;
    settings.query_selections_max = u32::MAX;
    settings.query_tokens_max = u32::MAX;
    settings.query_depth_max = 100;
    settings.query_aliases_max = u32::MAX;
    settings.query_root_fields_max = 1_000;
    settings.body_bytes_max = 16 << 20;
}

/// Somebody who must not see what is hidden.
struct Onlooker {
    who: &'static str,
    person: Person,
    /// Somebody who is to another workspace what this one is to its own, if it writes; and what that one has.
    mirror: Option<(Person, Things)>,
    /// It tries every value of every argument. Those who see the same rows need not do it again.
    thorough: bool,
    /// What is hidden happens in the log that it reads, and the log tells how far it goes.
    same_log: bool,
    /// What it has itself.
    things: Things,
    /// What it was told before there was anything to hide.
    before: Vec<Told>,
}

impl Onlooker {
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

    /// Looks at everything.
    async fn look(&self, app: &TestApp, schema: &Schema) -> (Vec<String>, Vec<Told>) {
        let mut requests = everything(schema, &self.things).0;
        if self.thorough {
            requests.extend(choices(schema, &self.things).0);
        }
        // The first use of a key in a minute is noted.
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

    /// Looks at everything before there is anything to hide.
    async fn look_before(&mut self, app: &TestApp, schema: &Schema) {
        self.before = self.look(app, schema).await.1;
    }

    /// Looks at everything again: it is as it was.
    async fn look_again(&self, app: &TestApp, schema: &Schema, hidden: &Hidden) -> Vec<String> {
        let (requests, told) = self.look(app, schema).await;
        let mut leaks = Vec::new();
        for ((request, now), before) in requests.iter().zip(&told).zip(&self.before) {
            leaks.extend(self.shown(hidden, request, now, ""));
            let seen = |told: &Told| {
                let told = told.without_cost();
                if self.same_log { told.without_ends() } else { told }
            };
            leaks.extend(self.can_tell(request, &seen(before), &seen(now)));
        }
        leaks
    }

    /// What of the hidden is in an answer, but for what was sent.
    fn shown(&self, hidden: &Hidden, request: &str, told: &Told, sent: &str) -> Option<String> {
        let found = hidden.found_in(&format!("{}\n{}", told.headers, told.body), sent);
        let who = self.who;
        (!found.is_empty()).then(|| format!("{who} is shown {found:?} by {request}"))
    }

    /// That two answers differ which must not.
    fn can_tell(&self, request: &str, one: &Told, two: &Told) -> Option<String> {
        let difference = one.differs_from(two)?;
        let who = self.who;
        Some(format!("{who} can tell what is hidden by {request}{difference}"))
    }

    /// Who does the same where everything is the same, and the request in its terms.
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

    /// Asks with what is hidden.
    async fn ask(&self, app: &TestApp, schema: &Schema, hidden: &Hidden) -> Vec<String> {
        let began = Instant::now();
        let (_, ways) = everything(schema, &self.things);
        let (choices, chosen) = choices(schema, &self.things);
        let (queries, values) = queries(schema, &self.things, hidden);
        let leaks = twins::ask(app, self, hidden, &queries).await;
        println!(
            "{}: {ways} ways, {chosen} choices in {} requests, {values} values in {} × 2 requests, {:?}",
            self.who,
            choices.len(),
            queries.len(),
            began.elapsed()
        );
        leaks
    }

    /// Writes with what is hidden.
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

/// Everything that a workspace holds, as its operator sees it.
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
