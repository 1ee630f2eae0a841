//! Data of one workspace is not visible in another.

use serde_json::json;

use super::{
    Outsider, all_of, assert_none, control,
    hidden::{HIDDEN, Hidden},
    sample::{OWN, SampleWorkspace},
    streams,
};
use crate::support::{TestApp, on_each_database};

async fn no_request_shows_data_of_another_workspace(app: TestApp) {
    let first = app.workspace("First").await;
    let schema = app.schema(&app.admin_of(&[first]).await).await;
    let here = SampleWorkspace::new(&app, &schema, OWN, &|_| OWN).await;
    let mirror = SampleWorkspace::new(&app, &schema, OWN, &|_| OWN).await;
    let mirrored = mirror.people(&app).await;
    let mut onlookers: Vec<Outsider> = Vec::new();
    let people = here.people(&app).await;
    // The last use of a key is visible, so each key is used before the comparison.
    for (_, person, _) in &people {
        app.ask(person, "{ viewer { kind } }", json!({})).await.data();
    }
    for ((who, person, thorough), (_, other, _)) in people.into_iter().zip(mirrored) {
        let mut one = Outsider::new(who, &person, &here.things, thorough);
        one.mirror = Some((other, mirror.things.clone()));
        one.look_before(&app, &schema).await;
        onlookers.push(one);
    }

    let there = SampleWorkspace::new(&app, &schema, HIDDEN, &|_| HIDDEN).await;
    let told = control::everything_is_found(&app, &schema, &there.admin, &there.planted, &there.things).await;
    let mut hidden = Hidden {
        ids: there.things.ids.clone(),
        texts: control::texts(&there.planted, &there.things),
        ..Hidden::default()
    };
    let agents = hidden.ids.entry("Agent".to_owned()).or_default();
    agents.push(there.admin.id.clone());
    hidden.learn(&told);
    let before = all_of(&app, there.workspace).await;

    let mut leaks = Vec::new();
    for one in &onlookers {
        leaks.extend(one.look_again(&app, &schema, &hidden).await);
    }
    for one in onlookers.iter().filter(|one| one.thorough) {
        leaks.extend(one.ask(&app, &schema, &hidden).await);
    }
    let mut sent = String::new();
    for one in &onlookers {
        leaks.extend(one.write(&app, &schema, &hidden, &mut sent).await);
    }
    assert_eq!(all_of(&app, there.workspace).await, before);
    // Last, because a subscription makes the node poll for events, whose statements are counted too.
    for one in &onlookers {
        if one.thorough {
            leaks.extend(streams::refused(&app, &schema, one, &hidden).await);
        }
        leaks.extend(streams::followed(&app, &schema, one, &hidden, &here, &there, &sent).await);
    }
    assert_none(&leaks);
}

on_each_database!(
    with super::super::generous;
    no_request_shows_data_of_another_workspace,
);
