//! The measured servers.

use clap::ValueEnum;

use super::dialect::Dialect;

/// A server with its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Plain axum with handwritten SQL, on PostgreSQL.
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
    pub const ALL: [Self; 7] = [
        Self::Limit,
        Self::Gateway,
        Self::Mercurius,
        Self::Postgraphile,
        Self::Seaography,
        Self::LimitSqlite,
        Self::GatewaySqlite,
    ];

    /// Returns the name in tables.
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

    /// Returns the API of the server.
    pub fn dialect(self) -> Dialect {
        match self {
            Self::Limit | Self::LimitSqlite => Dialect::Limit,
            Self::Gateway | Self::GatewaySqlite => Dialect::Gateway,
            Self::Mercurius => Dialect::Mercurius,
            Self::Postgraphile => Dialect::Postgraphile,
            Self::Seaography => Dialect::Seaography,
        }
    }

    /// Returns true if the database is SQLite.
    pub fn on_sqlite(self) -> bool {
        matches!(self, Self::LimitSqlite | Self::GatewaySqlite)
    }

    /// Returns the limit on the same database.
    pub fn limit(self) -> Self {
        if self.on_sqlite() {
            Self::LimitSqlite
        } else {
            Self::Limit
        }
    }
}
