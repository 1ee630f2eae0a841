//! The addresses of each vendor's REST API, as far as they are documented, and how they are paged.

use reqwest::Url;

use super::{SyncError, page::Paging};
use crate::import::{CSTAR, KEVA, KUSTOMER, Vendor};

/// A vendor's REST API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Site {
    /// Keva: customers, tickets, and the messages of each ticket.
    Keva,
    /// Kustomer: customers.
    Kustomer,
    /// C-Star: customers of one team.
    Cstar {
        /// Id of the team.
        team: String,
    },
}

/// One list, or one list for each ticket.
#[derive(Debug)]
pub struct Resource {
    /// What it holds: the name of the vendor's step.
    pub name: &'static str,
    /// Where it begins.
    pub kind: Kind,
}

/// How a resource is asked for.
#[derive(Debug)]
pub enum Kind {
    /// A list from its first page on.
    List(Url, Paging),
    /// The messages of one ticket after the other.
    OfEachTicket,
}

impl Site {
    /// What its objects are.
    pub fn vendor(&self) -> &'static Vendor {
        match self {
            Self::Keva => &KEVA,
            Self::Kustomer => &KUSTOMER,
            Self::Cstar { .. } => &CSTAR,
        }
    }

    /// What to ask for, in order.
    pub(super) fn resources(&self, base: &Url) -> Result<Vec<Resource>, SyncError> {
        let list = |name, path: &[&str], query: &[(&str, &str)], paging| -> Result<Resource, SyncError> {
            let mut url = below(base, path)?;
            if !query.is_empty() {
                url.query_pairs_mut().extend_pairs(query);
            }
            let kind = Kind::List(url, paging);
            Ok(Resource { name, kind })
        };
        match self {
            Self::Keva => {
                let first = [("limit", "100"), ("offset", "0")];
                let customers = list("customers", &["api", "customers"], &first, Paging::Offset)?;
                let first = [("page", "1"), ("per_page", "100")];
                let tickets = list("tickets", &["api", "v1", "tickets"], &first, Paging::Number)?;
                let kind = Kind::OfEachTicket;
                let name = "messages";
                Ok(vec![customers, tickets, Resource { name, kind }])
            }
            Self::Kustomer => {
                let customers = list("customers", &["v1", "customers"], &[], Paging::Links)?;
                Ok(vec![customers])
            }
            Self::Cstar { team } => {
                let first = [("page", "1"), ("pageSize", "100")];
                let path = ["api", "v1", "teams", team, "customers"];
                Ok(vec![list("customers", &path, &first, Paging::Number)?])
            }
        }
    }

    /// Where the messages of a ticket are.
    pub(super) fn messages(base: &Url, ticket: &str) -> Result<Url, SyncError> {
        below(base, &["api", "v1", "tickets", ticket, "messages"])
    }
}

/// An address below another: what comes from outside cannot leave its place in the path.
fn below(base: &Url, path: &[&str]) -> Result<Url, SyncError> {
    let odd = |part: &str| matches!(part, "" | "." | "..");
    let mut url = base.clone();
    match url.path_segments_mut() {
        Ok(mut segments) if !path.iter().any(|part| odd(part)) => {
            segments.pop_if_empty().extend(path);
        }
        _ => return Err(SyncError::Setting(format!("{} is no path", path.join("/")))),
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_outside_stays_in_its_place() {
        let base = Url::parse("https://a.example/desk/").expect("an address");
        let url = Site::messages(&base, "../a?b#c/d").expect("an address");
        assert_eq!(
            url.as_str(),
            "https://a.example/desk/api/v1/tickets/..%2Fa%3Fb%23c%2Fd/messages"
        );
        assert!(Site::messages(&base, "..").is_err());
        assert!(Site::messages(&base, "").is_err());
    }
}
