//! The addresses and numbers of a customer: one of each kind is the primary.
//!
//! A caller who knows one address says `email`, a caller who knows all says `emails`. Both end in one list: `email` replaces
//! the primary address in it, `emails` the whole of it.

use std::collections::HashSet;

use entity::{Email, Emails, Phone, Phones, customer::Model};

use crate::{
    service::{
        Patch, UserError, UserErrorCode,
        validate::{Checks, WORD_MAX},
    },
    store::filter::email_key,
};

/// Most addresses, and most numbers, of one customer.
pub const ADDRESSES_MAX: usize = 50;

/// An address as a caller gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GivenEmail {
    /// The address.
    pub email: String,
    /// What kind it is, as free text.
    pub kind: Option<String>,
    /// Somebody made sure of it; as it was before, else not, when absent.
    pub verified: Option<bool>,
    /// It is the primary one.
    pub primary: bool,
}

/// A telephone number as a caller gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GivenPhone {
    /// The number.
    pub phone: String,
    /// What kind it is, as free text.
    pub kind: Option<String>,
    /// It is the primary one.
    pub primary: bool,
}

/// Whether one of a customer's addresses is this one, folded.
pub fn has_address(row: &Model, key: &str) -> bool {
    row.emails.0.iter().any(|one| email_key(&one.email) == key)
}

/// An entry of a list of which one is the primary.
trait Entry: Clone {
    fn key(&self) -> String;
    fn is_primary(&self) -> bool;
    fn set_primary(&mut self, primary: bool);
    /// One of which nothing is known but itself.
    fn plain(text: &str) -> Self;
    /// The same, written as given now.
    fn spelled(&mut self, text: &str);
}

impl Entry for Email {
    fn key(&self) -> String {
        email_key(&self.email)
    }

    fn is_primary(&self) -> bool {
        self.primary
    }

    fn set_primary(&mut self, primary: bool) {
        self.primary = primary;
    }

    fn plain(text: &str) -> Self {
        Self {
            email: text.to_owned(),
            ..Self::default()
        }
    }

    fn spelled(&mut self, text: &str) {
        text.clone_into(&mut self.email);
    }
}

impl Entry for Phone {
    fn key(&self) -> String {
        self.phone.clone()
    }

    fn is_primary(&self) -> bool {
        self.primary
    }

    fn set_primary(&mut self, primary: bool) {
        self.primary = primary;
    }

    fn plain(text: &str) -> Self {
        Self {
            phone: text.to_owned(),
            ..Self::default()
        }
    }

    fn spelled(&mut self, text: &str) {
        text.clone_into(&mut self.phone);
    }
}

/// The list after a caller said what the primary one is: the former primary one goes, the others stay.
fn with_primary<E: Entry>(before: &[E], patch: Patch<String>) -> Vec<E> {
    let mut list = before.to_vec();
    match patch {
        Patch::Keep => {}
        Patch::Clear => {
            list.retain(|one| !one.is_primary());
            if let Some(next) = list.first_mut() {
                next.set_primary(true);
            }
        }
        Patch::Set(text) => {
            let mut entry = E::plain(&text);
            let key = entry.key();
            // What is known of the same one in other letters, or in another place of the list, stays known.
            if let Some(known) = list.iter().find(|one| one.key() == key) {
                entry = known.clone();
                entry.spelled(&text);
            }
            entry.set_primary(true);
            let place = list.iter().position(Entry::is_primary);
            match place.and_then(|place| list.get_mut(place)) {
                Some(primary) => *primary = entry,
                None => list.insert(0, entry),
            }
            list.retain(|one| one.is_primary() || one.key() != key);
        }
    }
    list
}

/// Makes exactly one entry the primary: the one that is said to be, else the former, else the first.
fn settled<E: Entry>(mut list: Vec<E>, before: &[E]) -> Vec<E> {
    if !list.iter().any(Entry::is_primary) {
        let former = before.iter().find(|one| one.is_primary()).map(Entry::key);
        let place = list.iter().position(|one| Some(one.key()) == former);
        if let Some(one) = list.get_mut(place.unwrap_or(0)) {
            one.set_primary(true);
        }
    }
    list
}

/// The addresses after an update.
pub fn emails(before: &Emails, one: Patch<String>, all: Patch<Vec<GivenEmail>>) -> Emails {
    let verified = |email: &str| {
        let known = before
            .0
            .iter()
            .find(|old| email_key(&old.email) == email_key(email));
        known.is_some_and(|old| old.verified)
    };
    Emails(match all {
        Patch::Keep => with_primary(&before.0, one),
        Patch::Clear => Vec::new(),
        Patch::Set(given) => {
            let entry = |given: GivenEmail| Email {
                verified: given.verified.unwrap_or_else(|| verified(&given.email)),
                email: given.email,
                kind: given.kind,
                primary: given.primary,
            };
            settled(given.into_iter().map(entry).collect(), &before.0)
        }
    })
}

/// The numbers after an update.
pub fn phones(before: &Phones, one: Patch<String>, all: Patch<Vec<GivenPhone>>) -> Phones {
    Phones(match all {
        Patch::Keep => with_primary(&before.0, one),
        Patch::Clear => Vec::new(),
        Patch::Set(given) => {
            let entry = |given: GivenPhone| Phone {
                phone: given.phone,
                kind: given.kind,
                primary: given.primary,
            };
            settled(given.into_iter().map(entry).collect(), &before.0)
        }
    })
}

impl Checks {
    /// One form or the other, never both.
    pub(super) fn either(&mut self, one: bool, all: bool, root: &str, [single, list]: [&str; 2]) {
        if one && all {
            let message = format!("Give {single} or {list}, not both.");
            self.add(UserError::new(UserErrorCode::Invalid, message, &[root, list]));
        }
    }

