//! Syntax errors that the parser does not report.
//!
//! apollo-parser accepts an argument, or a field of an input object, without a colon and a value, and apollo-compiler
//! reads the document as if the name were missing: a list would not be filtered, and a version would not be compared. A
//! string before a fragment is accepted as its keyword. One pass over the tokens finds both faults. The brackets of the
//! text must match.

use crate::request::limits::{BRACKETS_MAX, tokens};

/// The content of a pair of brackets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// Selections of a selection set.
    Selections,
    /// Arguments or fields of an input object: names with values.
    Pairs,
    /// Definitions of variables.
    Variables,
    /// Values or a type.
    List,
}

/// The first such error in a text that the parser accepts, with its offset.
pub fn fault(text: &str) -> Option<(usize, &'static str)> {
    let mut around = Vec::with_capacity(usize::try_from(BRACKETS_MAX).unwrap_or_default());
    let mut before = b' ';
    let mut name = None;
    for (at, byte) in tokens(text.as_bytes()) {
        if let Some(name) = name.take()
            && byte != b':'
        {
            return Some((name, "expected a colon and a value after this name"));
        }
        let inside = around.last().copied();
        match byte {
            b'{' if matches!(inside, None | Some(Inside::Selections)) => around.push(Inside::Selections),
            b'{' | b'(' => around.push(Inside::Pairs),
            b'[' => around.push(Inside::List),
            b'}' | b')' | b']' => {
                around.pop();
            }
            b'$' if before == b'(' => {
                around.pop();
                around.push(Inside::Variables);
            }
            b'"' if inside.is_none() => {
                return Some((at, "expected an operation or a fragment"));
            }
            // After a colon it is a value, after a dollar sign the name of a variable, after an at sign that of a directive.
            b'_' | b'a'..=b'z' | b'A'..=b'Z'
                if inside == Some(Inside::Pairs) && !matches!(before, b':' | b'$' | b'@') =>
            {
                name = Some(at);
            }
            _ => {}
        }
        before = byte;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{definition::Definition, limits::Bounds, validation::Validator};

    const SDL: &str = "
        enum E { A }
        scalar JSON
        input Filter { a: Int  in: Filter  all: [Filter!]  e: E }
        type Query { n(n: Int, f: Filter, x: JSON): Int  toy: Query  s(s: String): Int }";

    /// The syntax error of a document.
    fn syntax_error(text: &str) -> Option<(String, usize)> {
        let validator = Validator::new(&Definition::of(SDL), false);
        let read = validator.read(text, &Bounds::of_tokens(1_000));
        let read = read.expect("within limits");
        let mistakes = read.err()?;
        let error = mistakes.first().expect("a mistake").clone();
        assert!(error.message.starts_with("Syntax error: "), "{text}: {error:?}");
        let column = error.locations.first().map_or(0, |pos| pos.column);
        Some((error.message, column))
    }

    #[test]
    fn a_name_without_a_value_is_refused_at_its_position() {
        for (text, column) in [
            ("{ n(n) }", 5),
            ("{ n(n: 1 f) }", 10),
            ("{ n(f n: 1) }", 5),
            ("{ n(f: { a }) }", 10),
            ("{ n(f: { in: { a } a: 1 }) }", 16),
            ("{ n(f: { all: [{ a: 1 } { a: 1 e }] }) }", 32),
            ("{ n(f: { e: A a }) }", 15),
            ("{ n(x: { on }) }", 10),
            ("{ n(x: $v f) }", 11),
            ("{ n @skip(if) }", 11),
            ("query @a(b) { n }", 10),
            ("query($v: Filter = { a }) { n(f: $v) }", 22),
            ("query($v: Int @a(b)) { n(n: $v) }", 18),
            ("{ toy { n(f: {}) } ...f } fragment f on Query @a(b) { n }", 50),
            ("{ ... @include(if) { n } }", 16),
            ("{ n(n # 1\n) }", 5),
        ] {
            assert_eq!(
                syntax_error(text).map(|(_, column)| column),
                Some(column),
                "{text}"
            );
            assert!(fault(text).is_some(), "{text}");
        }
    }

    #[test]
    fn names_with_values_are_accepted() {
        for text in [
            "{ n(n: 1, f: { a: $a, in: { e: A, all: [{ a: 1 }, {}] } }) toy { n } }",
            "query Q($v: Filter = { a: 1 }, $w: [[Int!]!] @a(b: [A, B])) @c(d: E) { n(f: $v) { n } n(x: [A B $v { c: null }]) }",
            "{ a: n @skip(if: $v) @include(if: true) { n } ...f @a ... on Query { n } }",
            "fragment f on Query @a(b: \"c\") { s(s: \"\"\" a b \"\"\") n }",
            "query a { n(n:1f:{a:1}) } # n(n)",
        ] {
            assert_eq!(fault(text), None, "{text}");
        }
    }

    #[test]
    fn other_syntax_errors_are_found_too() {
        for text in [
            "",
            "query",
            "query Q",
            "query Q($v: Int)",
            "{ }",
            "query Q { }",
            "{ toy { } }",
            "{ n() }",
            "query() { n }",
            "query($) { n }",
            "query($v) { n }",
            "query($v:) { n }",
            "query($v Int) { n }",
            "query(v: Int) { n }",
            "query($v: []) { n }",
            "query($v: [Int) { n }",
            "query($v: Int!!) { n }",
            "query($v: !) { n }",
            "query($v: Int =) { n }",
            "query($v: Int = $w) { n }",
            "query($v: [Int] = [$w]) { n }",
            "query($v: Filter = { a: $w }) { n }",
            "query($v: Int @a(b: $w)) { n }",
            "query($v: Int) ($w: Int) { n }",
            "{ n(n:) }",
            "{ n(n 1) }",
            "{ n(n $v) }",
            "{ n(f { a: 1 }) }",
            "{ n(f: { a 1 }) }",
            "{ n(: 1) }",
            "{ n(1) }",
            "{ n(n: 1)(n: 1) }",
            "{ n(n: $) }",
            "{ n(n: 1 }",
            "{ n(f: { a: }) }",
            "{ n(f: { : 1 }) }",
            "{ n(f: { 1 }) }",
            "{ n(x: [1) }",
            "{ n(x: [:]) }",
            "{ n(x: { a: [}) }",
            "{ a: }",
            "{ a:: n }",
            "{ a: b: n }",
            "{ : n }",
            "{ n { n } { n } }",
            "{ n @ }",
            "{ n @() }",
            "{ n @a() }",
            "{ ... }",
            "{ ...on }",
            "{ ... on { n } }",
            "{ ... on Query }",
            "{ ... Query { n } }",
            "{ ....f }",
            "{ .. f }",
            "{ n } fragment",
            "{ n } fragment { n }",
            "{ n } fragment f { n }",
            "{ n } fragment f on { n }",
            "{ n } fragment f on Query",
            "{ n } fragment f on Query { }",
            "{ n } fragment on Query { n }",
            "{ n } fragment on on Query { n }",
            "{ n } fragment f of Query { n }",
            "{ n } fragment f($v: Int) on Query { n }",
            "{ n } \"a\" fragment on Query { n }",
            "\"a\" { n }",
            "\"a\" query { n }",
            "{ n } \"a\"",
            "{ n } }",
            "{ n",
            "{ n } 1",
            "{ n } & { n }",
            "{ n & n }",
            "{ n(n: 01) }",
            "{ n(n: 1a) }",
            "{ n(n: 1_) }",
            "{ n(n: 0xF) }",
            "{ n(n: -) }",
            "{ n(n: +1) }",
            "{ n(x: 1.) }",
            "{ n(x: .1) }",
            "{ n(x: 1.e1) }",
            "{ n(x: 1e) }",
            "{ n(x: 1.0.0) }",
            "{ n(x: 1.0a) }",
            "{ s(s: \"a) }",
            "{ s(s: \"a\n\") }",
            "{ s(s: \"\\x\") }",
            "{ s(s: \"\\u00g0\") }",
            "{ s(s: \"\"\"a) }",
        ] {
            assert!(syntax_error(text).is_some(), "{text}");
        }
    }
}
