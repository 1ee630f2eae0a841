//! The language of messages: each message that a client receives is a plain sentence.

use serde_json::Value;

/// Words that no message contains, outside of what it quotes.
const WORDS: [&str; 6] = [
    "whoever",
    "nobody",
    "somebody",
    "whatever",
    "whichever",
    "one may",
];

/// Codes whose messages are fixed by a protocol.
const FIXED: [&str; 2] = ["PERSISTED_QUERY_NOT_FOUND", "PERSISTED_QUERY_NOT_SUPPORTED"];

/// Messages that are longer than this are cut.
const CUT: usize = 1_000;

/// Checks each message in a response, in a list of responses or in a message of a socket.
pub fn check(answer: &Value) {
    match answer {
        Value::Array(all) => all.iter().for_each(check),
        Value::Object(fields) => {
            // An error of `graphql-transport-ws` has the list of errors as its payload.
            for error in list(&answer["errors"]).iter().chain(list(&answer["payload"])) {
                check_one(error);
            }
            check_user_errors(&answer["data"]);
            if fields.contains_key("payload") {
                check(&answer["payload"]);
            }
        }
        _ => {}
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn check_user_errors(data: &Value) {
    match data {
        Value::Array(all) => all.iter().for_each(check_user_errors),
        Value::Object(fields) => {
            for (name, value) in fields {
                if name == "userErrors" || name == "warnings" {
                    list(value).iter().for_each(check_one);
                } else {
                    check_user_errors(value);
                }
            }
        }
        _ => {}
    }
}

fn check_one(error: &Value) {
    let code = error["extensions"]["code"].as_str().unwrap_or_default();
    let Some(message) = error["message"].as_str().filter(|_| !FIXED.contains(&code)) else {
        return;
    };
    let fault = fault(message);
    assert!(
        fault.is_none(),
        "the message {message:?} {}",
        fault.unwrap_or_default()
    );
}

fn fault(message: &str) -> Option<String> {
    let is_question = message.contains("Did you mean ") && message.ends_with('?');
    let is_cut = message.ends_with('…') && message.chars().count() > CUT;
    let last = message.trim_end_matches(['"', '`']);
    if !last.ends_with('.') && !is_question && !is_cut {
        return Some("does not end with a full stop".to_owned());
    }
    // Quoted text comes from the caller.
    let own: String = message.split(['"', '`']).step_by(2).collect::<Vec<_>>().join("…");
    let own = own.to_lowercase();
    let word = WORDS.iter().find(|word| {
        own.match_indices(**word).any(|(start, word)| {
            let before = own[..start].chars().next_back();
            let after = own[start + word.len()..].chars().next();
            [before, after].iter().flatten().all(|next| !next.is_alphabetic())
        })
    })?;
    Some(format!("contains the word {word:?}, which is not plain"))
}

#[test]
fn only_plain_sentences_are_accepted() {
    for plain in [
        "`first` is 500. It must be between 0 and 100.",
        "There is no field \"whatever\".",
        "Expected \"a.\"",
        "There is no field \"b\". Did you mean \"a\"?",
    ] {
        assert_eq!(fault(plain), None, "{plain}");
    }
    for (odd, why) in [
        ("Not found", "full stop"),
        ("Is it found?", "full stop"),
        ("Whoever sends this is refused.", "whoever"),
        ("Only as one may.", "one may"),
    ] {
        assert!(fault(odd).is_some_and(|fault| fault.contains(why)), "{odd}");
    }
}

#[test]
#[should_panic(expected = "does not end with a full stop")]
fn nested_user_errors_are_checked() {
    check(&serde_json::json!([{ "data": { "a": { "userErrors": [{ "message": "Wrong" }] } } }]));
}
