//! Converts a document of apollo-compiler to a document of async-graphql.
//!
//! It runs once for each valid document. apollo-compiler has already decoded escapes and block strings. The recursion
//! is as deep as the brackets of the text, which are bounded before parsing.

use std::collections::HashMap;

use apollo_compiler::{Node, ast, executable, parser::SourceSpan};
use async_graphql::{
    Name, Pos, Positioned,
    indexmap::IndexMap,
    parser::types::{
        BaseType, Directive, DocumentOperations, ExecutableDocument, Field, FragmentDefinition,
        FragmentSpread, InlineFragment, OperationDefinition, Selection, SelectionSet, Type, TypeCondition,
        VariableDefinition,
    },
};
use async_graphql_value::{Number, Value};

use super::{places::Places, single_root};
use crate::request::complete::kind;

fn name(name: &apollo_compiler::Name) -> Name {
    Name::new(name.as_str())
}

/// Converts the parts of a document.
pub struct Converter<'a> {
    document: &'a executable::ExecutableDocument,
    places: &'a Places,
}

impl<'a> Converter<'a> {
    pub fn new(document: &'a executable::ExecutableDocument, places: &'a Places) -> Self {
        Self { document, places }
    }

    pub fn document(&self) -> ExecutableDocument {
        let fragments = self.document.fragments.iter();
        ExecutableDocument {
            operations: self.operations(&self.document.operations),
            fragments: fragments
                .map(|(fragment, node)| (name(fragment), self.fragment(node)))
                .collect(),
        }
    }

    fn pos(&self, location: Option<SourceSpan>) -> Pos {
        location.map_or_else(Pos::default, |span| self.places.at(span.offset()))
    }

    fn at<N>(&self, location: Option<SourceSpan>, node: N) -> Positioned<N> {
        Positioned::new(node, self.pos(location))
    }

    fn name(&self, read: &apollo_compiler::Name) -> Positioned<Name> {
        self.at(read.location(), name(read))
    }

    fn operations(&self, read: &executable::OperationMap) -> DocumentOperations {
        match &read.anonymous {
            Some(only) if read.named.is_empty() => DocumentOperations::Single(self.operation(only)),
            // Validation has refused an anonymous operation among several.
            anonymous => {
                let anonymous = anonymous.iter().map(|one| (Name::new(""), self.operation(one)));
                let named = read.named.iter();
                let named = named.map(|(key, one)| (name(key), self.operation(one)));
                DocumentOperations::Multiple(anonymous.chain(named).collect::<HashMap<_, _>>())
            }
        }
    }

    fn operation(&self, read: &Node<executable::Operation>) -> Positioned<OperationDefinition> {
        let pos = self.pos(read.location());
        let operation = OperationDefinition {
            ty: kind(read.operation_type),
            variable_definitions: read.variables.iter().map(|one| self.variable(one)).collect(),
            directives: self.directives(&read.directives),
            selection_set: match read.operation_type {
                ast::OperationType::Subscription => self.subscription(pos, read),
                _ => self.set(pos, &read.selection_set),
            },
        };
        Positioned::new(operation, pos)
    }

    /// The only field of a subscription, with its selection sets merged. It cannot be skipped.
    fn subscription(&self, pos: Pos, read: &executable::Operation) -> Positioned<SelectionSet> {
        let Ok(fields) = single_root::field(self.document, read) else {
            return self.set(pos, &read.selection_set);
        };
        let mut fields = fields.into_iter().map(|field| self.field(field));
        let mut root = SelectionSet::default();
        if let Some(mut field) = fields.next() {
            let more = fields.flat_map(|other| other.node.selection_set.node.items);
            field.node.selection_set.node.items.extend(more);
            let pos = field.pos;
            root.items.push(Positioned::new(Selection::Field(field), pos));
        }
        Positioned::new(root, pos)
    }

