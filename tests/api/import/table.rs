//! Customers in tables.

use std::path::PathBuf;

use deskgraph::{
    auth::Viewer,
    import::{ImportError, Report, Table, run_table},
    service::import::Source,
};
use entity::WorkspaceId;
use serde_json::json;
use tempfile::TempDir;

use super::{counts, faults, left_out};
use crate::support::{TestApp, on_each_database};

/// Creates a table and the mapping of its columns to fields.
fn table(text: &[u8], delimiter: u8, columns: &[(&str, &str)]) -> (TempDir, Table) {
    let folder = tempfile::tempdir().expect("a folder");
    let file: PathBuf = folder.path().join("people.csv");
    std::fs::write(&file, text).expect("written");
    let columns = columns
        .iter()
        .map(|(column, field)| ((*column).to_owned(), (*field).to_owned()));
    let columns = columns.collect();
    (
        folder,
        Table {
            file,
            delimiter,
            encoding: None,
            columns,
        },
    )
}

async fn run(app: &TestApp, workspace: WorkspaceId, table: &Table) -> Result<Report, ImportError> {
    run_with(app, workspace, table, false).await
}

async fn run_with(
    app: &TestApp,
    workspace: WorkspaceId,
    table: &Table,
    strict: bool,
) -> Result<Report, ImportError> {
    let viewer = Viewer::operator(workspace);
    let source = Source {
        viewer: &viewer,
        workspace,
        system: "csv",
        strict,
        prefer_source: false,
        revive: false,
    };
    run_table(&app.services, &source, table, &|_| {}).await
}

async fn every_kind_of_cell_is_imported_once(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let text = "\u{feff}Nr;Mail;Name;VIP;Prio;Labels;Notes;Plan;State;Mood;Since;Shoe\r\n\
                7;ann@example.com;\"Smith; \"\"Ann\"\"\";yes;HIGH;a; b;\"two\nlines\";pro;Active;happy;2024-01-02T03:04:05Z;42\r\n\
                8;ben@example.com;;;;;;;;;;\r\n";
    let text = text.replace("a; b;", "\"a; b\";");
    let columns = [
        ("Nr", "id"),
        ("Mail", "email"),
        ("Name", "name"),
        ("VIP", "isVip"),
        ("Prio", "priorityOverride"),
        ("Labels", "tags"),
        ("Notes", "internalNotes"),
        ("Plan", "customFields.plan"),
        ("State", "status"),
        ("Mood", "sentiment"),
        ("Since", "createdAt"),
    ];
    let (_folder, table) = table(text.as_bytes(), b';', &columns);
    for again in [false, true] {
        let report = run(&app, workspace, &table).await.expect("a report");
        let expected = if again { [0, 0, 2, 0] } else { [2, 0, 0, 0] };
        assert_eq!(counts(&report), [("people.csv", expected)], "{report}");
        assert!(
            report
                .to_string()
                .contains("The column \"Shoe\" is not mapped to a field"),
            "{report}"
        );
    }
    let query = "{ customers(orderBy: { field: EMAIL, direction: ASC }) { nodes { email name isVip priorityOverride tags
        internalNotes customFields status sentiment createdAt version } } }";
    let seen = app.ask(&admin, query, json!({})).await.at("/customers/nodes");
    assert_eq!(
        seen[0],
        json!({
            "email": "ann@example.com", "name": "Smith; \"Ann\"", "isVip": true, "priorityOverride": "HIGH",
            "tags": ["a", "b"], "internalNotes": "two\nlines", "customFields": { "plan": "pro" }, "status": "ACTIVE",
            "sentiment": "HAPPY", "createdAt": "2024-01-02T03:04:05.000Z", "version": 1,
        })
    );
    assert_eq!(
        (&seen[1]["name"], &seen[1]["isVip"], &seen[1]["tags"]),
        (&json!(null), &json!(false), &json!([]))
    );
}

async fn an_empty_cell_does_not_change_the_field(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let (_folder, before) = table(b"email,name,company\nANN@example.com,Ann,Acme\n", b',', &[]);
    run(&app, workspace, &before).await.expect("a report");
    let (_folder, after) = table(b"EMAIL,Name,company\nann@example.com,,Apex\n", b',', &[]);
    let report = run(&app, workspace, &after).await.expect("a report");
    assert_eq!(counts(&report), [("people.csv", [0, 1, 0, 0])], "{report}");
    let seen = app
        .ask(&admin, "{ customers { nodes { name company } } }", json!({}))
        .await;
    assert_eq!(
        seen.at("/customers/nodes"),
        json!([{ "name": "Ann", "company": "Apex" }])
    );
}

