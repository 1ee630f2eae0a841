//! Attacks on processor time.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use super::{Answers, Attack, Target, flood, flood_query};

/// Maximum length of a text in a message, in bytes.
const TEXT: usize = 256 << 10;

pub const ATTACKS: &[Attack] = &[
    Attack {
        name: "html",
        about: "HTML that is expensive to sanitize, within and above the limit",
        bounds: &[],
        run: |target| Box::pin(html(target)),
    },
    Attack {
        name: "emoji",
        about: "texts of characters that are expensive to score",
        bounds: &[],
        run: |target| Box::pin(emoji(target)),
    },
    Attack {
        name: "long-names",
        about: "documents with one unknown name of almost a megabyte",
        bounds: &[],
        run: |target| {
            Box::pin(async move { flood_query(&target, format!("{{ {} }}", "n".repeat(900_000))).await })
        },
    },
    Attack {
        name: "many-names",
        about: "documents with thousands of unknown names",
        bounds: &["QUERY_SELECTIONS_MAX", "QUERY_TOKENS_MAX"],
        run: |target| {
            Box::pin(async move {
                let names: String = (0..9_000).map(|n| format!("{}{n} ", "n".repeat(90))).collect();
                flood_query(&target, format!("{{ {names} }}")).await
            })
        },
    },
    Attack {
        name: "contains",
        about: "a filter without matches in long texts",
        bounds: &["FILTER_BYTES_MAX", "STATEMENT_TIMEOUT_MS"],
        run: |target| Box::pin(contains(target)),
    },
    Attack {
        name: "half-typed",
        about: "mutations with twenty fields and invalid input",
        bounds: &[],
        run: |target| {
            Box::pin(async move {
                let fields: String = (0..20)
                    .map(|n| format!("f{n}: ticketCreate(input: {{ subject: 7 }}) {{ ticket {{ id }} }} "))
                    .collect();
                flood_query(&target, format!("mutation {{ {fields} }}")).await
            })
        },
    },
];

/// Patterns of HTML. They are repeated up to the maximum length of a message.
const SHAPES: [&str; 6] = [
    "<ul><li>",
    "<a href=x><p>",
    "<table><tr><td>",
    "<br>",
    "&amp;&lt;",
    "<b a=1><i a=1>",
];

async fn html(target: Target) -> Answers {
    let all: Arc<[String]> = SHAPES.map(|shape| shape.repeat(TEXT / shape.len())).into();
    let next = Arc::new(AtomicUsize::new(0));
    flood(&target, move |target| {
        let (all, number) = (all.clone(), next.fetch_add(1, Ordering::Relaxed));
        async move { target.write("Hi", Some(&all[number % SHAPES.len()])).await }
    })
    .await
}

async fn emoji(target: Target) -> Answers {
    flood(&target, |target| async move {
        target.write(&"\u{1f600}".repeat(TEXT / 4), None).await
    })
    .await
}

async fn contains(target: Target) -> Answers {
    // More than one statement may read (`filter_bytes_max`).
    target.fill(140, &"a".repeat(TEXT)).await;
    let filter = format!("{{ body: {{ contains: \"{}b\" }} }}", "a".repeat(127));
    let query = format!(
        "{{ ticket(id: \"{}\") {{ messages(first: 100, filter: {filter}) {{ totalCount }} }} }}",
        target.ticket.id
    );
    flood_query(&target, query).await
}
