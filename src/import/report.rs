//! What became of every line.

use std::{collections::BTreeMap, fmt};

use super::kinds::{Kinds, plain};

use crate::service::{Error, Services, import::Outcome};

/// Faults that are kept in full for each file; the others are counted.
const FAULTS_KEPT: usize = 1_000;

/// A line, or one value of it, that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its number, from 1: the line of a file, or the place in the list that a document or a REST API gives.
    pub line: u64,
    /// The field; empty when it is the whole line.
    pub field: String,
    /// Why.
    pub reason: String,
}

/// Names of fields that are kept; the others are counted under one.
const FIELDS_KEPT: usize = 200;

/// What became of the lines of one file.
#[derive(Clone, Debug, Default)]
pub struct FileReport {
    /// The file's name.
    pub name: String,
    /// Lines that made something.
    pub created: u64,
    /// Lines that changed something.
    pub updated: u64,
    /// Lines that changed nothing.
    pub unchanged: u64,
    /// Lines that could not be used.
    pub failed: u64,
    /// Lines that were left out because their customer was erased here.
    pub erased: u64,
    /// Fields that were changed here since and stand, and on how many lines.
    pub standing: BTreeMap<String, u64>,
    /// Why: the first of them.
    pub faults: Vec<Fault>,
    /// Values that could not be used, on lines that could: the first of them.
    pub left_out: Vec<Fault>,
    /// The same, and those behind the first, by field and reason.
    pub(super) kinds: [Kinds; 2],
    /// Fields that have no place here, and on how many lines they stood.
    pub unknown_fields: BTreeMap<String, u64>,
    /// Files that came with messages that were made.
    pub attachments: u64,
    /// What else there is to tell.
    pub notes: Vec<String>,
}

impl FileReport {
    /// How many lines there were.
    pub fn lines(&self) -> u64 {
        self.created + self.updated + self.unchanged + self.failed + self.erased
    }

    /// Notes what became of a line. One that failed is told with its [faults](Self::fail).
    pub fn note(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Created => self.created += 1,
            Outcome::Updated => self.updated += 1,
            Outcome::Unchanged => self.unchanged += 1,
            Outcome::InPart(outcome, _) | Outcome::Standing(outcome, _) => self.note(outcome),
            Outcome::Failed(_) => self.failed += 1,
            Outcome::Erased(_) => self.erased += 1,
        }
    }

    /// Notes a field that has no place here.
    pub fn unknown(&mut self, field: &str) {
        count(&mut self.unknown_fields, field);
    }

    /// Notes a field that was changed here since.
    pub fn stands(&mut self, field: &str) {
        count(&mut self.standing, field);
    }

    /// Every fault that is told.
    pub(super) fn every_fault(&mut self) -> impl Iterator<Item = &mut Fault> {
        let kinds = self.kinds.iter_mut().flat_map(Kinds::examples);
        self.faults.iter_mut().chain(&mut self.left_out).chain(kinds)
    }

    /// Notes values of a line that could not be used.
    pub fn leave_out(&mut self, line: u64, values: impl IntoIterator<Item = (String, String)>) {
        keep(&mut self.left_out, &mut self.kinds[0], line, values);
    }

    /// Notes a line that could not be used.
    pub fn fail(&mut self, line: u64, faults: impl IntoIterator<Item = (String, String)>) {
        self.failed += 1;
        keep(&mut self.faults, &mut self.kinds[1], line, faults);
    }
}

/// Counts a field. Names come from outside: there may be as many as there are lines.
fn count(fields: &mut BTreeMap<String, u64>, field: &str) {
    let field = plain(field);
    if fields.contains_key(&field) || fields.len() < FIELDS_KEPT {
        *fields.entry(field).or_default() += 1;
    } else {
        *fields.entry("…".to_owned()).or_default() += 1;
    }
}

