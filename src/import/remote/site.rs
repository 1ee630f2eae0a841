//! The documented endpoints of each vendor's REST API, and their paging.

use reqwest::{
    Url,
    header::{HeaderMap, HeaderName, HeaderValue},
};

use super::{SyncError, pace::Reserve, page::Paging};
use crate::import::{CSTAR, KEVA, KUSTOMER, Vendor};

/// A vendor's REST API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Site {
    /// Keva: customers, tickets, and the messages of each ticket.
    Keva {
        /// Id of the Keva workspace, for accounts with several workspaces.
        workspace: Option<String>,
    },
    /// Kustomer: users, teams, queues, tags, customers, conversations and messages.
    Kustomer,
    /// C-Star: customers and tickets of one team, and the messages of each ticket.
    Cstar {
        /// Id of the team.
        team: String,
    },
}

/// One list, or one list per ticket.
#[derive(Debug)]
pub struct Resource {
    /// Name of the vendor's step that reads the objects.
    pub name: &'static str,
    /// How the resource is requested.
    pub kind: Kind,
}

/// How a resource is requested.
#[derive(Debug)]
pub enum Kind {
    /// A list, with the URL of its first page.
    List(Url, Paging),
    /// The messages of each ticket, one ticket after the other.
    OfEachTicket,
}

impl Site {
    /// The record types of the vendor.
    pub fn vendor(&self) -> &'static Vendor {
        match self {
            Self::Keva { .. } => &KEVA,
            Self::Kustomer => &KUSTOMER,
            Self::Cstar { .. } => &CSTAR,
        }
    }

    /// Identifies the API and the workspace or team, so that a position in messages is not resumed in another
    /// workspace.
    pub(super) fn to_string_at(&self, base: &Url) -> String {
        match self {
            Self::Keva {
                workspace: Some(workspace),
            } => format!("{base} {workspace}"),
            Self::Cstar { team } => format!("{base} {team}"),
            Self::Keva { workspace: None } | Self::Kustomer => base.to_string(),
        }
    }

    /// Headers of each request in addition to the key.
    pub(super) fn headers(&self) -> Result<HeaderMap, SyncError> {
        let mut headers = HeaderMap::new();
        if let Self::Keva {
            workspace: Some(workspace),
        } = self
        {
            let value = HeaderValue::try_from(workspace.as_str());
            let value = value.ok().filter(|_| !workspace.trim().is_empty());
            let value = value.ok_or_else(|| {
                SyncError::Setting(
                    "--keva-workspace: The value is empty or contains invalid characters.".to_owned(),
                )
            })?;
            headers.insert(HeaderName::from_static("x-workspace-id"), value);
        }
        Ok(headers)
    }

    /// The requests that are left to others. Kustomer applies its limit to a whole organization.
    pub(super) fn reserve(&self) -> Reserve {
        match self {
            Self::Keva { .. } | Self::Cstar { .. } => Reserve::Requests(1),
            Self::Kustomer => Reserve::Percent(20),
        }
    }

    /// A note about an API key for the operator, before the key is used.
    pub fn about_key(&self, key: &str) -> Option<&'static str> {
        let is_publishable = matches!(self, Self::Cstar { .. }) && key.trim().starts_with("pk_");
        is_publishable.then_some(
            "The API key begins with pk_. C-Star allows 100 requests per hour with such a key, and 1000 with a key that \
             begins with sk_.",
        )
    }

    /// The resources to request, in order.
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
            Self::Keva { workspace } => {
                let first = [("limit", "100"), ("offset", "0")];
                let customers = list("customers", &["api", "customers"], &first, Paging::Offset)?;
                let mut first = vec![("page", "1"), ("per_page", "100")];
                first.extend(workspace.as_deref().map(|id| ("workspace_id", id)));
                let tickets = list("tickets", &["api", "v1", "tickets"], &first, Paging::Number)?;
                let kind = Kind::OfEachTicket;
                let name = "messages";
                Ok(vec![customers, tickets, Resource { name, kind }])
            }
            Self::Kustomer => {
                let page = [("page", "1"), ("pageSize", "100")];
                let list = |name, path: &[&str]| list(name, path, &page, Paging::Links);
                Ok(vec![
                    list("users", &["v1", "users"])?,
                    list("teams", &["v1", "teams"])?,
                    list("queues", &["v1", "routing", "queues"])?,
                    list("tags", &["v1", "tags"])?,
                    list("customers", &["v1", "customers"])?,
                    list("conversations", &["v1", "conversations"])?,
                    list("messages", &["v1", "messages"])?,
                ])
            }
            Self::Cstar { team } => {
                let first = [("page", "1"), ("pageSize", "100")];
                let of_team = |name| list(name, &["api", "v1", "teams", team, name], &first, Paging::Number);
                let (kind, name) = (Kind::OfEachTicket, "messages");
                Ok(vec![
                    of_team("customers")?,
                    of_team("tickets")?,
                    Resource { name, kind },
                ])
            }
        }
    }

    /// The URL of a ticket's messages.
    pub(super) fn messages(&self, base: &Url, ticket: &str) -> Result<Url, SyncError> {
        match self {
            Self::Cstar { team } => below(base, &["api", "v1", "teams", team, "tickets", ticket, "messages"]),
            Self::Keva { .. } | Self::Kustomer => below(base, &["api", "v1", "tickets", ticket, "messages"]),
        }
    }
}

/// Appends path segments to a URL. External values are encoded, so that they cannot change the rest of the
/// path.
fn below(base: &Url, path: &[&str]) -> Result<Url, SyncError> {
    let odd = |part: &str| matches!(part, "" | "." | "..");
    let mut url = base.clone();
    match url.path_segments_mut() {
        Ok(mut segments) if !path.iter().any(|part| odd(part)) => {
            segments.pop_if_empty().extend(path);
        }
        _ => {
            return Err(SyncError::Setting(format!(
                "{} is not a valid path.",
                path.join("/")
            )));
        }
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_publishable_cstar_key_is_reported() {
        let team = "t".to_owned();
        let cstar = Site::Cstar { team };
        assert!(
            cstar
                .about_key("pk_live_1")
                .is_some_and(|told| told.contains("100 requests"))
        );
        assert_eq!(cstar.about_key("sk_live_1"), None);
        assert_eq!(Site::Kustomer.about_key("pk_1"), None);
    }

    #[test]
    fn external_ids_are_escaped_in_urls() {
        let base = Url::parse("https://a.example/desk/").expect("an address");
        let site = Site::Keva { workspace: None };
        let url = site.messages(&base, "../a?b#c/d").expect("an address");
        assert_eq!(
            url.as_str(),
            "https://a.example/desk/api/v1/tickets/..%2Fa%3Fb%23c%2Fd/messages"
        );
        assert!(site.messages(&base, "..").is_err());
        assert!(site.messages(&base, "").is_err());
    }
}
