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
    /// One for each workspace of the viewer.
    Workspaces,
}

/// How many a list without pages is taken to have, when nothing else is known. The links between people, teams and
/// conversations have this bound; there may be more teams and queues than that in a workspace, and hardly ever are.
const LIST: u64 = 100;

impl Count {
    /// That of a field of objects.
    pub fn of(parent: &str, field: &str, is_paged: bool, is_list: bool) -> Self {
        match (parent, field) {
            (_, "pageInfo" | "userErrors") => Self::Part,
            ("Viewer", "workspaces") => Self::Workspaces,
            ("Query", "nodes") => Self::Ids,
            ("Customer", "emails" | "phones") => Self::List(50),
            ("Message", "attachments") | (_, "externalReferences" | "changedFields") => Self::List(20),
            // An edge and its thing are one.
            (parent, "node") if parent.ends_with("Edge") => Self::Part,
            (parent, "nodes" | "edges") if is_list && is_page(parent) => Self::Items,
            _ if is_paged => Self::Page,
            _ if is_list => Self::List(LIST),
            _ => Self::One,
        }
    }
}

fn is_page(parent: &str) -> bool {
    parent.ends_with("Connection") || parent.ends_with("Page")
}