    /// Addresses: each one an address, each once, one primary at the most.
    pub(super) fn emails(&mut self, given: Vec<GivenEmail>, root: &str) -> Vec<GivenEmail> {
        let listed = Listed::new(self, &[root, "emails"], given.len());
        let Some(mut listed) = listed else {
            return Vec::new();
        };
        given
            .into_iter()
            .enumerate()
            .map(|(index, one)| {
                let index = index.to_string();
                listed
                    .checks
                    .email(&one.email, &[root, "emails", &index, "email"]);
                let kind = listed.entry(&index, "email", email_key(&one.email), one.primary, one.kind);
                GivenEmail { kind, ..one }
            })
            .collect()
    }

    /// Numbers: none empty, each once, one primary at the most.
    pub(super) fn phones(&mut self, given: Vec<GivenPhone>, root: &str) -> Vec<GivenPhone> {
        let listed = Listed::new(self, &[root, "phones"], given.len());
        let Some(mut listed) = listed else {
            return Vec::new();
        };
        given
            .into_iter()
            .enumerate()
            .map(|(index, one)| {
                let index = index.to_string();
                listed
                    .checks
                    .required(&one.phone, WORD_MAX, &[root, "phones", &index, "phone"]);
                let kind = listed.entry(&index, "phone", one.phone.clone(), one.primary, one.kind);
                GivenPhone { kind, ..one }
            })
            .collect()
    }
}

/// What was seen of a list so far.
struct Listed<'a> {
    checks: &'a mut Checks,
    path: [&'a str; 2],
    seen: HashSet<String>,
    has_primary: bool,
}

impl<'a> Listed<'a> {
    /// None when there are too many entries to look at.
    fn new(checks: &'a mut Checks, path: &[&'a str; 2], count: usize) -> Option<Self> {
        if count > ADDRESSES_MAX {
            let message = format!("There are {count}; {ADDRESSES_MAX} are allowed.");
            checks.add(UserError::new(UserErrorCode::TooLong, message, path));
            return None;
        }
        Some(Self {
            checks,
            path: *path,
            seen: HashSet::new(),
            has_primary: false,
        })
    }

    /// Notes what is wrong with one entry beside the others, and answers its kind.
    fn entry(
        &mut self,
        index: &str,
        field: &str,
        key: String,
        primary: bool,
        kind: Option<String>,
    ) -> Option<String> {
        let [root, list] = self.path;
        if !self.seen.insert(key) {
            let message = "This stands in the list twice.";
            self.checks.add(UserError::new(
                UserErrorCode::Invalid,
                message,
                &[root, list, index, field],
            ));
        }
        if primary && std::mem::replace(&mut self.has_primary, true) {
            let message = "Only one of them can be the primary one.";
            self.checks.add(UserError::new(
                UserErrorCode::Invalid,
                message,
                &[root, list, index, "primary"],
            ));
        }
        self.checks
            .line(kind.into(), WORD_MAX, &[root, list, index, "type"])
            .over(&None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(emails: &Emails) -> Vec<(&str, bool)> {
        emails
            .0
            .iter()
            .map(|one| (one.email.as_str(), one.primary))
            .collect()
    }

    fn set(before: &Emails, email: &str) -> Emails {
        emails(before, Patch::Set(email.to_owned()), Patch::Keep)
    }

    #[test]
    fn setting_one_address_replaces_the_primary_one_and_no_other() {
        let one = set(&Emails::default(), "a@example.com");
        let two = set(&one, "b@example.com");
        assert_eq!(listed(&two), [("b@example.com", true)]);
        let given = ["a@example.com", "b@example.com", "c@example.com"].map(|email| GivenEmail {
            email: email.to_owned(),
            primary: email.starts_with('b'),
            verified: Some(true),
            ..GivenEmail::default()
        });
        let all = emails(&one, Patch::Keep, Patch::Set(given.to_vec()));
        let replaced = set(&all, "d@example.com");
        assert_eq!(
            listed(&replaced),
            [
                ("a@example.com", false),
                ("d@example.com", true),
                ("c@example.com", false)
            ]
        );
        assert!(!replaced.0[1].verified);
        let moved = set(&all, "C@example.com");
        assert_eq!(
            listed(&moved),
            [("a@example.com", false), ("C@example.com", true)]
        );
        assert!(moved.0[1].verified);
        let spelled = set(&all, "B@example.com");
        assert_eq!((spelled.0.len(), spelled.0[1].verified), (3, true));
        let cleared = emails(&all, Patch::Clear, Patch::Keep);
        assert_eq!(
            listed(&cleared),
            [("a@example.com", true), ("c@example.com", false)]
        );
    }

    #[test]
    fn a_list_has_one_primary_and_remembers_what_was_verified() {
        let given = |email: &str| GivenEmail {
            email: email.to_owned(),
            ..GivenEmail::default()
        };
        let verified = GivenEmail {
            verified: Some(true),
            primary: true,
            ..given("b@example.com")
        };
        let all = Patch::Set(vec![given("a@example.com"), verified]);
        let before = emails(&Emails::default(), Patch::Keep, all);
        assert_eq!(
            listed(&before),
            [("a@example.com", false), ("b@example.com", true)]
        );
        let again = Patch::Set(vec![given("c@example.com"), given("b@example.com")]);
        let after = emails(&before, Patch::Keep, again);
        assert_eq!(
            listed(&after),
            [("c@example.com", false), ("b@example.com", true)]
        );
        assert!(after.0[1].verified && !after.0[0].verified);
        let others = Patch::Set(vec![given("d@example.com")]);
        assert_eq!(
            listed(&emails(&after, Patch::Keep, others)),
            [("d@example.com", true)]
        );
    }
}
