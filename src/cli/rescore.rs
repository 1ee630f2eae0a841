//! Scores stored messages anew.

use clap::Args;
use entity::ConversationId;
use indicatif::{ProgressBar, ProgressStyle};

use super::{
    Done, Failure,
    connect::{explain, services, workspace},
};
use crate::{
    config::Settings,
    service::rescore::{Rescore as Wanted, Told, rescore},
};

/// A workspace may be small among large ones, and its messages are looked for among those of all.
const STATEMENT_MS: u64 = 3_600_000;

/// Arguments of `rescore`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskgraph rescore
  deskgraph rescore --workspace \"Acme Support\"
  deskgraph rescore --after conv_01kb7q8x5cf0s9t2v3w4x5y6z7

Inbound messages are scored for sentiment when they are written, and keep that score. This command scores those that are
stored as new ones are scored now, and sums the scores of their customers anew: run it once after an upgrade that
changed how texts are scored, or after sentiment was switched on.

Messages are read conversation by conversation, 500 at a time: a short text counts as written in the language of the texts
before it. Only scores that differ are written: no version, no event. Serving may go on meanwhile. A run that was stopped
tells behind which conversation to go on; a run from the beginning finishes it too, and takes longer.")]
pub struct Rescore {
    /// Id or name of the workspace [default: all].
    #[arg(long)]
    workspace: Option<String>,
    /// Go on behind this conversation, as a run that was stopped tells it.
    #[arg(long, value_name = "CONVERSATION")]
    after: Option<ConversationId>,
}

impl Rescore {
    pub async fn run(&self, settings: &Settings) -> Done {
        if !settings.sentiment {
            return Err(Failure(
                "messages are not scored: the setting sentiment is false. Set it to true first.".to_owned(),
            ));
        }
        let settings = &Settings {
            database_connections: 1,
            statement_timeout_ms: STATEMENT_MS,
            ..settings.clone()
        };
        let services = services(settings).await?;
        let wanted = Wanted {
            workspace: match &self.workspace {
                Some(named) => Some(workspace(&services, Some(named)).await?.id),
                None => None,
            },
            after: self.after,
        };
        let bar = bar();
        let (mut looked, mut replaced, mut last) = (0, 0, self.after);
        let mut tell = |told: Told| {
            (looked, replaced, last) = (told.looked, told.replaced, told.last);
            bar.set_position(looked);
            bar.set_message(format!("{replaced} scores replaced"));
        };
        let ended = tokio::select! {
            done = rescore(&services, wanted, &mut tell) => done.map_err(explain),
            _ = tokio::signal::ctrl_c() => Err(Failure("stopped.".to_owned())),
        };
        bar.finish_and_clear();
        if let Err(Failure(why)) = ended {
            let rest = last.map_or_else(String::new, |last| {
                format!(" {looked} messages are done; go on with --after {last}")
            });
            return Err(Failure(format!("{why}{rest}")));
        }
        println!("{looked} messages, {replaced} scores replaced.");
        Ok(())
    }
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{human_pos:>10} messages  {per_sec}  {msg}");
    ProgressBar::no_length().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
}
