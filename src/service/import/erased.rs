//! Detects erased customers in a batch.

use std::collections::{BTreeSet, HashSet};

use ring::hmac::Key;

use super::Source;
use crate::{
    service::{
        Error, Transaction, UserError, UserErrorCode,
        erasure::{ExternalIdentifier, key_of},
    },
    store,
};

/// Traces of a batch that belong to erased customers.
pub(super) struct Erased<'a> {
    source: &'a Source<'a>,
    key: Option<Key>,
    marks: HashSet<Vec<u8>>,
    /// Marks of customers that the import restores.
    lifted: BTreeSet<Vec<u8>>,
}

impl<'a> Erased<'a> {
    /// Looks the traces up. Call it after the customers of the batch are locked, because a customer that is
    /// erased in the meantime has its marks by then.
    pub(super) async fn read(
        transaction: &Transaction<'_>,
        source: &'a Source<'a>,
        traces: impl Iterator<Item = ExternalIdentifier>,
    ) -> Result<Self, Error> {
        let writing = transaction.writing();
        let key = store::erased::key(writing.connection(), source.workspace)
            .await?
            .map(|bytes| key_of(&bytes));
        let marks = match &key {
            None => HashSet::new(),
            Some(key) => {
                let marks: Vec<_> = traces.map(|trace| trace.mark(key)).collect();
                store::erased::find_many(writing, source.workspace, &marks).await?
            }
        };
        Ok(Self {
            source,
            key,
            marks,
            lifted: BTreeSet::new(),
        })
    }

    /// Whether the import must reject a trace. If it restores erased customers, the mark of the trace is
    /// removed instead.
    pub(super) fn refuses(&mut self, trace: &ExternalIdentifier) -> bool {
        let Some(key) = self.key.as_ref().filter(|_| !self.marks.is_empty()) else {
            return false;
        };
        let mark = trace.mark(key);
        if !self.marks.contains(&mark) {
            return false;
        }
        if self.source.revive {
            self.lifted.insert(mark);
        }
        !self.source.revive
    }

    /// Deletes the marks of restored customers.
    pub(super) async fn write(&self, transaction: &Transaction<'_>) -> Result<(), Error> {
        let lifted: Vec<_> = self.lifted.iter().cloned().collect();
        Ok(store::erased::remove(transaction.writing(), self.source.workspace, &lifted).await?)
    }
}

/// Error for a value that belongs to an erased customer.
pub(super) fn erased_address(path: &[&str]) -> UserError {
    let message = "This value belongs to a customer who was erased in this workspace.";
    UserError::new(UserErrorCode::Invalid, message, path)
}

impl Source<'_> {
    /// Trace of an id in the other system.
    pub(super) fn trace(&self, kind: entity::external_reference::Kind, id: &str) -> ExternalIdentifier {
        ExternalIdentifier::Reference(self.system.to_owned(), kind, id.to_owned())
    }
}
