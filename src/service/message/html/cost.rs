//! What it costs to read a piece of HTML, found out without building its tree.
//!
//! The parser's time is no function of the length of the text: it walks the elements that are open, opens formatting
//! elements again in each paragraph, looks for a place among the children of a table's parent. So the parser itself runs
//! here, over a [`Skeleton`] that keeps the depth and the number of children of each element and nothing else, and counts
//! the steps. The count ends at a bound; a parser that builds a tree takes the same steps.

use html5ever::{
    QualName, local_name, ns,
    tendril::StrTendril,
    tokenizer::{BufferQueue, Tokenizer, TokenizerOpts},
    tree_builder::{TreeBuilder, TreeBuilderOpts},
};

use super::skeleton::Skeleton;

/// Bytes that the parser gets at a time: so much it may read behind a bound.
const PIECE: usize = 1_024;

/// The HTML costs more than it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooCostly;

/// Reads HTML as the cleaning does, and counts the steps. Fails as soon as a bound is passed.
pub fn check(html: &str) -> Result<(), TooCostly> {
    let skeleton = Skeleton::default();
    let context = skeleton.element(QualName::new(None, ns!(html), local_name!("div")), 0);
    let builder = TreeBuilder::new_for_fragment(skeleton, context, None, TreeBuilderOpts::default());
    let options = TokenizerOpts {
        initial_state: Some(builder.tokenizer_state_for_context_elem(false)),
        ..TokenizerOpts::default()
    };
    let tokenizer = Tokenizer::new(builder, options);
    let input = BufferQueue::default();
    for piece in pieces(html) {
        input.push_back(StrTendril::from_slice(piece));
        while !input.is_empty() {
            // It stops at the end of each script, and goes on.
            let _ = tokenizer.feed(&input);
        }
        tokenizer.sink.sink.check()?;
    }
    Ok(())
}

/// Pieces of a text, each of which has a `<` only at its begin.
fn pieces(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let first = text.chars().next()?.len_utf8();
        let limit = text.floor_char_boundary(PIECE);
        let end = text[first..limit].find('<').map_or(limit, |at| first + at);
        let (piece, rest) = text.split_at(end);
        text = rest;
        Some(piece)
    })
}
