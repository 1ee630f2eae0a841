//! Bodies that are compressed, start with a byte order mark, or have another encoding than plain JSON.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use reqwest::Response;

use crate::support::{Answer, Person, TestApp};

const VIEWER: &str = r#"{"query":"{ viewer { kind } }"}"#;

fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).expect("written");
    encoder.finish().expect("packed")
}

async fn post(app: &TestApp, admin: &Person, body: Vec<u8>, headers: &[(&str, &str)]) -> Response {
    let request = app.http().post(format!("{}/graphql", app.url));
    let mut request = request.bearer_auth(&admin.credential).body(body);
    if !headers.iter().any(|(name, _)| *name == "content-type") {
        request = request.header("content-type", "application/json");
    }
    let request = headers
        .iter()
        .fold(request, |request, (name, value)| request.header(*name, *value));
    request.send().await.expect("an answer")
}

async fn refused(response: Response) -> (u16, String) {
    let answer = Answer::read(response).await;
    let message = answer.body["errors"][0]["message"].as_str().unwrap_or_default();
    (answer.status, message.to_owned())
}

const GZIP: (&str, &str) = ("content-encoding", "gzip");

#[tokio::test]
async fn a_gzipped_body_is_read() {
    let app = TestApp::sqlite().await;
    let (_, admin) = app.admin().await;
    let padded = VIEWER.to_owned() + &" ".repeat(900_000);
    for body in [VIEWER, &padded] {
        let answer = post(&app, &admin, packed(body.as_bytes()), &[GZIP]).await;
        assert_eq!(answer.status(), 200);
        let answer = Answer::read(answer).await;
        assert_eq!(answer.body["data"]["viewer"]["kind"], "AGENT");
    }
}

#[tokio::test]
async fn oversized_decompressed_bodies_are_refused_and_free_memory() {
    let app = TestApp::sqlite_with(|settings| settings.bodies_bytes_per_viewer = 2 << 20).await;
    let (_, admin) = app.admin().await;
    // 64 KiB that decompress to 64 MiB, as one stream and as many.
    let bomb = packed(&vec![b' '; 64 << 20]);
    let pieces: Vec<u8> = (0..3_000).flat_map(|_| packed(&[b' '; 1_000])).collect();
    for body in [bomb, pieces] {
        for _ in 0..4 {
            let (status, message) = refused(post(&app, &admin, body.clone(), &[GZIP]).await).await;
            assert_eq!(
                (status, message.as_str()),
                (
                    413,
                    "The request body is larger than the maximum of 1048576 bytes."
                )
            );
        }
    }
    let whole = post(&app, &admin, packed(VIEWER.as_bytes()), &[GZIP]).await;
    assert_eq!(whole.status(), 200);
}

#[tokio::test]
async fn invalid_gzip_data_is_refused() {
    let app = TestApp::sqlite().await;
    let (_, admin) = app.admin().await;
    let whole = packed(VIEWER.as_bytes());
    let cut = whole[..whole.len() - 6].to_vec();
    for body in [VIEWER.as_bytes().to_vec(), cut, Vec::new()] {
        let (status, message) = refused(post(&app, &admin, body, &[GZIP]).await).await;
        assert_eq!(status, 400);
        assert!(
            message.starts_with("The request body is not valid gzip data"),
            "{message}"
        );
    }
}

#[tokio::test]
async fn other_encodings_and_charsets_are_refused_by_name() {
    let app = TestApp::sqlite().await;
    let (_, admin) = app.admin().await;
    let brotli = post(&app, &admin, VIEWER.into(), &[("content-encoding", "br")]).await;
    assert_eq!(brotli.headers()["accept-encoding"], "gzip");
    let (status, message) = refused(brotli).await;
    assert_eq!(status, 415);
    assert!(
        message.starts_with("The `Content-Encoding` `br` is not"),
        "{message}"
    );
    let kind = [("content-type", "application/json; charset=utf-16")];
    let (status, message) = refused(post(&app, &admin, VIEWER.into(), &kind).await).await;
    assert_eq!(status, 415);
    assert!(message.contains("charset `utf-16`"), "{message}");
}

#[tokio::test]
async fn a_byte_order_mark_is_ignored() {
    let app = TestApp::sqlite_with(|settings| settings.batch_max = 2).await;
    let (_, admin) = app.admin().await;
    for text in [VIEWER.to_owned(), format!("[{VIEWER}]")] {
        let body = format!("\u{feff}{text}").into_bytes();
        assert_eq!(post(&app, &admin, body, &[]).await.status(), 200, "{text}");
    }
}

#[tokio::test]
async fn a_field_of_the_wrong_type_is_named() {
    let app = TestApp::sqlite_with(|settings| settings.batch_max = 2).await;
    let (_, admin) = app.admin().await;
    for (body, expected) in [
        (
            r#"{"query":"{ viewer { kind } }","variables":""}"#,
            "`variables` is not a JSON object.",
        ),
        (
            r#"[{"query":"{ viewer { kind } }"},{"query":7}]"#,
            "Request 1 of the list is invalid. `query` is not a string.",
        ),
        (
            r#"{"query":"{ viewer { kind } }" "variables":{}}"#,
            "The request body is not valid JSON: expected `,` or `}` at line 1 column 32.",
        ),
    ] {
        let (status, message) = refused(post(&app, &admin, body.into(), &[]).await).await;
        assert_eq!((status, message.as_str()), (400, expected));
    }
}
