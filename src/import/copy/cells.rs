//! Reads the row of a line: each column from the field of the same name.

use entity::{
    AgentId, Attachments, ConversationId, CustomFields, CustomerId, Emails, Fields, MessageId, Phones,
    QueueId, ReadError, ReadField, Row, Tags, TeamId, TicketId, Timestamp, WorkspaceId, camel,
};
use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::Error};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    form::{At, Id, Word},
    line::Reference,
};

/// Fields of a line.
pub type LineFields = Map<String, Value>;

/// Row of a line, with its references to other systems and its lists.
#[derive(Debug)]
pub struct Copied<R: FromLine> {
    pub(super) row: R,
    pub(super) references: Vec<Reference>,
    pub(super) lists: R::Lists,
}

/// Row of a line.
pub trait FromLine: Row<Cells> {
    /// Lists of the line that are stored in other tables.
    type Lists: DeserializeOwned;

    /// Adds the columns that the line does not contain. The error is a text for the operator.
    fn complete(line: &mut LineFields) -> Result<(), String>;
}

impl<'de, R: FromLine> Deserialize<'de> for Copied<R> {
    fn deserialize<D: Deserializer<'de>>(line: D) -> Result<Self, D::Error> {
        let mut line = LineFields::deserialize(line)?;
        // The data that only a copy needs has the names of columns.
        let Some(Value::Object(copy)) = line.remove("copy") else {
            return Err(D::Error::missing_field("copy"));
        };
        // Computed from other fields. The stored name is in the data of the copy.
        line.remove("displayName");
        line.extend(copy);
        // A placeholder: `rows::add` sets the workspace of the export.
        line.insert(
            "workspaceId".to_owned(),
            WorkspaceId(Uuid::nil()).to_string().into(),
        );
        R::complete(&mut line).map_err(D::Error::custom)?;
        let references = line.remove("externalReferences").unwrap_or_default();
        Ok(Self {
            references: Vec::deserialize(references).map_err(D::Error::custom)?,
            lists: R::Lists::deserialize(&line).map_err(D::Error::custom)?,
            row: Cells::read(line).map_err(|error| D::Error::custom(Cells::text_of(error)))?,
        })
    }
}

/// Cursor over the columns of a line.
pub struct Cells {
    line: LineFields,
    columns: std::slice::Iter<'static, &'static str>,
}

impl Cells {
    fn read<R: Row<Self>>(line: LineFields) -> Result<R, ReadError> {
        let columns = <R as Fields>::FIELDS.iter();
        R::read(&mut Self { line, columns })
    }

    /// The text of an error of this cursor, without the words that the library adds.
    fn text_of(error: ReadError) -> String {
        match error {
            ReadError::Custom(text) => text,
            other => other.to_string(),
        }
    }
}

impl<T: Field> ReadField<T> for Cells {
    fn read_field(&mut self) -> Result<T, ReadError> {
        let name = self
            .columns
            .next()
            .map(|column| camel(column))
            .unwrap_or_default();
        let value = self.line.remove(&name);
        T::of(value, &name).map_err(|error| ReadError::Custom(error.to_string()))
    }
}

/// Type of a column, nullable or not.
trait Field: Sized {
    fn of(value: Option<Value>, name: &str) -> Result<Self, serde_json::Error>;
}

impl<T: Cell> Field for T {
    fn of(value: Option<Value>, name: &str) -> Result<Self, serde_json::Error> {
        let missing = || serde_json::Error::custom(format!("missing field `{name}`"));
        T::Form::deserialize(value.ok_or_else(missing)?).map(T::from_form)
    }
}

impl<T: Cell> Field for Option<T> {
    fn of(value: Option<Value>, _: &str) -> Result<Self, serde_json::Error> {
        let form: Option<T::Form> = Deserialize::deserialize(value.unwrap_or_default())?;
        Ok(form.map(T::from_form))
    }
}

/// Type of a value, and its form in a line.
trait Cell: Sized {
    type Form: DeserializeOwned;

    fn from_form(form: Self::Form) -> Self;
}

macro_rules! cells {
    ($($type:ty as $form:ty => $convert:expr),+ $(,)?) => {
        $(impl Cell for $type {
            type Form = $form;

            fn from_form(form: $form) -> Self {
                $convert(form)
            }
        })+
    };
}

macro_rules! plain {
    ($($type:ty),+) => {
        cells!($($type as Self => std::convert::identity),+);
    };
}

macro_rules! ids {
    ($($type:ty),+) => {
        cells!($($type as Id<Self> => |id: Id<Self>| id.0),+);
    };
}

macro_rules! words {
    ($($type:ty),+ $(,)?) => {
        cells!($($type as Word<Self> => |word: Word<Self>| word.0),+);
    };
}

plain!(String, bool, i16, i32, i64, Emails, Phones, Attachments);
ids!(
    AgentId,
    ConversationId,
    CustomerId,
    MessageId,
    QueueId,
    TeamId,
    TicketId,
    WorkspaceId
);
entity::column_enums!(words);
cells!(
    Timestamp as At => |at: At| at.0,
    Tags as Vec<String> => Tags,
    CustomFields as LineFields => CustomFields,
);
