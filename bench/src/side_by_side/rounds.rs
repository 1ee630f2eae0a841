//! Rounds: each round measures each query on each server. The order of servers rotates.

use std::{collections::BTreeMap, path::Path, time::Duration};

use super::{
    Settings,
    dialect::Dialect,
    load::{Requests, Volley, fire},
    question::Question,
    spread::Spread,
    subject::Subject,
};
use crate::{
    failure::{Done, Failure, Trying},
    process,
};

/// Results of one query on one server. Each is the median over the rounds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Responses per second.
    pub per_second: f64,
    /// Processor time of the server per response, in microseconds.
    pub server: f64,
    /// Processor time of the database per response, in microseconds.
    pub database: f64,
    /// Median latency with one client, in milliseconds.
    pub alone_ms: f64,
    /// Responses per second of the slowest and the fastest round.
    pub range: (f64, f64),
}

impl Figures {
    /// Returns the processor time of server and database.
    pub fn cost(self) -> f64 {
        self.server + self.database
    }
}

/// Results by query and index of the server.
pub type Table = BTreeMap<(Question, usize), Figures>;

pub async fn measure(
    settings: &Settings,
    subjects: &mut [Subject<'_>],
    questions: &[Question],
    folder: &Path,
) -> Done<Table> {
    let mut runs: BTreeMap<(Question, usize), Vec<Figures>> = BTreeMap::new();
    // Mutations are measured after all queries, because they change the data.
    let (reads, writes): (Vec<_>, Vec<_>) =
        questions.iter().copied().partition(|question| !question.writes());
    for questions in [reads, writes] {
        // Created late, because PostgreSQL plans differently when many small workspaces exist.
        if questions.contains(&Question::M64) {
            for subject in subjects
                .iter_mut()
                .filter(|one| one.kind.dialect() == Dialect::Gateway)
            {
                subject.spread = Some(Spread::build(subject.base, folder).await?);
            }
        }
        for round in 0..settings.rounds {
            for question in &questions {
                for place in 0..subjects.len() {
                    let place = (place + round) % subjects.len();
                    let subject = &subjects[place];
                    let Some(requests) = subject.requests(*question) else {
                        continue;
                    };
                    let what = format!("{} to {}", question.title(), subject.kind.title());
                    let figures = one(settings, subject, *question, &requests).await.trying(&what)?;
                    eprintln!(
                        "round {} of {}: {what}: {:.0}/s, {:.0} + {:.0} µs, {:.2} ms alone",
                        round + 1,
                        settings.rounds,
                        figures.per_second,
                        figures.server,
                        figures.database,
                        figures.alone_ms
                    );
                    runs.entry((*question, place)).or_default().push(figures);
                }
            }
        }
    }
    Ok(runs
        .into_iter()
        .map(|(key, runs)| (key, medians(&runs)))
        .collect())
}

async fn one(
    settings: &Settings,
    subject: &Subject<'_>,
    question: Question,
    requests: &Requests,
) -> Done<Figures> {
    let time = Duration::from_secs_f64(settings.seconds);
    let before = if question.writes() {
        Some(subject.base.messages().await?)
    } else {
        None
    };
    let warm = fire(requests, settings.connections, time / 4).await?;
    let (server, database) = (subject.processor_time()?, subject.base.processor_time()?);
    let volley = fire(requests, settings.connections, time).await?;
    let server = subject.processor_time()?.saturating_sub(server);
    let database = subject.base.processor_time()?.saturating_sub(database);
    let alone = fire(requests, 1, time / 4).await?;
    if let Some(before) = before {
        let there = subject.base.messages().await? - before;
        let acknowledged = warm.answers + volley.answers + alone.answers;
        if u64::try_from(there) != Ok(acknowledged) {
            return Err(Failure(format!(
                "{acknowledged} messages were acknowledged, but {there} are stored"
            )));
        }
    }
    let each = |time: Duration| time.as_secs_f64() * 1e6 / volley.answers.max(1) as f64;
    Ok(Figures {
        per_second: volley.per_second(),
        server: each(server),
        database: each(database),
        alone_ms: Volley::median_ms(&alone),
        range: (0.0, 0.0),
    })
}

fn medians(runs: &[Figures]) -> Figures {
    let sorted = |figure: fn(&Figures) -> f64| {
        let mut all: Vec<f64> = runs.iter().map(figure).collect();
        all.sort_by(f64::total_cmp);
        all
    };
    let median = |figure| {
        let all = sorted(figure);
        let middle = all.len() / 2;
        if all.len() % 2 == 1 {
            all[middle]
        } else {
            f64::midpoint(all[middle - 1], all[middle])
        }
    };
    let rates = sorted(|run| run.per_second);
    Figures {
        per_second: median(|run| run.per_second),
        server: median(|run| run.server),
        database: median(|run| run.database),
        alone_ms: median(|run| run.alone_ms),
        range: (rates[0], rates[rates.len() - 1]),
    }
}

/// Returns the peak memory of the processes of a server, in MiB.
pub fn peak_mib(subject: &Subject<'_>) -> Done<f64> {
    Ok(process::peak_of_family(subject.pid()?)? as f64 / f64::from(1 << 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_are_computed_for_each_figure() {
        let run = |per_second, server| Figures {
            per_second,
            server,
            ..Figures::default()
        };
        let odd = medians(&[run(3.0, 1.0), run(1.0, 2.0), run(2.0, 9.0)]);
        assert_eq!((odd.per_second, odd.server, odd.range), (2.0, 2.0, (1.0, 3.0)));
        let even = medians(&[run(4.0, 1.0), run(1.0, 2.0)]);
        assert_eq!((even.per_second, even.server), (2.5, 1.5));
    }
}
