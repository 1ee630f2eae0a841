//! How many things a field may answer.

/// How many things a field of one object may answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// None: a scalar.
    None,
    /// A part of the thing around it.
    Part,
    /// One.
    One,
    /// The page of a list: as many as it is asked for.
    Page,
    /// What is on the page around it.
    Items,
    /// A list that has no pages: at most so many.
    List(u64),
    /// One for each id that is given.
    Ids,
    /// One for each tenant of the viewer.
    Tenants,
}

/// How many a list without pages is taken to have, when nothing else is known. The links between people, teams and
/// conversations have this bound; there may be more teams and queues than that in a workspace, and hardly ever are.
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
