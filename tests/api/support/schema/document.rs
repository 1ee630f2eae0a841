//! Generated requests.

use serde_json::{Map, Value, json};

use super::{Field, Root};

/// Several fields of a root or of objects in one document, each with an alias.
#[derive(Clone, Debug)]
pub struct Document {
    root: Root,
    head: Vec<String>,
    body: Vec<String>,
    variables: Map<String, Value>,
}

impl Document {
    pub fn new(root: Root) -> Self {
        Self {
            root,
            head: Vec::new(),
            body: Vec::new(),
            variables: Map::new(),
        }
    }

    /// Returns the number of fields.
    pub fn len(&self) -> usize {
        self.body.len()
    }

    /// Adds a field of the root.
    pub fn add(&mut self, field: &Field, arguments: &Map<String, Value>, selection: &str) {
        let one = self.field(field, arguments, selection);
        self.push(one);
    }

    /// Adds a field of an object with an id.
    pub fn add_of(
        &mut self,
        noun: &str,
        id: &str,
        field: &Field,
        arguments: &Map<String, Value>,
        selection: &str,
    ) {
        let one = self.field(field, arguments, selection);
        let variable = format!("of{}", self.len());
        self.head.push(format!("${variable}: ID!"));
        self.variables.insert(variable.clone(), json!(id));
        self.push(format!("node(id: ${variable}) {{ ... on {noun} {{ {one} }} }}"));
    }

    fn push(&mut self, one: String) {
        let name = self.len();
        // A subscription has one field and no alias.
        self.body.push(if self.root == Root::Subscription {
            one
        } else {
            format!("f{name}: {one}")
        });
    }

    fn field(&mut self, field: &Field, arguments: &Map<String, Value>, selection: &str) -> String {
        let mut given = Vec::with_capacity(arguments.len());
        for (name, value) in arguments {
            let argument = field.arguments.iter().find(|one| one.name == *name);
            let variable = format!("{name}{}", self.len());
            let of = &argument.expect("an argument of the field").of.text;
            self.head.push(format!("${variable}: {of}"));
            self.variables.insert(variable.clone(), value.clone());
            given.push(format!("{name}: ${variable}"));
        }
        let given = if given.is_empty() {
            String::new()
        } else {
            format!("({})", given.join(", "))
        };
        format!("{}{given}{selection}", field.name)
    }

    /// Returns the request body.
    pub fn request(&self) -> Value {
        let head = if self.head.is_empty() {
            String::new()
        } else {
            format!("({})", self.head.join(", "))
        };
        let query = format!("{}{head} {{ {} }}", self.root.word(), self.body.join(" "));
        json!({ "query": query, "variables": self.variables })
    }
}
