//! The schema from introspection, as a source of generated requests, so that new fields are tested automatically. A
//! generator fails for types that it does not know.

mod arguments;
mod document;
mod selection;
mod things;

use std::collections::BTreeMap;

use serde_json::{Value, json};

pub use arguments::ValuePath;
pub use document::Document;
pub use things::Things;

use super::{Person, TestApp, text};

const QUESTION: &str = "{ __schema {
    queryType { name } mutationType { name } subscriptionType { name }
    types { name kind isOneOf interfaces { name } possibleTypes { name } enumValues(includeDeprecated: true) { name }
        inputFields(includeDeprecated: true) { name defaultValue type { ...of } }
        fields(includeDeprecated: true) { name type { ...of } args(includeDeprecated: true) { name defaultValue type { ...of } } } }
} }
fragment of on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Scalar,
    Enum,
    Object,
    /// An interface or a union.
    Abstract,
    Input,
}

/// The type of a field or an argument.
#[derive(Clone, Debug)]
pub struct Ref {
    /// As in SDL, such as `[ID!]!`.
    pub text: String,
    /// Name of the type or of the items.
    pub name: String,
    /// True for lists.
    pub list: bool,
    /// True if it is not nullable.
    pub required: bool,
}

/// An argument, or a field of an input object.
#[derive(Clone, Debug)]
pub struct Input {
    pub name: String,
    /// Type of the input.
    pub of: Ref,
    /// True if it may be omitted.
    pub optional: bool,
}

/// A field of an object or an interface.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    /// Type of the field.
    pub of: Ref,
    pub arguments: Vec<Input>,
}

#[derive(Clone, Debug)]
pub struct Type {
    pub kind: Kind,
    /// Fields of an object or an interface.
    pub fields: Vec<Field>,
    /// Fields of an input object.
    pub inputs: Vec<Input>,
    /// Values of an enum.
    pub values: Vec<String>,
    /// Possible types of an abstract type.
    pub possible: Vec<String>,
    /// Interfaces of an object.
    pub interfaces: Vec<String>,
    /// True for `@oneOf` input objects.
    pub one_of: bool,
}

/// A kind of operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Root {
    Query,
    Mutation,
    Subscription,
}

impl Root {
    pub const ALL: [Self; 3] = [Self::Query, Self::Mutation, Self::Subscription];

    /// Returns the keyword of the operation.
    pub fn word(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Mutation => "mutation",
            Self::Subscription => "subscription",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Schema {
    types: BTreeMap<String, Type>,
    roots: BTreeMap<Root, String>,
}

impl TestApp {
    /// Returns the schema from introspection by a viewer.
    pub async fn schema(&self, person: &Person) -> Schema {
        Schema::read(&self.ask(person, QUESTION, json!({})).await.at("/__schema"))
    }
}

impl Schema {
    fn read(json: &Value) -> Self {
        let roots = Root::ALL
            .into_iter()
            .zip(["queryType", "mutationType", "subscriptionType"]);
        let roots = roots.map(|(root, name)| (root, text(&json[name]["name"]).to_owned()));
        let types = list(&json["types"])
            .filter(|one| !text(&one["name"]).starts_with("__"))
            .map(|one| (text(&one["name"]).to_owned(), read_type(one)));
        Self {
            types: types.collect(),
            roots: roots.collect(),
        }
    }

    pub fn get(&self, name: &str) -> &Type {
        self.types.get(name).unwrap_or_else(|| panic!("no type {name}"))
    }

    /// Returns all types with their names.
    pub fn types(&self) -> impl Iterator<Item = (&String, &Type)> {
        self.types.iter()
    }

    pub fn root(&self, root: Root) -> &[Field] {
        &self.get(&self.roots[&root]).fields
    }

    /// Returns true if objects of this type have an id.
    pub fn is_noun(&self, name: &str) -> bool {
        let known = self.types.get(name);
        known.is_some_and(|known| known.interfaces.iter().any(|one| one == "Node"))
    }

    /// Returns the types whose objects have an id.
    pub fn nouns(&self) -> impl Iterator<Item = &str> {
        let names = self.types.keys().map(String::as_str);
        names.filter(|name| self.is_noun(name))
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn names(value: &Value) -> Vec<String> {
    list(value).map(|one| text(&one["name"]).to_owned()).collect()
}

fn read_type(json: &Value) -> Type {
    let kind = match text(&json["kind"]) {
        "SCALAR" => Kind::Scalar,
        "ENUM" => Kind::Enum,
        "OBJECT" => Kind::Object,
        "INTERFACE" | "UNION" => Kind::Abstract,
        "INPUT_OBJECT" => Kind::Input,
        other => panic!("unknown kind of type: {other}"),
    };
    let field = |json: &Value| Field {
        name: text(&json["name"]).to_owned(),
        of: read_ref(&json["type"]),
        arguments: list(&json["args"]).map(read_input).collect(),
    };
    Type {
        kind,
        fields: list(&json["fields"]).map(field).collect(),
        inputs: list(&json["inputFields"]).map(read_input).collect(),
        values: names(&json["enumValues"]),
        possible: names(&json["possibleTypes"]),
        interfaces: names(&json["interfaces"]),
        one_of: json["isOneOf"] == true,
    }
}

fn read_input(json: &Value) -> Input {
    let of = read_ref(&json["type"]);
    Input {
        name: text(&json["name"]).to_owned(),
        optional: !of.required || !json["defaultValue"].is_null(),
        of,
    }
}

fn read_ref(json: &Value) -> Ref {
    let inner = || read_ref(&json["ofType"]);
    match text(&json["kind"]) {
        "NON_NULL" => {
            let inner = inner();
            Ref {
                text: format!("{}!", inner.text),
                required: true,
                ..inner
            }
        }
        "LIST" => {
            let inner = inner();
            assert!(!inner.list, "lists of lists are not supported");
            Ref {
                text: format!("[{}]", inner.text),
                list: true,
                required: false,
                ..inner
            }
        }
        _ => Ref {
            text: text(&json["name"]).to_owned(),
            name: text(&json["name"]).to_owned(),
            list: false,
            required: false,
        },
    }
}
