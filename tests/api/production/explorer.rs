//! The setting that turns the explorer off.

use crate::support::TestApp;

async fn statuses(app: &TestApp) -> Vec<u16> {
    let mut statuses = Vec::new();
    for path in [
        "",
        "/",
        "/explorer",
        "/explorer/",
        "/explorer/explorer.js",
        "/explorer/operations.json",
        "/index.html",
    ] {
        let response = app.http().get(format!("{}{path}", app.url)).send().await;
        statuses.push(response.expect("an answer").status().as_u16());
    }
    statuses
}

#[tokio::test]
async fn a_disabled_explorer_is_not_served() {
    let app = TestApp::sqlite_with(|settings| settings.explorer = false).await;
    assert!(statuses(&app).await.iter().all(|status| *status == 404));
    let on = TestApp::sqlite().await;
    assert!(statuses(&on).await.contains(&200));
}
