//! Reads a page line by line. The pages were copied from the web without some line breaks: a heading can be at the
//! end of the previous line, and a table row can cover two lines.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Endpoint, Found, openapi};

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/// Headings in the description of an endpoint, longer ones first, and the kind of items below them.
const HEADINGS: [(&str, Option<&str>); 8] = [
    ("Query Parameters", Some("query")),
    ("Example Request", None),
    ("Example Response", Some("response")),
    ("Required Fields", Some("list")),
    ("Optional Fields", Some("list")),
    ("Request Body", Some("body")),
    ("Response", Some("response")),
    ("Example", None),
];

/// Position in the text.
struct Reader<'a> {
    found: &'a mut Found,
    /// The endpoint that is described.
    endpoint: Option<Endpoint>,
    /// The kind of items below the last heading.
    section: Option<&'static str>,
    /// The last path in the prose.
    last_path: Option<String>,
}

pub(super) fn scan(text: &str, found: &mut Found) {
    let (page, api) = match text.find("\nopenapi: ") {
        Some(start) => text.split_at(start + 1),
        None => (text, ""),
    };
    if !api.is_empty() {
        openapi::scan(api, found);
    }
    let page = page.replace(['“', '”'], "\"");
    let mut reader = Reader {
        found,
        endpoint: None,
        section: None,
        last_path: None,
    };
    let mut lines: Vec<&str> = page.lines().flat_map(apart).rev().collect();
    while let Some(line) = lines.pop() {
        let line = line.trim();
        if line.starts_with('|') && lines.last().is_some_and(|next| next.starts_with("|---")) {
            reader.table(line, &mut lines);
        } else if let Some(rest) = line.strip_prefix("curl ") {
            reader.command(rest, &mut lines);
        } else if line.starts_with(['{', '[']) {
            reader.example(line, &mut lines);
        } else if let Some((_, section)) = HEADINGS.iter().find(|(heading, _)| *heading == line) {
            reader.section = *section;
        } else if METHODS
            .iter()
            .any(|method| line.starts_with(&format!("{method} /")))
        {
            reader.declaration(line);
        } else if reader.section == Some("list") {
            let endpoint = reader.endpoint.clone().expect("a list of fields has an endpoint");
            reader.found.lists.push((endpoint, line.to_owned()));
            reader.section = None;
        } else if !line.is_empty() {
            reader.prose(line);
        }
    }
}

/// Splits a line from the heading at its end.
fn apart(line: &str) -> Vec<&str> {
    for (heading, _) in HEADINGS {
        let rest = line.strip_suffix(heading).filter(|rest| !rest.is_empty());
        if let Some(rest) = rest.filter(|rest| !rest.ends_with(' ')) {
            return vec![rest, heading];
        }
    }
    vec![line]
}

