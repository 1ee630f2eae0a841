//! The places of a document in which variables stand.
//!
//! All that the library's rules say of a document they say of its text, but for one: a value must be of the type of the
//! argument that it is given to. So a document whose text is found good is good with some variables when every argument
//! is in which they stand. That is asked here, and answered with no where it is not plain.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Positioned, Variables,
    parser::types::{
        Directive, ExecutableDocument, FragmentDefinition, OperationType, Selection, SelectionSet,
    },
};
use async_graphql_value::Value;

use crate::graphql::{
    document::without_absent,
    types::{Fields, Input, InputFields, Types},
};

/// Deeper in one another than fragments are ever let through.
const LEVELS_MAX: usize = 64;

/// What a document's arguments hold that have variables in them.
#[derive(Debug, Default)]
pub struct Slots(Vec<Slot>);

#[derive(Debug)]
struct Slot {
    input: Input,
    value: Value,
}

/// An argument whose type is not known.
struct Unknown;

impl Slots {
    /// Those of every operation and fragment; none when the type of one is not known.
    pub fn of(types: &Types, document: &ExecutableDocument) -> Option<Self> {
        let mut reading = Reading {
            types,
            condition: [("if".to_owned(), Input::condition())].into(),
            slots: Vec::new(),
        };
        reading.document(document).ok()?;
        Some(Self(reading.slots))
    }

    /// Whether each is plainly good with these variables, once those that are absent are taken out.
    pub fn fit(&self, types: &Types, variables: &Variables, absent: &HashSet<Name>) -> bool {
        self.0.iter().all(|slot| slot.fits(types, variables, absent))
    }
}

impl Slot {
    fn fits(&self, types: &Types, variables: &Variables, absent: &HashSet<Name>) -> bool {
        if let Value::Variable(name) = &self.value {
            return match variables.get(name) {
                Some(value) => types.accept(&self.input, value),
                // Taken out, or the default of the variable, which belongs to the text.
                None => !(absent.contains(name) && self.input.is_required),
            };
        }
        let mut value = self.value.clone();
        without_absent(&mut value, absent);
        let given = value.into_const_with(|name| variables.get(&name).cloned().ok_or(()));
        // With the default of a variable inside, the library looks at none of it.
        given.ok().is_none_or(|value| types.accept(&self.input, &value))
    }
}

struct Reading<'a> {
    types: &'a Types,
    condition: InputFields,
    slots: Vec<Slot>,
}

impl Reading<'_> {
    fn document(&mut self, document: &ExecutableDocument) -> Result<(), Unknown> {
        for (_, operation) in document.operations.iter() {
            let operation = &operation.node;
            let root = match operation.ty {
                OperationType::Query => "Query",
                OperationType::Mutation => "Mutation",
                OperationType::Subscription => "Subscription",
            };
            self.directives(&operation.directives)?;
            self.set(self.types.of(root), &operation.selection_set.node, 0)?;
        }
        self.fragments(&document.fragments)
    }

    fn fragments(
        &mut self,
        fragments: &HashMap<Name, Positioned<FragmentDefinition>>,
    ) -> Result<(), Unknown> {
        for fragment in fragments.values() {
            let fragment = &fragment.node;
            let on = self.types.of(fragment.type_condition.node.on.node.as_str());
            self.directives(&fragment.directives)?;
            self.set(on, &fragment.selection_set.node, 0)?;
        }
        Ok(())
    }

    fn set(&mut self, parent: Option<&Fields>, set: &SelectionSet, level: usize) -> Result<(), Unknown> {
        if level > LEVELS_MAX {
            return Err(Unknown);
        }
        for selection in &set.items {
            self.directives(selection.node.directives())?;
            match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let known = parent.and_then(|fields| fields.get(field.name.node.as_str()));
                    self.arguments(&field.arguments, known.map(|known| &known.arguments))?;
                    let fields = known.and_then(|known| self.types.of(&known.name));
                    self.set(fields, &field.selection_set.node, level + 1)?;
                }
                Selection::InlineFragment(fragment) => {
                    let fragment = &fragment.node;
                    let fields = match &fragment.type_condition {
                        Some(on) => self.types.of(on.node.on.node.as_str()),
                        None => parent,
                    };
                    self.set(fields, &fragment.selection_set.node, level + 1)?;
                }
                Selection::FragmentSpread(_) => {}
            }
        }
        Ok(())
    }

    fn directives(&mut self, directives: &[Positioned<Directive>]) -> Result<(), Unknown> {
        for directive in directives {
            let directive = &directive.node;
            let is_condition = ["skip", "include"].contains(&directive.name.node.as_str());
            let condition = is_condition.then(|| self.condition.clone());
            self.arguments(&directive.arguments, condition.as_ref())?;
        }
        Ok(())
    }

    fn arguments(
        &mut self,
        arguments: &[(Positioned<Name>, Positioned<Value>)],
        known: Option<&InputFields>,
    ) -> Result<(), Unknown> {
        for (name, value) in arguments {
            if !has_variable(&value.node) {
                continue;
            }
            let input = known.and_then(|known| known.get(name.node.as_str()));
            self.slots.push(Slot {
                input: input.ok_or(Unknown)?.clone(),
                value: value.node.clone(),
            });
        }
        Ok(())
    }
}

fn has_variable(value: &Value) -> bool {
    match value {
        Value::Variable(_) => true,
        Value::List(items) => items.iter().any(has_variable),
        Value::Object(fields) => fields.values().any(has_variable),
        _ => false,
    }
}