    fn field(&self, read: &Node<executable::Field>) -> Positioned<Field> {
        let pos = self.pos(read.location());
        let field = Field {
            alias: read.alias.as_ref().map(|alias| self.name(alias)),
            name: self.name(&read.name),
            arguments: self.arguments(&read.arguments),
            directives: self.directives(&read.directives),
            selection_set: self.set(pos, &read.selection_set),
        };
        Positioned::new(field, pos)
    }

    fn variable(&self, read: &Node<ast::VariableDefinition>) -> Positioned<VariableDefinition> {
        let default = read.default_value.as_ref();
        let definition = VariableDefinition {
            name: self.name(&read.name),
            var_type: self.at(read.ty.location(), ty(&read.ty)),
            directives: self.directives(&read.directives),
            // The parser refuses a default that contains a variable.
            default_value: default
                .and_then(|default| Some(self.at(default.location(), value(default).into_const()?))),
        };
        self.at(read.location(), definition)
    }

    fn fragment(&self, read: &Node<executable::Fragment>) -> Positioned<FragmentDefinition> {
        let pos = self.pos(read.location());
        let fragment = FragmentDefinition {
            type_condition: self.condition(read.type_condition()),
            directives: self.directives(&read.directives),
            selection_set: self.set(pos, &read.selection_set),
        };
        Positioned::new(fragment, pos)
    }

    fn condition(&self, on: &apollo_compiler::Name) -> Positioned<TypeCondition> {
        let on = self.name(on);
        Positioned::new(TypeCondition { on: on.clone() }, on.pos)
    }

    fn set(&self, pos: Pos, read: &executable::SelectionSet) -> Positioned<SelectionSet> {
        let items = read.selections.iter().map(|one| self.selection(one)).collect();
        Positioned::new(SelectionSet { items }, pos)
    }

    fn selection(&self, read: &executable::Selection) -> Positioned<Selection> {
        match read {
            executable::Selection::Field(read) => {
                let field = self.field(read);
                let pos = field.pos;
                Positioned::new(Selection::Field(field), pos)
            }
            executable::Selection::FragmentSpread(read) => {
                let pos = self.pos(read.location());
                let spread = FragmentSpread {
                    fragment_name: self.name(&read.fragment_name),
                    directives: self.directives(&read.directives),
                };
                Positioned::new(Selection::FragmentSpread(Positioned::new(spread, pos)), pos)
            }
            executable::Selection::InlineFragment(read) => {
                let pos = self.pos(read.location());
                let fragment = InlineFragment {
                    type_condition: read.type_condition.as_ref().map(|on| self.condition(on)),
                    directives: self.directives(&read.directives),
                    selection_set: self.set(pos, &read.selection_set),
                };
                Positioned::new(Selection::InlineFragment(Positioned::new(fragment, pos)), pos)
            }
        }
    }

    fn directives(&self, read: &ast::DirectiveList) -> Vec<Positioned<Directive>> {
        let converted = read.iter().map(|directive| {
            let converted = Directive {
                name: self.name(&directive.name),
                arguments: self.arguments(&directive.arguments),
            };
            self.at(directive.location(), converted)
        });
        converted.collect()
    }

    fn arguments(&self, read: &[Node<ast::Argument>]) -> Vec<(Positioned<Name>, Positioned<Value>)> {
        let converted = read.iter().map(|argument| {
            let value = self.at(argument.value.location(), value(&argument.value));
            (self.name(&argument.name), value)
        });
        converted.collect()
    }
}

fn ty(read: &ast::Type) -> Type {
    let (base, nullable) = match read {
        ast::Type::Named(on) => (BaseType::Named(name(on)), true),
        ast::Type::NonNullNamed(on) => (BaseType::Named(name(on)), false),
        ast::Type::List(inner) => (BaseType::List(Box::new(ty(inner))), true),
        ast::Type::NonNullList(inner) => (BaseType::List(Box::new(ty(inner))), false),
    };
    Type { base, nullable }
}

