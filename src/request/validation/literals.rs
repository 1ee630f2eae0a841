//! Checks of values in a document that apollo-compiler does not make.
//!
//! It checks custom scalars, duplicate fields of input objects, `@oneOf`, and variables inside lists and objects, for
//! which apollo-compiler compares the names of types only. A variable with a default may be used where null is not
//! allowed: the value that it needs in a request is recorded ([`Need`]).

use std::collections::{HashMap, HashSet};

use apollo_compiler::{
    ExecutableDocument, Name, Node, Schema,
    ast::{Argument, Directive, InputValueDefinition, Type, Value, VariableDefinition},
    executable::{Operation, Selection, SelectionSet},
    parser::SourceSpan,
    schema::{ExtendedType, InputObjectType},
};

use super::{
    Mistakes, convert,
    inputs::{self, ONE_OF},
    places::Places,
};
use crate::request::definition::Scalars;

/// The value that a variable needs, beyond its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// No value is needed.
    Nothing,
    /// The variable must not be null, but may be absent.
    NotNull,
    /// A value is required.
    Value,
}

/// The needs of the variables of an operation.
pub type Needs<'a> = HashMap<&'a Name, Need>;

/// A use of a variable.
struct Use<'a> {
    variable: &'a Name,
    place: Place<'a>,
    location: Option<SourceSpan>,
}

#[derive(Clone, Copy)]
enum Place<'a> {
    /// An argument, a field of an input object or an element of a list.
    Typed {
        ty: &'a Type,
        has_default: bool,
        /// The variable is inside a list or an object. The compiler checks variables that are arguments themselves.
        is_inside: bool,
    },
    /// The only field of an input object.
    OnlyField,
    /// Inside a custom scalar.
    InScalar,
}

/// An operation or a fragment.
#[derive(Default)]
struct Part<'a> {
    uses: Vec<Use<'a>>,
    spreads: Vec<&'a Name>,
}

/// Checks every value of a document that is otherwise valid.
pub struct Literals<'a> {
    schema: &'a Schema,
    scalars: Scalars,
    places: &'a Places,
    fragments: HashMap<&'a Name, Part<'a>>,
    pub mistakes: Mistakes,
}

impl<'a> Literals<'a> {
    /// Checks the fragments of a document.
    pub fn of(
        schema: &'a Schema,
        scalars: Scalars,
        document: &'a ExecutableDocument,
        places: &'a Places,
    ) -> Self {
        let mut literals = Self {
            schema,
            scalars,
            places,
            fragments: HashMap::with_capacity(document.fragments.len()),
            mistakes: Mistakes::default(),
        };
        for (name, fragment) in &document.fragments {
            let mut part = Part::default();
            literals.directives(&mut part, &fragment.directives);
            literals.set(&mut part, &fragment.selection_set);
            literals.fragments.insert(name, part);
        }
        literals
    }

