//! Finding customers by the words that begin in some way.
//!
//! How many customers have such a word is looked at first, up to a bound: where one of the words is rare enough, its
//! customers are read from the table of words and looked up. Where all of them are common, the list is read in its order,
//! and each customer of it is looked at, until the page is full.

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

/// What the table of words is called where it leads to customers.
const FOUND: &str = "found_word";
/// What it is called where a customer is looked at.
const HAS: &str = "customer_word";
/// A word that more customers have than this is common.
const COMMON: i64 = 20_000;

/// Who is looked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Search {
    /// For each of these, a word that begins with one of its texts. The rarest come first.
    words: Vec<Vec<String>>,
    /// Where.
    workspaces: Vec<WorkspaceId>,
    /// The first of the words leads to the customers.
    leads: bool,
}

impl Search {
    /// One without a match.
    pub fn for_none() -> Self {
        Self {
            words: Vec::new(),
            workspaces: Vec::new(),
            leads: false,
        }
    }

    /// Looks how common the words are.
    pub async fn of(
        db: &Db,
        scope: &Scope,
        workspace: Option<WorkspaceId>,
        words: Vec<Vec<String>>,
    ) -> Result<Self, StoreError> {
        let workspaces = workspace.map_or_else(|| scope.workspaces.to_vec(), |only| vec![only]);
        // Who sees one customer looks at that one, and learns nothing of others by the time that it takes.
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

    /// Whether few customers are named by it.
    pub(super) fn names_ids(&self) -> bool {
        self.leads
    }

    /// The customers that fit.
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
        // One along the index for each: with OR between them, SQLite would read all words of a workspace.
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

/// The customer has a word that begins with one of these.
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

/// How many customers have each of these words, or [`COMMON`] and one more: one statement, which reads no further.
async fn counted(db: &Db, workspaces: &[WorkspaceId], words: &[Vec<String>]) -> Result<Vec<i64>, StoreError> {
    let dialect = db.dialect();
    let mut values: Vec<Value> = workspaces.iter().map(|id| Value::from(*id)).collect();
    let places: Vec<String> = (1..=values.len()).map(|n| dialect.place(n)).collect();
    let places = places.join(", ");
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