fn keep(
    kept: &mut Vec<Fault>,
    kinds: &mut Kinds,
    line: u64,
    faults: impl IntoIterator<Item = (String, String)>,
) {
    for (field, reason) in faults {
        let fault = Fault {
            line,
            field: plain(&field),
            reason,
        };
        kinds.note(&fault);
        if kept.len() < FAULTS_KEPT {
            kept.push(fault);
        }
    }
}

/// What became of the lines of all files.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// File by file.
    pub files: Vec<FileReport>,
}

impl Report {
    /// How many lines could not be used.
    pub fn failed(&self) -> u64 {
        self.files.iter().map(|file| file.failed).sum()
    }

    /// Lets the database count its rows, when there are new ones.
    pub(super) async fn settle(&self, services: &Services) -> Result<(), Error> {
        if self.files.iter().any(|file| file.created > 0) {
            services.db.analyze().await?;
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for file in &self.files {
            for kinds in &file.kinds {
                kinds.write(&file.name, f)?;
            }
        }
        for file in &self.files {
            writeln!(
                f,
                "{:<18} {:>8} lines: {} created, {} updated, {} unchanged, {} failed",
                file.name,
                file.lines(),
                file.created,
                file.updated,
                file.unchanged,
                file.failed
            )?;
            for (field, count) in &file.unknown_fields {
                writeln!(
                    f,
                    "{:<18} {count:>8} lines: the field {field} is not supported and is left out",
                    ""
                )?;
            }
            if file.attachments > 0 {
                writeln!(
                    f,
                    "{:<18} {:>8} attachments: metadata imported, contents not imported",
                    "", file.attachments
                )?;
            }
            for (field, count) in &file.standing {
                writeln!(
                    f,
                    "{:<18} {count:>8} lines: the field {field} was changed in Deskgraph and keeps its value",
                    ""
                )?;
            }
            if file.erased > 0 {
                writeln!(
                    f,
                    "{:<18} {:>8} lines: the customer was erased in this workspace, and the records are left out",
                    "", file.erased
                )?;
            }
            for note in &file.notes {
                writeln!(f, "{:<18} {note}", "")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_told_with_file_line_field_and_reason() {
        let mut file = FileReport {
            name: "tickets.ndjson".to_owned(),
            ..FileReport::default()
        };
        file.note(&Outcome::Created);
        file.fail(17, [("subject".to_owned(), "The value is missing.".to_owned())]);
        let text = Report { files: vec![file] }.to_string();
        assert!(text.starts_with("tickets.ndjson:17: subject: The value is missing.\n"));
        assert!(text.contains("2 lines: 1 created, 0 updated, 0 unchanged, 1 failed"));
    }

    #[test]
    fn faults_of_one_kind_are_told_once() {
        let mut file = FileReport {
            name: "customers.ndjson".to_owned(),
            ..FileReport::default()
        };
        for line in 1..=3_000 {
            let reason = format!("The value {:?} is not a valid email address.", format!("a{line}"));
            file.leave_out(line, [(format!("emails.{line}.email"), reason)]);
        }
        file.fail(7, [("id".to_owned(), "The value is missing.".to_owned())]);
        assert_eq!(file.left_out.len(), FAULTS_KEPT);
        let text = Report { files: vec![file] }.to_string();
        let expected = "customers.ndjson:1: emails.1.email: The value \"a1\" is not a valid email address. (3000 occurrences)\n\
                        customers.ndjson:7: id: The value is missing.\n";
        assert!(text.starts_with(expected), "{text}");
    }

    #[test]
    fn names_from_outside_are_kept_in_bounds() {
        let mut file = FileReport::default();
        for number in 0..300 {
            file.unknown(&format!("field {number}"));
        }
        file.unknown("field 7");
        assert_eq!((file.unknown_fields.len(), file.unknown_fields["…"]), (201, 100));
        assert_eq!(file.unknown_fields["field 7"], 2);
        let name = format!("\u{1b}[2J{}", "x".repeat(500));
        file.fail(1, [(name, "The value is missing.".to_owned())]);
        assert!(file.faults[0].field.starts_with("\u{fffd}[2Jxx"));
        assert!(file.faults[0].field.len() < 300);
    }
}
