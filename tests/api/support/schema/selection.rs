//! Selections of everything that a type has, some things deep.

use super::{Field, Kind, Schema};

/// What is selected, and how much it is.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// As it is written, with its braces; empty for a value.
    pub text: String,
    /// The fields in it, each with its way from the root, as `tickets.nodes.customer.name`.
    pub paths: Vec<String>,
}

impl Schema {
    /// Everything that a type has. Things are gone into so many in one another; of those behind, only the id.
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
                        // Fields of two objects may have one name and two types.
                        self.fields(one, things, &format!("{way}.{one}"), &format!("{one}_"), made);
                    }
                    made.text.push_str(" }");
                }
                made.text.push_str(" }");
            }
            Kind::Input => panic!("{of} is no answer"),
        }
    }

    fn fields(&self, of: &str, things: usize, way: &str, prefix: &str, made: &mut Selection) {
        let left = things - usize::from(self.is_noun(of));
        let known = self.get(of);
        let has = |name: &str| known.fields.iter().any(|field| field.name == name);
        let takes_nothing = |field: &&Field| field.arguments.iter().all(|argument| argument.optional);
        for field in known.fields.iter().filter(takes_nothing) {
            // What stands in edges stands in nodes too.
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
