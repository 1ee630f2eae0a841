//! Prints figures of tickets.

use std::io::{self, BufWriter, Write};

use clap::Args;
use entity::Timestamp;

use super::{
    Done, Failure,
    connect::{one_connection, services_to_look, workspace_if_named},
};
use crate::{
    auth::Viewer,
    config::Settings,
    request::GROUPS_MAX,
    service::{
        self,
        stats::KEYS_MAX,
        wording::{self, plural},
    },
    store::{
        self,
        filter::TimeFilter,
        stats::{Figures, Key, Period, StatsColumns, StatsQuery, TicketStats, Zone},
        ticket::TicketFilter,
    },
};

/// Statement timeout in milliseconds. One statement reads all tickets.
const STATEMENT_MS: u64 = 3_600_000;

/// Names of the figures, as in the API.
const FIGURES: [&str; 10] = [
    "count",
    "openCount",
    "reopenedCount",
    "messageCount",
    "firstResponseTimeAvg",
    "firstResponseTimeMedian",
    "firstResponseTimeP90",
    "resolutionTimeAvg",
    "resolutionTimeMedian",
    "resolutionTimeP90",
];

/// Arguments of `stats`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskgraph stats --by assignee --by status
  deskgraph stats --by created:week --time-zone Europe/Berlin --csv > weeks.csv
  deskgraph stats --by field:plan --since 2026-01-01T00:00:00Z --csv

Keys: status, priority, assignee, team, queue, customer, source, resolution-type, tag,
created:PERIOD, resolved:PERIOD and field:KEY for a custom field. PERIOD is hour, day, week or
month. A ticket with two tags counts in two groups. Tickets that are not resolved are in no
group of resolved:PERIOD, and tickets without tags in no group of tag.

Prints a header with the names of the columns, then a line for each group: the values of the keys
and the figures of the field ticketStats of the API. Times are in seconds. A missing value is
empty. Groups are in the order of time when a key is a period, otherwise those with the most
tickets come first. The number of tickets and groups goes to the standard error.

Exit codes: 0 the figures were printed, 1 the command failed.")]
pub struct Stats {
    /// Id or name of the workspace [default: all workspaces].
    #[arg(long)]
    workspace: Option<String>,
    /// Key by which tickets are grouped, up to three times [default: one group with all tickets].
    #[arg(long = "by", value_name = "KEY", value_parser = key)]
    keys: Vec<Key>,
    /// IANA name of the time zone in which periods begin.
    #[arg(long, default_value = "UTC")]
    time_zone: String,
    /// Only tickets that were created at or after this time, in the format of RFC 3339.
    #[arg(long, value_name = "TIME", value_parser = instant)]
    since: Option<Timestamp>,
    /// Only tickets that were created before this time, in the format of RFC 3339.
    #[arg(long, value_name = "TIME", value_parser = instant)]
    until: Option<Timestamp>,
    /// Maximum number of groups, those with the most tickets.
    #[arg(long, value_name = "COUNT", default_value_t = GROUPS_MAX, value_parser = clap::value_parser!(u32).range(1..))]
    first: u32,
    /// Separates values by commas, as RFC 4180 defines, instead of tabs.
    #[arg(long)]
    csv: bool,
}

impl Stats {
    pub async fn run(&self, settings: &Settings) -> Done {
        if self.keys.len() > KEYS_MAX {
            let why = wording::too_many(self.keys.len(), "keys", KEYS_MAX);
            return Err(Failure(format!("--by {why}")));
        }
        let settings = &one_connection(settings, STATEMENT_MS);
        let services = services_to_look(settings).await?;
        let workspaces = store::workspace::list_unscoped(&services.db).await?;
        let workspaces: Vec<_> = workspaces.into_iter().map(|row| row.id).collect();
        let created_at = TimeFilter {
            gte: self.since,
            lt: self.until,
            ..TimeFilter::default()
        };
        let query = StatsQuery {
            workspace: workspace_if_named(&services, self.workspace.as_deref()).await?,
            filter: TicketFilter {
                created_at: Some(created_at).filter(|filter| *filter != TimeFilter::default()),
                ..TicketFilter::default()
            },
            keys: self.keys.clone(),
            zone: Zone::named(&self.time_zone, services.clock.now())
                .ok_or_else(|| Failure(format!("--time-zone {:?} {}", self.time_zone, wording::TIME_ZONE)))?,
            first: self.first,
            groups: true,
            columns: StatsColumns {
                first_response: true,
                resolution: true,
            },
        };
        let viewer = Viewer::operator_of(&workspaces);
        let stats = service::stats::tickets(&services, &viewer, &query).await?;
        self.print(&stats)
            .map_err(|error| Failure(format!("Cannot write to the standard output: {error}.")))?;
        let (tickets, groups) = (stats.total.count, stats.groups.len());
        let more = if stats.is_truncated {
            " There are more groups: raise --first."
        } else {
            ""
        };
        eprintln!(
            "{tickets} {}, {groups} {}.{more}",
            plural(tickets, "ticket", "tickets"),
            plural(groups, "group", "groups"),
        );
        Ok(())
    }

