//! The variables of an operation, and the values that a request sends for them.

use apollo_compiler::{
    Node, Schema,
    ast::{Type, Value as Literal},
    executable::Operation,
};
use async_graphql::{Name, Pos, Value, Variables};

use super::{
    Mistakes,
    inputs::coerce,
    literals::{Need, Needs},
    places::Places,
};
use crate::request::definition::Scalars;

/// The variables of an operation of a valid document.
#[derive(Debug, Default)]
pub struct Inputs(Vec<Variable>);

#[derive(Debug)]
struct Variable {
    name: Name,
    ty: Node<Type>,
    need: Need,
    /// None without a default; otherwise whether the default is null.
    default: Option<bool>,
    pos: Option<Pos>,
}

impl Inputs {
    pub fn of(operation: &Operation, needs: &Needs<'_>, places: &Places) -> Self {
        let variables = operation.variables.iter().map(|variable| Variable {
            name: Name::new(variable.name.as_str()),
            ty: variable.ty.clone(),
            need: needs.get(&variable.name).copied().unwrap_or(Need::Nothing),
            default: variable.default_value.as_deref().map(Literal::is_null),
            pos: variable.location().map(|span| places.at(span.offset())),
        });
        Self(variables.collect())
    }

    /// Checks and coerces the variables that a request sends.
    pub fn coerce(&self, schema: &Schema, scalars: Scalars, sent: &mut Variables) -> Result<(), Mistakes> {
        let mut mistakes = Mistakes::default();
        for variable in &self.0 {
            if let Err((path, why)) = variable.check(schema, scalars, sent.get_mut(&variable.name)) {
                mistakes.add(variable.pos, || format!("${}{path}: {why}", variable.name));
            }
        }
        mistakes.into_result()
    }
}

const MISSING: &str = "this variable must have a value.";
const NULL: &str = "this variable must not be null at this position.";

