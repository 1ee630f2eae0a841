//! Conditions on the classes of the newest sentiment scores of a customer.

use entity::customer::{Column, Entity};
use sea_orm::sea_query::{Expr, ExprTrait};

/// Where a value lies in relation to an edge around zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    /// At the edge or above.
    High,
    /// Nearer to zero than the edge.
    Middle,
    /// At the negative edge or below.
    Low,
}

/// Class of the newest scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ScoreClass {
    pub level: Level,
    /// Distance of the edge from zero, in ten-thousandths.
    pub edge: i32,
    /// Minimum number of scores of a class.
    pub count: i32,
}

/// Condition: the mean of the scores is in one of these classes.
pub fn overall(classes: &[ScoreClass]) -> Expr {
    any_of(classes, |class| {
        let edge = column(Column::RecentScoreCount).mul(class.edge);
        (column(Column::RecentScoreSum), edge)
    })
}

/// Condition: the difference of the sums of the newest and the earlier half of the scores is in one of these classes.
pub fn trend(classes: &[ScoreClass]) -> Expr {
    any_of(classes, |class| {
        let rise = column(Column::NewestScoreSum)
            .mul(2)
            .sub(column(Column::RecentScoreSum));
        (rise, Expr::value(class.edge))
    })
}

/// Condition: the value lies at the level of one of these classes. `parts` returns the value and the edge.
fn any_of(classes: &[ScoreClass], parts: impl Fn(&ScoreClass) -> (Expr, Expr)) -> Expr {
    let one = |class: &ScoreClass| {
        let (value, edge) = parts(class);
        let below = edge.clone().mul(-1);
        let fits = match class.level {
            Level::High => value.gte(edge),
            Level::Middle => value.clone().lt(edge).and(value.gt(below)),
            Level::Low => value.lte(below),
        };
        column(Column::RecentScoreCount).gte(class.count).and(fits)
    };
    let any = classes.iter().map(one).reduce(ExprTrait::or);
    any.unwrap_or_else(|| Expr::value(false))
}

fn column(column: Column) -> Expr {
    Expr::col((Entity, column))
}
