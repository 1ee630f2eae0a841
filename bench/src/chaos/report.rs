//! The report of a run, as Markdown.

use std::{fmt, sync::atomic::Ordering, time::Duration};

use super::{
    Run,
    differences::Differences,
    listener::{Listener, Way},
    settings::Settings,
    tally::{Counts, Outage},
    trigger,
    verdict::Verdict,
};
use crate::{failure::Done, machine, under_test::Kind};

/// The report of a run.
#[derive(Clone, Debug)]
pub struct Report {
    /// Result of the checks.
    pub verdict: Verdict,
    settings: Settings,
    machine: String,
    versions: String,
    figures: Vec<(&'static str, String)>,
    refusals: Counts,
    endings: Counts,
    outages: Vec<Outage>,
}

impl Report {
    pub(super) async fn new(
        run: &Run,
        verdict: Verdict,
        listeners: &[Listener],
        settled: Duration,
    ) -> Done<Self> {
        let (tally, stage) = (&run.tally, &run.stage);
        let outages = tally.outages();
        let number = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed).to_string();
        let of = |what: &str| {
            outages
                .iter()
                .filter(|outage| outage.what == what)
                .count()
                .to_string()
        };
        let rolled_back = match run.settings.under_test.database {
            Kind::Postgres => stage.database.number(trigger::ROLLED_BACK).await?.to_string(),
            // On SQLite, a counter of rollbacks would be rolled back too. While the node is running, only rollbacks
            // cause `INTERNAL`.
            Kind::Sqlite => tally.refusals().get("INTERNAL").copied().unwrap_or(0).to_string(),
        };
        let sockets = listeners
            .iter()
            .filter(|listener| listener.way == Way::Socket)
            .count();
        let figures = vec![
            ("Events written", verdict.events.to_string()),
            ("Mutations sent", number(&tally.sent)),
            ("Of them again, under the same key", number(&tally.sent_again)),
            ("Mutations acknowledged", verdict.acknowledged.to_string()),
            ("Transactions rolled back", rolled_back),
            (
                "Listeners over sockets, over event streams",
                format!("{sockets}, {}", listeners.len() - sockets),
            ),
            ("Events delivered", number(&tally.deliveries)),
            ("Subscriptions begun", number(&tally.subscriptions)),
            ("Connections of listeners cut", number(&tally.cuts)),
            ("Gateways killed and started again", of("node")),
            ("PostgreSQL crashed and started again", of("PostgreSQL")),
            (
                "Connections to PostgreSQL all cut at once",
                number(&tally.cut_off),
            ),
            ("Connections that LISTEN cut", number(&tally.deafened)),
            (
                "Starts that failed while PostgreSQL was away",
                number(&tally.failed_starts),
            ),
            (
                "Until all listeners were at the end of the log, after the last write",
                format!("{:.1} s", settled.as_secs_f64()),
            ),
        ];
        Ok(Self {
            settings: run.settings.clone(),
            machine: machine::describe(),
            versions: format!("{}, {}", stage.version, stage.database.version().await?),
            figures,
            refusals: tally.refusals(),
            endings: tally.endings(),
            outages,
            verdict,
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = &self.settings;
        let mistake = if settings.mistake {
            ", with positions taken too early"
        } else {
            ""
        };
        let database = match settings.under_test.database {
            Kind::Postgres => "PostgreSQL",
            Kind::Sqlite => "SQLite",
        };
        writeln!(
            f,
            "# {} s of chaos on {database}{mistake}\n",
            settings.seconds.as_secs_f64()
        )?;
        writeln!(f, "**{}**\n", self.sentence())?;
        writeln!(
            f,
            "- {}\n- {}\n- {}\n",
            self.versions,
            self.machine,
            self.setting()
        )?;
        self.verdict(f)?;
        table(
            f,
            "What happened",
            "Count",
            self.figures.iter().map(|(name, value)| (*name, value.clone())),
        )?;
        let counts = |counts: &Counts| {
            counts
                .iter()
                .map(|(name, n)| (name.clone(), n.to_string()))
                .collect::<Vec<_>>()
        };
        if !self.refusals.is_empty() {
            table(
                f,
                "Mutations that were not acknowledged, by the answer",
                "Count",
                counts(&self.refusals),
            )?;
        }
        if !self.endings.is_empty() {
            table(
                f,
                "Subscriptions that ended otherwise than by a cut",
                "Count",
                counts(&self.endings),
            )?;
        }
        self.outages(f)
    }
}

impl Report {
    fn sentence(&self) -> String {
        let Differences {
            missing,
            repeated,
            disordered,
            foreign,
        } = self.verdict.differences();
        let expected: usize = self.verdict.heard.values().map(|heard| heard.expected).sum();
        let verdict = if self.verdict.is_whole() {
            "Nothing was lost"
        } else {
            "Something is wrong"
        };
        format!(
            "{verdict}: of {expected} deliveries {missing} missing, {repeated} repeated, {disordered} out of order, \
             {foreign} foreign; of {} acknowledged mutations {} not in the log.",
            self.verdict.acknowledged, self.verdict.unlogged
        )
    }