/// Converts a value. [`super::literals`] refuses duplicate fields of an object.
pub fn value(read: &ast::Value) -> Value {
    match read {
        ast::Value::Null => Value::Null,
        ast::Value::Enum(one) => Value::Enum(name(one)),
        ast::Value::Variable(variable) => Value::Variable(name(variable)),
        ast::Value::String(text) => Value::String(text.clone()),
        ast::Value::Boolean(is) => Value::Boolean(*is),
        ast::Value::Int(number) => self::number(number.as_str()),
        ast::Value::Float(number) => self::number(number.as_str()),
        ast::Value::List(items) => Value::List(items.iter().map(|item| value(item)).collect()),
        ast::Value::Object(fields) => {
            let fields = fields.iter().map(|(key, field)| (name(key), value(field)));
            Value::Object(fields.collect::<IndexMap<_, _>>())
        }
    }
}

/// Converts a number as JSON does: to a whole number of 64 bits, else to a float. A number that exceeds a float becomes
/// null; [`super::literals`] refuses it.
fn number(text: &str) -> Value {
    let whole = text.parse::<i64>().map(Number::from);
    let whole = whole.or_else(|_| text.parse::<u64>().map(Number::from));
    let number = whole.ok().or_else(|| Number::from_f64(text.parse().ok()?));
    number.map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use apollo_compiler::Schema;

    use super::*;

    const SDL: &str = "scalar Any  type Query { toy(x: Any, y: Any): Query  n: Int }";

    fn converted(text: &str) -> ExecutableDocument {
        let schema = Schema::parse_and_validate(SDL, "").expect("a schema");
        let read = executable::ExecutableDocument::parse(&schema, text, "").expect("a document");
        Converter::new(&read, &Places::of(text)).document()
    }

    fn only_field(document: &ExecutableDocument) -> &Field {
        let (_, operation) = document.operations.iter().next().expect("an operation");
        match &operation.node.selection_set.node.items[0].node {
            Selection::Field(field) => &field.node,
            other => panic!("{other:?}"),
        }
    }

    fn given(value: &str) -> Value {
        let document = converted(&format!("{{ toy(x: {value}) {{ n }} }}"));
        only_field(&document).arguments[0].1.node.clone()
    }

    #[test]
    fn strings_are_decoded() {
        for (written, text) in [
            (r#""\ud83d\ude00 \u{1F600} \n""#, "😀 😀 \n"),
            (r#""""a \""" b""""#, r#"a """ b"#),
            ("\"\"\"\n    a\n      b\n    \"\"\"", "a\n  b"),
            (r#""""\u0041""""#, "\\u0041"),
        ] {
            assert_eq!(given(written), Value::String(text.to_owned()), "{written}");
        }
    }

    #[test]
    fn numbers_are_converted_as_in_json() {
        assert_eq!(given("-12"), Value::Number((-12).into()));
        assert_eq!(given("18446744073709551615"), Value::Number(u64::MAX.into()));
        let float = Number::from_f64(2.5e3).expect("a number");
        assert_eq!(given("2.5e3"), Value::Number(float));
        assert_eq!(given("1e999"), Value::Null);
    }

    #[test]
    fn positions_and_types_are_preserved() {
        let text = "query Q($v: [Any!]! = [1]) @a {\n  e: toy(x: $v) { ... on Query @b { n } ...f }\n}\nfragment f on Query { n }";
        let document = converted(text);
        let (name, operation) = document.operations.iter().next().expect("an operation");
        assert_eq!(name.map(Name::as_str), Some("Q"));
        let variable = &operation.node.variable_definitions[0].node;
        assert_eq!(variable.var_type.node.to_string(), "[Any!]!");
        assert!(variable.default_value.is_some());
        assert_eq!(operation.node.directives[0].pos, Pos { line: 1, column: 28 });
        let field = only_field(&document);
        assert_eq!(field.name.pos, Pos { line: 2, column: 6 });
        assert_eq!(field.arguments[0].1.pos, Pos { line: 2, column: 13 });
        assert_eq!(field.selection_set.node.items.len(), 2);
        assert_eq!(
            document.fragments[&Name::new("f")].pos,
            Pos { line: 4, column: 1 }
        );
    }
}