impl Variable {
    fn check(
        &self,
        schema: &Schema,
        scalars: Scalars,
        sent: Option<&mut Value>,
    ) -> Result<(), (String, String)> {
        let wrong = |why: &str| Err((String::new(), why.to_owned()));
        let is_null = match &sent {
            Some(value) => **value == Value::Null,
            None => self.default.unwrap_or_default(),
        };
        let is_missing = sent.is_none() && self.default.is_none();
        match sent {
            _ if self.ty.is_non_null() && (is_null || is_missing) => wrong(MISSING),
            _ if self.need == Need::Value && is_missing => wrong(MISSING),
            _ if self.need >= Need::NotNull && is_null => wrong(NULL),
            Some(value) => {
                coerce(schema, scalars, &self.ty, value).map_err(|fault| (fault.place(), fault.message))
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use crate::request::{definition::Definition, limits::Bounds, validation::Validator};

    const SDL: &str = "
        directive @oneOf on INPUT_OBJECT
        scalar JSON
        scalar DateTime
        input Either @oneOf { a: Int  b: String }
        input Filter { n: Int!  m: Int! = 1  names: [String!]  x: JSON }
        type Query { n(n: Int! = 2, m: Int): Int  toy(filter: Filter, either: Either, x: JSON, when: DateTime): Int }";

    /// The errors of a request; empty if it can run.
    fn errors_of(text: &str, variables: &Json) -> Vec<String> {
        let validator = Validator::new(&Definition::of(SDL), true);
        let read = validator.read(text, &Bounds::of_tokens(1_000));
        let checked = read
            .expect("within limits")
            .and_then(|(read, _)| validator.validate(read, text));
        let mut sent = async_graphql::Variables::from_json(variables.clone());
        let coerced = checked.and_then(|checked| validator.coerce(&checked.operations[0].inputs, &mut sent));
        let mistakes = coerced.err().map(|mistakes| mistakes.response().errors);
        mistakes
            .into_iter()
            .flatten()
            .map(|error| error.message)
            .collect()
    }

    #[test]
    fn variables_that_fit_their_position_are_accepted() {
        for (text, variables) in [
            ("query($n: Int = 1) { n(n: $n) }", json!({})),
            ("query($n: Int) { n(n: $n) }", json!({})),
            ("query($n: Int) { n(m: $n) }", json!({ "n": null })),
            ("query($n: Int!) { toy(filter: { n: $n }) }", json!({ "n": 2.0 })),
            ("query($n: Int) { toy(filter: { n: 1, m: $n }) }", json!({})),
            (
                "query($s: String!) { toy(filter: { n: 1, names: [$s] }) }",
                json!({ "s": "a" }),
            ),
            (
                "query($s: [String!]) { toy(filter: { n: 1, names: $s }) }",
                json!({ "s": "a" }),
            ),
            ("query($x: Int) { toy(x: { a: [$x] }) }", json!({ "x": null })),
            ("query($a: Int) { toy(either: { a: $a }) }", json!({ "a": 1 })),
            ("{ toy(filter: { n: 3.0, x: { n: 3.0 } }) n(m: 1.0) }", json!({})),
        ] {
            assert_eq!(
                errors_of(text, &variables),
                Vec::<String>::new(),
                "{text} {variables}"
            );
        }
    }

    fn assert_error(text: &str, variables: &Json, expected: &str) {
        let errors = errors_of(text, variables);
        assert!(
            errors.iter().any(|error| error.contains(expected)),
            "{text} {variables}: {errors:?}"
        );
    }

    #[test]
    fn variables_that_do_not_fit_are_refused() {
        for (text, variables, expected) in [
            (
                "query($n: Boolean!) { n(n: $n) }",
                json!({ "n": true }),
                "used in position expecting type \"Int!\"",
            ),
            (
                "query($n: Int) { toy(filter: { n: $n }) }",
                json!({ "n": 1 }),
                "used in position expecting type \"Int!\"",
            ),
            (
                "query($s: String) { toy(filter: { n: 1, names: [$s] }) }",
                json!({}),
                "expecting type \"String!\"",
            ),
            (
                "query($s: String!) { toy(filter: { n: 1, names: $s }) }",
                json!({ "s": "a" }),
                "expecting type \"[String!]\"",
            ),
            (
                "query($n: Int = 1) { n(n: $n) }",
                json!({ "n": null }),
                "$n: this variable must not be null at this position.",
            ),
            (
                "query($n: Int = null) { n(n: $n) }",
                json!({}),
                "$n: this variable must not be null at this position.",
            ),
            (
                "query($n: Int) { n(n: $n) }",
                json!({ "n": null }),
                "$n: this variable must not be null at this position.",
            ),
            (
                "query($n: Int) { toy(filter: { n: 1, m: $n }) }",
                json!({ "n": null }),
                "must not be null",
            ),
            (
                "query($n: Int) { ...f } fragment f on Query { n(n: $n) }",
                json!({ "n": null }),
                "must not be null",
            ),
            (
                "query($n: Int!) { n(n: $n) }",
                json!({}),
                "$n: this variable must have a value.",
            ),
            (
                "query($a: Int) { toy(either: { a: $a }) }",
                json!({}),
                "$a: this variable must have a value.",
            ),
            (
                "query($f: Filter) { toy(filter: $f) }",
                json!({ "f": { "n": "1" } }),
                "$f.n: expected a value of type \"Int!\", found \"1\".",
            ),
        ] {
            assert_error(text, &variables, expected);
        }
    }

    #[test]
    fn documents_with_invalid_values_are_refused() {
        for (text, variables, expected) in [
            (
                "{ toy(either: { a: 1, b: \"2\" }) }",
                json!({}),
                "Exactly one field of \"Either\" must be given",
            ),
            (
                "{ toy(either: { a: null }) }",
                json!({}),
                "Exactly one field of \"Either\" must be given",
            ),
            (
                "{ toy(filter: { n: 1, n: 2 }) }",
                json!({}),
                "There can be only one input field named \"n\".",
            ),
            (
                "{ toy(x: { a: { b: 1, b: 1 } }) }",
                json!({}),
                "There can be only one input field named \"b\".",
            ),
            (
                "{ toy(x: { a: $b }) }",
                json!({}),
                "Variable \"$b\" is not defined.",
            ),
            (
                "{ toy(x: 123456789012345678901234567890) }",
                json!({}),
                "more digits than can be stored",
            ),
            (
                "{ toy(when: \"yesterday\") }",
                json!({}),
                "Failed to parse \"DateTime\"",
            ),
            (
                "query($w: DateTime = \"never\") { toy(when: $w) }",
                json!({}),
                "Failed to parse \"DateTime\"",
            ),
            (
                "query($w: DateTime) { toy(when: $w) }",
                json!({ "w": 3 }),
                "$w: Expected input type \"DateTime\", found 3.",
            ),
            ("query() { n }", json!({}), "yntax error"),
            ("{ __typename { a } }", json!({}), "must not have a selection"),
            ("{ n { a } }", json!({}), "must not have a selection"),
            ("{ ... @defer { n } }", json!({}), "Unknown directive \"@defer\""),
        ] {
            assert_error(text, &variables, expected);
        }
    }
}
