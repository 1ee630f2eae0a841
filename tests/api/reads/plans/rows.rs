//! Enough rows for realistic plans, created by the database itself.
//!
//! Rare rows are at the far end of every list, so that a scan in list order reads all rows to find them.

use deskgraph::store::dialect::Dialect;
use entity::WorkspaceId;
use sea_orm::{ConnectionTrait, Statement, Value, prelude::Uuid};

use crate::support::{START, TestApp};

/// Number of tickets and conversations in the larger workspace.
const TICKETS: i64 = 15_000;
const CUSTOMERS: i64 = 2_500;
/// Number of small workspaces.
const SCATTERED: i64 = 64;
const MINUTE: i64 = 60_000;

/// Tables, as the first digits of their ids.
pub const AGENT: u128 = 1;
pub const TEAM: u128 = 2;
pub const QUEUE: u128 = 3;
pub const CUSTOMER: u128 = 4;
pub const CONVERSATION: u128 = 5;
pub const TICKET: u128 = 6;
pub const MESSAGE: u128 = 7;

/// Returns the id of a row of the larger workspace.
pub fn id(table: u128, number: u128) -> Uuid {
    Uuid::from_u128(table << 112 | number)
}

/// Returns the creation time of a ticket.
pub fn created(number: i64) -> i64 {
    START.0 - (TICKETS - number) * MINUTE
}

/// Fills two workspaces. The second has a tenth of the rows of the first.
pub async fn fill(app: &TestApp, large: WorkspaceId, small: WorkspaceId) {
    for (workspace, first, share) in [(large, 0, 1), (small, 1_000_000, 10)] {
        for (name, columns) in TABLES {
            let count = match *name {
                "customer" | "customer_address" | "customer_word" => CUSTOMERS / share,
                "message" => 2 * TICKETS / share,
                "agent" | "team" | "queue" => 50 / share,
                _ => TICKETS / share,
            };
            insert(app, workspace, (name, columns), (first, count, CUSTOMERS / share)).await;
        }
    }
}

/// Creates many almost empty workspaces, so that a workspace is small on average.
pub async fn scatter(app: &TestApp) {
    for number in 0..SCATTERED {
        let workspace = app.workspace(&format!("Tiny {number}")).await;
        for (name, columns) in TABLES {
            let first = 2_000_000 + 10 * number;
            insert(app, workspace, (name, columns), (first, 2, 2)).await;
        }
    }
}

