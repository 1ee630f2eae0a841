//! Who is measured.

use clap::ValueEnum;

use super::dialect::Dialect;

/// A server over one of the databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Bare axum with hand-written SQL.
    Limit,
    /// The gateway on PostgreSQL.
    Gateway,
    /// Mercurius with compiled queries and batched loaders, two processes.
    Mercurius,
    /// PostGraphile, two processes.
    Postgraphile,
    /// Seaography.
    Seaography,
    /// The limit on SQLite.
    LimitSqlite,
    /// The gateway on SQLite.
    GatewaySqlite,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Limit,
        Self::Gateway,
        Self::Mercurius,
        Self::Postgraphile,
        Self::Seaography,
        Self::LimitSqlite,
        Self::GatewaySqlite,
    ];

    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Limit => "limit",
            Self::Gateway => "gateway",
            Self::Mercurius => "Mercurius",
            Self::Postgraphile => "PostGraphile",
            Self::Seaography => "Seaography",
            Self::LimitSqlite => "limit, SQLite",
            Self::GatewaySqlite => "gateway, SQLite",
        }
    }

    /// How it is asked.
    pub fn dialect(self) -> Dialect {
        match self {
            Self::Limit | Self::LimitSqlite => Dialect::Limit,
            Self::Gateway | Self::GatewaySqlite => Dialect::Gateway,
            Self::Mercurius => Dialect::Mercurius,
            Self::Postgraphile => Dialect::Postgraphile,
            Self::Seaography => Dialect::Seaography,
        }
    }

    /// Whether its data are in a file.
    pub fn on_sqlite(self) -> bool {
        matches!(self, Self::LimitSqlite | Self::GatewaySqlite)
    }

    /// The limit on the same database.
    pub fn limit(self) -> Self {
        if self.on_sqlite() {
            Self::LimitSqlite
        } else {
            Self::Limit
        }
    }
}
