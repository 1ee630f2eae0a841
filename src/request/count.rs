//! The number of objects that a field returns.

/// The number of objects that a field of one object can return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// None: the field is a scalar.
    None,
    /// A part of the parent object.
    Part,
    One,
    /// The page of a list: its size is an argument of the request.
    Page,
    /// Groups of figures: their number is an argument of the request, with bounds of its own.
    Groups,
    /// The edges or nodes of the parent page, or its groups.
    Items,
    /// A list without pages, with its maximum length.
    List(u64),
    /// One for each id in the argument `ids`.
    Ids,
    /// One for each tenant of the viewer.
    Tenants,
}

/// Number of groups without an argument.
pub const GROUPS_DEFAULT: u32 = 100;
/// Maximum number of groups.
pub const GROUPS_MAX: u32 = 1_000;

/// The length of a list without pages for which the schema declares no length. It is the bound of most such lists; a
/// few can be longer in rare cases.
const LIST: u64 = 100;

impl Count {
    /// Derives the count from the form of a field: a connection, a list or a single object.
    pub fn by_form(parent: &str, field: &str, is_paged: bool, is_list: bool) -> Self {
        match field {
            "pageInfo" => Self::Part,
            // An edge and its node count as one object.
            "node" if parent.ends_with("Edge") => Self::Part,
            "nodes" | "edges" if is_list && is_page(parent) => Self::Items,
            _ if is_paged => Self::Page,
            _ if is_list => Self::List(LIST),
            _ => Self::One,
        }
    }
}

fn is_page(parent: &str) -> bool {
    parent.ends_with("Connection") || parent.ends_with("Page")
}
