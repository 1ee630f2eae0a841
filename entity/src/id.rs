//! Typed ids: UUIDs with the type of their object.
//!
//! The external form of an id is a `TypeID`: a prefix, an underscore and the UUID in 26 characters of
//! Crockford's base 32. The types keep code from mixing two kinds of id, and the prefixes keep callers from
//! sending one kind for another.

use std::{fmt, str::FromStr};

use sea_orm::{DbErr, DeriveValueType, TryFromU64, prelude::Uuid};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const SUFFIX_LENGTH: usize = 26;

/// Reason why a text is not an id of the expected kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdError {
    /// The prefix is that of another kind of id.
    WrongType {
        /// Expected prefix.
        expected: &'static str,
    },
    /// The prefix is correct, but the rest is not a UUID in base 32.
    Malformed {
        /// Expected prefix.
        expected: &'static str,
    },
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongType { expected } => write!(f, "is not an id that starts with `{expected}_`"),
            Self::Malformed { expected } => {
                write!(
                    f,
                    "is not a valid id. A valid id is `{expected}_` followed by {SUFFIX_LENGTH} characters"
                )
            }
        }
    }
}

impl std::error::Error for IdError {}

fn encode(uuid: Uuid) -> [u8; SUFFIX_LENGTH] {
    let mut rest = uuid.as_u128();
    let mut text = [b'0'; SUFFIX_LENGTH];
    for place in text.iter_mut().rev() {
        *place = ALPHABET[(rest & 31) as usize];
        rest >>= 5;
    }
    text
}

fn decode(text: &str) -> Option<Uuid> {
    let bytes = text.as_bytes();
    // 26 characters hold 130 bits, so the first character can carry only the top three bits of 128.
    if bytes.len() != SUFFIX_LENGTH || bytes[0] > b'7' {
        return None;
    }
    bytes
        .iter()
        .try_fold(0u128, |value, byte| {
            let digit = ALPHABET.iter().position(|letter| letter == byte)?;
            Some(value << 5 | digit as u128)
        })
        .map(Uuid::from_u128)
}

macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, DeriveValueType)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Prefix before the underscore in the external form.
            pub const PREFIX: &'static str = $prefix;
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                const PREFIX: &[u8] = concat!($prefix, "_").as_bytes();
                let mut text = [0; PREFIX.len() + SUFFIX_LENGTH];
                let (prefix, suffix) = text.split_at_mut(PREFIX.len());
                prefix.copy_from_slice(PREFIX);
                suffix.copy_from_slice(&encode(self.0));
                // One write, so that the formatter can reserve memory for it. The alphabet is ASCII, so the
                // bytes are valid UTF-8.
                f.write_str(std::str::from_utf8(&text).unwrap_or_default())
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let suffix = text
                    .strip_prefix(concat!($prefix, "_"))
                    .ok_or(IdError::WrongType { expected: $prefix })?;
                decode(suffix).map(Self).ok_or(IdError::Malformed { expected: $prefix })
            }
        }

        // SeaORM requires this conversion from a counter for every primary key. A UUID cannot come from a
        // counter.
        impl TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, DbErr> {
                Err(DbErr::ConvertFromU64(stringify!($name)))
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

typed_id!(
    /// Id of a workspace.
    WorkspaceId, "ws"
);
typed_id!(
    /// Id of a customer.
    CustomerId, "cust"
);
typed_id!(
    /// Id of a ticket.
    TicketId, "tkt"
);
typed_id!(
    /// Id of a conversation.
    ConversationId, "conv"
);
typed_id!(
    /// Id of a message.
    MessageId, "msg"
);
typed_id!(
    /// Id of an agent.
    AgentId, "agt"
);
typed_id!(
    /// Id of a team.
    TeamId, "team"
);
typed_id!(
    /// Id of a queue.
    QueueId, "queue"
);
typed_id!(
    /// Id of an API key.
    ApiKeyId, "key"
);

/// Calls a macro with the types of ids.
#[macro_export]
macro_rules! typed_ids {
    ($then:ident) => {
        $then!(
            $crate::AgentId,
            $crate::ApiKeyId,
            $crate::ConversationId,
            $crate::CustomerId,
            $crate::MessageId,
            $crate::QueueId,
            $crate::TeamId,
            $crate::TicketId,
            $crate::WorkspaceId,
        );
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_match_the_published_typeid_vectors() {
        let uuid: Uuid = "01890a5d-ac96-774b-bcce-b302099a8057".parse().expect("uuid");
        assert_eq!(CustomerId(uuid).to_string(), "cust_01h455vb4pex5vsknk084sn02q");
        assert_eq!("cust_01h455vb4pex5vsknk084sn02q".parse(), Ok(CustomerId(uuid)));
        assert_eq!(
            TicketId(Uuid::max()).to_string(),
            "tkt_7zzzzzzzzzzzzzzzzzzzzzzzzz"
        );
    }

    #[test]
    fn malformed_ids_are_refused() {
        let wrong = "tkt_01h455vb4pex5vsknk084sn02q".parse::<CustomerId>();
        assert_eq!(wrong, Err(IdError::WrongType { expected: "cust" }));
        for text in [
            "cust_",
            "cust_01h455vb4pex5vsknk084sn02",
            "cust_01h455vb4pex5vsknk084sn02qq",
            "cust_8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "cust_01H455VB4PEX5VSKNK084SN02Q",
            "cust_01h455vb4pex5vsknk084sn0ü",
            "cust_0lh455vb4pex5vsknk084sn02q",
        ] {
            assert!(text.parse::<CustomerId>().is_err(), "{text}");
        }
    }
}
