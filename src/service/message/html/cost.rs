//! Computes the cost of parsing HTML without building the tree.
//!
//! The time of the parser is not a function of the length of the text: it walks the open elements, reopens
//! formatting elements in each paragraph, and searches the children of the parent of a table. So this module
//! runs the parser itself over a [`TreeOutline`], which stores only the depth and the number of children of each
//! element, and counts the steps. It stops at a limit. A parser that builds a tree takes the same steps.

use std::cell::Cell;

use html5ever::{
    QualName, local_name, ns,
    tendril::StrTendril,
    tokenizer::{BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts},
    tree_builder::{TreeBuilder, TreeBuilderOpts},
};

use super::{
    attributes::Attributes,
    tree_outline::{Handle, TreeOutline},
};

/// Maximum number of attributes of one tag.
const ATTRIBUTES_MAX: usize = 128;
/// Bytes that the parser gets at a time. The parser can read this many bytes past a limit.
const PIECE: usize = 1_024;

/// The HTML exceeds the cost limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooCostly;

/// Parses HTML in the same way as the sanitizer and counts the steps. Fails as soon as a limit is exceeded.
pub fn check(html: &str) -> Result<(), TooCostly> {
    let outline = TreeOutline::default();
    let context = outline.element(QualName::new(None, ns!(html), local_name!("div")), 0);
    let builder = TreeBuilder::new_for_fragment(outline, context, None, TreeBuilderOpts::default());
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
                // The tokenizer stops at the end of each script. The loop continues it.
                let _ = tokenizer.feed(&input);
            }
        };
        // The bracket flushes text that the tokenizer held back, such as half a character reference.
        let rest = piece.strip_prefix('<');
        if rest.is_some() {
            feed("<");
        }
        // If the tokenizer has produced no token, it can be inside a tag that began in an earlier piece.
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

/// Splits a text into pieces that contain a `<` only at the start.
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

/// Passes tokens to the tree builder and records whether there was one.
struct Tokens {
    builder: TreeBuilder<Handle, TreeOutline>,
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
