//! Selects ids from the database for requests. The same data gives the same ids.

use fastrand::Rng;

use crate::{
    database::Database,
    failure::{Done, Failure},
};

const SEED: u64 = 23;
/// Minimum number of tickets of a customer in a query for a page of tickets.
const BUSY: u8 = 5;

/// The ids to select from.
#[derive(Clone, Debug)]
pub struct Sample {
    pub workspace: u128,
    tickets: Vec<u128>,
    customers: Vec<u128>,
    busy: Vec<u128>,
}

/// Variables of one request. Each query uses some of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    pub ticket: u128,
    /// Fifty customers.
    pub customers: Vec<u128>,
    /// Ten customers with several tickets.
    pub busy: Vec<u128>,
    /// A status from 1 to 4.
    pub status: u8,
    /// Number of the request.
    pub number: usize,
}

impl Sample {
    /// Reads all ids.
    pub async fn read(database: &Database) -> Done<Self> {
        let hex = database.hex("id");
        let workspaces = ids(
            database,
            &format!("SELECT created_at, {hex}, NULL FROM workspace"),
        )
        .await?;
        let of = |table: &str, which: &str| {
            format!("SELECT created_at, {hex}, NULL FROM {table} {which} ORDER BY created_at, id")
        };
        let busy = format!("WHERE ticket_count >= {BUSY}");
        let sample = Self {
            workspace: workspaces.first().copied().unwrap_or_default(),
            tickets: ids(database, &of("ticket", "")).await?,
            customers: ids(database, &of("customer", "")).await?,
            busy: ids(database, &of("customer", &busy)).await?,
        };
        if sample.tickets.is_empty() || sample.customers.len() < 50 || sample.busy.len() < 10 {
            return Err(Failure(
                "the data is too small for the requests; use a larger --scale".to_owned(),
            ));
        }
        Ok(sample)
    }

    /// Returns the variables of a number of requests.
    pub fn picks(&self, count: usize) -> Vec<Pick> {
        let mut rng = Rng::with_seed(SEED);
        let mut pick = |number| Pick {
            ticket: self.tickets[rng.usize(..self.tickets.len())],
            customers: rng.choose_multiple(self.customers.iter().copied(), 50),
            busy: rng.choose_multiple(self.busy.iter().copied(), 10),
            status: rng.u8(1..=4),
            number,
        };
        (0..count).map(&mut pick).collect()
    }
}

/// Returns the ids that a statement selects.
pub async fn ids(database: &Database, sql: &str) -> Done<Vec<u128>> {
    let rows = database.rows(sql).await?;
    let id = |text: Option<String>| u128::from_str_radix(&text?, 16).ok();
    rows.into_iter()
        .map(|(_, text, _)| id(text).ok_or_else(|| Failure(format!("an id is invalid: {sql}"))))
        .collect()
}
