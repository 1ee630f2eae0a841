//! One pass over a document, for every limit at once.

use std::collections::{HashMap, hash_map::Entry};

use async_graphql::{
    Name,
    parser::types::{ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet},
};

use super::{
    Bounds, Excess,
    aliases::Aliases,
    cost::{self, Cost},
    depth::Depth,
    directives::Directives,
    root_fields::RootFields,
    selections::Selections,
    sizes::Sizes,
};
use crate::request::{
    document::FILLER,
    types::{Fields, Types},
};

/// What a set of selections comes to, with its fragments put in their places.
#[derive(Debug, Default)]
struct Sum<'a> {
    selections: Selections,
    depth: Depth,
    aliases: Aliases<'a>,
    root_fields: RootFields,
    cost: Cost,
}

impl<'a> Sum<'a> {
    fn fragment(&mut self, inner: &Sum<'a>, steps: &mut u64) {
        self.selections.add(inner.selections);
        self.depth.fragment(inner.depth);
        self.aliases.fragment(&inner.aliases, steps);
        self.root_fields.fragment(inner.root_fields);
        self.cost.fragment(inner.cost);
    }
}

enum Fragment<'a> {
    /// Somewhere around the place that is looked at.
    Begun,
    Done(Sum<'a>),
}

struct Walk<'a> {
    types: &'a Types,
    document: &'a ExecutableDocument,
    sizes: Sizes<'a>,
    fragments: HashMap<&'a str, Fragment<'a>>,
    directives: Directives,
    /// Of [`Aliases::fragment`].
    steps: u64,
}

/// What the chosen operation costs, or how the document is too much. All of the document is looked at; only the chosen
/// operation will be run.
pub fn measure<'a>(
    types: &'a Types,
    bounds: &Bounds,
    document: &'a ExecutableDocument,
    chosen: Option<&OperationDefinition>,
    sizes: Sizes<'a>,
) -> Result<u64, Excess> {
    let mut walk = Walk {
        types,
        document,
        sizes,
        fragments: HashMap::with_capacity(document.fragments.len()),
        directives: Directives::default(),
        steps: bounds.selections,
    };
    // In the order of the document: what is wrong in several places is told of in the same one each time.
    let mut written: Vec<_> = document.operations.iter().map(|(_, one)| one).collect();
    written.sort_by_key(|one| one.pos);
    let mut operations = Vec::with_capacity(written.len());
    for operation in written {
        operations.push((&operation.node, walk.operation(&operation.node)?));
    }
    let mut names: Vec<_> = document.fragments.iter().collect();
    names.sort_by_key(|(_, one)| one.pos);
    for (name, _) in &names {
        walk.fragment(name, 0)?;
    }
    let fragments = names
        .iter()
        .filter_map(|(name, _)| match walk.fragments.get(name.as_str()) {
            Some(Fragment::Done(sum)) => Some(sum),
            Some(Fragment::Begun) | None => None,
        });
    let all = || operations.iter().map(|(_, sum)| sum).chain(fragments.clone());
    let mut selections = Selections::default();
    all().for_each(|sum| selections.join(sum.selections));
    selections.check(bounds.selections)?;
    all().try_for_each(|sum| sum.depth.check(bounds.depth))?;
    walk.directives.check(bounds.directives)?;
    all().try_for_each(|sum| sum.aliases.check(bounds.aliases))?;
    let mut total = cost::LEAST;
    for (operation, sum) in &operations {
        sum.root_fields.check(bounds.root_fields)?;
        if chosen.is_some_and(|chosen| std::ptr::eq(chosen, *operation)) {
            total = sum.cost.total();
        }
    }
    cost::check(total, bounds)?;
    Ok(total)
}

impl<'a> Walk<'a> {
    fn operation(&mut self, operation: &'a OperationDefinition) -> Result<Sum<'a>, Excess> {
        self.directives.add(&operation.directives);
        for definition in &operation.variable_definitions {
            self.directives.add(&definition.node.directives);
        }
        let root = match operation.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        self.set(self.types.of(root), &operation.selection_set.node, 0)
    }

    fn set(
        &mut self,
        parent: Option<&'a Fields>,
        set: &'a SelectionSet,
        level: u64,
    ) -> Result<Sum<'a>, Excess> {
        let mut sum = Sum::default();
        if set.items.is_empty() {
            return Ok(sum);
        }
        sum.depth.follow(level)?;
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    if field.response_key().node == FILLER {
                        continue;
                    }
                    self.directives.add(&field.directives);
                    let known = parent.and_then(|fields| fields.get(field.name.node.as_str()));
                    let fields = known.and_then(|known| self.types.of(&known.name));
                    let inner = self.set(fields, &field.selection_set.node, level + 1)?;
                    sum.selections.add(inner.selections);
                    sum.depth.field(inner.depth);
                    sum.aliases.field(field, &inner.aliases);
                    sum.root_fields.field();
                    sum.cost.field(field, known, inner.cost, &self.sizes);
                }
                Selection::InlineFragment(fragment) => {
                    let fragment = &fragment.node;
                    self.directives.add(&fragment.directives);
                    let fields = match &fragment.type_condition {
                        Some(on) => self.types.of(on.node.on.node.as_str()),
                        None => parent,
                    };
                    let inner = self.set(fields, &fragment.selection_set.node, level + 1)?;
                    sum.fragment(&inner, &mut self.steps);
                }
                Selection::FragmentSpread(spread) => {
                    self.directives.add(&spread.node.directives);
                    let name = &spread.node.fragment_name.node;
                    self.fragment(name, level + 1)?;
                    if let Some(Fragment::Done(inner)) = self.fragments.get(name.as_str()) {
                        sum.fragment(inner, &mut self.steps);
                    }
                }
            }
        }
        Ok(sum)
    }

    /// Looks at a fragment, if nobody has yet. One that does not exist will be refused.
    fn fragment(&mut self, name: &Name, level: u64) -> Result<(), Excess> {
        let Some((name, definition)) = self.document.fragments.get_key_value(name) else {
            return Ok(());
        };
        match self.fragments.entry(name.as_str()) {
            Entry::Occupied(there) => match there.get() {
                Fragment::Begun => return Err(Excess::circle(name)),
                Fragment::Done(sum) => return sum.depth.follow(level),
            },
            Entry::Vacant(place) => place.insert(Fragment::Begun),
        };
        self.directives.add(&definition.node.directives);
        let on = definition.node.type_condition.node.on.node.as_str();
        let sum = self.set(self.types.of(on), &definition.node.selection_set.node, level)?;
        self.fragments.insert(name.as_str(), Fragment::Done(sum));
        Ok(())
    }
}