    /// Checks an operation. Returns the needs of its variables.
    pub fn operation(&mut self, operation: &'a Operation) -> Needs<'a> {
        let mut own = Part::default();
        self.directives(&mut own, &operation.directives);
        for variable in &operation.variables {
            self.directives(&mut own, &variable.directives);
            if let Some(default) = &variable.default_value {
                self.value(&mut own, &variable.ty, default, Place::OnlyField);
            }
        }
        self.set(&mut own, &operation.selection_set);
        let declared = operation.variables.iter();
        let declared: HashMap<_, _> = declared.map(|one| (&one.name, one)).collect();
        let mut needs = Needs::new();
        let mut visited = HashSet::new();
        let mut parts = vec![&own];
        while let Some(part) = parts.pop() {
            for used in &part.uses {
                match need(declared.get(used.variable).copied(), used) {
                    Ok(need) => {
                        let known = needs.entry(used.variable).or_insert(need);
                        *known = need.max(*known);
                    }
                    Err(misuse) => wrong(&mut self.mistakes, self.places, used.location, || {
                        misuse.message()
                    }),
                }
            }
            let spreads = part.spreads.iter().filter(|name| visited.insert(**name));
            parts.extend(spreads.filter_map(|name| self.fragments.get(*name)));
        }
        needs
    }

    fn wrong(&mut self, location: Option<SourceSpan>, why: impl FnOnce() -> String) {
        wrong(&mut self.mistakes, self.places, location, why);
    }

    fn set(&mut self, part: &mut Part<'a>, set: &'a SelectionSet) {
        for selection in &set.selections {
            self.directives(part, selection.directives());
            match selection {
                Selection::Field(field) => {
                    self.arguments(part, &field.definition.arguments, &field.arguments);
                    self.set(part, &field.selection_set);
                }
                Selection::InlineFragment(fragment) => self.set(part, &fragment.selection_set),
                Selection::FragmentSpread(spread) => part.spreads.push(&spread.fragment_name),
            }
        }
    }

    fn directives(&mut self, part: &mut Part<'a>, directives: &'a [Node<Directive>]) {
        for directive in directives {
            if let Some(known) = self.schema.directive_definitions.get(&directive.name) {
                self.arguments(part, &known.arguments, &directive.arguments);
            }
        }
    }

    fn arguments(
        &mut self,
        part: &mut Part<'a>,
        known: &'a [Node<InputValueDefinition>],
        given: &'a [Node<Argument>],
    ) {
        for argument in given {
            if let Some(known) = known.iter().find(|known| known.name == argument.name) {
                let place = Place::Typed {
                    ty: &known.ty,
                    has_default: known.default_value.is_some(),
                    is_inside: false,
                };
                self.value(part, &known.ty, &argument.value, place);
            }
        }
    }

    fn value(&mut self, part: &mut Part<'a>, ty: &'a Type, value: &'a Node<Value>, place: Place<'a>) {
        match (&**value, self.schema.types.get(ty.inner_named_type())) {
            (Value::Variable(variable), _) => part.uses.push(Use {
                variable,
                place,
                location: value.location(),
            }),
            (Value::List(items), _) if ty.is_list() => {
                let ty = ty.item_type();
                let place = Place::Typed {
                    ty,
                    has_default: false,
                    is_inside: true,
                };
                for item in items {
                    self.value(part, ty, item, place);
                }
            }
            (Value::Null, _) => {}
            (Value::Object(fields), Some(ExtendedType::InputObject(object))) => {
                self.object(part, object, fields, value);
            }
            (_, Some(ExtendedType::Scalar(scalar))) if !scalar.is_built_in() => {
                let before = self.mistakes.count();
                self.in_scalar(part, value);
                if self.mistakes.count() == before
                    && let Err(why) = inputs::scalar(self.scalars, &scalar.name, without_variables(value))
                {
                    self.wrong(value.location(), || why);
                }
            }
            _ => {}
        }
    }

    fn object(
        &mut self,
        part: &mut Part<'a>,
        object: &'a InputObjectType,
        fields: &'a [(Name, Node<Value>)],
        value: &'a Node<Value>,
    ) {
        self.reject_duplicates(fields);
        let is_one_of = object.directives.has(ONE_OF);
        if is_one_of && !matches!(fields, [(_, only)] if !only.is_null()) {
            let why = || capitalised(&inputs::one_of(&object.name));
            self.wrong(value.location(), why);
        }
        for (name, field) in fields {
            let Some(known) = object.fields.get(name) else {
                continue;
            };
            let place = Place::Typed {
                ty: &known.ty,
                has_default: known.default_value.is_some(),
                is_inside: true,
            };
            if is_one_of && field.as_variable().is_some() {
                self.value(part, &known.ty, field, Place::OnlyField);
            }
            self.value(part, &known.ty, field, place);
        }
    }

    fn reject_duplicates(&mut self, fields: &[(Name, Node<Value>)]) {
        let mut names = HashSet::with_capacity(fields.len());
        for (name, _) in fields {
            if !names.insert(name) {
                let why = || format!("There can be only one input field named \"{name}\".");
                self.wrong(name.location(), why);
            }
        }
    }

    /// Checks duplicate fields and numbers inside a custom scalar, whose values have no type.
    fn in_scalar(&mut self, part: &mut Part<'a>, value: &'a Node<Value>) {
        match &**value {
            Value::Variable(variable) => part.uses.push(Use {
                variable,
                place: Place::InScalar,
                location: value.location(),
            }),
            Value::List(items) => {
                for item in items {
                    self.in_scalar(part, item);
                }
            }
            Value::Object(fields) => {
                self.reject_duplicates(fields);
                for (_, field) in fields {
                    self.in_scalar(part, field);
                }
            }
            Value::Int(_) | Value::Float(_) if !is_representable(value) => {
                let why = "The number has more digits than can be stored. Send it as a string.";
                self.wrong(value.location(), || why.to_owned());
            }
            _ => {}
        }
    }
}

/// Whether a whole number fits into 64 bits, and a float is finite.
fn is_representable(value: &Value) -> bool {
    match value {
        Value::Int(number) => {
            number.as_str().parse::<i64>().is_ok() || number.as_str().parse::<u64>().is_ok()
        }
        Value::Float(number) => number.try_to_f64().is_ok(),
        _ => true,
    }
}

/// Replaces the variables in a value of a custom scalar by null: they do not decide whether the scalar accepts it.
fn without_variables(value: &Value) -> async_graphql::Value {
    let null = |_| Ok::<_, std::convert::Infallible>(async_graphql::Value::Null);
    convert::value(value).into_const_with(null).unwrap_or_default()
}

fn wrong(
    mistakes: &mut Mistakes,
    places: &Places,
    location: Option<SourceSpan>,
    why: impl FnOnce() -> String,
) {
    mistakes.add(location.map(|span| places.at(span.offset())), why);
}

/// The use of a variable in a position that does not allow it.
enum Misuse<'a> {
    Undefined(&'a Name),
    OfType {
        variable: &'a Name,
        given: &'a Type,
        expected: &'a Type,
    },
}

impl Misuse<'_> {
    fn message(&self) -> String {
        match self {
            Self::Undefined(variable) => format!("Variable \"${variable}\" is not defined."),
            Self::OfType {
                variable,
                given,
                expected,
            } => format!(
                "Variable \"${variable}\" of type \"{given}\" used in position expecting type \"{expected}\"."
            ),
        }
    }
}

