//! The statement that computes figures of tickets.
//!
//! `one` has a row for each ticket, `grouped` a row for each ticket and group. PostgreSQL computes percentiles with
//! aggregates. `SQLite` has none: the statement numbers the values of a group in their order, and takes those in the
//! middle and at the nearest rank of 90 %. It sorts only keys and values. A window over whole rows that also counts the
//! rows of each group takes more than twice as long.

use std::fmt::Write;

use entity::ticket::{Column, Entity};
use sea_orm::{
    ColumnTrait, Statement,
    sea_query::{Alias, Expr, JoinType, SelectStatement},
};

use super::{Key, StatsQuery};
use crate::{
    auth::Scope,
    store::{
        dialect::Dialect,
        select::{from, restrict},
    },
};

/// The times whose percentiles can be selected: the name of the value.
const TIMES: [&str; 2] = ["fr", "rs"];

/// Builds the statement. Its rows contain the place of the group, or 0 for all tickets, the keys, the counts, number
/// and sum of both times, and median and 90th percentile of each selected time.
pub(super) fn statement(scope: &Scope, query: &StatsQuery, dialect: Dialect) -> Statement {
    let Statement { sql, values, .. } = dialect.backend().build(&tickets(scope, query, dialect));
    let parts = Parts::of(query, dialect);
    let mut text = format!("WITH one AS MATERIALIZED ({sql})");
    if parts.has_groups {
        text.push_str(&parts.grouped());
    }
    if dialect.has_percentiles() {
        text.push(' ');
        text.push_str(&parts.sums());
    } else {
        let _ = write!(text, ", sums AS MATERIALIZED ({})", parts.sums());
        text.push_str(&parts.ranks());
    }
    let values = values.map(|values| values.0).unwrap_or_default();
    Statement::from_sql_and_values(dialect.backend(), text, values)
}

/// Selects the values and keys of each ticket.
fn tickets(scope: &Scope, query: &StatsQuery, dialect: Dialect) -> SelectStatement {
    let mut select = from::<Entity>();
    for (name, sql) in [
        (
            "open",
            "CASE WHEN \"ticket\".\"status\" IN (1, 2) THEN 1 ELSE 0 END",
        ),
        ("reopened", "\"ticket\".\"reopened_count\""),
        ("messages", "\"activity\".\"message_count\""),
        (
            "fr",
            // An imported ticket can have been created later than its messages.
            "CASE WHEN \"activity\".\"first_response_at\" >= \"ticket\".\"created_at\" \
             THEN \"activity\".\"first_response_at\" - \"ticket\".\"created_at\" END",
        ),
        (
            "rs",
            "CASE WHEN \"ticket\".\"status\" IN (3, 4) THEN \"ticket\".\"resolved_at\" - \"ticket\".\"created_at\" END",
        ),
    ] {
        select.expr_as(Expr::cust(sql), Alias::new(name));
    }
    for (n, key) in query.keys.iter().enumerate() {
        if let Some(value) = key.of_ticket(&query.zone, dialect) {
            select.expr_as(value, Alias::new(format!("k{n}")));
        }
    }
    if query.keys.contains(&Key::Tag) {
        select.column((Column::Tags.entity_name(), Column::Tags));
    }
    let joined = Expr::cust("\"activity\".\"id\" = \"ticket\".\"id\"");
    let (activity, alias) = (Alias::new("ticket_activity"), Alias::new("activity"));
    select.join_as(JoinType::InnerJoin, activity, alias, joined);
    restrict::<Entity>(&mut select, scope, query.workspace, &query.filter, dialect);
    select
}

/// The texts that depend on the keys and the selected times.
struct Parts<'a> {
    query: &'a StatsQuery,
    dialect: Dialect,
    /// Names of the keys, such as `k0`.
    keys: Vec<String>,
    /// Names of the times whose percentiles are selected.
    times: Vec<&'static str>,
    has_groups: bool,
}

impl<'a> Parts<'a> {
    fn of(query: &'a StatsQuery, dialect: Dialect) -> Self {
        let selected = [query.columns.first_response, query.columns.resolution];
        let times = TIMES.into_iter().zip(selected);
        Self {
            query,
            dialect,
            keys: (0..query.keys.len()).map(|n| format!("k{n}")).collect(),
            times: times
                .filter_map(|(time, is_selected)| is_selected.then_some(time))
                .collect(),
            has_groups: query.groups && !query.keys.is_empty(),
        }
    }

    /// `grouped`: a row for each ticket and group.
    fn grouped(&self) -> String {
        let tag = self.dialect.by_bytes("tag.value");
        let keys = self
            .query
            .keys
            .iter()
            .zip(&self.keys)
            .map(|(key, name)| match key {
                Key::Tag => format!(", {tag} AS {name}"),
                _ => format!(", {name}"),
            });
        let keys: String = keys.collect();
        let tags = if self.query.keys.contains(&Key::Tag) {
            format!(" CROSS JOIN {}", self.dialect.each_tag("one.tags"))
        } else {
            String::new()
        };
        let present = self.query.keys.iter().zip(&self.keys);
        let present = present.filter(|(key, _)| key.leaves_out_missing());
        let present: Vec<String> = present.map(|(_, name)| format!("{name} IS NOT NULL")).collect();
        let present = if present.is_empty() {
            String::new()
        } else {
            format!(" WHERE {}", present.join(" AND "))
        };
        format!(", grouped AS (SELECT open, reopened, messages, fr, rs{keys} FROM one{tags}{present})")
    }

