//! Recalculates the sentiment scores of stored messages.

use clap::Args;
use entity::ConversationId;

use super::{
    Done, Failure, bar,
    connect::{one_connection, services, workspace_if_named},
};
use crate::{
    config::Settings,
    service::{
        rescore::{RescoreOptions, RescoreProgress, rescore},
        wording::plural,
    },
};

/// Statement timeout in milliseconds. Finding the messages of a small workspace among those of large ones can
/// take long.
const STATEMENT_MS: u64 = 3_600_000;

/// Arguments of `rescore`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskgraph rescore
  deskgraph rescore --workspace \"Acme Support\"
  deskgraph rescore --after conv_01kb7q8x5cf0s9t2v3w4x5y6z7

An inbound message gets its sentiment score when it is written. This command scores stored
messages with the current method and updates the totals of their customers. Run it once after an
upgrade that changes the scoring, or after the setting sentiment was switched on.

Reads messages by conversation, 500 at a time; a short text takes the language of the texts
before it. Writes only scores that differ, without changing a version and without an event. The
server can stay online. An interrupted run prints the --after value to resume from. A run
without --after starts from the beginning.")]
pub struct Rescore {
    /// Id or name of the workspace [default: all workspaces].
    #[arg(long)]
    workspace: Option<String>,
    /// Id of the conversation after which to resume, as an interrupted run prints it.
    #[arg(long, value_name = "CONVERSATION")]
    after: Option<ConversationId>,
}

impl Rescore {
    pub async fn run(&self, settings: &Settings) -> Done {
        if !settings.sentiment {
            return Err(Failure(
                "The setting sentiment is false, so messages are not scored. Set it to true and run the command again.".to_owned(),
            ));
        }
        let settings = &one_connection(settings, STATEMENT_MS);
        let services = services(settings).await?;
        let wanted = RescoreOptions {
            workspace: workspace_if_named(&services, self.workspace.as_deref()).await?,
            after: self.after,
        };
        let bar = bar("{human_pos:>10} messages  {per_sec}  {msg}");
        let (mut looked, mut replaced, mut last) = (0, 0, self.after);
        let scores = |count: u64| format!("{count} {} replaced", plural(count, "score", "scores"));
        let mut show = |progress: RescoreProgress| {
            (looked, replaced, last) = (progress.looked, progress.replaced, progress.last);
            bar.set_position(looked);
            bar.set_message(scores(replaced));
        };
        let ended = tokio::select! {
            done = rescore(&services, wanted, &mut show) => done.map_err(Failure::from),
            _ = tokio::signal::ctrl_c() => Err(Failure("The run was interrupted.".to_owned())),
        };
        bar.finish_and_clear();
        if let Err(Failure(why)) = ended {
            let rest = last.map_or_else(String::new, |last| {
                let were = plural(looked, "message was", "messages were");
                format!(" {looked} {were} checked. Resume with --after {last}.")
            });
            return Err(Failure(format!("{why}{rest}")));
        }
        let messages = plural(looked, "message", "messages");
        println!("{looked} {messages}, {}.", scores(replaced));
        Ok(())
    }
}
