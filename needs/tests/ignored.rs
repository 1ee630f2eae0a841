//! A test whose program is missing is listed as ignored, and runs once the program is there.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::{fs, path::Path, process::Command};

use tempfile::TempDir;

/// A package with one test that needs two programs.
fn package() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let needs = env!("CARGO_MANIFEST_DIR");
    let manifest = format!(
        "[package]\nname = \"sample\"\nedition = \"2024\"\n[workspace]\n\
         [dev-dependencies]\nneeds = {{ path = {needs:?} }}\n"
    );
    let code = "#[needs::needs(postgres, nats)]\n#[test]\nfn runs() {}\n\
                #[test]\nfn what_was_decided() { println!(\"{}\", needs::decision!()); }\n";
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
    fs::create_dir(folder.path().join("src")).expect("a folder");
    write("Cargo.toml", &manifest);
    write("src/lib.rs", code);
    folder
}

/// What `cargo test` prints where only these folders have programs.
fn test(package: &Path, folders: &str, variables: &[(&str, &str)]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(["test", "--offline", "--lib", "--", "--show-output"])
        .current_dir(package)
        .env("CARGO_TARGET_DIR", package.join("target"))
        .env("TEST_PROGRAMS", folders)
        .env_remove("TEST_DATABASE_URL")
        .env_remove("CI")
        .envs(variables.iter().copied())
        .output()
        .expect("cargo");
    let said = [output.stdout, output.stderr].concat();
    String::from_utf8(said).expect("a text")
}

/// Puts empty files in the place of programs.
fn install(folder: &Path, programs: &[&str]) {
    for name in programs {
        fs::write(folder.join(name), "").expect("written");
    }
}

#[test]
fn a_test_is_ignored_while_its_program_is_missing() {
    let package = package();
    let package = package.path();
    let programs = tempfile::tempdir().expect("a folder");
    let (programs, folders) = (programs.path(), programs.path().display().to_string());
    let postgres = "PostgreSQL is not installed: install it, or set TEST_DATABASE_URL";
    let nats = "nats-server is not installed";
    let said = |said: &str, line: &str| assert!(said.contains(line), "no {line:?} in {said}");

    let without = test(package, "", &[]);
    said(&without, &format!("test runs ... ignored, {postgres}; {nats}\n"));
    said(&without, "1 passed; 0 failed; 1 ignored");
    // The folder is another one, and still has no programs.
    let empty = test(package, &folders, &[]);
    said(&empty, &format!("test runs ... ignored, {postgres}; {nats}\n"));
    install(programs, &["nats-server"]);
    let decision = empty
        .lines()
        .find(|line| line.ends_with("decision.rs"))
        .expect("a path");
    fs::remove_file(decision).expect("a decision");
    said(
        &test(package, &folders, &[]),
        &format!("test runs ... ignored, {postgres}\n"),
    );
    said(
        &test(
            package,
            &folders,
            &[("TEST_DATABASE_URL", "postgres://127.0.0.1/")],
        ),
        "test runs ... ok",
    );
    let with_ci = test(package, &folders, &[("CI", "true")]);
    said(&with_ci, "2 passed; 0 failed; 0 ignored");
    said(&test(package, &folders, &[]), "1 ignored");
    install(
        programs,
        &[
            "initdb",
            "pg_ctl",
            "postgres",
            "pg_dump",
            "pg_restore",
            "pgbouncer",
        ],
    );
    fs::remove_file(decision).expect("a decision");
    let with = test(package, &folders, &[]);
    said(&with, "2 passed; 0 failed; 0 ignored");
    said(&with, "Compiling");
    // With everything there, neither variable makes cargo build anything again.
    let again = [("TEST_DATABASE_URL", "postgres://127.0.0.1/"), ("CI", "true")];
    let again = test(package, &folders, &again);
    said(&again, "2 passed; 0 failed; 0 ignored");
    assert!(!again.contains("Compiling"), "{again}");
    fs::remove_file(programs.join("initdb")).expect("removed");
    said(
        &test(package, &folders, &[]),
        &format!("test runs ... ignored, {postgres}\n"),
    );
}
