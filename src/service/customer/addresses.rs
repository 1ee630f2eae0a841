//! Email addresses and phone numbers of a customer. One of each kind is the primary.
//!
//! Callers send either `email` with one address or `emails` with all of them. Both change the same list:
//! `email` replaces the primary address, `emails` replaces the whole list. Phone numbers work the same way.

use std::collections::HashSet;

use entity::{Email, Emails, Phone, Phones, customer::Model};

use crate::{
    service::{
        Patch, UserError, UserErrorCode,
        validate::{Checks, WORD_MAX},
        wording,
    },
    store::filter::email_key,
};

/// Maximum number of addresses, and of phone numbers, of one customer.
pub const ADDRESSES_MAX: usize = 50;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmailInput {
    pub email: String,
    /// Kind of address, as free text.
    pub kind: Option<String>,
    /// Whether the address is verified. If absent, the stored value, or false for a new address.
    pub verified: Option<bool>,
    pub primary: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhoneInput {
    pub phone: String,
    /// Kind of number, as free text.
    pub kind: Option<String>,
    pub primary: bool,
}

/// Whether the customer has this folded address.
pub fn has_address(row: &Model, key: &str) -> bool {
    row.emails.0.iter().any(|one| email_key(&one.email) == key)
}

/// Entry of a list that has one primary entry.
trait Entry: Clone {
    fn key(&self) -> String;
    fn is_primary(&self) -> bool;
    fn set_primary(&mut self, primary: bool);
    /// Creates an entry with only this text.
    fn plain(text: &str) -> Self;
    /// Replaces the spelling of the entry.
    fn spelled(&mut self, text: &str);
}

/// Implements [`Entry`], and the validation of a list of entries: each is valid and unique in the list, and at most
/// one is primary.
macro_rules! entries {
    ($list:ident of $entry:ident, $input:ident: $field:ident, key = $key:expr, check = $check:expr) => {
        impl Entry for $entry {
            fn key(&self) -> String {
                $key(&self.$field)
            }

            fn is_primary(&self) -> bool {
                self.primary
            }

            fn set_primary(&mut self, primary: bool) {
                self.primary = primary;
            }

            fn plain(text: &str) -> Self {
                Self {
                    $field: text.to_owned(),
                    ..Self::default()
                }
            }

            fn spelled(&mut self, text: &str) {
                text.clone_into(&mut self.$field);
            }
        }

        impl Checks {
            pub(super) fn $list(&mut self, given: Vec<$input>, root: &str) -> Vec<$input> {
                let check: fn(&mut Checks, &str, &[&str]) = $check;
                let path = [root, stringify!($list)];
                let Some(mut listed) = Listed::new(self, path, given.len()) else {
                    return Vec::new();
                };
                let entry = |(index, one): (usize, $input)| {
                    let (index, field) = (index.to_string(), stringify!($field));
                    check(
                        listed.checks,
                        &one.$field,
                        &[path[0], path[1], &index, field],
                    );
                    let kind = listed.entry(&index, field, $key(&one.$field), one.primary, one.kind);
                    $input { kind, ..one }
                };
                given.into_iter().enumerate().map(entry).collect()
            }
        }
    };
}

entries!(emails of Email, EmailInput: email, key = email_key, check = Checks::email);
entries!(
    phones of Phone, PhoneInput: phone, key = str::to_owned,
    check = |checks, phone, path| checks.required(phone, WORD_MAX, path)
);

/// Returns the list with another primary entry. The former primary entry is removed, the others remain.
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
            // The same entry in another spelling or position keeps its properties.
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

/// Makes exactly one entry the primary: the marked one, or else the former one, or else the first.
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

/// Returns the list after an update of the primary entry or of all entries.
fn updated<E: Entry, I>(
    before: &[E],
    one: Patch<String>,
    all: Patch<Vec<I>>,
    entry: impl Fn(I) -> E,
) -> Vec<E> {
    match all {
        Patch::Keep => with_primary(before, one),
        Patch::Clear => Vec::new(),
        Patch::Set(given) => settled(given.into_iter().map(entry).collect(), before),
    }
}

/// Returns the addresses after an update.
pub fn emails(before: &Emails, one: Patch<String>, all: Patch<Vec<EmailInput>>) -> Emails {
    let verified = |email: &str| {
        let known = before.0.iter().find(|old| old.key() == email_key(email));
        known.is_some_and(|old| old.verified)
    };
    Emails(updated(&before.0, one, all, |given: EmailInput| Email {
        verified: given.verified.unwrap_or_else(|| verified(&given.email)),
        email: given.email,
        kind: given.kind,
        primary: given.primary,
    }))
}

/// Returns the phone numbers after an update.
pub fn phones(before: &Phones, one: Patch<String>, all: Patch<Vec<PhoneInput>>) -> Phones {
    Phones(updated(&before.0, one, all, |given: PhoneInput| Phone {
        phone: given.phone,
        kind: given.kind,
        primary: given.primary,
    }))
}

impl Checks {
    /// Reports an input that has both the single field and the list.
    pub(super) fn either(&mut self, one: bool, all: bool, root: &str, [single, list]: [&str; 2]) {
        if one && all {
            let why = wording::not_with(single);
            self.add(UserError::of(UserErrorCode::Invalid, &why, &[root, list]));
        }
    }
}

/// State of the validation of a list.
struct Listed<'a> {
    checks: &'a mut Checks,
    path: [&'a str; 2],
    seen: HashSet<String>,
    has_primary: bool,
}

impl<'a> Listed<'a> {
    /// Returns `None` and reports an error if there are too many entries.
    fn new(checks: &'a mut Checks, path: [&'a str; 2], count: usize) -> Option<Self> {
        if count > ADDRESSES_MAX {
            let why = wording::too_many(count, "entries", ADDRESSES_MAX);
            checks.add(UserError::of(UserErrorCode::TooLong, &why, &path));
            return None;
        }
        Some(Self {
            checks,
            path,
            seen: HashSet::new(),
            has_primary: false,
        })
    }

    /// Reports errors of an entry relative to the entries before it, and returns its kind.
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
            let path = [root, list, index, field];
            self.checks
                .add(UserError::of(UserErrorCode::Invalid, wording::REPEATED, &path));
        }
        if primary && std::mem::replace(&mut self.has_primary, true) {
            let why = "must not be true for more than one entry of the list.";
            let path = [root, list, index, "isPrimary"];
            self.checks.add(UserError::of(UserErrorCode::Invalid, why, &path));
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
    fn setting_an_email_replaces_only_the_primary_one() {
        let one = set(&Emails::default(), "a@example.com");
        let two = set(&one, "b@example.com");
        assert_eq!(listed(&two), [("b@example.com", true)]);
        let given = ["a@example.com", "b@example.com", "c@example.com"].map(|email| EmailInput {
            email: email.to_owned(),
            primary: email.starts_with('b'),
            verified: Some(true),
            ..EmailInput::default()
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
    fn a_list_has_one_primary_and_keeps_verification() {
        let given = |email: &str| EmailInput {
            email: email.to_owned(),
            ..EmailInput::default()
        };
        let verified = EmailInput {
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