    fn print(&self, stats: &TicketStats) -> io::Result<()> {
        let mut out = BufWriter::new(io::stdout().lock());
        let keys = self.keys.iter().map(name_of);
        self.line(&mut out, keys.chain(FIGURES.map(str::to_owned)))?;
        for group in &stats.groups {
            self.line(&mut out, values(group))?;
        }
        out.flush()
    }

    fn line(&self, out: &mut impl Write, values: impl Iterator<Item = String>) -> io::Result<()> {
        let values: Vec<String> = if self.csv {
            values.map(|value| quoted(&value)).collect()
        } else {
            let plain = |value: String| value.replace(['\t', '\r', '\n'], " ");
            values.map(plain).collect()
        };
        if self.csv {
            write!(out, "{}\r\n", values.join(","))
        } else {
            writeln!(out, "{}", values.join("\t"))
        }
    }
}

/// The values of a line.
fn values(group: &Figures) -> impl Iterator<Item = String> {
    let keys = group.key.iter().map(|value| value.to_text().unwrap_or_default());
    let counts = [
        group.count,
        group.open_count,
        group.reopened_count,
        group.message_count,
    ];
    let times = [group.first_response, group.resolution]
        .into_iter()
        .flat_map(|times| [times.mean_seconds(), times.median_seconds(), times.p90_seconds()]);
    let times = times.map(|time| time.map(|time| time.to_string()).unwrap_or_default());
    keys.chain(counts.map(|count| count.to_string())).chain(times)
}

/// A value of CSV. Quotes are needed around a separator, a quote or a line break.
fn quoted(value: &str) -> String {
    if value.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value.to_owned()
    }
}

/// Words of the keys without an argument.
const WORDS: [(&str, Key); 9] = [
    ("status", Key::Status),
    ("priority", Key::Priority),
    ("assignee", Key::Assignee),
    ("team", Key::Team),
    ("queue", Key::Queue),
    ("customer", Key::Customer),
    ("source", Key::Source),
    ("resolution-type", Key::ResolutionType),
    ("tag", Key::Tag),
];

const PERIODS: [(&str, Period); 4] = [
    ("hour", Period::Hour),
    ("day", Period::Day),
    ("week", Period::Week),
    ("month", Period::Month),
];

fn key(text: &str) -> Result<Key, String> {
    let period = |word: &str| {
        let found = PERIODS.into_iter().find(|(name, _)| *name == word);
        found.map(|(_, period)| period)
    };
    let found = match text.split_once(':') {
        Some(("created", word)) => period(word).map(Key::CreatedAt),
        Some(("resolved", word)) => period(word).map(Key::ResolvedAt),
        Some(("field", key)) if !key.is_empty() => Some(Key::CustomField(key.to_owned())),
        Some(_) => None,
        None => WORDS
            .into_iter()
            .find(|(word, _)| *word == text)
            .map(|(_, key)| key),
    };
    found.ok_or_else(|| "The value is not a key. `deskgraph stats --help` lists the keys.".to_owned())
}

/// The name of a key, as the command line reads it.
fn name_of(key: &Key) -> String {
    let period = |period: &Period| {
        let found = PERIODS.into_iter().find(|(_, one)| one == period);
        found.map_or("", |(word, _)| word)
    };
    match key {
        Key::CreatedAt(length) => format!("created:{}", period(length)),
        Key::ResolvedAt(length) => format!("resolved:{}", period(length)),
        Key::CustomField(key) => format!("field:{key}"),
        other => WORDS
            .into_iter()
            .find(|(_, key)| key == other)
            .map_or_else(String::new, |(word, _)| word.to_owned()),
    }
}

fn instant(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text)
        .ok_or_else(|| "The value is not an RFC 3339 timestamp, such as 2024-01-15T10:30:00Z.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_is_read_from_its_name() {
        let periods = ["hour", "day", "week", "month"];
        let of_periods = periods
            .iter()
            .flat_map(|period| [format!("created:{period}"), format!("resolved:{period}")]);
        let names = WORDS.iter().map(|(word, _)| (*word).to_owned());
        for name in names.chain(of_periods).chain(["field:a:b".to_owned()]) {
            assert_eq!(key(&name).map(|key| name_of(&key)), Ok(name));
        }
        for wrong in [
            "",
            "Status",
            "created",
            "created:year",
            "field:",
            "field",
            "x:day",
        ] {
            assert!(key(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn values_with_separators_are_quoted() {
        for (value, expected) in [
            ("plain", "plain"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "\"two\nlines\""),
        ] {
            assert_eq!(quoted(value), expected);
        }
    }
}
