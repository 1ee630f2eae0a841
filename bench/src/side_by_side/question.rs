//! The measured queries and the targets of the gateway.

use clap::ValueEnum;

/// A measured query or mutation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Question {
    /// A ticket by id, with its customer.
    Q1,
    /// The twenty newest tickets of a status, with their customers.
    Q2,
    /// Q2 with the ten newest messages of each ticket.
    Q3,
    /// Fifty customers with computed fields. All servers but the gateway compute them from tickets and messages.
    Q4,
    /// Q4, but all servers read the counters that the gateway stores.
    Q4s,
    /// Ten customers, five tickets of each, five messages of each.
    Q5,
    /// A thousand tickets with twelve fields.
    Q6,
    /// Adds a message durably.
    M1,
    /// M1 in 64 workspaces. Each workspace has its own change log, so that writers wait for each other less often.
    M64,
}

/// Targets of the gateway relative to other servers in the same run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// Maximum processor time per request, relative to the limit.
    pub limit: f64,
    /// Minimum requests per second, relative to Mercurius.
    pub mercurius: f64,
    /// Minimum requests per second, relative to PostGraphile.
    pub postgraphile: f64,
}

impl Question {
    /// All queries in the order of measurement. Mutations are last.
    pub const ALL: [Self; 9] = [
        Self::Q1,
        Self::Q2,
        Self::Q3,
        Self::Q4,
        Self::Q4s,
        Self::Q5,
        Self::Q6,
        Self::M1,
        Self::M64,
    ];

    /// Returns the name in options, files and paths.
    pub fn key(self) -> &'static str {
        match self {
            Self::Q1 => "q1",
            Self::Q2 => "q2",
            Self::Q3 => "q3",
            Self::Q4 => "q4",
            Self::Q4s => "q4s",
            Self::Q5 => "q5",
            Self::Q6 => "q6",
            Self::M1 => "m1",
            Self::M64 => "m64",
        }
    }

    /// Returns true for mutations.
    pub fn writes(self) -> bool {
        matches!(self, Self::M1 | Self::M64)
    }

    /// Returns the name in tables.
    pub fn title(self) -> &'static str {
        match self {
            Self::Q1 => "Q1 one ticket by id with its customer",
            Self::Q2 => "Q2 20 newest tickets of a status with customer",
            Self::Q3 => "Q3 the same, each with its 10 newest messages",
            Self::Q4 => "Q4 50 customers with computed fields",
            Self::Q4s => "Q4s the same, from stored counters everywhere",
            Self::Q5 => "Q5 10 customers → 5 tickets → 5 messages",
            Self::Q6 => "Q6 1 000 tickets, 12 fields",
            Self::M1 => "M1 add a message, durable",
            Self::M64 => "M64 the same, in 64 workspaces",
        }
    }

    /// Returns the targets. `None` if the query has none.
    pub fn target(self) -> Option<Target> {
        let of = |limit, mercurius, postgraphile| {
            Some(Target {
                limit,
                mercurius,
                postgraphile,
            })
        };
        match self {
            Self::Q1 => of(2.0, 2.0, 2.8),
            Self::Q2 => of(1.8, 2.4, 2.5),
            Self::Q3 => of(1.8, 2.2, 2.6),
            Self::Q4 => of(0.6, 4.0, 5.0),
            Self::Q4s | Self::M64 => None,
            Self::Q5 => of(1.4, 1.5, 1.9),
            Self::Q6 => of(1.5, 2.4, 3.5),
            Self::M1 => of(1.6, 1.1, 1.8),
        }
    }
}
