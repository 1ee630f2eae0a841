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
    config::{Listen, Settings},
};

/// Arguments of `serve`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskgraph serve
  deskgraph serve --database-url postgres://deskgraph@db/deskgraph --listen :8080
  DESKGRAPH_JWT_SECRET=… deskgraph serve --migrate false

POST, GET and WebSocket requests all go to /graphql. A first interrupt ends what runs, then the process.")]
pub struct Serve {}

impl Serve {
    pub async fn run(&self, settings: &Settings) -> Done {
        let app = App::build_to_serve(settings, Clock::system()).await?;
        let listener = listen(settings).await?;
        eprintln!("Serving http://{}/graphql", listener.local_addr()?);
        until_stopped(&app, listener, None).await
    }
}

/// Takes the address.
pub async fn listen(settings: &Settings) -> Result<TcpListener, Failure> {
    let Listen { host, port } = &settings.listen;
    let refused = |error: &io::Error| Failure(format!("listen: {}", why(&settings.listen, error)));
    let addresses = lookup_host((host.as_str(), *port)).await;
    let addresses: Vec<SocketAddr> = addresses
        .map_err(|error| Failure(format!("listen: the host {host} is not known: {error}")))?
        .collect();
    TcpListener::bind(&*addresses)
        .await
        .map_err(|error| refused(&error))
}

/// Why an address cannot be listened on, and what to do next.
fn why(listen: &Listen, error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => format!(
            "another program listens on {listen}. End it, or choose another port with --listen; 0 is any that is free"
        ),
        ErrorKind::PermissionDenied => format!(
            "this user may not listen on {listen}. Ports below 1024 need a right of their own: choose another with --listen"
        ),
        ErrorKind::AddrNotAvailable => format!(
            "{} is no address of this machine. :{} listens on all of them",
            listen.host, listen.port
        ),
        _ => format!("{listen} cannot be used: {error}"),
    }
}

/// Serves until the process is told to end.
pub async fn until_stopped(app: &App, listener: TcpListener, token: Option<String>) -> Done {
    let stop = app.stop();
    let told = async {
        signal().await;
        eprintln!("Ending what runs …");
        stop.cancel();
        // Whoever says it twice means at once.
        signal().await;
    };
    tokio::select! {
        served = app.serve(listener, token) => Ok(served?),
        () = told => Ok(()),
    }
}

/// Comes back when the process is told to end.
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

/// Comes back when the process is told to end.
#[cfg(not(unix))]
pub async fn signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
