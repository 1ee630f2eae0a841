//! Email addresses of an object, without the characters around them.

use super::{Fields, MISSING, texts::SHOWN_MAX};
use crate::{
    import::spelling,
    service::{EXTERNAL_ID_MAX, is_email},
};

/// What happens to an agent without a usable address.
const STAND_IN: &str =
    " A new agent gets an address that ends in .invalid; an existing agent keeps its address.";

/// The address that a source has for an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgentEmail {
    /// An address; in a strict reading, any text.
    Usable(String),
    /// No address. The text in its place, if there is one and tickets can name the agent by it.
    Odd(Option<String>),
}

impl AgentEmail {
    /// The name of an agent that has no other: its address, the text in its place, or its id.
    pub fn name<'a>(&'a self, id: &'a str) -> &'a str {
        match self {
            Self::Usable(text) | Self::Odd(Some(text)) => text,
            Self::Odd(None) => id,
        }
    }

    /// The address, and the text in its place.
    pub fn into_parts(self) -> (Option<String>, Option<String>) {
        match self {
            Self::Usable(address) => (Some(address), None),
            Self::Odd(text) => (None, text),
        }
    }
}

impl Fields {
    pub fn email(&mut self, name: &str) -> Option<String> {
        if self.strict {
            return self.text(name);
        }
        let text = self.line(name)?;
        usable(&text).or_else(|| self.odd(name, &no_address(&text)))
    }

    /// An address that should be there.
    pub fn expected_email(&mut self, name: &str) -> Option<String> {
        if self.strict {
            return Some(self.required(name));
        }
        let left_out = self.left_out.len();
        let email = self.email(name);
        if email.is_none() && self.left_out.len() == left_out {
            self.mend(name, MISSING, " The record is imported without it.");
        }
        email
    }

    /// The address of an agent. An agent without a usable address comes in with a stand-in, which is reported.
    pub fn agent_email(&mut self, name: &str) -> AgentEmail {
        if self.strict {
            return AgentEmail::Usable(self.required(name));
        }
        let left_out = self.left_out.len();
        let text = self.line(name);
        if let Some(address) = text.as_deref().and_then(usable) {
            return AgentEmail::Usable(address);
        }
        match (&text, self.left_out.get_mut(left_out)) {
            (Some(text), _) => self.mend(name, &no_address(text), STAND_IN),
            // The value has another type and is reported already.
            (None, Some((_, reason))) => reason.push_str(STAND_IN),
            (None, None) => self.mend(name, MISSING, STAND_IN),
        }
        AgentEmail::Odd(text.filter(|text| text.chars().count() <= EXTERNAL_ID_MAX))
    }

    /// The agent who has something: an address, or an id of the other system of at most so many characters.
    pub fn assignee(&mut self, name: &str, max: usize) -> Option<String> {
        let text = self.whole(name, max)?;
        if self.strict {
            return Some(text);
        }
        Some(usable(&text).unwrap_or(text))
    }
}

/// The address in a text, if it holds one.
fn usable(text: &str) -> Option<String> {
    Some(spelling::address(text)).filter(|address| is_email(address))
}

/// Why a text is left out where an address is expected.
pub fn no_address(text: &str) -> String {
    let shown: String = text.chars().take(SHOWN_MAX).collect();
    format!("The value {shown:?} is not a valid email address.")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn email(value: &Value, strict: bool) -> (AgentEmail, usize) {
        let mut fields = Fields::of(json!({ "email": value }), strict).expect("an object");
        let email = fields.agent_email("email");
        (email, fields.left_out.len() + fields.faults.len())
    }

    #[test]
    fn invalid_agent_emails_are_stored_as_text() {
        let usable = AgentEmail::Usable("ada@example.com".to_owned());
        assert_eq!(email(&json!("Ada <ada@example.com>"), false), (usable, 0));
        let odd = AgentEmail::Odd(Some("ada at example".to_owned()));
        assert_eq!(email(&json!("ada at example"), false), (odd, 1));
        assert_eq!(email(&json!(null), false), (AgentEmail::Odd(None), 1));
        for other_type in [json!(7.5), json!([]), json!(true)] {
            assert_eq!(
                email(&other_type, false),
                (AgentEmail::Odd(None), 1),
                "{other_type}"
            );
        }
        assert_eq!(email(&json!("x".repeat(400)), false).0, AgentEmail::Odd(None));
        let long = format!("ada@{}.com", ["x".repeat(60).as_str(); 5].join("."));
        assert_eq!(email(&json!(long), false).0, AgentEmail::Odd(None));
        assert_eq!(email(&json!(null), true).1, 1);
    }

    #[test]
    fn an_assignee_is_an_email_or_an_id() {
        for (given, expected) in [
            ("Ada <ada@example.com>", "ada@example.com"),
            (" user_42", " user_42"),
            ("ada at example", "ada at example"),
        ] {
            let mut fields = Fields::of(json!({ "a": given }), false).expect("an object");
            assert_eq!(fields.assignee("a", 300).as_deref(), Some(expected));
        }
    }
}
