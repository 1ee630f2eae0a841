//! Serves the API.

use clap::Args;
use tokio::net::TcpListener;

use super::Done;
use crate::{app::App, clock::Clock, config::Settings};

/// Arguments of `serve`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskgraph serve
  deskgraph serve --database-url postgres://deskgraph@db/deskgraph --listen 0.0.0.0:8080
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
pub async fn listen(settings: &Settings) -> Result<TcpListener, super::Failure> {
    TcpListener::bind(settings.listen)
        .await
        .map_err(|error| super::Failure(format!("listen: {} cannot be used: {error}", settings.listen)))
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
