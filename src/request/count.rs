//! The number of objects that a field gives.

/// The number of objects that a field of one object may give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// None: the field is a scalar.
    None,
    /// A part of the object around it.
    Part,
    /// One.
    One,
    /// The page of a list: as many as the request gives.
    Page,
    /// The edges or nodes of the page around it.
    Items,
    /// A list without pages: at most so many.
    List(u64),
    /// One for each id in the argument `ids`.
    Ids,
    /// One for each tenant of the viewer.
    Tenants,
}

/// The length of a list without pages, where the schema does not say more. It is the bound of most such lists; some may be
/// longer, but hardly ever are.
const LIST: u64 = 100;

impl Count {
    /// That of a field of objects, by its form: connections of pages, lists and single objects.
    pub fn by_form(parent: &str, field: &str, is_paged: bool, is_list: bool) -> Self {
        match field {
            "pageInfo" => Self::Part,
            // An edge and its node are one.
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
