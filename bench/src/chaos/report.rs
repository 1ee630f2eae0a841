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
            ("Of these, repeated with the same key", number(&tally.sent_again)),
            ("Mutations acknowledged", verdict.acknowledged.to_string()),
            ("Transactions rolled back", rolled_back),
            (
                "Listeners over WebSockets, over event streams",
                format!("{sockets}, {}", listeners.len() - sockets),
            ),
            ("Events delivered", number(&tally.deliveries)),
            ("Subscriptions started", number(&tally.subscriptions)),
            ("Connections of listeners cut", number(&tally.cuts)),
            ("Gateways killed and restarted", of("node")),
            ("PostgreSQL crashed and restarted", of("PostgreSQL")),
            (
                "Connections to PostgreSQL cut all at once",
                number(&tally.cut_off),
            ),
            ("LISTEN connections cut", number(&tally.deafened)),
            (
                "Gateway starts that failed while PostgreSQL was down",
                number(&tally.failed_starts),
            ),
            (
                "Time from the last write until all listeners reached the end of the log",
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
            ", with positions assigned too early"
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
            "Activity",
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
                "Mutations that were not acknowledged, by result",
                "Count",
                counts(&self.refusals),
            )?;
        }
        if !self.endings.is_empty() {
            table(
                f,
                "Subscriptions that ended for other reasons than a cut",
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
            "Errors were found"
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
                "at most {} s between two mutations, ",
                self.settings.think().as_secs_f64()
            ),
        };
        let buffer = self
            .settings
            .buffer
            .map(|events| format!(", ended when {events} events behind"));
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
            "| Subscription | Listeners | Expected | Missing | Repeated | Out of order | Foreign |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|")?;
        let pulled = ("query `changes` at the end".to_owned(), &self.verdict.pulled);
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
                "Mutations that ran more than once",
                self.verdict.done_again.to_string(),
            ),
            (
                "Gaps in the positions of the log",
                self.verdict
                    .holes
                    .map_or_else(|| "not checked".to_owned(), |holes| holes.to_string()),
            ),
            (
                "Difference between the counter and the last position",
                self.verdict.astray.to_string(),
            ),
            (
                "Rows without an event and events without a row",
                self.verdict.orphans.to_string(),
            ),
            ("Other findings", self.verdict.findings.len().to_string()),
        ];
        table(f, "Check of the log", "Count", checks)?;
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
            "| Outage | Down | Start until ready | Failure until a write was acknowledged |"
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
