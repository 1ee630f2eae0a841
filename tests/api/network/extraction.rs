//! Requests that the library's own extraction reads differently. `async-graphql-axum` calls these functions of the
//! library for every request. If one of these tests fails, the library has changed and ADR 7 can be reconsidered.

use async_graphql::http::{MultipartOptions, parse_query_string, receive_body};
use serde_json::json;

use crate::support::{Answer, TestApp};

const TWO: &str = "query A { viewer { kind } } query B { __typename }";

#[tokio::test]
async fn an_operation_is_selected_by_name_over_get() {
    let app = TestApp::sqlite().await;
    let (_, admin) = app.admin().await;
    let sent = format!("query={}&operationName=B", TWO.replace(' ', "+"));
    let request = app.http().get(format!("{}/graphql?{sent}", app.url));
    let answer = request
        .bearer_auth(&admin.credential)
        .send()
        .await
        .expect("an answer");
    let answer = Answer::read(answer).await;
    assert_eq!(answer.body["data"], json!({ "__typename": "Query" }));

    let by_library = parse_query_string(&sent).expect("a request");
    assert_eq!(by_library.operation_name, None);
}

/// Browsers send these types across origins without asking the server first.
#[tokio::test]
async fn a_body_that_a_foreign_page_can_send_is_refused() {
    let app = TestApp::sqlite().await;
    let (_, admin) = app.admin().await;
    let body = json!({ "query": "{ viewer { kind } }" }).to_string();
    for kind in ["text/plain", "application/x-www-form-urlencoded"] {
        let request = app.http().post(format!("{}/graphql", app.url));
        let request = request
            .bearer_auth(&admin.credential)
            .header("content-type", kind);
        let answer = request.body(body.clone()).send().await.expect("an answer");
        assert_eq!(answer.status(), 415, "{kind}");

        let options = MultipartOptions::default();
        let by_library = receive_body(Some(kind), body.as_bytes(), options).await;
        assert_eq!(
            by_library.expect("a request").query,
            "{ viewer { kind } }",
            "{kind}"
        );
    }
    let form = "--b\r\ncontent-disposition: form-data; name=\"operations\"\r\n\r\n{\"query\":\"{ viewer { kind } }\"}\r\n\
                --b\r\ncontent-disposition: form-data; name=\"map\"\r\n\r\n{}\r\n--b--\r\n";
    let kind = "multipart/form-data; boundary=b";
    let request = app.http().post(format!("{}/graphql", app.url));
    let request = request
        .bearer_auth(&admin.credential)
        .header("content-type", kind);
    let answer = request.body(form).send().await.expect("an answer");
    assert_eq!(answer.status(), 415);

    let by_library = receive_body(Some(kind), form.as_bytes(), MultipartOptions::default()).await;
    assert_eq!(by_library.expect("a request").query, "{ viewer { kind } }");
}

#[tokio::test]
async fn the_id_of_a_trusted_document_is_read() {
    let app = TestApp::sqlite().await;
    let (_, admin) = app.admin().await;
    let body = json!({ "documentId": "unknown" }).to_string();
    let request = app.http().post(format!("{}/graphql", app.url));
    let request = request
        .bearer_auth(&admin.credential)
        .header("content-type", "application/json");
    let answer = request.body(body.clone()).send().await.expect("an answer");
    let answer = Answer::read(answer).await;
    let message = answer.body["errors"][0]["message"].as_str().unwrap_or_default();
    assert!(!message.contains("`query` is required"), "{}", answer.body);

    let options = MultipartOptions::default();
    let by_library = receive_body(Some("application/json"), body.as_bytes(), options).await;
    let by_library = by_library.expect("a request");
    assert!(by_library.query.is_empty() && by_library.extensions.is_empty());
}

/// Every refusal over HTTP is a GraphQL response. Rejections of the library are debug output of its error type.
#[tokio::test]
async fn a_body_that_is_not_json_is_refused_with_a_graphql_response() {
    let app = TestApp::sqlite().await;
    let (_, admin) = app.admin().await;
    let request = app.http().post(format!("{}/graphql", app.url));
    let request = request
        .bearer_auth(&admin.credential)
        .header("content-type", "application/json");
    let answer = request.body("{\"query\":").send().await.expect("an answer");
    let answer = Answer::read(answer).await;
    assert_eq!(
        (answer.status, answer.body["errors"][0]["message"].is_string()),
        (400, true)
    );

    let options = MultipartOptions::default();
    let by_library = receive_body(Some("application/json"), &b"{\"query\":"[..], options).await;
    let rejection = format!("{:?}", by_library.expect_err("no JSON"));
    assert!(rejection.starts_with("InvalidRequest("), "{rejection}");
}
