//! Finds customers by prefixes of their words.
//!
//! The search first counts the customers that have each word, up to a bound. If one of the words is rare
//! enough, its customers are read from the table of words and then looked up. If all words are common, the
//! list is read in its order and each customer is checked, until the page is full.

use entity::{WorkspaceId, customer, customer_word};
use sea_orm::{
    ConnectionTrait, Statement, Value,
    sea_query::{Alias, Condition, Expr, ExprTrait, SelectStatement, UnionType},
};

use crate::{
    auth::Scope,
    store::{
        Db, StoreError,
        dialect::Dialect,
        filter::{begins, end_of},
    },
};

/// Alias of the table of words where it leads to customers.
const FOUND: &str = "found_word";
/// Alias of the table of words where a customer is checked.
const HAS: &str = "customer_word";
/// A word that more customers have than this is common.
const COMMON: i64 = 20_000;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Search {
    /// For each entry, the customer must have a word that starts with one of its texts. The rarest entries
    /// come first.
    words: Vec<Vec<String>>,
    /// Workspaces to search.
    workspaces: Vec<WorkspaceId>,
    /// Whether the first word leads to the customers.
    leads: bool,
}

impl Search {
    /// Search without a match.
    pub fn for_none() -> Self {
        Self {
            words: Vec::new(),
            workspaces: Vec::new(),
            leads: false,
        }
    }

    /// Prepares a search and counts the customers of each word.
    pub async fn of(
        db: &Db,
        scope: &Scope,
        workspace: Option<WorkspaceId>,
        words: Vec<Vec<String>>,
    ) -> Result<Self, StoreError> {
        let workspaces = workspace.map_or_else(|| scope.workspaces.to_vec(), |only| vec![only]);
        // A viewer that sees one customer checks only that one. The response time then reveals nothing about
        // others.
        if scope.customer.is_some() || workspaces.is_empty() || words.is_empty() {
            return Ok(Self {
                words,
                workspaces,
                leads: false,
            });
        }
        let counts = counted(db, &workspaces, &words).await?;
        let mut words: Vec<_> = counts.into_iter().zip(words).collect();
        words.sort();
        let leads = words.first().is_some_and(|(count, _)| *count <= COMMON);
        Ok(Self {
            words: words.into_iter().map(|(_, word)| word).collect(),
            workspaces,
            leads,
        })
    }

    /// Whether the search selects few customers by id.
    pub(super) fn names_ids(&self) -> bool {
        self.leads
    }

    /// Condition for the customers that match.
    pub(super) fn fits(&self, dialect: Dialect) -> Condition {
        let [first, others @ ..] = self.words.as_slice() else {
            return Condition::all().add(Expr::value(false));
        };
        let customer = (customer::Entity, customer::Column::Id);
        if !self.leads {
            let each = self.words.iter().map(|word| has(&customer, word));
            return each.fold(Condition::all(), Condition::add);
        }
        let id = (Alias::new(FOUND), customer_word::Column::CustomerId);
        let of = |beginning: &String| {
            let mut select = SelectStatement::new();
            select
                .column(id.clone())
                .from_as(customer_word::Entity, Alias::new(FOUND))
                .and_where(
                    Expr::col((Alias::new(FOUND), customer_word::Column::WorkspaceId))
                        .is_in(self.workspaces.iter().copied()),
                )
                .cond_where(begins(
                    &Expr::col((Alias::new(FOUND), customer_word::Column::Word)),
                    beginning,
                ));
            for word in others {
                select.and_where(has(&id, word));
            }
            select
        };
        // One select for each text, joined by UNION. With OR, SQLite would read all words of a workspace.
        let mut all = first.iter().map(of);
        let Some(mut select) = all.next() else {
            return Condition::all().add(Expr::value(false));
        };
        for other in all {
            select.union(UnionType::Distinct, other);
        }
        Condition::all().add(dialect.is_found_by(customer::Column::Id, select))
    }
}

/// Condition: the customer has a word that starts with one of these texts.
fn has<T, C>(customer: &(T, C), beginnings: &[String]) -> Expr
where
    (T, C): Clone + sea_orm::sea_query::IntoColumnRef,
{
    let word = Expr::col((Alias::new(HAS), customer_word::Column::Word));
    let any = beginnings
        .iter()
        .fold(Condition::any(), |any, one| any.add(begins(&word, one)));
    let select = SelectStatement::new()
        .expr(Expr::value(1))
        .from_as(customer_word::Entity, Alias::new(HAS))
        .and_where(
            Expr::col((Alias::new(HAS), customer_word::Column::CustomerId)).eq(Expr::col(customer.clone())),
        )
        .cond_where(any)
        .to_owned();
    Expr::exists(select)
}

/// Counts the customers that have each of these words, up to [`COMMON`] + 1, in one statement that reads no
/// further.
async fn counted(db: &Db, workspaces: &[WorkspaceId], words: &[Vec<String>]) -> Result<Vec<i64>, StoreError> {
    let dialect = db.dialect();
    let mut values: Vec<Value> = workspaces.iter().map(|id| Value::from(*id)).collect();
    let places = dialect.places(values.len());
    let mut counts = Vec::new();
    for word in words {
        let mut sums = Vec::new();
        for beginning in word {
            let (from, until) = (dialect.place(values.len() + 1), dialect.place(values.len() + 2));
            values.extend([Value::from(beginning.clone()), Value::from(end_of(beginning))]);
            sums.push(format!(
                "(SELECT COUNT(*) FROM (SELECT 1 FROM customer_word WHERE workspace_id IN ({places}) \
                 AND word >= {from} AND word < {until} LIMIT {}) AS few)",
                COMMON + 1
            ));
        }
        counts.push(sums.join(" + "));
    }
    let sql = format!("SELECT {}", counts.join(", "));
    let statement = Statement::from_sql_and_values(dialect.backend(), sql, values);
    let Some(row) = db.connection().query_one_raw(statement).await? else {
        return Ok(vec![0; words.len()]);
    };
    (0..words.len()).map(|n| Ok(row.try_get_by_index(n)?)).collect()
}
