//! API keys: expiry and last use.

use deskgraph::{
    auth::{Grant, Viewer},
    service::{
        self,
        api_key::{CreateApiKey, RotateApiKey},
    },
};
use entity::{ApiKeyId, Timestamp, api_key, api_key_workspace};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::{accepted, asked, refused};
use crate::support::{START, TestApp, on_each_database};

async fn key(app: &TestApp, expires_at: Option<Timestamp>) -> (ApiKeyId, String) {
    let input = CreateApiKey {
        name: "Test".to_owned(),
        grants: vec![Grant::Read],
        workspaces: None,
        expires_at,
    };
    let operator = Viewer::operator(app.workspace("Test").await);
    let made = service::api_key::create(&app.services, &operator, input)
        .await
        .expect("a key");
    let secret = made.token.expect("a token").reveal().to_owned();
    (made.opening.key.id, secret)
}

async fn row(app: &TestApp, id: ApiKeyId) -> api_key::Model {
    let found = api_key::Entity::find_by_id(id)
        .one(app.services.db.connection())
        .await;
    found.expect("a row").expect("the key")
}

/// Waits until no other write runs. SQLite has one writer at a time, and the use of a key is not recorded while that
/// one is busy.
async fn wait_for_writer(app: &TestApp) {
    let turn = app.services.db.begin().await.expect("a transaction");
    turn.commit().await.expect("let go");
}

async fn a_key_is_valid_until_it_expires(app: TestApp) {
    let (_, secret) = key(&app, Some(Timestamp(START.0 + 1_000))).await;
    assert_eq!(asked(&app, &app.url, &secret).await, accepted());
    app.clock_control.advance_ms(999);
    assert_eq!(asked(&app, &app.url, &secret).await, accepted());
    app.clock_control.advance_ms(1);
    assert_eq!(asked(&app, &app.url, &secret).await, refused());
}

async fn a_key_without_expiry_is_valid_until_revoked(app: TestApp) {
    let (id, secret) = key(&app, None).await;
    app.clock_control.advance_ms(100 * 365 * 86_400_000);
    assert_eq!(asked(&app, &app.url, &secret).await, accepted());
    let revoke = api_key::Entity::update_many()
        .col_expr(api_key::Column::RevokedAt, Expr::val(app.services.clock.now()))
        .filter(api_key::Column::Id.eq(id));
    revoke.exec(app.services.db.connection()).await.expect("revoked");
    // Simulates a revocation by another process. Nodes check keys once per second.
    app.clock_control.advance_ms(999);
    assert_eq!(asked(&app, &app.url, &secret).await, accepted());
    app.clock_control.advance_ms(1);
    assert_eq!(asked(&app, &app.url, &secret).await, refused());
}

async fn a_key_is_read_at_most_once_a_second(app: TestApp) {
    let (_, secret) = key(&app, None).await;
    let looks = async |at: &str| {
        app.statements.take();
        assert_eq!(asked(&app, &app.url, &secret).await, accepted(), "{at}");
        app.statements.take().len()
    };
    assert!(looks("the first time").await > 0);
    assert_eq!(looks("the second time").await, 0);
    for n in 0..50 {
        assert_eq!(asked(&app, &app.url, &format!("dk_{n:043}")).await, refused());
    }
    assert_eq!(looks("behind others").await, 0);
    app.clock_control.advance_ms(1_000);
    assert!(looks("a second later").await > 0);
}

async fn other_nodes_refuse_an_ended_key_within_a_second(app: TestApp) {
    let other = app.another().await;
    for is_rotated in [false, true] {
        let (id, secret) = key(&app, None).await;
        for node in [&app, &other, &app, &other] {
            assert_eq!(asked(node, &node.url, &secret).await, accepted());
        }
        let workspaces = app.services.db.connection();
        let opened = api_key_workspace::Entity::find()
            .filter(api_key_workspace::Column::ApiKeyId.eq(id))
            .one(workspaces)
            .await;
        let operator = Viewer::operator(opened.expect("a row").expect("a workspace").workspace_id);
        if is_rotated {
            let input = RotateApiKey {
                id,
                overlap_s: 0,
                expires_at: service::Patch::Keep,
            };
            let made = service::api_key::rotate(&app.services, &operator, input).await;
            made.expect("rotated");
        } else {
            let revoked = service::api_key::revoke(&app.services, &operator, id).await;
            revoked.expect("revoked");
        }
        assert_eq!(asked(&app, &app.url, &secret).await, refused());
        other.clock_control.advance_ms(1_000);
        assert_eq!(asked(&other, &other.url, &secret).await, refused());
    }
}

async fn only_the_exact_key_is_accepted(app: TestApp) {
    let (id, secret) = key(&app, None).await;
    let kept = row(&app, id).await;
    assert!(!kept.hash.contains(&secret[3..]) && secret.starts_with(&kept.prefix));
    for wrong in [
        secret[..secret.len() - 1].to_owned(),
        format!("{secret}A"),
        secret.to_uppercase(),
        kept.hash,
        kept.prefix,
        "dk_".to_owned(),
    ] {
        assert_eq!(asked(&app, &app.url, &wrong).await, refused(), "{wrong}");
    }
}

async fn the_last_use_is_recorded_once_a_minute(app: TestApp) {
    let (id, secret) = key(&app, None).await;
    assert_eq!(row(&app, id).await.last_used_at, None);
    // How far the clock advances before a use, and the recorded time of the last use.
    for (forward, noted) in [
        (0, 0),
        (1, 0),
        (59_998, 0),
        (1, 60_000),
        (59_999, 60_000),
        (1, 120_000),
        (500_000, 620_000),
    ] {
        app.clock_control.advance_ms(forward);
        wait_for_writer(&app).await;
        app.statements.take();
        assert_eq!(asked(&app, &app.url, &secret).await, accepted());
        let writes = app
            .statements
            .take()
            .into_iter()
            .filter(|sql| sql.starts_with("UPDATE"))
            .count();
        let now = app.services.clock.now().0 - START.0;
        assert_eq!(
            row(&app, id).await.last_used_at,
            Some(Timestamp(START.0 + noted)),
            "at {now}"
        );
        assert_eq!(writes, usize::from(noted == now), "at {now}");
    }
}

/// Recording the last use is a write, and SQLite has one writer at a time. Reads must not wait for it.
async fn a_key_authenticates_during_another_write(app: TestApp) {
    let (id, secret) = key(&app, None).await;
    let open = app.services.db.begin().await.expect("a transaction");
    assert_eq!(asked(&app, &app.url, &secret).await, accepted());
    open.commit().await.expect("let go");
    app.clock_control.advance_ms(60_000);
    wait_for_writer(&app).await;
    assert_eq!(asked(&app, &app.url, &secret).await, accepted());
    assert_eq!(
        row(&app, id).await.last_used_at,
        Some(Timestamp(START.0 + 60_000))
    );
}

on_each_database!(
    a_key_is_valid_until_it_expires,
    a_key_without_expiry_is_valid_until_revoked,
    a_key_is_read_at_most_once_a_second,
    other_nodes_refuse_an_ended_key_within_a_second,
    only_the_exact_key_is_accepted,
    the_last_use_is_recorded_once_a_minute,
    a_key_authenticates_during_another_write,
);
