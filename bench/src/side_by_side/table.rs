//! Tables with the results, in Markdown.

use std::fmt::Write;

use super::{
    kind::Kind,
    question::{Question, Target},
    rounds::{Figures, Table},
};
use crate::failure::Done;

/// The results. Indexes of servers refer to `kinds`.
pub struct Report<'a> {
    /// The measured servers.
    pub kinds: &'a [Kind],
    /// The measured queries.
    pub questions: &'a [Question],
    /// The measurements.
    pub figures: &'a Table,
    /// Peak memory in MiB, by index of the server.
    pub peaks: &'a [f64],
    /// Bytes of responses, by query and index of the server.
    pub lengths: &'a std::collections::BTreeMap<(Question, usize), usize>,
}

impl Report<'_> {
    /// Writes all tables.
    pub fn write(&self, out: &mut String) -> Done {
        writeln!(
            out,
            "Requests per second over all connections, and processor time per request, server + database, in µs.\n"
        )?;
        self.grid(out, |of| {
            format!(
                "{} · {:.0} + {:.0}",
                grouped(of.per_second),
                of.server,
                of.database
            )
        })?;
        writeln!(out, "\nMedian latency with one client, in ms.\n")?;
        self.grid(out, |of| format!("{:.2}", of.alone_ms))?;
        writeln!(
            out,
            "\nRequests per second of the slowest and the fastest round.\n"
        )?;
        self.grid(out, |of| {
            format!("{} – {}", grouped(of.range.0), grouped(of.range.1))
        })?;
        writeln!(out, "\nAverage size of a response in bytes.\n")?;
        self.rows(out, |question, place| {
            let length = self.lengths.get(&(question, place));
            length.map(|length| grouped(*length as f64))
        })?;
        self.targets(out)?;
        writeln!(
            out,
            "\nPeak memory over the whole run, sum of all processes of the server, in MiB.\n"
        )?;
        self.head(out, "")?;
        let peaks: Vec<String> = self.peaks.iter().map(|peak| format!("{peak:.0}")).collect();
        writeln!(out, "| MiB | {} |", peaks.join(" | "))?;
        Ok(())
    }

    fn grid(&self, out: &mut String, cell: impl Fn(&Figures) -> String) -> Done {
        self.rows(out, |question, place| {
            self.figures.get(&(question, place)).map(&cell)
        })
    }

    fn head(&self, out: &mut String, first: &str) -> Done {
        let titles: Vec<&str> = self.kinds.iter().map(|kind| kind.title()).collect();
        writeln!(
            out,
            "| {first} | {} |\n|---|{}",
            titles.join(" | "),
            "---|".repeat(titles.len())
        )?;
        Ok(())
    }

    fn rows(&self, out: &mut String, cell: impl Fn(Question, usize) -> Option<String>) -> Done {
        self.head(out, "Request")?;
        for question in self.questions {
            let cells =
                (0..self.kinds.len()).map(|place| cell(*question, place).unwrap_or_else(|| "–".to_owned()));
            writeln!(
                out,
                "| {} | {} |",
                question.title(),
                cells.collect::<Vec<_>>().join(" | ")
            )?;
        }
        Ok(())
    }

    fn of(&self, kind: Kind, question: Question) -> Option<&Figures> {
        let place = self.kinds.iter().position(|one| *one == kind)?;
        self.figures.get(&(question, place))
    }

    /// Writes the ratios between the gateway and other servers, with targets in parentheses.
    fn targets(&self, out: &mut String) -> Done {
        if !self.kinds.contains(&Kind::Gateway) {
            return Ok(());
        }
        writeln!(
            out,
            "\nThe gateway relative to the others. Targets are in parentheses, and ✓ marks those reached.\n"
        )?;
        writeln!(
            out,
            "| Request | processor time / limit | requests / Mercurius | requests / PostGraphile | p50 alone / limit | SQLite: processor time / limit |\n\
             |---|---|---|---|---|---|"
        )?;
        for question in self.questions {
            let Some(gateway) = self.of(Kind::Gateway, *question) else {
                continue;
            };
            let target = question.target();
            let limit = self.of(Kind::Limit, *question);
            let rate = |kind, least: fn(Target) -> f64| {
                let other = self.of(kind, *question)?;
                Some(at_least(gateway.per_second / other.per_second, target.map(least)))
            };
            let alone = limit.map(|limit| {
                let most = matches!(question, Question::Q1 | Question::Q3).then_some(2.0);
                at_most(gateway.alone_ms / limit.alone_ms, most)
            });
            let in_file = self
                .of(Kind::GatewaySqlite, *question)
                .zip(self.of(Kind::LimitSqlite, *question));
            let cells = [
                limit.map(|limit| at_most(gateway.cost() / limit.cost(), target.map(|target| target.limit))),
                rate(Kind::Mercurius, |target| target.mercurius),
                rate(Kind::Postgraphile, |target| target.postgraphile),
                alone,
                in_file.map(|(gateway, limit)| at_most(gateway.cost() / limit.cost(), None)),
            ];
            let cells = cells.map(|cell| cell.unwrap_or_else(|| "–".to_owned()));
            writeln!(out, "| {} | {} |", question.title(), cells.join(" | "))?;
        }
        Ok(())
    }
}

fn at_most(ratio: f64, most: Option<f64>) -> String {
    told(ratio, most.map(|most| (format!("≤ {most:.1}"), ratio <= most)))
}

fn at_least(ratio: f64, least: Option<f64>) -> String {
    told(
        ratio,
        least.map(|least| (format!("≥ {least:.1}"), ratio >= least)),
    )
}

fn told(ratio: f64, target: Option<(String, bool)>) -> String {
    match target {
        Some((target, reached)) => format!("{ratio:.2}× ({target}){}", if reached { " ✓" } else { "" }),
        None => format!("{ratio:.2}×"),
    }
}

/// Formats an integer with a space between thousands.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_targets_printed() {
        assert_eq!(grouped(7.4), "7");
        assert_eq!(grouped(1_234_567.0), "1 234 567");
        assert_eq!(at_most(1.5, Some(1.5)), "1.50× (≤ 1.5) ✓");
        assert_eq!(at_least(1.99, Some(2.0)), "1.99× (≥ 2.0)");
        assert_eq!(at_least(1.0, None), "1.00×");
    }

    #[test]
    fn a_table_has_a_dash_for_missing_figures() {
        let figures = [(
            (Question::Q1, 0),
            Figures {
                per_second: 2_000.0,
                server: 30.0,
                ..Figures::default()
            },
        )];
        let report = Report {
            kinds: &[Kind::Limit, Kind::Seaography],
            questions: &[Question::Q1],
            figures: &figures.into(),
            peaks: &[10.0, 20.0],
            lengths: &[].into(),
        };
        let mut out = String::new();
        report.write(&mut out).expect("written");
        assert!(out.contains("| 2 000 · 30 + 0 | – |"), "{out}");
        assert!(!out.contains("relative to the others"), "{out}");
    }
}
