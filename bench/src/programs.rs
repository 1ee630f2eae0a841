//! Finds the programs that tests and measurements run: those of PostgreSQL, `nats-server`, `pgbouncer`.
//!
//! The build script of `needs` includes this file, so that the tests and their `ignore` attributes use one search.

#![expect(
    clippy::disallowed_methods,
    reason = "the environment names the folders of programs"
)]

use std::{
    env::{self, consts::EXE_SUFFIX},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The environment variable with the only folders to search, separated as in `PATH`.
pub const ONLY: &str = "TEST_PROGRAMS";

/// Folders with a folder for each version of PostgreSQL, and how the names of those begin: Debian, Red Hat, Homebrew on
/// three systems, `Postgres.app`.
const VERSIONED: [(&str, &str); 6] = [
    ("/usr/lib/postgresql", ""),
    ("/usr", "pgsql-"),
    ("/opt/homebrew/opt", "postgresql@"),
    ("/usr/local/opt", "postgresql@"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql@"),
    ("/Applications/Postgres.app/Contents/Versions", ""),
];

/// Folders of servers, which are not in every user's `PATH`.
const OF_ADMINISTRATORS: [&str; 4] = [
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/opt/homebrew/bin",
];

/// The path of the first of these programs, in the first folder that has them all.
pub fn find(programs: &[&str]) -> Option<PathBuf> {
    let path = |folder: &Path, name: &&str| folder.join(format!("{name}{EXE_SUFFIX}"));
    let has_all = |folder: &PathBuf| programs.iter().all(|name| path(folder, name).is_file());
    let folder = folders().into_iter().find(has_all)?;
    Some(path(&folder, programs.first()?))
}

/// The folders to search, in this order: `PATH`, the folder that `pg_config` reports, PostgreSQL's usual folders with the
/// newest version first, folders of administrators.
fn folders() -> Vec<PathBuf> {
    if let Some(only) = env::var_os(ONLY) {
        return listed(&only);
    }
    let mut folders = listed(&env::var_os("PATH").unwrap_or_default());
    folders.extend(reported());
    let mut versions: Vec<(u32, PathBuf)> = VERSIONED
        .iter()
        .flat_map(|(parent, prefix)| versions(Path::new(parent), prefix))
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    folders.extend(versions.into_iter().map(|(_, folder)| folder));
    folders.extend(OF_ADMINISTRATORS.map(PathBuf::from));
    folders
}

fn listed(folders: &std::ffi::OsStr) -> Vec<PathBuf> {
    // An empty entry would be the current folder.
    env::split_paths(folders)
        .filter(|folder| !folder.as_os_str().is_empty())
        .collect()
}

fn reported() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    let folder = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| folder.trim().into())
}

fn versions(parent: &Path, prefix: &str) -> Vec<(u32, PathBuf)> {
    let version = |entry: fs::DirEntry| {
        let name = entry.file_name();
        // Before PostgreSQL 10, a version has two numbers.
        let number = name.to_str()?.strip_prefix(prefix)?.split('.').next()?;
        Some((number.parse().ok()?, entry.path().join("bin")))
    };
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    entries.filter_map(version).collect()
}
