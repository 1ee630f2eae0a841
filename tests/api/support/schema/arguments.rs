//! Values of arguments: the required arguments of a field, and every place in them for a value.

use serde_json::{Map, Value, json};

use super::{Input, Kind, Schema};

/// The place of a value in the arguments of a field.
#[derive(Clone, Debug)]
pub struct ValuePath {
    /// Path of the value, such as `["filter", "customer", "id"]`.
    pub path: Vec<String>,
    /// The input object with this field. `None` for an argument.
    pub owner: Option<String>,
    /// The scalar or enum type.
    pub of: String,
}

impl ValuePath {
    /// Returns the last name of the path.
    pub fn name(&self) -> &str {
        self.path.last().expect("a path has a name")
    }

    /// Returns the path as text, such as `filter.customer.id`.
    pub fn dotted(&self) -> String {
        self.path.join(".")
    }
}

/// Selects the optional inputs.
enum OptionalInputs<'a> {
    /// Only the inputs on the path to one place.
    To(&'a [String]),
    /// All inputs that a filter accepts.
    All(&'a dyn Fn(&[String]) -> bool),
}

impl OptionalInputs<'_> {
    fn has(&self, path: &[String]) -> bool {
        match self {
            Self::To(leaf) => leaf.starts_with(path),
            Self::All(wanted) => wanted(path),
        }
    }
}

impl Schema {
    fn given(
        &self,
        inputs: &[Input],
        given: &OptionalInputs<'_>,
        value: &mut dyn FnMut(&ValuePath) -> Value,
    ) -> Map<String, Value> {
        self.object(inputs, None, &mut Vec::new(), given, value)
    }

    /// Returns required inputs and those on the path to one place.
    pub fn arguments_to(
        &self,
        inputs: &[Input],
        leaf: &[String],
        value: &mut dyn FnMut(&ValuePath) -> Value,
    ) -> Map<String, Value> {
        self.given(inputs, &OptionalInputs::To(leaf), value)
    }

    /// Returns all inputs that a filter accepts.
    pub fn arguments_all(
        &self,
        inputs: &[Input],
        wanted: &dyn Fn(&[String]) -> bool,
        value: &mut dyn FnMut(&ValuePath) -> Value,
    ) -> Map<String, Value> {
        self.given(inputs, &OptionalInputs::All(wanted), value)
    }

    fn object(
        &self,
        inputs: &[Input],
        owner: Option<&str>,
        path: &mut Vec<String>,
        given: &OptionalInputs<'_>,
        value: &mut dyn FnMut(&ValuePath) -> Value,
    ) -> Map<String, Value> {
        let mut made = Map::new();
        let one_of = owner.is_some_and(|owner| self.get(owner).one_of);
        let chosen = one_of.then(|| {
            let there = |input: &&Input| {
                let path: Vec<String> = path.iter().chain([&input.name]).cloned().collect();
                given.has(&path)
            };
            &inputs.iter().find(there).unwrap_or(&inputs[0]).name
        });
        for input in inputs {
            path.push(input.name.clone());
            let wanted = match chosen {
                Some(chosen) => *chosen == input.name,
                None => !input.optional || given.has(path),
            };
            if wanted {
                let one = match self.get(&input.of.name).kind {
                    Kind::Input => {
                        let inputs = &self.get(&input.of.name).inputs;
                        Value::Object(self.object(inputs, Some(&input.of.name), path, given, value))
                    }
                    _ => value(&ValuePath {
                        path: path.clone(),
                        owner: owner.map(str::to_owned),
                        of: input.of.name.clone(),
                    }),
                };
                made.insert(input.name.clone(), if input.of.list { json!([one]) } else { one });
            }
            path.pop();
        }
        made
    }

    /// Returns every place for a value. A recursive input object is entered once more, and in there only the first
    /// field of each input object is followed: combinators do not change the meaning of conditions.
    pub fn leaves(&self, inputs: &[Input]) -> Vec<ValuePath> {
        let mut found = Vec::new();
        self.collect(inputs, &mut Vec::new(), &mut Vec::new(), false, &mut found);
        found
    }

    fn collect(
        &self,
        inputs: &[Input],
        path: &mut Vec<String>,
        owners: &mut Vec<String>,
        again: bool,
        found: &mut Vec<ValuePath>,
    ) {
        for input in inputs {
            path.push(input.name.clone());
            let name = &input.of.name;
            let known = self.get(name);
            if known.kind == Kind::Input {
                let repeated = owners.contains(name);
                if !again {
                    owners.push(name.clone());
                    self.collect(&known.inputs, path, owners, repeated, found);
                    owners.pop();
                } else if !repeated {
                    owners.push(name.clone());
                    self.collect(&known.inputs[..1], path, owners, true, found);
                    owners.pop();
                }
            } else {
                found.push(ValuePath {
                    path: path.clone(),
                    owner: owners.last().cloned(),
                    of: name.clone(),
                });
            }
            path.pop();
        }
    }
}
