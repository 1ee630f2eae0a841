//! Serves the API.

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
};

use clap::Args;
use tokio::net::{TcpListener, lookup_host};

use super::{Done, Failure};
use crate::{
    app::App,
    clock::Clock,
    config::{ListenAddress, Settings},
};

/// Arguments of `serve`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskgraph serve
  deskgraph serve --database-url postgres://deskgraph@db/deskgraph --listen :8080
  DESKGRAPH_JWT_SECRET=… deskgraph serve --migrate false

POST, GET and WebSocket requests use the path /graphql. On SIGINT or SIGTERM the server finishes
running requests, then exits. A second signal ends the process immediately.")]
pub struct Serve {}

impl Serve {
    pub async fn run(&self, settings: &Settings) -> Done {
        let app = App::build_to_serve(settings, Clock::system()).await?;
        let listener = listen(settings).await?;
        eprintln!("Serving http://{}/graphql", listener.local_addr()?);
        until_stopped(&app, listener, None).await
    }
}

/// Binds the configured address.
pub async fn listen(settings: &Settings) -> Result<TcpListener, Failure> {
    let ListenAddress { host, port } = &settings.listen;
    let refused = |error: &io::Error| Failure(format!("listen: {}", why(&settings.listen, error)));
    let addresses = lookup_host((host.as_str(), *port)).await;
    let addresses: Vec<SocketAddr> = addresses
        .map_err(|error| Failure(format!("listen: Cannot resolve the host {host}: {error}.")))?
        .collect();
    TcpListener::bind(&*addresses)
        .await
        .map_err(|error| refused(&error))
}

/// The reason why an address cannot be listened on, and the next step.
fn why(listen: &ListenAddress, error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => format!(
            "Another program already listens on {listen}. Stop it, or choose another port with --listen. Port 0 selects a \
             free port."
        ),
        ErrorKind::PermissionDenied => format!(
            "Permission denied for {listen}. Ports below 1024 require a privilege. Choose another port with --listen."
        ),
        ErrorKind::AddrNotAvailable => format!(
            "{} is not an address of this machine. Use :{} to listen on all IPv4 addresses.",
            listen.host, listen.port
        ),
        _ => format!("Cannot listen on {listen}: {error}."),
    }
}

/// Serves until the process receives a signal to stop.
pub async fn until_stopped(app: &App, listener: TcpListener, token: Option<String>) -> Done {
    let stop = app.stop();
    let told = async {
        signal().await;
        eprintln!("Shutting down: finishing running requests …");
        stop.cancel();
        // A second signal ends the process immediately.
        signal().await;
    };
    tokio::select! {
        served = app.serve(listener, token) => Ok(served?),
        () = told => Ok(()),
    }
}

/// Waits for a signal to stop the process.
#[cfg(unix)]
pub async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// Waits for a signal to stop the process.
#[cfg(not(unix))]
pub async fn signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
