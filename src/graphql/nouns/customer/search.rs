//! The argument `search` of customers.

use async_graphql::{Context, MaybeUndefined};
use entity::WorkspaceId;

use crate::{
    graphql::{
        context::ContextExt,
        error::{Result, bad_input, from_store},
        filters,
    },
    service::wording,
    store::customer::Search,
    words::{SearchTerms, WORDS_MAX, search_terms},
};

/// Reads the argument and runs the search. `None` if the argument is omitted or blank.
pub async fn read(
    ctx: &Context<'_>,
    search: MaybeUndefined<String>,
    workspace: Option<WorkspaceId>,
) -> Result<Option<Search>> {
    let Some(text) = filters::search(search)? else {
        return Ok(None);
    };
    match search_terms(&text) {
        SearchTerms::Nothing => Ok(None),
        SearchTerms::NoWord => Ok(Some(Search::for_none())),
        SearchTerms::TooMany(count) => {
            Err(bad_input("search", &wording::too_many(count, "words", WORDS_MAX)))
        }
        SearchTerms::Words(words) => {
            let scope = ctx.viewer().scope();
            let found = ctx.services().search_customers(&scope, workspace, words).await;
            found.map(Some).map_err(from_store)
        }
    }
}