    /// Counts and sums, and percentiles where the database has aggregates for them.
    fn figures(&self) -> String {
        let mut figures = "COUNT(*) AS n, CAST(COALESCE(SUM(open), 0) AS bigint) AS open, \
                           CAST(COALESCE(SUM(reopened), 0) AS bigint) AS reopened, \
                           CAST(COALESCE(SUM(messages), 0) AS bigint) AS messages"
            .to_owned();
        for time in TIMES {
            // Two sums, because that of the milliseconds of many tickets can exceed 64 bits.
            let _ = write!(
                figures,
                ", COUNT({time}) AS {time}_n, CAST(COALESCE(SUM({time} / 1000), 0) AS bigint) AS {time}_seconds, \
                 CAST(COALESCE(SUM({time} % 1000), 0) AS bigint) AS {time}_rest"
            );
        }
        if self.dialect.has_percentiles() {
            for time in &self.times {
                let _ = write!(
                    figures,
                    ", percentile_cont(0.5) WITHIN GROUP (ORDER BY {time}) AS {time}_median, \
                     percentile_disc(0.9) WITHIN GROUP (ORDER BY {time}) AS {time}_p90"
                );
            }
        }
        figures
    }

    /// A row for all tickets, and one for each of the largest groups.
    fn sums(&self) -> String {
        let figures = self.figures();
        let nulls = self.each(|name| format!("NULL AS {name}, "));
        let total = format!("SELECT CAST(0 AS bigint) AS part, {nulls}{figures} FROM one");
        if !self.has_groups {
            return total;
        }
        let keys = self.keys.join(", ");
        // Databases differ in the place of NULL.
        let order: String = self.each(|name| format!(", {name} IS NULL, {name}"));
        let order = format!("COUNT(*) DESC{order}");
        let limit = u64::from(self.query.first) + 1;
        format!(
            "{total} UNION ALL SELECT * FROM (SELECT ROW_NUMBER() OVER (ORDER BY {order}) AS part, {keys}, {figures} \
             FROM grouped GROUP BY {keys} ORDER BY {order} LIMIT {limit}) AS largest"
        )
    }

    /// The rest of the statement for a database without aggregates for percentiles.
    fn ranks(&self) -> String {
        let mut text = String::new();
        let (mut columns, mut joins) = (String::new(), String::new());
        let keys = self.each(|name| format!(", {name}"));
        let nulls = self.each(|_| ", NULL".to_owned());
        let equal = self.each(|name| format!(" AND p.{name} IS r.{name}"));
        for time in &self.times {
            let present = format!("WHERE {time} IS NOT NULL");
            let mut ranked =
                format!("SELECT 0{nulls}, {time}, ROW_NUMBER() OVER (ORDER BY {time}) FROM one {present}");
            if self.has_groups {
                let partition = self.keys.join(", ");
                let _ = write!(
                    ranked,
                    " UNION ALL SELECT 1{keys}, {time}, ROW_NUMBER() OVER (PARTITION BY {partition} ORDER BY {time}) \
                     FROM grouped {present}"
                );
            }
            // The ranks to take are rows: a rank finds its row of the few groups faster than the keys do.
            let places = ["(n + 1) / 2", "(n + 2) / 2", "(n * 9 + 9) / 10"]
                .map(|place| format!("SELECT part, part > 0{keys}, n, {place} FROM counted"))
                .join(" UNION ");
            let _ = write!(
                text,
                ", {time}_ranked(is_group{keys}, value, place) AS ({ranked}), \
                 {time}_places(part, is_group{keys}, n, place) AS MATERIALIZED (\
                 WITH counted AS (SELECT part{keys}, {time}_n AS n FROM sums) {places}), \
                 {time}_found AS MATERIALIZED (SELECT p.part, \
                 AVG(CASE WHEN r.place IN ((p.n + 1) / 2, (p.n + 2) / 2) THEN r.value END) AS median, \
                 MAX(CASE WHEN r.place = (p.n * 9 + 9) / 10 THEN r.value END) AS p90 \
                 FROM {time}_ranked AS r CROSS JOIN {time}_places AS p \
                 ON p.place = r.place AND p.is_group = r.is_group{equal} GROUP BY p.part)"
            );
            let _ = write!(columns, ", {time}_found.median, {time}_found.p90");
            let _ = write!(joins, " LEFT JOIN {time}_found ON {time}_found.part = sums.part");
        }
        format!("{text} SELECT sums.*{columns} FROM sums{joins}")
    }

    /// A text for each key, joined.
    fn each(&self, text: impl Fn(&str) -> String) -> String {
        self.keys.iter().map(|name| text(name)).collect()
    }
}