    fn setting(&self) -> String {
        let Settings {
            writers,
            listeners,
            rollbacks,
            seed,
            ..
        } = self.settings;
        let pause = match self.settings.under_test.database {
            Kind::Postgres => format!("pauses up to {} s, ", self.settings.pause.as_secs_f64()),
            Kind::Sqlite => format!(
                "{} s at most between two mutations, ",
                self.settings.think().as_secs_f64()
            ),
        };
        let buffer = self
            .settings
            .buffer
            .map(|events| format!(", sent away when {events} events behind"));
        let buffer = buffer.unwrap_or_default();
        let gateways = match self.settings.nodes() {
            1 => "1 gateway".to_owned(),
            several => format!("{several} gateways"),
        };
        format!(
            "{gateways}, {writers} writers on {} tickets ({pause}{rollbacks} % rolled back), {listeners} listeners (cut \
             within {} s{buffer}), a kill every {} s, seed {seed}",
            self.settings.tickets(),
            self.settings.cut.as_secs_f64(),
            self.settings.kill_every.as_secs_f64(),
        )
    }

    fn verdict(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| Who listened | Listeners | Must have got | Missing | Repeated | Out of order | Foreign |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|")?;
        let pulled = (
            "query `changes`, when all was over".to_owned(),
            &self.verdict.pulled,
        );
        let heard = self
            .verdict
            .heard
            .iter()
            .map(|(name, heard)| (name.clone(), heard));
        for (name, heard) in heard.chain([pulled]) {
            let found = heard.differences;
            writeln!(
                f,
                "| {name} | {} | {} | {} | {} | {} | {} |",
                heard.listeners,
                heard.expected,
                found.missing,
                found.repeated,
                found.disordered,
                found.foreign
            )?;
        }
        writeln!(f)?;
        let checks = [
            (
                "Acknowledged mutations that are not in the log",
                self.verdict.unlogged.to_string(),
            ),
            (
                "Mutations that were done more than once",
                self.verdict.done_again.to_string(),
            ),
            (
                "Holes among the positions of the log",
                self.verdict
                    .holes
                    .map_or_else(|| "not looked for".to_owned(), |holes| holes.to_string()),
            ),
            (
                "Positions between the counter and the last event",
                self.verdict.astray.to_string(),
            ),
            (
                "Rows without an event, events without a row",
                self.verdict.orphans.to_string(),
            ),
            ("Other findings", self.verdict.findings.len().to_string()),
        ];
        table(f, "The log", "Count", checks)?;
        for finding in &self.verdict.findings {
            writeln!(f, "- {finding}")?;
        }
        if self.verdict.findings.is_empty() {
            Ok(())
        } else {
            writeln!(f)
        }
    }

    fn outages(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.outages.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "| What was away | Down | From its start until ready | From its end until a write was acknowledged |"
        )?;
        writeln!(f, "|---|---|---|---|")?;
        for outage in &self.outages {
            let writes = outage.writes.map_or_else(|| "–".to_owned(), milliseconds);
            let (down, ready) = (milliseconds(outage.down), milliseconds(outage.ready));
            writeln!(f, "| {} | {down} | {ready} | {writes} |", outage.what)?;
        }
        Ok(())
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}

fn table<N: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    left: &str,
    right: &str,
    rows: impl IntoIterator<Item = (N, String)>,
) -> fmt::Result {
    writeln!(f, "| {left} | {right} |\n|---|---|")?;
    for (name, value) in rows {
        writeln!(f, "| {name} | {value} |")?;
    }
    writeln!(f)
}
