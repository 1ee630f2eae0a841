//! The questions that everybody is asked, and how well the gateway is to do.

use clap::ValueEnum;

/// A question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Question {
    /// One ticket by its id, with its customer.
    Q1,
    /// The twenty newest tickets of a status, with their customers.
    Q2,
    /// The same, each with its ten newest messages.
    Q3,
    /// Fifty customers with figures, which all but the gateway compute from tickets and messages.
    Q4,
    /// The same, and all read the counters that the gateway keeps.
    Q4s,
    /// Ten customers, five tickets of each, five messages of each.
    Q5,
    /// A thousand tickets with twelve fields.
    Q6,
    /// Adds a message, durably.
    M1,
    /// The same, in 64 workspaces: those who keep a log of each do not meet there.
    M64,
}

/// What the gateway is to reach, against others in the same run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// Processor time for a request, against the limit's: at most.
    pub limit: f64,
    /// Requests in a second, against Mercurius: at least.
    pub mercurius: f64,
    /// Requests in a second, against PostGraphile: at least.
    pub postgraphile: f64,
}

impl Question {
    /// All of them, in the order in which they are asked: what writes comes last.
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

    /// As files and paths are called.
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

    /// Whether it writes.
    pub fn writes(self) -> bool {
        matches!(self, Self::M1 | Self::M64)
    }

    /// For people.
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

    /// None where there is none.
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
