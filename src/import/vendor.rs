//! What another system has, noun by noun, and how its objects become rows.

use std::{fmt, future::Future, pin::Pin};

use serde_json::Value;

use super::{
    fields::{FieldFault, Fields, Read, Taken},
    memory::TagNames,
};
use crate::service::{
    Error, Services,
    import::{
        self, ImportAgent, ImportConversation, ImportCustomer, ImportGroup, ImportMessage, ImportTicket,
        Outcome, Source,
    },
};

/// Another system.
#[derive(Clone, Copy, Debug)]
pub struct Vendor {
    /// The name under which references to it are kept.
    pub system: &'static str,
    /// What it has, in the order in which the things depend on one another.
    pub steps: &'static [Step],
}

impl Vendor {
    /// The step of this name.
    pub(super) fn step(&self, name: &str) -> Option<&'static Step> {
        self.steps.iter().find(|step| step.name == name)
    }
}

/// One noun of a vendor.
#[derive(Clone, Copy)]
pub struct Step {
    /// What the things are called: `customers`, ….
    pub name: &'static str,
    /// Whether its file must be there.
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

    /// Rows that a reader makes of objects.
    pub(super) fn rows<T: Row>(read: fn(Fields) -> Read<T>) -> Box<dyn Rows> {
        Box::new(Reading {
            read,
            rows: Vec::new(),
            place: str::to_owned,
        })
    }

    /// The same, where a field that a use case finds wrong has another name in the source.
    pub(super) fn rows_at<T: Row>(read: fn(Fields) -> Read<T>, place: fn(&str) -> String) -> Box<dyn Rows> {
        Box::new(Reading {
            read,
            rows: Vec::new(),
            place,
        })
    }

    /// An empty batch of its rows.
    pub(super) fn batch(&self) -> Box<dyn Rows> {
        (self.rows)()
    }
}

/// One row of another system, which its use case can write.
pub trait Row: Send + Sync + Sized + 'static {
    /// Its id there; empty when it has none.
    fn id(&self) -> &str;

    /// The record that it hangs below: its noun, and its id there.
    fn parent(&self) -> Option<(&'static str, &str)>;

    /// How many files came with it.
    fn attachments(&self) -> usize {
        0
    }

    /// Writes many. Answers what became of each.
    fn write(
        services: &Services,
        source: &Source<'_>,
        rows: &[Self],
    ) -> impl Future<Output = Result<Vec<Outcome>, Error>> + Send;
}

/// What a row is called there, and the record that it hangs below: its noun and its id.
#[derive(Debug)]
pub struct Named {
    /// Its id; empty when it has none.
    pub id: String,
    /// The record above it.
    pub parent: Option<(&'static str, String)>,
    /// How many files came with it.
    pub attachments: usize,
}

/// What became of an object before it was written: what the row is called, and what did not become part of it.
pub type Added = Result<Taken<Named>, Vec<FieldFault>>;

/// A future that writes.
pub type Writing<'a> = Pin<Box<dyn Future<Output = Result<Vec<Outcome>, Error>> + Send + 'a>>;

/// Rows of one noun that are written together.
pub trait Rows: Send {
    /// Makes a row of an object. Where that is strict, a value that is odd costs the row.
    fn add(&mut self, object: Value, strict: bool, tags: &TagNames) -> Added;

    /// Takes back the row that was added last.
    fn take_back(&mut self);

    /// How many there are.
    fn len(&self) -> usize;

    /// Writes them, and is empty then.
    fn write<'a>(&'a mut self, services: &'a Services, source: &'a Source<'a>) -> Writing<'a>;

    /// What the source calls a field of a use case.
    fn place(&self, field: &str) -> String;
}

struct Reading<T> {
    read: fn(Fields) -> Read<T>,
    rows: Vec<T>,
    place: fn(&str) -> String,
}

impl<T: Row> Rows for Reading<T> {
    fn add(&mut self, object: Value, strict: bool, tags: &TagNames) -> Added {
        let fields = Fields::of(object, strict).map_err(|fault| vec![fault])?;
        let taken = (self.read)(fields.knowing(tags))?;
        let parent = taken.row.parent();
        let named = Named {
            id: taken.row.id().to_owned(),
            parent: parent.map(|(noun, id)| (noun, id.to_owned())),
            attachments: taken.row.attachments(),
        };
        self.rows.push(taken.row);
        Ok(Taken {
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

    fn write<'a>(&'a mut self, services: &'a Services, source: &'a Source<'a>) -> Writing<'a> {
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
    ($row:ident, $write:path, $id:expr, $parent:expr $(, $attachments:expr)?) => {
        impl Row for $row {
            fn id(&self) -> &str {
                let id: fn(&Self) -> &str = $id;
                id(self)
            }

            fn parent(&self) -> Option<(&'static str, &str)> {
                let parent: fn(&Self) -> Option<(&'static str, &str)> = $parent;
                parent(self)
            }

            $(fn attachments(&self) -> usize {
                let attachments: fn(&Self) -> usize = $attachments;
                attachments(self)
            })?

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

row!(
    ImportAgent,
    import::agents,
    |row| row.external_id.as_deref().unwrap_or_default(),
    |_| None
);
row!(ImportCustomer, import::customers, |row| &row.external_id, |_| {
    None
});
row!(
    ImportConversation,
    import::conversations,
    |row| &row.external_id,
    |row| Some(("customers", &row.customer))
);
row!(ImportTicket, import::tickets, |row| &row.external_id, |row| Some(
    ("customers", row.customer_external_id.as_deref()?)
));
row!(
    ImportMessage,
    import::messages,
    |row| &row.external_id,
    |row| Some(row.place.parent()),
    |row| row.attachments.len()
);

/// A team of another system.
pub(super) struct Team(pub ImportGroup);

/// A queue of another system.
pub(super) struct Queue(pub ImportGroup);

macro_rules! group_row {
    ($row:ident, $write:path) => {
        impl Row for $row {
            fn id(&self) -> &str {
                &self.0.external_id
            }

            fn parent(&self) -> Option<(&'static str, &str)> {
                None
            }

            async fn write(
                services: &Services,
                source: &Source<'_>,
                rows: &[Self],
            ) -> Result<Vec<Outcome>, Error> {
                let rows: Vec<ImportGroup> = rows.iter().map(|row| row.0.clone()).collect();
                $write(services, source, &rows).await
            }
        }
    };
}

/// A tag of another system: its name is remembered, so that records can name it by its id. It becomes no row.
pub(super) struct Tag(pub String);

impl Row for Tag {
    fn id(&self) -> &str {
        &self.0
    }

    fn parent(&self) -> Option<(&'static str, &str)> {
        None
    }

    async fn write(_: &Services, _: &Source<'_>, rows: &[Self]) -> Result<Vec<Outcome>, Error> {
        Ok(rows.iter().map(|_| Outcome::Unchanged).collect())
    }
}

group_row!(Team, import::teams);
group_row!(Queue, import::queues);
