//! Installs and starts the other servers.

use std::{fs, path::Path, process::Command};

use serde_json::Value;

use super::kind::Kind;
use crate::failure::{Done, Failure, Trying};

/// Number of processes of the Node.js servers: one for each core of the machine for which the targets are set.
const PROCESSES: usize = 2;

/// Installs or builds missing parts. Blocks.
pub fn prepare(kind: Kind, peers: &Path) -> Done {
    match kind {
        Kind::Mercurius | Kind::Postgraphile => {
            let folder = peers.join(folder(kind));
            if folder.join("node_modules").is_dir() {
                return Ok(());
            }
            eprintln!("npm ci in {} …", folder.display());
            run(Command::new("npm")
                .args(["ci", "--no-audit", "--no-fund"])
                .current_dir(folder))
        }
        Kind::Seaography => {
            eprintln!("building Seaography's server (takes minutes the first time) …");
            run(Command::new("cargo")
                .args(["build", "--release"])
                .current_dir(peers.join(folder(kind))))
        }
        Kind::Limit | Kind::Gateway | Kind::LimitSqlite | Kind::GatewaySqlite => Ok(()),
    }
}

/// Returns the command that starts a server.
pub fn command(
    kind: Kind,
    peers: &Path,
    address: &str,
    database_url: &str,
    connections: usize,
) -> Done<Command> {
    let folder = fs::canonicalize(peers.join(folder(kind))).trying(format!("find {}", kind.title()))?;
    let port = address.rsplit_once(':').map_or("", |(_, port)| port);
    let mut command = if kind == Kind::Seaography {
        Command::new(folder.join("target/release/seaography-peer"))
    } else {
        // The Node.js version from the lock file, if it is installed.
        let own = folder.join("node_modules/.bin/node");
        let mut node = Command::new(if own.exists() { own } else { "node".into() });
        node.arg(folder.join("server.js"));
        node.env("PROCESSES", PROCESSES.to_string());
        node.env("NODE_ENV", "production")
            .env("GRAPHILE_ENV", "production");
        node
    };
    let each = if kind == Kind::Seaography {
        connections
    } else {
        connections.div_ceil(PROCESSES)
    };
    command
        .env("PORT", port)
        .env("DATABASE_URL", database_url)
        .env("DATABASE_CONNECTIONS", each.to_string())
        .current_dir(folder);
    Ok(command)
}

pub fn version(kind: Kind, peers: &Path) -> Option<String> {
    let folder = peers.join(folder(kind));
    let installed = |package: &str| {
        let text = fs::read_to_string(folder.join("node_modules").join(package).join("package.json")).ok()?;
        let package: Value = serde_json::from_str(&text).ok()?;
        Some(package["version"].as_str()?.to_owned())
    };
    match kind {
        Kind::Mercurius => Some(format!(
            "Mercurius {} on Fastify {}, Node {}",
            installed("mercurius")?,
            installed("fastify")?,
            installed("node").unwrap_or_else(|| "(system version)".to_owned())
        )),
        Kind::Postgraphile => Some(format!("PostGraphile {}", installed("postgraphile")?)),
        Kind::Seaography => {
            let lock = fs::read_to_string(folder.join("Cargo.lock")).ok()?;
            let (_, rest) = lock.split_once("name = \"seaography\"\nversion = \"")?;
            Some(format!("Seaography {}", rest.split_once('"')?.0))
        }
        Kind::Limit | Kind::Gateway | Kind::LimitSqlite | Kind::GatewaySqlite => None,
    }
}

fn folder(kind: Kind) -> &'static str {
    match kind {
        Kind::Postgraphile => "postgraphile",
        Kind::Seaography => "seaography",
        _ => "mercurius",
    }
}

fn run(command: &mut Command) -> Done {
    let what = format!("{command:?}");
    let status = command.status().trying(&what)?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure(format!("{what}: {status}")))
    }
}
