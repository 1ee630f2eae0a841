//! One walk over a document computes the figures of every limit, its cost, and whether it selects introspection fields.
//!
//! A fragment is walked once, and its sums are added at every spread. So the time of the walk grows with the length of
//! the document, and not with its size after the expansion of fragments.

use std::{
    collections::{HashMap, hash_map::Entry},
    num::Saturating,
    ops::Add,
};

use apollo_compiler::{
    ExecutableDocument, Name, Node,
    ast::{Argument, Directive, Value},
    executable::{Operation, Selection, SelectionSet},
};
use async_graphql::Variables;

use super::{
    Bounds, Excess, Limit, OPERATIONS_MAX,
    aliases::Aliases,
    cost::{self, Cost},
    depth::Depth,
    sizes::{Defaults, Sizes},
};
use crate::request::{count::Count, fields::Fields};

/// The maximum number of values for each token in the bound of tokens. The values of a fragment count at every spread.
const VALUES_FOR_EACH_TOKEN: u64 = 2;

/// Fields that disclose the schema. `__typename` only describes the response.
const INTROSPECTION: [&str; 2] = ["__schema", "__type"];

/// The result of the walk over a document that is within the limits.
#[derive(Debug)]
pub struct Survey {
    /// Cost and defaults of each operation, in the order of the document.
    operations: Vec<(Cost, Defaults)>,
    fragments: Vec<Cost>,
    /// At least one operation or fragment selects an introspection field.
    pub introspects: bool,
    /// The number of selections, directives and values in the text.
    pub nodes: usize,
}

impl Survey {
    /// The cost of an operation, or its excess over the limit. An unknown operation has the lowest cost.
    pub fn cost(
        &self,
        bounds: &Bounds,
        operation: Option<usize>,
        variables: &Variables,
        tenants: usize,
    ) -> Result<u64, Excess> {
        let chosen = operation.and_then(|index| self.operations.get(index));
        let cost = chosen.map_or(cost::LEAST, |(cost, defaults)| {
            let sizes = Sizes::of_request(bounds, variables, defaults, tenants);
            cost.total(&self.fragments, &sizes)
        });
        cost::check(cost, bounds)?;
        Ok(cost)
    }
}

/// The sums of a selection set, with its fragments expanded.
#[derive(Debug, Default)]
struct Sum<'a> {
    values: Saturating<u64>,
    /// Fields, inline fragments and spreads. A kilobyte of fragments that each spread the next one twice selects more than
    /// a server can process.
    selections: Saturating<u64>,
    depth: Depth,
    aliases: Aliases<'a>,
    /// Fields without nested ones. Each root field can be a list or a write.
    root_fields: Saturating<u64>,
    cost: Cost,
}

impl<'a> Sum<'a> {
    fn fragment(&mut self, inner: &Sum<'a>, steps: &mut u64) {
        self.values += inner.values;
        self.selections += inner.selections + Saturating(1);
        self.depth.fragment(inner.depth);
        self.aliases.fragment(&inner.aliases, steps);
        self.root_fields += inner.root_fields;
    }
}

enum Fragment<'a> {
    /// The walk is inside it.
    Begun,
    Done(usize, Sum<'a>),
}

struct Walk<'a> {
    fields: &'a Fields,
    document: &'a ExecutableDocument,
    sizes: Sizes<'a>,
    fragments: HashMap<&'a Name, Fragment<'a>>,
    costs: Vec<Cost>,
    /// Validation checks each directive, repeated and unknown ones too.
    directives: Saturating<u64>,
    introspects: bool,
    nodes: Saturating<usize>,
    /// The remaining steps of [`Aliases::fragment`].
    steps: u64,
}

/// Walks a document, and applies every limit except cost. Operations that do not run count too.
pub fn survey(fields: &Fields, bounds: &Bounds, document: &ExecutableDocument) -> Result<Survey, Excess> {
    let count = u64::try_from(document.operations.len()).unwrap_or(u64::MAX);
    Excess::over(Limit::Operations, count, OPERATIONS_MAX)?;
    let mut walk = Walk {
        fields,
        document,
        sizes: Sizes::of_document(bounds),
        fragments: HashMap::with_capacity(document.fragments.len()),
        costs: Vec::with_capacity(document.fragments.len()),
        directives: Saturating(0),
        introspects: false,
        nodes: Saturating(0),
        steps: bounds.selections,
    };
    let operations = document
        .operations
        .iter()
        .map(|operation| walk.operation(operation));
    let mut operations = operations.collect::<Result<Vec<_>, _>>()?;
    for name in document.fragments.keys() {
        walk.fragment(name, 0)?;
    }
    let values = sum(operations.iter().map(|(sum, _)| sum.values));
    let values_max = bounds.tokens.saturating_mul(VALUES_FOR_EACH_TOKEN);
    Excess::over(Limit::Literals, values.0, values_max)?;
    let fragments = document
        .fragments
        .keys()
        .filter_map(|name| match walk.fragments.get(name) {
            Some(Fragment::Done(_, sum)) => Some(sum),
            Some(Fragment::Begun) | None => None,
        });
    let all = || operations.iter().map(|(sum, _)| sum).chain(fragments.clone());
    // Validation reads the whole document, so operations that do not run and fragments that are not spread count too.
    let selections = sum(all().map(|sum| sum.selections));
    Excess::over(Limit::Selections, selections.0, bounds.selections)?;
    all().try_for_each(|sum| sum.depth.check(bounds.depth))?;
    Excess::over(Limit::Directives, walk.directives.0, bounds.directives)?;
    all().try_for_each(|sum| sum.aliases.check(bounds.aliases))?;
    for (sum, _) in &operations {
        Excess::over(Limit::RootFields, sum.root_fields.0, bounds.root_fields)?;
    }
    Ok(Survey {
        operations: operations
            .drain(..)
            .map(|(sum, defaults)| (sum.cost, defaults))
            .collect(),
        fragments: walk.costs,
        introspects: walk.introspects,
        nodes: walk.nodes.0,
    })
}