async fn invalid_rows_are_reported_by_line(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let text = [
        b"Mail,Name,VIP,Zone,Since\n".as_slice(),
        b"\"ann@example.com\",\"two\nlines\",,,\n",
        b"ben@example.com,Ben,maybe,,\n",
        b"cid@example.com,Cid,,Mars/Olympus,\n",
        b"dan@example.com,Dan,,,yesterday\n",
        b"nobody,Eve,,,\n",
        b",Fay,,,\n",
        b"gus@example.com,Gus\n",
        b"hal@example.com,Hal,,,,,\n",
        b"ivy@example.com,J\xfcrgen,,,\n",
        b"ann@example.com,Again,,,\n",
        b"\n",
        b"joe@example.com,Joe,no,Europe/Berlin,\n",
    ]
    .concat();
    let columns = [
        ("Mail", "email"),
        ("Name", "name"),
        ("VIP", "isVip"),
        ("Zone", "timezone"),
        ("Since", "createdAt"),
    ];
    let (_folder, table) = table(&text, b',', &columns);
    for again in [false, true] {
        let report = run_with(&app, workspace, &table, true).await.expect("a report");
        let expected = if again { [0, 0, 2, 9] } else { [2, 0, 0, 9] };
        assert_eq!(counts(&report), [("people.csv", expected)], "{report}");
        let expected = [
            "4 isVip (column \"VIP\")",
            "5 timezone (column \"Zone\")",
            "6 createdAt (column \"Since\")",
            "7 email (column \"Mail\")",
            "8 id",
            "9 ",
            "10 ",
            "11 name (column \"Name\")",
            "12 id",
        ];
        assert_eq!(
            faults(&report, "people.csv"),
            expected.map(str::to_owned).into(),
            "{report}"
        );
    }
}

async fn invalid_tables_are_refused_before_any_write(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let cases: [(&str, &[_], &str); 7] = [
        (
            "email,name\na@example.com,A\n",
            &[("Mail", "email")],
            "The header has no column \"Mail\"",
        ),
        (
            "email,email\na@example.com,b@example.com\n",
            &[("email", "email")],
            "more than one column \"email\"",
        ),
        (
            "email,EMAIL\na@example.com,b@example.com\n",
            &[],
            "Two columns map to the field email",
        ),
        (
            "name,company\nA,B\n",
            &[],
            "Add --map COLUMN=id or --map COLUMN=email.",
        ),
        ("email;name\na@example.com;A\n", &[], "Columns: email;name."),
        ("", &[], "The file is empty"),
        (
            "a,b\nx@example.com,y@example.com\n",
            &[("a", "email"), ("b", "email")],
            "Two columns map to the field email",
        ),
    ];
    for (text, columns, told) in cases {
        let (_folder, table) = table(text.as_bytes(), b',', columns);
        let error = run(&app, workspace, &table)
            .await
            .expect_err("refused")
            .to_string();
        assert!(
            error.starts_with("people.csv:1: ") && error.contains(told),
            "{error}"
        );
    }
    assert!(app.log(workspace).await.is_empty());
}

async fn an_unclosed_quote_uses_bounded_memory(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let mut text = b"email,name\nann@example.com,Ann\nben@example.com,\"".to_vec();
    text.resize(10 << 20, b'x');
    let (_folder, table) = table(&text, b',', &[]);
    let error = run(&app, workspace, &table)
        .await
        .expect_err("it ends")
        .to_string();
    assert!(error.contains("Check for an unclosed quote."), "{error}");
}

async fn many_rows_are_imported(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let rows: String = (0..1_234)
        .map(|n| format!("c{n}@example.com,Customer {n}\n"))
        .collect();
    let (_folder, table) = table(format!("email,name\n{rows}").as_bytes(), b',', &[]);
    let report = run(&app, workspace, &table).await.expect("a report");
    assert_eq!(counts(&report), [("people.csv", [1_234, 0, 0, 0])]);
    let total = app.ask(&admin, "{ customers { totalCount } }", json!({})).await;
    assert_eq!(total.at("/customers/totalCount"), 1_234);
}

async fn the_number_of_columns_is_bounded(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let columns = |count: usize| (1..count).map(|n| format!(",column {n}")).collect::<String>();
    let (_folder, fine) = table(format!("id{}\n", columns(1_000)).as_bytes(), b',', &[]);
    let report = run(&app, workspace, &fine).await.expect("a report");
    assert_eq!(report.files[0].notes.len(), 999);
    for count in [1_001, 200_000] {
        let (_folder, wide) = table(format!("id{}\n", columns(count)).as_bytes(), b',', &[]);
        let error = run(&app, workspace, &wide)
            .await
            .expect_err("refused")
            .to_string();
        let expected = format!("people.csv:1: The header has {count} columns; the maximum is 1000.");
        assert_eq!(error, expected);
    }
    // The report about a header is short, even if the header is long.
    let (_folder, unfit) = table(format!("x{}\n", columns(900)).as_bytes(), b',', &[]);
    let error = run(&app, workspace, &unfit)
        .await
        .expect_err("refused")
        .to_string();
    assert!(
        error.len() < 1_000 && error.ends_with("column 19 and 880 more."),
        "{error}"
    );
}