/// `i` is the number of the row, `RARE` is true for the first thirty rows, and `ID(table,number)` is an id.
const TABLES: &[(&str, &[(&str, &str)])] = &[
    (
        "agent",
        &[
            ("id", "ID(1,i)"),
            ("name", "'Agent ' || i"),
            ("name_key", "'agent ' || i"),
            ("email", "'a' || i || '@agents.test'"),
            ("email_key", "'a' || i || '@agents.test'"),
            ("role", "2"),
            ("created_at", "i"),
        ],
    ),
    (
        "team",
        &[("id", "ID(2,i)"), ("name", "'Team ' || i"), ("created_at", "i")],
    ),
    (
        "queue",
        &[("id", "ID(3,i)"), ("name", "'Queue ' || i"), ("created_at", "i")],
    ),
    (
        "customer",
        &[
            ("id", "ID(4,i)"),
            ("name", "'Name ' || i"),
            ("name_key", "'name ' || i"),
            ("email", "'c' || i || '@example.com'"),
            ("email_key", "'c' || i || '@example.com'"),
            ("company", "'Company ' || (i % 700)"),
            ("company_key", "'company ' || (i % 700)"),
            ("is_vip", "RARE"),
            ("priority_override", "CASE WHEN RARE THEN 4 END"),
            ("status", "CASE WHEN RARE THEN 2 ELSE 1 END"),
            ("sentiment", "CASE WHEN RARE THEN 4 ELSE 2 END"),
            ("external_id", "'X' || i"),
            (
                "tags",
                "JSON(CASE WHEN RARE THEN '[\"rare\"]' ELSE '[\"common\"]' END)",
            ),
            (
                "custom_fields",
                "JSON(CASE WHEN RARE THEN '{\"plan\":\"gold\"}' ELSE '{\"plan\":\"free\"}' END)",
            ),
            ("last_ticket_at", "CREATED + 3"),
            ("created_at", "CREATED"),
            ("updated_at", "CREATED + 7"),
            ("version", "1"),
        ],
    ),
    (
        "customer_address",
        &[
            ("email_key", "'c' || i || '@example.com'"),
            ("customer_id", "ID(4,i)"),
        ],
    ),
    ("customer_word", &[("word", "'name'"), ("customer_id", "ID(4,i)")]),
    (
        "customer_word",
        &[("word", "'c' || i"), ("customer_id", "ID(4,i)")],
    ),
    (
        "customer_word",
        &[("word", "'rare' || i"), ("customer_id", "ID(4,i)")],
    ),
    (
        "conversation",
        &[
            ("id", "ID(5,i)"),
            ("customer_id", "ID(4,FIRST + i % CUSTOMERS)"),
            ("name", "'Order ' || i"),
            (
                "channel",
                "CASE WHEN RARE THEN 'Phone' WHEN i % 2 = 0 THEN 'email' ELSE 'chat' END",
            ),
            ("status", "CASE WHEN RARE THEN 1 ELSE 3 END"),
            (
                "queue_id",
                "CASE WHEN RARE THEN ID(3,FIRST) WHEN i % 4 > 0 THEN ID(3,FIRST + 1 + i % 4) END",
            ),
            (
                "tags",
                "JSON(CASE WHEN RARE THEN '[\"rare\"]' ELSE '[\"common\"]' END)",
            ),
            ("created_at", "CREATED"),
            ("updated_at", "CREATED + 7"),
            ("version", "1"),
        ],
    ),
    (
        "ticket",
        &[
            ("id", "ID(6,i)"),
            ("customer_id", "ID(4,FIRST + i % CUSTOMERS)"),
            ("conversation_id", "ID(5,i)"),
            ("subject", "'Order ' || i"),
            ("subject_key", "'order ' || i"),
            (
                "status",
                "CASE WHEN RARE THEN 1 WHEN i % 10 = 0 THEN 3 ELSE 4 END",
            ),
            ("priority", "CASE WHEN RARE THEN 4 ELSE 1 + i % 3 END"),
            (
                "customer_email",
                "'c' || (FIRST + i % CUSTOMERS) || '@example.com'",
            ),
            (
                "source",
                "CASE WHEN RARE THEN 'Phone' WHEN i % 2 = 0 THEN 'email' ELSE 'chat' END",
            ),
            (
                "assigned_to",
                "CASE WHEN i < FIRST + 10 THEN NULL WHEN RARE THEN ID(1,FIRST) ELSE ID(1,FIRST + 1 + i % 4) END",
            ),
            (
                "team_id",
                "CASE WHEN RARE THEN ID(2,FIRST) WHEN i % 4 > 0 THEN ID(2,FIRST + 1 + i % 4) END",
            ),
            (
                "queue_id",
                "CASE WHEN RARE THEN ID(3,FIRST) WHEN i % 4 > 0 THEN ID(3,FIRST + 1 + i % 4) END",
            ),
            (
                "tags",
                "JSON(CASE WHEN RARE THEN '[\"rare\"]' ELSE '[\"common\"]' END)",
            ),
            (
                "custom_fields",
                "JSON(CASE WHEN RARE THEN '{\"plan\":\"gold\"}' ELSE '{\"plan\":\"free\"}' END)",
            ),
            (
                "resolution_type",
                "CASE WHEN RARE THEN 'none' ELSE 'answered' END",
            ),
            ("resolved_at", "CASE WHEN RARE THEN NULL ELSE CREATED + 6 END"),
            ("created_at", "CREATED"),
            ("updated_at", "CREATED + 7"),
            ("version", "1"),
        ],
    ),
    (
        "conversation_activity",
        &[
            ("id", "ID(5,i)"),
            ("status", "CASE WHEN RARE THEN 1 ELSE 3 END"),
            ("message_count", "2"),
            ("last_message_at", "CREATED + 5"),
            ("last_inbound_at", "CREATED + 5"),
            ("waiting_since", "CREATED + 5"),
        ],
    ),
    (
        "ticket_activity",
        &[
            ("id", "ID(6,i)"),
            (
                "status",
                "CASE WHEN RARE THEN 1 WHEN i % 10 = 0 THEN 3 ELSE 4 END",
            ),
            ("priority", "CASE WHEN RARE THEN 4 ELSE 1 + i % 3 END"),
            ("message_count", "2"),
            ("last_message_at", "CREATED + 5"),
            ("last_inbound_at", "CREATED + 5"),
        ],
    ),
    (
        "message",
        &[
            ("id", "ID(7,i)"),
            ("customer_id", "ID(4,FIRST + ((i - FIRST) / 2) % CUSTOMERS)"),
            ("conversation_id", "ID(5,FIRST + (i - FIRST) / 2)"),
            ("ticket_id", "ID(6,FIRST + (i - FIRST) / 2)"),
            ("direction", "1 + i % 2"),
            ("sender_email", "'c' || i || '@example.com'"),
            ("body", "'Where is it? ' || i"),
            ("sentiment_score", "CASE WHEN i % 2 = 0 THEN 100 END"),
            ("created_at", "CREATED"),
        ],
    ),
];