/// The need of a variable in a position, or the reason why it is not allowed there.
fn need<'a>(declared: Option<&'a Node<VariableDefinition>>, used: &Use<'a>) -> Result<Need, Misuse<'a>> {
    let variable = used.variable;
    let declared = declared.ok_or(Misuse::Undefined(variable))?;
    let is_nullable = !declared.ty.is_non_null();
    match used.place {
        Place::OnlyField if is_nullable => Ok(Need::Value),
        Place::OnlyField | Place::InScalar => Ok(Need::Nothing),
        Place::Typed {
            ty,
            has_default,
            is_inside,
        } => {
            let needs_value = ty.is_non_null() && is_nullable;
            let has_default = has_default || declared.default_value.is_some();
            if is_inside && !fits(&declared.ty, ty, has_default) {
                return Err(Misuse::OfType {
                    variable,
                    given: &declared.ty,
                    expected: ty,
                });
            }
            Ok(if needs_value { Need::NotNull } else { Need::Nothing })
        }
    }
}

/// Whether a variable is allowed in a position (`IsVariableUsageAllowed` in the specification).
fn fits(given: &Type, ty: &Type, has_default: bool) -> bool {
    if ty.is_non_null() && !given.is_non_null() {
        return has_default && given.is_assignable_to(&ty.clone().nullable());
    }
    given.is_assignable_to(ty)
}

fn capitalised(sentence: &str) -> String {
    let mut characters = sentence.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}
