//! The rate limit of the viewer.

use async_graphql::{Context, Object, SimpleObject};

use crate::graphql::{
    context::{ContextExt, RequestCost},
    scalars::DateTime,
};

/// Rate limit of the viewer, in units of request cost. The available cost grows every second, by a rate that
/// the operator sets, up to `limit`. Each node counts for itself.
#[derive(Clone, Debug, SimpleObject)]
pub struct RateLimit {
    /// Highest cost that can be available at one time.
    limit: i32,
    /// Cost of this request: the number of objects that its response can contain. Already charged.
    cost: i32,
    /// Cost that is available after this request was charged.
    remaining: i32,
    /// Time when `remaining` equals `limit` again if the viewer sends no further request, in UTC.
    reset_at: DateTime,
}

/// Fields of the query root for limits.
#[derive(Default)]
pub struct RateLimitQuery;

#[Object]
impl RateLimitQuery {
    /// Returns the rate limit of the viewer. Null when the operator has set no rate limit.
    async fn rate_limit(&self, ctx: &Context<'_>) -> Option<RateLimit> {
        let rate = ctx.gateway().gate().rate.as_ref()?;
        let balance = rate.balance(ctx.viewer().identity);
        let RequestCost(cost) = *ctx.data_unchecked();
        let int = |figure: u64| i32::try_from(figure).unwrap_or(i32::MAX);
        Some(RateLimit {
            limit: int(balance.limit),
            cost: int(cost),
            remaining: int(balance.remaining),
            reset_at: balance.reset_at.into(),
        })
    }
}
