//! The outcome of every line of an import.

use std::{collections::BTreeMap, fmt};

use super::kinds::{FaultGroups, plain};

use crate::service::{Error, Services, import::Outcome, wording::plural};

/// Maximum number of faults per file that are stored in full. Further faults are counted.
const FAULTS_KEPT: usize = 1_000;

/// A line, or a value in it, that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Number of the line in a file, or of the object in a document or a REST API list, from 1.
    pub line: u64,
    /// Name of the field. Empty if the whole line is affected.
    pub field: String,
    pub reason: String,
}

/// Maximum number of field names that are stored. Further fields are counted under one name.
const FIELDS_KEPT: usize = 200;

/// Outcomes of the lines of one file.
#[derive(Clone, Debug, Default)]
pub struct FileReport {
    pub name: String,
    /// Number of lines that created a record.
    pub created: u64,
    /// Number of lines that changed a record.
    pub updated: u64,
    /// Number of lines that changed nothing.
    pub unchanged: u64,
    /// Number of lines that failed.
    pub failed: u64,
    /// Number of lines that were left out because their customer was erased in Deskgraph.
    pub erased: u64,
    /// Fields that were changed in Deskgraph after the last import and keep their values, with numbers of
    /// lines.
    pub standing: BTreeMap<String, u64>,
    /// Faults of failed lines: the first `FAULTS_KEPT`.
    pub faults: Vec<Fault>,
    /// Values that were left out of lines that succeeded: the first `FAULTS_KEPT`.
    pub left_out: Vec<Fault>,
    /// Omitted values and faults of all lines, grouped by field and reason.
    pub(super) kinds: [FaultGroups; 2],
    /// Unsupported fields, with numbers of lines.
    pub unknown_fields: BTreeMap<String, u64>,
    /// Number of attachments of the messages that were created.
    pub attachments: u64,
    /// Further notes for the report.
    pub notes: Vec<String>,
}

impl FileReport {
    pub fn lines(&self) -> u64 {
        self.created + self.updated + self.unchanged + self.failed + self.erased
    }

    /// Counts the outcome of a line. The faults of a failed line are recorded with [`fail`](Self::fail).
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

    /// Counts an unsupported field.
    pub fn unknown(&mut self, field: &str) {
        count(&mut self.unknown_fields, field);
    }

    /// Counts a field that was changed in Deskgraph and keeps its value.
    pub fn stands(&mut self, field: &str) {
        count(&mut self.standing, field);
    }

    /// All faults that the report contains.
    pub(super) fn every_fault(&mut self) -> impl Iterator<Item = &mut Fault> {
        let kinds = self.kinds.iter_mut().flat_map(FaultGroups::examples);
        self.faults.iter_mut().chain(&mut self.left_out).chain(kinds)
    }

    /// Records values that were left out of a line.
    pub fn leave_out(&mut self, line: u64, values: impl IntoIterator<Item = (String, String)>) {
        keep(&mut self.left_out, &mut self.kinds[0], line, values);
    }

    /// Records a failed line.
    pub fn fail(&mut self, line: u64, faults: impl IntoIterator<Item = (String, String)>) {
        self.failed += 1;
        keep(&mut self.faults, &mut self.kinds[1], line, faults);
    }
}

/// Counts a field. Bounded, because external data can contain any number of names.
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
    kinds: &mut FaultGroups,
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

/// Outcomes of the lines of all files.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub files: Vec<FileReport>,
}

impl Report {
    /// Number of lines that failed.
    pub fn failed(&self) -> u64 {
        self.files.iter().map(|file| file.failed).sum()
    }

    /// Updates the statistics of the query planner if rows were created.
    pub(super) async fn settle(&self, services: &Services) -> Result<(), Error> {
        if self.files.iter().any(|file| file.created > 0) {
            services.db.analyze().await?;
        }
        Ok(())
    }
}

/// A number of lines, with the number right-aligned.
fn of_lines(count: u64) -> String {
    format!("{count:>8} {}", plural(count, "line", "lines"))
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
                "{:<18} {}: {} created, {} updated, {} unchanged, {} failed",
                file.name,
                of_lines(file.lines()),
                file.created,
                file.updated,
                file.unchanged,
                file.failed
            )?;
            for (field, count) in &file.unknown_fields {
                writeln!(
                    f,
                    "{:<18} {}: the field {field} is not supported and is left out",
                    "",
                    of_lines(*count)
                )?;
            }
            if file.attachments > 0 {
                writeln!(
                    f,
                    "{:<18} {:>8} {}: metadata imported, contents not imported",
                    "",
                    file.attachments,
                    plural(file.attachments, "attachment", "attachments")
                )?;
            }
            for (field, count) in &file.standing {
                writeln!(
                    f,
                    "{:<18} {}: the field {field} was changed in Deskgraph and keeps its value",
                    "",
                    of_lines(*count)
                )?;
            }
            if file.erased > 0 {
                let records = plural(file.erased, "record is", "records are");
                writeln!(
                    f,
                    "{:<18} {}: the customer was erased in this workspace, and the {records} left out",
                    "",
                    of_lines(file.erased)
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
    fn faults_are_reported_with_file_line_field_and_reason() {
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
    fn one_line_is_reported_in_the_singular() {
        let mut file = FileReport {
            attachments: 1,
            ..FileReport::default()
        };
        file.note(&Outcome::Created);
        file.unknown("shoeSize");
        let text = Report { files: vec![file] }.to_string();
        for expected in [
            " 1 line: 1 created, 0 updated, 0 unchanged, 0 failed",
            " 1 line: the field shoeSize is not supported",
            " 1 attachment: metadata imported",
        ] {
            assert!(text.contains(expected), "{text}");
        }
    }

    #[test]
    fn faults_of_one_kind_are_reported_once() {
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
    fn imported_names_in_reports_are_bounded() {
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