impl Reader<'_> {
    /// `GET /path?name=value`
    fn declaration(&mut self, line: &str) {
        let mut words = line.split_whitespace();
        let (method, url) = (words.next().expect("a method"), words.next().expect("a path"));
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let endpoint = Endpoint::new(method, path);
        self.found.declared.insert(endpoint.clone());
        self.queries(&endpoint, query);
        self.endpoint = Some(endpoint);
        self.section = None;
    }

    fn queries(&mut self, endpoint: &Endpoint, query: &str) {
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let name = pair.split('=').next().unwrap_or(pair);
            self.found.item(Some(endpoint), "query", name);
        }
    }

    /// Reads a table. Its header determines the kind of rows and the number of cells, because a row can continue on
    /// the next line.
    fn table(&mut self, head: &str, lines: &mut Vec<&str>) {
        let cells = |line: &str| -> Vec<String> {
            let line = line.trim().trim_end_matches('|');
            let line = line.strip_prefix('|').unwrap_or(line);
            line.split('|').map(|cell| cell.trim().to_owned()).collect()
        };
        let columns = cells(head);
        lines.pop();
        let mut all = Vec::new();
        while let Some(line) = lines.pop_if(|line| line.trim_end().ends_with('|')) {
            all.extend(cells(line));
        }
        assert_eq!(
            all.len() % columns.len(),
            0,
            "an incomplete table below {head}: {all:?}"
        );
        for row in all.chunks(columns.len()) {
            match (columns[0].as_str(), &self.endpoint) {
                ("Method", _) => {
                    self.found.tabled.insert(Endpoint::new(&row[0], &row[1]));
                }
                ("Parameter", Some(endpoint)) => self.found.item(Some(endpoint), "query", &row[0]),
                ("Field", Some(endpoint)) => {
                    let kind = if self.section == Some("response") {
                        "response"
                    } else {
                        "body"
                    };
                    self.found.item(Some(endpoint), kind, &row[0]);
                }
                ("Field", None) => self.found.item(None, "field", &row[0]),
                other => panic!("unknown table: {other:?}"),
            }
        }
    }

    /// Reads a curl command, which can continue on further lines.
    fn command(&mut self, first: &str, lines: &mut Vec<&str>) {
        let mut command = first.to_owned();
        while command.ends_with('\\') || command.matches('\'').count() % 2 == 1 {
            let next = lines.pop().expect("the rest of the command");
            command = format!("{}\n{next}", command.trim_end_matches('\\'));
        }
        let (words, body) = command.split_once("-d '").unwrap_or((&command, ""));
        let body = body.split('\'').next().unwrap_or_default();
        let words: Vec<&str> = words
            .split_whitespace()
            .map(|word| word.trim_matches('"'))
            .collect();
        let url = words
            .iter()
            .find_map(|word| word.strip_prefix("https://"))
            .expect("a URL");
        let path = &url[url.find('/').expect("a path")..];
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let method = words.iter().skip_while(|word| **word != "-X").nth(1);
        let method = method.unwrap_or(if body.is_empty() { &"GET" } else { &"POST" });
        let endpoint = Endpoint::new(method, path);
        self.found.used.insert(endpoint.clone());
        self.queries(&endpoint, query);
        for pair in words.windows(2).filter(|pair| pair[0] == "-H") {
            self.found.item(None, "header", pair[1].trim_end_matches(':'));
        }
        if !body.is_empty() {
            let body: Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"));
            self.found.fields(Some(&endpoint), "body", "", &body);
        }
    }

    /// Reads a JSON example up to its closing bracket. Following text on the same line is handled as a separate line.
    fn example<'a>(&mut self, first: &'a str, lines: &mut Vec<&'a str>) {
        let mut text = String::new();
        let mut next = Some(first);
        while let Some(line) = next {
            for (at, _) in line.match_indices(['}', ']']) {
                let candidate = format!("{text}{}", &line[..=at]);
                if let Ok(value) = serde_json::from_str::<Value>(&candidate) {
                    let rest = line[at + 1..].trim();
                    lines.extend((!rest.is_empty()).then_some(rest));
                    let kind = self.section.filter(|kind| ["body", "response"].contains(kind));
                    let kind =
                        kind.unwrap_or_else(|| panic!("neither a request nor a response: {candidate}"));
                    let endpoint = self.endpoint.clone();
                    return self.found.fields(endpoint.as_ref(), kind, "", &value);
                }
            }
            text = format!("{text}{line}\n");
            next = lines.pop();
        }
        panic!("not JSON: {text}");
    }

    /// Reads prose, which can mention an endpoint, or describe the following example.
    fn prose(&mut self, line: &str) {
        self.endpoint = None;
        self.section = None;
        if line.contains("- ") {
            self.found.events.push(line.to_owned());
        }
        for sentence in line.split(". ") {
            let trimmed = |word: &str| word.trim_matches([',', '.', ':', '(', ')']).to_owned();
            let words: Vec<String> = sentence.split_whitespace().map(trimmed).collect();
            let paths = words
                .iter()
                .filter_map(|word| match word.strip_prefix("https://") {
                    Some(url) => url.find('/').map(|start| url[start..].to_owned()),
                    None => word.starts_with('/').then(|| word.clone()),
                });
            let paths: Vec<String> = paths.collect();
            self.last_path = paths.first().cloned().or(self.last_path.take());
            let same = sentence
                .contains("the same endpoint")
                .then(|| self.last_path.clone());
            let path = paths.first().cloned().or(same.flatten());
            self.endpoint = None;
            for method in words.iter().filter(|word| METHODS.contains(&word.as_str())) {
                let Some(path) = &path else { continue };
                let endpoint = Endpoint::new(method, path);
                self.found.declared.insert(endpoint.clone());
                self.endpoint = Some(endpoint);
            }
            let lower = sentence.to_lowercase();
            self.section = if lower.contains("request body") {
                Some("body")
            } else if lower.contains("response") {
                Some("response")
            } else {
                None
            };
        }
    }
}

/// Returns the names in `name: meaninganother: meaning`, where a name directly follows the meaning before it. The
/// start of a name is found by its occurrence elsewhere in the text. Other names include the preceding word, so that
/// they are noticed.
pub(super) fn unglued(line: &str, known: &BTreeSet<String>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (end, _) in line.match_indices(": ") {
        let start = line[..end]
            .rfind(|letter: char| !is_of_name(letter))
            .map_or(0, |at| at + 1);
        let word = &line[start..end];
        let fits = |name: &&String| word.ends_with(name.as_str()) && !names.contains(name);
        let longest = known.iter().filter(fits).max_by_key(|name| name.len());
        let name = if start == 0 { None } else { longest };
        names.push(name.map_or(word, String::as_str).to_owned());
    }
    names
}

/// Returns the names in `- thing.happened- meaning`, where a name can directly follow the meaning before it.
pub(super) fn events(line: &str) -> Vec<String> {
    let mut nouns: Vec<String> = Vec::new();
    let mut names = Vec::new();
    for (end, _) in line.match_indices("- ") {
        let word = line[..end].rsplit([' ', '-']).next().unwrap_or_default();
        let Some((noun, verb)) = word.split_once('.') else {
            continue;
        };
        if !word.chars().all(|letter| is_of_name(letter) || letter == '.') || verb.is_empty() {
            continue;
        }
        let known = nouns.iter().find(|known| noun.ends_with(known.as_str()));
        let noun = known.cloned().unwrap_or_else(|| noun.to_owned());
        names.push(format!("{noun}.{verb}"));
        nouns.push(noun);
    }
    names
}

fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}
