//! Selections of all fields of a type, to some depth.

use super::{Field, Kind, Schema};

/// A selection and its fields.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// The text with braces. Empty for scalars.
    pub text: String,
    /// The fields, each with its path from the root, such as `tickets.nodes.customer.name`.
    pub paths: Vec<String>,
}

impl Schema {
    /// Returns a selection of all fields. `things` is the depth of nested objects. Of deeper ones, only the id is
    /// selected.
    pub fn selection(&self, of: &str, things: usize) -> Selection {
        let mut made = Selection::default();
        self.select(of, things, "", &mut made);
        made
    }

    fn select(&self, of: &str, things: usize, way: &str, made: &mut Selection) {
        let known = self.get(of);
        match known.kind {
            Kind::Scalar | Kind::Enum => {}
            Kind::Object if self.is_noun(of) && things == 0 => {
                made.text.push_str(" { id }");
                made.paths.push(format!("{way}.id"));
            }
            Kind::Object => {
                made.text.push_str(" { __typename");
                self.fields(of, things, way, "", made);
                made.text.push_str(" }");
            }
            Kind::Abstract => {
                made.text.push_str(" { __typename");
                for one in &known.possible {
                    made.text.push_str(" ... on ");
                    made.text.push_str(one);
                    made.text.push_str(" { __typename");
                    if things > 0 {
                        // Fields of two objects can have one name and different types.
                        self.fields(one, things, &format!("{way}.{one}"), &format!("{one}_"), made);
                    }
                    made.text.push_str(" }");
                }
                made.text.push_str(" }");
            }
            Kind::Input => panic!("{of} is not an output type"),
        }
    }

    fn fields(&self, of: &str, things: usize, way: &str, prefix: &str, made: &mut Selection) {
        let left = things - usize::from(self.is_noun(of));
        let known = self.get(of);
        let has = |name: &str| known.fields.iter().any(|field| field.name == name);
        let takes_nothing = |field: &&Field| field.arguments.iter().all(|argument| argument.optional);
        for field in known.fields.iter().filter(takes_nothing) {
            // Nodes of edges are also in `nodes`.
            let left = if field.name == "edges" && has("nodes") {
                0
            } else {
                left
            };
            let way = format!("{way}.{}", field.name);
            made.text.push(' ');
            if !prefix.is_empty() {
                made.text.push_str(prefix);
                made.text.push_str(&field.name);
                made.text.push_str(": ");
            }
            made.text.push_str(&field.name);
            made.paths.push(way.clone());
            self.select(&field.of.name, left, &way, made);
        }
    }
}
