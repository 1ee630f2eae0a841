//! Parses the subset of YAML that `OpenAPI` files need: mappings, lists, plain and quoted strings, folded blocks. It
//! panics on other syntax: anchors, nonempty flow collections, several documents.

use serde_json::{Map, Value};

struct Line<'a> {
    indent: usize,
    text: &'a str,
}

pub fn parse(text: &str) -> Value {
    let lines = text.lines().map(|line| Line {
        indent: line.len() - line.trim_start().len(),
        text: line.trim(),
    });
    let lines: Vec<Line> = lines
        .filter(|line| !line.text.is_empty() && !line.text.starts_with('#'))
        .collect();
    let mut at = 0;
    let value = block(&lines, &mut at, 0);
    assert_eq!(at, lines.len(), "unknown syntax: {}", lines[at].text);
    value
}

/// Parses a mapping, a list or a string with this indentation.
fn block(lines: &[Line], at: &mut usize, indent: usize) -> Value {
    let Some(first) = lines.get(*at) else {
        return Value::Null;
    };
    if is_item(first.text) {
        return list(lines, at, indent);
    }
    let mut map = Map::new();
    while let Some(line) = lines
        .get(*at)
        .filter(|line| line.indent == indent && !is_item(line.text))
    {
        *at += 1;
        entry(lines, at, indent, line.text, &mut map);
    }
    Value::Object(map)
}

fn list(lines: &[Line], at: &mut usize, indent: usize) -> Value {
    let mut items = Vec::new();
    while let Some(line) = lines
        .get(*at)
        .filter(|line| line.indent == indent && is_item(line.text))
    {
        let text = line.text[1..].trim_start();
        *at += 1;
        if key_of(text).is_none() {
            items.push(scalar(text));
            continue;
        }
        // The keys of an item are indented to the position after its dash.
        let inner = indent + (line.text.len() - text.len());
        let mut map = Map::new();
        entry(lines, at, inner, text, &mut map);
        while let Some(line) = lines
            .get(*at)
            .filter(|line| line.indent == inner && !is_item(line.text))
        {
            *at += 1;
            entry(lines, at, inner, line.text, &mut map);
        }
        items.push(Value::Object(map));
    }
    Value::Array(items)
}

/// Parses one `key: value`, whose value may continue on the following lines.
fn entry(lines: &[Line], at: &mut usize, indent: usize, text: &str, map: &mut Map<String, Value>) {
    let (key, rest) = key_of(text).unwrap_or_else(|| panic!("no key in: {text}"));
    let below = lines.get(*at).map_or(0, |line| line.indent);
    let value = match rest {
        "" if below > indent
            || lines
                .get(*at)
                .is_some_and(|line| below == indent && is_item(line.text)) =>
        {
            block(lines, at, below)
        }
        "" => Value::Null,
        ">" | ">-" | "|" | "|-" => {
            let start = *at;
            while lines.get(*at).is_some_and(|line| line.indent > indent) {
                *at += 1;
            }
            let folded: Vec<&str> = lines[start..*at].iter().map(|line| line.text).collect();
            Value::String(folded.join(" "))
        }
        rest => scalar(rest),
    };
    let before = map.insert(key.to_owned(), value);
    assert!(before.is_none(), "twice: {key}");
}

fn is_item(text: &str) -> bool {
    text == "-" || text.starts_with("- ")
}

fn key_of(text: &str) -> Option<(&str, &str)> {
    let (key, rest) = match text.chars().next() {
        Some(quote @ ('\'' | '"')) => {
            let (key, rest) = text[1..].split_once(quote)?;
            (key, rest.strip_prefix(':')?)
        }
        _ => text
            .split_once(": ")
            .or_else(|| Some((text.strip_suffix(':')?, "")))?,
    };
    Some((key, rest.trim()))
}

fn scalar(text: &str) -> Value {
    match text {
        "[]" => Value::Array(Vec::new()),
        "{}" => Value::Object(Map::new()),
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ if text.starts_with(['&', '*', '[', '{', '!']) => panic!("unknown syntax: {text}"),
        _ => Value::String(text.trim_matches(['\'', '"']).to_owned()),
    }
}
