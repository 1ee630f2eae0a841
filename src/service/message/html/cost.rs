//! What it costs to read a piece of HTML, found out without building its tree.
//!
//! The parser's time is no function of the length of the text: it walks the elements that are open, opens formatting
//! elements again in each paragraph, looks for a place among the children of a table's parent. So the parser itself runs
//! here, over a [`Skeleton`] that keeps the depth and the number of children of each element and nothing else, and counts
//! the steps. The count ends at a bound; a parser that builds a tree takes the same steps.

use std::cell::Cell;

use html5ever::{
    QualName, local_name, ns,
    tendril::StrTendril,
    tokenizer::{BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts},
    tree_builder::{TreeBuilder, TreeBuilderOpts},
};

use super::{
    attributes::Attributes,
    skeleton::{Handle, Skeleton},
};

/// Attributes of one tag at most.
const ATTRIBUTES_MAX: usize = 128;
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
    let tokenizer = Tokenizer::new(
        Tokens {
            builder,
            told: Cell::new(true),
        },
        options,
    );
    let input = BufferQueue::default();
    let mut tag = Attributes::default();
    for piece in pieces(html) {
        let tokens = &tokenizer.sink;
        let feed = |part: &str| {
            input.push_back(StrTendril::from_slice(part));
            while !input.is_empty() {
                // It stops at the end of each script, and goes on.
                let _ = tokenizer.feed(&input);
            }
        };
        // With the bracket comes what the tokenizer held back of the text before it, as half a character reference.
        let rest = piece.strip_prefix('<');
        if rest.is_some() {
            feed("<");
        }
        // While the tokenizer has told of nothing, it may be inside a tag that began in an earlier piece.
        if tokens.told.replace(false) || tag.is_over() {
            tag = Attributes::begin(piece);
        } else {
            tag.read(piece);
        }
        if tag.count() > ATTRIBUTES_MAX {
            return Err(TooCostly);
        }
        feed(rest.unwrap_or(piece));
        tokens.builder.sink.check()?;
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

/// Passes tokens on to the builder, and tells whether there was one.
struct Tokens {
    builder: TreeBuilder<Handle, Skeleton>,
    told: Cell<bool>,
}

impl TokenSink for Tokens {
    type Handle = Handle;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<Handle> {
        if !matches!(token, Token::ParseError(_)) {
            self.told.set(true);
        }
        self.builder.process_token(token, line)
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder
            .adjusted_current_node_present_but_not_in_html_namespace()
    }
}
