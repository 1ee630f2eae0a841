//! Vendors: the record types of another system, and their conversion to rows.

use std::{fmt, future::Future, pin::Pin};

use entity::{queue, team};
use serde_json::Value;

use super::{
    fields::{FieldFault, Fields, ParsedRow, RowResult},
    memory::TagNames,
};
use crate::service::{
    Error, Services,
    import::{
        self, ImportAgent, ImportConversation, ImportCustomer, ImportGroup, ImportMessage, ImportTicket,
        Outcome, Source,
    },
};

/// Another helpdesk system.
#[derive(Clone, Copy, Debug)]
pub struct Vendor {
    /// Name of the system in external references.
    pub system: &'static str,
    /// The record types, ordered so that each one follows those that it refers to.
    pub steps: &'static [Step],
}

impl Vendor {
    pub(super) fn step(&self, name: &str) -> Option<&'static Step> {
        self.steps.iter().find(|step| step.name == name)
    }
}

/// One record type of a vendor.
#[derive(Clone, Copy)]
pub struct Step {
    /// Plural name of the records, such as `customers`.
    pub name: &'static str,
    /// Whether the file of this record type is required.
    pub needed: bool,
    rows: fn() -> Box<dyn Rows>,
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Step {
    pub(super) const fn new(name: &'static str, needed: bool, rows: fn() -> Box<dyn Rows>) -> Self {
        Self { name, needed, rows }
    }

    /// An empty batch whose rows `read` creates from objects.
    pub(super) fn rows<T: Row>(read: fn(Fields) -> RowResult<T>) -> Box<dyn Rows> {
        Box::new(RowReader {
            read,
            rows: Vec::new(),
            place: str::to_owned,
        })
    }

    /// Like [`Self::rows`], for a source whose field names differ. `place` maps field names of a use case to
    /// the source.
    pub(super) fn rows_at<T: Row>(
        read: fn(Fields) -> RowResult<T>,
        place: fn(&str) -> String,
    ) -> Box<dyn Rows> {
        Box::new(RowReader {
            read,
            rows: Vec::new(),
            place,
        })
    }

    /// An empty batch of rows.
    pub(super) fn batch(&self) -> Box<dyn Rows> {
        (self.rows)()
    }
}

/// A row of another system that a use case can write.
pub trait Row: Send + Sync + Sized + 'static {
    /// Id in the other system. Empty if it has none.
    fn id(&self) -> &str;

    /// The record that the row belongs to: its type and its id in the other system.
    fn parent(&self) -> Option<(&'static str, &str)> {
        None
    }

    fn attachments(&self) -> usize {
        0
    }

    /// Writes many rows. Returns the outcome of each.
    fn write(
        services: &Services,
        source: &Source<'_>,
        rows: &[Self],
    ) -> impl Future<Output = Result<Vec<Outcome>, Error>> + Send;
}

/// Id and parent of a row in the other system.
#[derive(Debug)]
pub struct RecordRef {
    /// Id of the row. Empty if it has none.
    pub id: String,
    /// Type and id of the record that the row belongs to.
    pub parent: Option<(&'static str, String)>,
    pub attachments: usize,
}

/// Result of the conversion of an object: the identification of the row with the parts that were left out, or
/// the faults.
pub type AddResult = Result<ParsedRow<RecordRef>, Vec<FieldFault>>;

pub type WriteFuture<'a> = Pin<Box<dyn Future<Output = Result<Vec<Outcome>, Error>> + Send + 'a>>;

/// Rows of one record type that are written together.
pub trait Rows: Send {
    /// Converts an object to a row and adds it. In strict mode, an invalid value rejects the row.
    fn add(&mut self, object: Value, strict: bool, tags: &TagNames) -> AddResult;

    /// Removes the row that was added last.
    fn take_back(&mut self);

    fn len(&self) -> usize;

    /// Writes the rows and empties the batch.
    fn write<'a>(&'a mut self, services: &'a Services, source: &'a Source<'a>) -> WriteFuture<'a>;

    /// The name of a use case's field in the source.
    fn place(&self, field: &str) -> String;
}

struct RowReader<T> {
    read: fn(Fields) -> RowResult<T>,
    rows: Vec<T>,
    place: fn(&str) -> String,
}

impl<T: Row> Rows for RowReader<T> {
    fn add(&mut self, object: Value, strict: bool, tags: &TagNames) -> AddResult {
        let fields = Fields::of(object, strict).map_err(|fault| vec![fault])?;
        let taken = (self.read)(fields.knowing(tags))?;
        let parent = taken.row.parent();
        let named = RecordRef {
            id: taken.row.id().to_owned(),
            parent: parent.map(|(noun, id)| (noun, id.to_owned())),
            attachments: taken.row.attachments(),
        };
        self.rows.push(taken.row);
        Ok(ParsedRow {
            row: named,
            unknown: taken.unknown,
            left_out: taken.left_out,
        })
    }

    fn take_back(&mut self) {
        self.rows.pop();
    }

    fn len(&self) -> usize {
        self.rows.len()
    }

    fn write<'a>(&'a mut self, services: &'a Services, source: &'a Source<'a>) -> WriteFuture<'a> {
        Box::pin(async move {
            let rows = std::mem::take(&mut self.rows);
            T::write(services, source, &rows).await
        })
    }

    fn place(&self, field: &str) -> String {
        (self.place)(field)
    }
}

macro_rules! row {
    ($row:ty, $write:path, |$it:ident| $id:expr $(, $parent:expr $(, $attachments:expr)?)?) => {
        impl Row for $row {
            fn id(&self) -> &str {
                let $it = self;
                $id
            }

            $(fn parent(&self) -> Option<(&'static str, &str)> {
                let $it = self;
                $parent
            }

            $(fn attachments(&self) -> usize {
                let $it = self;
                $attachments
            })?)?

            async fn write(
                services: &Services,
                source: &Source<'_>,
                rows: &[Self],
            ) -> Result<Vec<Outcome>, Error> {
                $write(services, source, rows).await
            }
        }
    };
}

row!(ImportAgent, import::agents, |row| row
    .external_id
    .as_deref()
    .unwrap_or_default());
row!(ImportCustomer, import::customers, |row| &row.external_id);
row!(
    ImportConversation,
    import::conversations,
    |row| &row.external_id,
    Some(("customers", &row.customer))
);
row!(
    ImportTicket,
    import::tickets,
    |row| &row.external_id,
    Some(("customers", row.customer_external_id.as_deref()?))
);
row!(
    ImportMessage,
    import::messages,
    |row| &row.external_id,
    Some(row.place.parent()),
    row.attachments.len()
);
row!(ImportGroup<team::Entity>, import::teams, |row| &row.external_id);
row!(ImportGroup<queue::Entity>, import::queues, |row| &row.external_id);

/// A tag of another system. Its name is remembered, because other records refer to it by id. It is not stored
/// as a row.
pub(super) struct Tag(pub String);

impl Row for Tag {
    fn id(&self) -> &str {
        &self.0
    }

    async fn write(_: &Services, _: &Source<'_>, rows: &[Self]) -> Result<Vec<Outcome>, Error> {
        Ok(rows.iter().map(|_| Outcome::Unchanged).collect())
    }
}
