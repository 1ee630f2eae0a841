//! Takes in objects from any source: converts them to rows, writes these in batches, and records the outcome
//! of each.

use std::collections::HashSet;

use serde_json::Value;

use super::{
    FileReport,
    document::Element,
    fields::{FieldFault, LEFT_OUT},
    hash,
    memory::Memory,
    numbers,
    vendor::{RecordRef, Rows, Step},
};
use crate::service::{
    Error, Services, UserError, UserErrorCode,
    import::{Outcome, Source},
};

/// Maximum number of rows per transaction.
const BATCH: usize = 500;

/// Size of the objects in bytes after which a batch is written, even if it has few rows.
const BATCH_BYTES: usize = 8 << 20;

/// Treatment of duplicate ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DuplicateIds {
    /// For files. Of two lines with the same id, the later one would win in the first run and the earlier one
    /// in further runs.
    Refuse,
    /// For REST APIs. Rows can move between pages while the pages are read.
    Accept,
}

/// Takes in the objects of one record type.
pub struct Intake<'a> {
    services: &'a Services,
    source: &'a Source<'a>,
    rows: Box<dyn Rows>,
    report: FileReport,
    noun: &'static str,
    memory: Memory,
    /// Line number and identification of each row in the batch.
    numbers: Vec<(u64, RecordRef)>,
    bytes: usize,
    seen: Option<HashSet<u64>>,
}

impl<'a> Intake<'a> {
    pub fn new(
        services: &'a Services,
        source: &'a Source<'a>,
        step: &Step,
        memory: &Memory,
        name: impl Into<String>,
        duplicates: DuplicateIds,
    ) -> Self {
        Self {
            services,
            source,
            rows: step.batch(),
            noun: step.name,
            memory: memory.clone(),
            report: FileReport {
                name: name.into(),
                ..FileReport::default()
            },
            numbers: Vec::with_capacity(BATCH),
            bytes: 0,
            seen: (duplicates == DuplicateIds::Refuse).then(HashSet::new),
        }
    }

    /// Takes in one object of a document, with its number.
    pub fn add_element(&mut self, number: u64, element: Element) {
        let then = if self.source.strict { "" } else { LEFT_OUT };
        let told = |path| (path, format!("{}{then}", numbers::TOLD));
        let inexact: Vec<FieldFault> = element.inexact.into_iter().map(told).collect();
        if self.source.strict && !inexact.is_empty() {
            let id = element.value.get("id").and_then(Value::as_str);
            self.refuse(id.unwrap_or_default(), number, &inexact);
            return self.report.fail(number, inexact);
        }
        self.report.leave_out(number, inexact);
        self.add(number, element.value, element.bytes);
    }

    /// Takes in one object, with its number and its size in bytes.
    pub fn add(&mut self, number: u64, object: Value, bytes: usize) {
        let id = object.get("id").and_then(Value::as_str).map(str::to_owned);
        let taken = match self.rows.add(object, self.source.strict, &self.memory.tags) {
            Ok(taken) => taken,
            Err(faults) => {
                self.refuse(&id.unwrap_or_default(), number, &faults);
                return self.report.fail(number, faults);
            }
        };
        let named = taken.row;
        if !named.id.is_empty()
            && let Some(seen) = &mut self.seen
            && !seen.insert(hash(&named.id))
        {
            self.rows.take_back();
            let fault = (
                self.rows.place("id"),
                "An earlier line has the same id.".to_owned(),
            );
            return self.report.fail(number, [fault]);
        }
        self.numbers.push((number, named));
        self.bytes += bytes;
        for field in taken.unknown {
            self.report.unknown(&field);
        }
        self.report.leave_out(number, taken.left_out);
    }

    /// Remembers a rejected object, for the records that belong to it.
    fn refuse(&self, id: &str, number: u64, faults: &[FieldFault]) {
        let name = &self.report.name;
        self.memory.refused.note(self.noun, id, || {
            let told: Vec<_> = faults
                .iter()
                .map(|(field, reason)| format!("{field}: {reason}"))
                .collect();
            format!("{name}:{number}: {}", told.join(" "))
        });
    }

    /// Records an object whose customer was erased, for the records that belong to it.
    fn erase(&mut self, id: &str, number: u64, field: String) {
        self.memory.refused.erase(self.noun, id);
        let reason = "The customer was erased in this workspace, and the record is left out. Use --revive to import it.";
        self.report.erased += 1;
        self.report.leave_out(number, [(field, reason.to_owned())]);
    }

    /// Records an object that cannot be read.
    pub fn fail(&mut self, number: u64, fault: FieldFault) {
        self.report.fail(number, [fault]);
    }

    pub fn report(&mut self) -> &mut FileReport {
        &mut self.report
    }

    /// Whether the batch must be written.
    pub fn is_full(&self) -> bool {
        self.numbers.len() >= BATCH || self.bytes >= BATCH_BYTES
    }

    /// Writes the batch.
    pub async fn write(&mut self) -> Result<(), Error> {
        if self.rows.len() == 0 {
            return Ok(());
        }
        let outcomes = self.rows.write(self.services, self.source).await?;
        for ((number, named), outcome) in std::mem::take(&mut self.numbers).into_iter().zip(outcomes) {
            let rows = &self.rows;
            let told = |error: UserError| {
                let field: Vec<_> = error
                    .path
                    .iter()
                    .filter(|part| !part.is_empty())
                    .cloned()
                    .collect();
                (rows.place(&field.join(".")), error.into_reason())
            };
            if outcome.is_created() {
                self.report.attachments += named.attachments as u64;
            }
            let mut stands = |outcome: &Outcome| {
                if let Outcome::Standing(_, fields) = outcome {
                    for field in fields {
                        self.report.stands(&rows.place(field));
                    }
                }
            };
            match outcome {
                Outcome::Erased(field) => {
                    let field = self.rows.place(field);
                    self.erase(&named.id, number, field);
                }
                // Records that belong to an object that was left out in this run are left out too.
                Outcome::Failed(errors)
                    if let Some((noun, id)) = &named.parent
                        && errors.iter().any(|error| error.code == UserErrorCode::NotFound)
                        && self.memory.refused.is_erased(noun, id) =>
                {
                    let [error, ..] = &errors[..] else { continue };
                    let field = self.rows.place(&error.path.join("."));
                    self.erase(&named.id, number, field);
                }
                Outcome::Failed(errors) => {
                    let faults: Vec<FieldFault> = errors
                        .into_iter()
                        .map(|error| match &named.parent {
                            Some((noun, id)) if error.code == UserErrorCode::NotFound => {
                                (told(error).0, self.memory.refused.tell(noun, id))
                            }
                            _ => told(error),
                        })
                        .collect();
                    self.refuse(&named.id, number, &faults);
                    self.report.fail(number, faults);
                }
                Outcome::InPart(outcome, values) => {
                    stands(&outcome);
                    self.report.leave_out(number, values.into_iter().map(told));
                    self.report.note(&outcome);
                }
                outcome => {
                    stands(&outcome);
                    self.report.note(&outcome);
                }
            }
        }
        self.bytes = 0;
        Ok(())
    }

    pub fn finish(mut self) -> FileReport {
        self.report.faults.sort_by_key(|fault| fault.line);
        self.report
    }
}