async fn rows_before_an_oversized_one_are_imported(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let text = format!("id,email\n1,a@example.com\n2,\"{}", "x".repeat(9 << 20));
    let (_folder, table) = table(text.as_bytes(), b',', &[]);
    let error = run(&app, workspace, &table)
        .await
        .expect_err("it ends")
        .to_string();
    assert_eq!(
        error,
        "people.csv:3: The record is larger than 8 MiB. Check for an unclosed quote."
    );
    let seen = app.ask(&admin, "{ customers { totalCount } }", json!({})).await;
    assert_eq!(seen.at("/customers/totalCount"), 1);
}

/// Imports a table as bytes without a mapping.
async fn of_bytes(app: &TestApp, text: &[u8], change: impl FnOnce(&mut Table)) -> Report {
    let (workspace, _) = app.admin().await;
    let (_folder, mut table) = table(text, b',', &[]);
    change(&mut table);
    run(app, workspace, &table).await.expect("a report")
}

async fn line_numbers_are_correct_for_every_line_ending(app: TestApp) {
    let text = "email,name,status\na@example.com,A,activ\nb@example.com,B,active\n\n\nc@example.com,C,activ\n\
                d@example.com,\"two\nlines\",active\ne@example.com,E,activ\n";
    for (number, end) in ["\n", "\r\n", "\r"].into_iter().enumerate() {
        let text = text.replace('\n', end).replace('@', &format!("{number}@"));
        let report = of_bytes(&app, text.as_bytes(), |_| ()).await;
        assert_eq!(counts(&report), [("people.csv", [5, 0, 0, 0])], "{report}");
        let expected = ["2 status", "6 status", "9 status"].map(str::to_owned);
        assert_eq!(left_out(&report, "people.csv"), expected.into(), "{report}");
    }
}

async fn an_unclosed_quote_loses_only_its_row(app: TestApp) {
    let rows: String = (0..50).map(|n| format!("c{n}@example.com,C,Acme\n")).collect();
    let open = format!(
        "email,name,company\n{rows}x@example.com,\"X,Acme\n{}",
        rows.replace('c', "d")
    );
    let report = of_bytes(&app, open.as_bytes(), |_| ()).await;
    assert_eq!(counts(&report), [("people.csv", [100, 0, 0, 1])], "{report}");
    assert_eq!(faults(&report, "people.csv"), ["52 ".to_owned()].into());
    assert!(
        report
            .to_string()
            .contains("people.csv:52: line: The row has an unclosed quote."),
        "{report}"
    );
}

async fn other_encodings_and_short_rows_are_imported(app: TestApp) {
    let text =
        "email\tname\tcompany\r\nzo\u{e9}@example.com\tZo\u{e9}\tCaf\u{e9}\r\nbob@example.com\tBob\r\n";
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let report = of_bytes(&app, &[b"\xff\xfe".to_vec(), utf16].concat(), |table| {
        table.delimiter = b'\t';
    })
    .await;
    assert_eq!(counts(&report), [("people.csv", [2, 0, 0, 0])], "{report}");
    let named = |table: &mut Table| table.encoding = Some("windows-1252".to_owned());
    let report = of_bytes(&app, b"email,name\nzoe@example.com,Zo\xeb\n", named).await;
    assert_eq!(counts(&report), [("people.csv", [1, 0, 0, 0])], "{report}");
    let report = of_bytes(&app, b"sep=;\nemail;name\nsep@example.com;Zo\xeb;;\n;;\n", |_| ()).await;
    assert_eq!(counts(&report), [("people.csv", [1, 0, 0, 0])], "{report}");
    assert_eq!(left_out(&report, "people.csv"), ["3 name".to_owned()].into());
    let (workspace, admin) = app.admin().await;
    let (_folder, table) = table(
        b"Mail\nann@example.com\n",
        b',',
        &[("Mail", "id"), ("Mail", "email")],
    );
    let report = run(&app, workspace, &table).await.expect("a report");
    assert_eq!(counts(&report), [("people.csv", [1, 0, 0, 0])], "{report}");
    let seen = app
        .ask(&admin, "{ customers { nodes { email } } }", json!({}))
        .await;
    assert_eq!(
        seen.at("/customers/nodes"),
        json!([{ "email": "ann@example.com" }])
    );
}

async fn rows_with_an_id_need_no_valid_email(app: TestApp) {
    let report = of_bytes(
        &app,
        b"id,email,name\n1,De Example.Ka@mail.example,Ka\n2,two@mail.example,Two\n",
        |_| (),
    )
    .await;
    assert_eq!(counts(&report), [("people.csv", [2, 0, 0, 0])], "{report}");
    assert_eq!(left_out(&report, "people.csv"), ["2 email".to_owned()].into());
}

on_each_database!(
    line_numbers_are_correct_for_every_line_ending,
    an_unclosed_quote_loses_only_its_row,
    other_encodings_and_short_rows_are_imported,
    rows_with_an_id_need_no_valid_email,
    the_number_of_columns_is_bounded,
    rows_before_an_oversized_one_are_imported,
    every_kind_of_cell_is_imported_once,
    an_empty_cell_does_not_change_the_field,
    invalid_rows_are_reported_by_line,
    invalid_tables_are_refused_before_any_write,
    an_unclosed_quote_uses_bounded_memory,
    many_rows_are_imported,
);
