//! Tests of the numbers of directives, root fields and selections.

use super::*;

#[test]
fn directives_are_counted_in_every_position() {
    let document = "query($v: Int @a) @b { n @c @c ... @d { n } ...f @e } fragment f on Query @f { n @g }";
    let bounds = |directives| Bounds {
        directives,
        ..Bounds::default()
    };
    assert!(toy::measure(document, bounds(8)).is_ok());
    assert_eq!(toy::excess(document, bounds(7)), (Limit::Directives, Some(8), 7));
}

#[test]
fn only_fields_at_the_root_are_counted() {
    let bounds = Bounds {
        root_fields: 3,
        ..Bounds::default()
    };
    for document in [
        "{ a: n b: n c: n }",
        "{ toy { n m toy { n } parts { n m } } }",
        "query A { a: n b: n } query B { a: n b: n }",
    ] {
        assert!(toy::measure(document, bounds).is_ok(), "{document}");
    }
    for document in [
        "{ a: n b: n c: n d: n }",
        "{ a: n ...f ...f b: n } fragment f on Query { n }",
        "query A { n } mutation B { a: make { n } b: make { n } c: make { n } d: make { n } }",
    ] {
        assert_eq!(toy::excess(document, bounds), (Limit::RootFields, Some(4), 3));
    }
}

fn bomb(doublings: usize) -> String {
    let fragments: String = (0..doublings)
        .map(|n| format!("fragment f{n} on Query {{ ...f{0} ...f{0} }} ", n + 1))
        .collect();
    format!("{fragments} fragment f{doublings} on Query {{ n }}")
}

#[test]
fn fragments_count_at_every_spread() {
    let bounds = |selections| Bounds {
        selections,
        ..Bounds::default()
    };
    // f2 has 1 selection, f1 has 4, f0 has 10, and the operation has 11.
    let document = format!("{{ ...f0 }} {}", bomb(2));
    assert!(toy::measure(&document, bounds(26)).is_ok());
    assert_eq!(
        toy::excess(&document, bounds(25)),
        (Limit::Selections, Some(26), 25)
    );
    let inline = "{ ... { n ... on Query { n } } }";
    assert!(toy::measure(inline, bounds(4)).is_ok());
    assert_eq!(toy::excess(inline, bounds(3)), (Limit::Selections, Some(4), 3));
}

#[test]
fn exponential_fragments_are_refused_spread_or_not() {
    for query in ["{ ...f0 }", "{ n }"] {
        let (limit, found, _) = toy::excess(&format!("{query} {}", bomb(60)), Bounds::default());
        assert_eq!(limit, Limit::Selections);
        assert!(found > Some(1 << 60), "{found:?}");
    }
}