impl<'a> Walk<'a> {
    fn operation(&mut self, operation: &'a Operation) -> Result<(Sum<'a>, Defaults), Excess> {
        let mut values = self.directives(&operation.directives);
        for variable in &operation.variables {
            self.nodes += 1;
            values += self.directives(&variable.directives);
            values += sum(variable.default_value.iter().map(|value| count(value)));
        }
        let mut sum = self.set(&operation.selection_set, 0)?;
        sum.values += values;
        self.nodes += index(values);
        Ok((sum, Defaults::of(&operation.variables)))
    }

    /// Counts directives. Returns the number of values in them.
    fn directives(&mut self, directives: &[Node<Directive>]) -> Saturating<u64> {
        self.directives += directives.len() as u64;
        self.nodes += directives.len();
        sum(directives.iter().map(|directive| arguments(&directive.arguments)))
    }

    fn set(&mut self, set: &'a SelectionSet, level: u64) -> Result<Sum<'a>, Excess> {
        let mut sum = Sum::default();
        if set.is_empty() {
            return Ok(sum);
        }
        sum.depth.follow(level)?;
        for selection in &set.selections {
            let mut values = self.directives(selection.directives());
            match selection {
                Selection::Field(field) => {
                    values += arguments(&field.arguments);
                    self.introspects |= INTROSPECTION.contains(&field.name.as_str());
                    let inner = self.set(&field.selection_set, level + 1)?;
                    let count = self.fields.get(&set.ty, &field.name).map(|known| known.count);
                    sum.values += inner.values;
                    sum.selections += inner.selections + Saturating(1);
                    sum.depth.field(inner.depth);
                    sum.aliases.field(field, &inner.aliases);
                    sum.root_fields += 1;
                    sum.cost
                        .field(field, count.unwrap_or(Count::None), inner.cost, &self.sizes);
                }
                Selection::InlineFragment(fragment) => {
                    let mut inner = self.set(&fragment.selection_set, level + 1)?;
                    sum.fragment(&inner, &mut self.steps);
                    sum.cost.inline(std::mem::take(&mut inner.cost));
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.fragment_name, level + 1)?;
                    if let Some(Fragment::Done(number, inner)) = self.fragments.get(&spread.fragment_name) {
                        sum.fragment(inner, &mut self.steps);
                        sum.cost.fragment(*number, &self.costs[*number]);
                    }
                }
            }
            sum.values += values;
            self.nodes += index(values);
            self.nodes += 1;
        }
        Ok(sum)
    }

    /// Walks a fragment, unless it was walked before. Validation refuses an unknown fragment.
    fn fragment(&mut self, name: &Name, level: u64) -> Result<(), Excess> {
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else {
            return Ok(());
        };
        match self.fragments.entry(name) {
            Entry::Occupied(there) => match there.get() {
                Fragment::Begun => return Err(Excess::circle(name)),
                Fragment::Done(_, sum) => return sum.depth.follow(level),
            },
            Entry::Vacant(place) => place.insert(Fragment::Begun),
        };
        let values = self.directives(&fragment.directives);
        let mut sum = self.set(&fragment.selection_set, level)?;
        sum.values += values;
        self.nodes += index(values);
        let number = self.costs.len();
        self.costs.push(std::mem::take(&mut sum.cost));
        self.fragments.insert(name, Fragment::Done(number, sum));
        Ok(())
    }
}

fn index(count: Saturating<u64>) -> usize {
    usize::try_from(count.0).unwrap_or(usize::MAX)
}

fn sum(counts: impl Iterator<Item = Saturating<u64>>) -> Saturating<u64> {
    counts.fold(Saturating(0), Add::add)
}

fn arguments(arguments: &[Node<Argument>]) -> Saturating<u64> {
    sum(arguments.iter().map(|argument| count(&argument.value)))
}

/// The number of values in a value, including itself.
fn count(value: &Value) -> Saturating<u64> {
    let inner = match value {
        Value::List(items) => sum(items.iter().map(|item| count(item))),
        Value::Object(fields) => sum(fields.iter().map(|(_, field)| count(field))),
        _ => Saturating(0),
    };
    inner + Saturating(1)
}