async fn insert(
    app: &TestApp,
    workspace: WorkspaceId,
    (table, columns): (&str, &[(&str, &str)]),
    (first, count, customers): (i64, i64, i64),
) {
    let dialect = app.services.db.dialect();
    let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
    let values: Vec<_> = columns.iter().map(|(_, value)| words(value, dialect)).collect();
    let (last, oldest) = (first + count - 1, created(0));
    let sql = format!(
        "INSERT INTO {table} (workspace_id, {}) WITH RECURSIVE n(i) AS (SELECT CAST({first} AS BIGINT) UNION ALL \
         SELECT i + 1 FROM n WHERE i < {last}) SELECT {} AS w, {} FROM n",
        names.join(", "),
        match dialect {
            Dialect::Postgres => "CAST($1 AS uuid)",
            Dialect::Sqlite => "?1",
        },
        values
            .join(", ")
            .replace("CREATED", &format!("({oldest} + (i - FIRST) * {MINUTE})"))
            .replace("FIRST", &first.to_string())
            .replace("CUSTOMERS", &customers.to_string())
    );
    let statement = Statement::from_sql_and_values(dialect.backend(), &sql, [Value::from(workspace)]);
    let done = app.services.db.connection().execute_raw(statement).await;
    done.unwrap_or_else(|error| panic!("{error}: {sql}"));
}

/// Gives every customer words with a common prefix, more than a search reads before it uses the list order instead.
pub async fn make_common(app: &TestApp, workspace: WorkspaceId) {
    for last in 'a'..='i' {
        let word = format!("'common{last}'");
        let columns = [("word", word.as_str()), ("customer_id", "ID(4,i)")];
        insert(
            app,
            workspace,
            ("customer_word", &columns),
            (0, CUSTOMERS, CUSTOMERS),
        )
        .await;
    }
}

/// Returns an expression in the dialect of a database.
fn words(value: &str, dialect: Dialect) -> String {
    let mut words = value.replace("RARE", "(i < FIRST + 30)");
    if let Some(json) = words
        .strip_prefix("JSON(")
        .and_then(|json| json.strip_suffix(')'))
    {
        words = match dialect {
            Dialect::Postgres => format!("CAST({json} AS jsonb)"),
            Dialect::Sqlite => json.to_owned(),
        };
    }
    for table in [AGENT, TEAM, QUEUE, CUSTOMER, CONVERSATION, TICKET, MESSAGE] {
        while let Some(begin) = words.find(&format!("ID({table},")) {
            let inside = begin + "ID(n,".len();
            let mut depth = 1;
            let end = words[inside..].find(|one| {
                depth += i32::from(one == '(') - i32::from(one == ')');
                depth == 0
            });
            let end = inside + end.expect("it is closed");
            let number = &words[inside..end];
            let id = match dialect {
                Dialect::Postgres => format!("CAST('000{table}' || lpad(to_hex({number}), 28, '0') AS uuid)"),
                Dialect::Sqlite => format!("unhex('000{table}' || printf('%028x', {number}))"),
            };
            words.replace_range(begin..=end, &id);
        }
    }
    words
}
