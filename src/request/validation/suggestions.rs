//! Suggestions for names that do not exist.
//!
//! A name is compared letter by letter with all names that are valid in its position, which is expensive for many long
//! names. So only a few names of a document get suggestions, and long names get none.

use apollo_compiler::{Schema, schema::ExtendedType};
use strsim::levenshtein;

/// The maximum number of names of one document that get suggestions.
const NAMES_MAX: usize = 3;
/// The maximum length of such a name, in bytes.
const LENGTH_MAX: usize = 64;
/// The maximum number of suggestions for one name.
const SUGGESTED_MAX: usize = 3;

/// Suggestions for one document.
#[derive(Debug)]
pub struct Suggestions<'a> {
    schema: &'a Schema,
    remaining: usize,
}

impl<'a> Suggestions<'a> {
    pub fn from(schema: &'a Schema) -> Self {
        Self {
            schema,
            remaining: NAMES_MAX,
        }
    }

    /// Adds suggestions to the message of an error for the first name in quotes. The second name in quotes is the type
    /// or field of the first one.
    pub fn add(&mut self, kind: &str, message: String) -> String {
        let mut quoted = message.split('"').skip(1).step_by(2);
        let name = quoted.next().unwrap_or_default();
        let others = self.others(kind, quoted.next().unwrap_or_default());
        if others.is_empty() || self.remaining == 0 || name.len() > LENGTH_MAX {
            return message;
        }
        self.remaining -= 1;
        match question(name, others) {
            Some(question) => format!("{message} {question}"),
            None => message,
        }
    }

    fn others(&self, kind: &str, place: &str) -> Vec<&'a str> {
        let schema = self.schema;
        let field = || {
            let (ty, field) = place.split_once('.')?;
            schema.type_field(ty, field).ok()
        };
        match (kind, schema.types.get(place)) {
            ("UndefinedField", Some(ExtendedType::Object(object))) => keys(object.fields.keys()),
            ("UndefinedField", Some(ExtendedType::Interface(interface))) => keys(interface.fields.keys()),
            ("UndefinedInputValue", Some(ExtendedType::InputObject(input))) => keys(input.fields.keys()),
            ("UndefinedEnumValue", Some(ExtendedType::Enum(words))) => keys(words.values.keys()),
            ("UndefinedArgument", _) => {
                let arguments = field().map_or(&[][..], |field| &field.node.arguments);
                keys(arguments.iter().map(|argument| &argument.name))
            }
            (
                "UndefinedDefinition"
                | "UndefinedTypeInNamedFragmentTypeCondition"
                | "UndefinedTypeInInlineFragmentTypeCondition",
                _,
            ) => keys(schema.types.keys()),
            _ => Vec::new(),
        }
    }
}

fn keys<'a>(names: impl Iterator<Item = &'a apollo_compiler::Name>) -> Vec<&'a str> {
    let names = names.map(apollo_compiler::Name::as_str);
    names.filter(|name| !name.starts_with("__")).collect()
}

/// The question about the most similar names.
fn question(name: &str, others: Vec<&str>) -> Option<String> {
    // The threshold of graphql-js.
    let far = name.len() * 2 / 5 + 1;
    let distances = others.into_iter().map(|other| (levenshtein(name, other), other));
    let mut near: Vec<_> = distances.filter(|(distance, _)| *distance <= far).collect();
    near.sort_unstable();
    near.truncate(SUGGESTED_MAX);
    let near: Vec<_> = near.iter().map(|(_, other)| format!("\"{other}\"")).collect();
    match near.as_slice() {
        [] => None,
        [only] => Some(format!("Did you mean {only}?")),
        [others @ .., last] => Some(format!("Did you mean {} or {last}?", others.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SDL: &str = "
        interface Thing { name: String }
        input Filter { status: Status }
        enum Status { OPEN CLOSED }
        type Query { tickets(first: Int, filter: Filter): Int  ticket: Int  teams: Int  thing: Thing }";

    fn schema() -> apollo_compiler::validation::Valid<Schema> {
        Schema::parse_and_validate(SDL, "").expect("a schema")
    }

    #[test]
    fn names_of_every_kind_are_suggested() {
        let schema = schema();
        for (kind, name, place, question) in [
            (
                "UndefinedField",
                "tickts",
                "Query",
                "Did you mean \"tickets\" or \"ticket\"?",
            ),
            ("UndefinedField", "nam", "Thing", "Did you mean \"name\"?"),
            (
                "UndefinedArgument",
                "frist",
                "Query.tickets",
                "Did you mean \"first\"?",
            ),
            (
                "UndefinedInputValue",
                "statu",
                "Filter",
                "Did you mean \"status\"?",
            ),
            ("UndefinedEnumValue", "OPE", "Status", "Did you mean \"OPEN\"?"),
            ("UndefinedDefinition", "Filtr", "", "Did you mean \"Filter\"?"),
            ("UndefinedField", "wholly_other", "Query", ""),
            ("UnusedVariable", "tickts", "Query", ""),
        ] {
            let message = format!("No \"{name}\" in \"{place}\".");
            let extended = Suggestions::from(&schema).add(kind, message.clone());
            let expected = format!("{message} {question}");
            assert_eq!(extended, expected.trim_end(), "{kind} {name}");
        }
    }

    #[test]
    fn three_names_of_a_document_get_suggestions_and_long_names_get_none() {
        let schema = schema();
        let mut suggestions = Suggestions::from(&schema);
        let mut suggests = |name: &str| {
            let message = format!("Cannot query field \"{name}\" on type \"Query\".");
            suggestions
                .add("UndefinedField", message)
                .contains("Did you mean")
        };
        assert!(!suggests(&"t".repeat(65)), "too long to be compared");
        let suggested: Vec<_> = (0..5).map(|_| suggests("tickts")).collect();
        assert_eq!(suggested, [true, true, true, false, false]);
    }
}
