//! What the viewer has left of what it may ask for in a while.

use async_graphql::{Context, Object, SimpleObject};

use super::{context::ContextExt, execute::Requested, limits::Gate, scalars::DateTime};

/// What the viewer may ask for in a while.
#[derive(Clone, Debug, SimpleObject)]
pub struct RateLimit {
    /// The most that it may have saved up.
    limit: i32,
    /// What this request costs. It is taken already.
    cost: i32,
    /// What is left.
    remaining: i32,
    /// When all of it is there again, if nothing is asked for until then.
    reset_at: DateTime,
}

/// The part of the query root on limits.
#[derive(Default)]
pub struct RateLimitQuery;

#[Object]
impl RateLimitQuery {
    /// What the viewer may ask for in a while; null where nobody counts.
    async fn rate_limit(&self, ctx: &Context<'_>) -> Option<RateLimit> {
        let rate = ctx.data_opt::<Gate>()?.rate.as_ref()?;
        let balance = rate.balance(ctx.viewer().identity);
        let Requested(cost) = *ctx.data_opt()?;
        let int = |figure: u64| i32::try_from(figure).unwrap_or(i32::MAX);
        Some(RateLimit {
            limit: int(balance.limit),
            cost: int(cost),
            remaining: int(balance.remaining),
            reset_at: balance.reset_at.into(),
        })
    }
}
