//! Reads customers from a table of values separated by commas or another character.

use std::{fs::File, io::BufReader, path::PathBuf};

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::{
    FileReport, ImportError, Progress, Report,
    bounded::{Allowance, Bounded, RECORD_MAX, TooLarge},
    fields::FieldFault,
    format::table as format,
    intake::{Intake, Twice},
    refused::Refused,
    vendor::Step,
};
use crate::service::{Services, import::Source};

/// Most columns of a table. Each is compared with each.
const COLUMNS_MAX: usize = 1_000;
/// Names of columns that a sentence lists, and the characters of each.
const TOLD_MAX: usize = 20;
const NAME_MAX: usize = 60;

/// A table, and which column is which field.
#[derive(Clone, Debug)]
pub struct Table {
    /// The file. Its first row names the columns.
    pub file: PathBuf,
    /// Between the cells: one byte.
    pub delimiter: u8,
    /// Columns and their fields. Without any, a column is the field that it is called like.
    pub columns: Vec<(String, String)>,
}

/// Brings in the customers of a table. Answers what became of every line; nothing is written when a column that was
/// named is not there.
pub async fn run_table(
    services: &Services,
    source: &Source<'_>,
    table: &Table,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Report, ImportError> {
    let name = table.file.file_name().unwrap_or(table.file.as_os_str());
    let name = name.to_string_lossy().into_owned();
    let mut rows = Opened::open(table, &name)?;
    let step = Step::new("customers", true, || Step::rows(format::customer));
    let refused = Refused::default();
    let mut intake = Intake::new(services, source, &step, &refused, &name, Twice::IsAFault);
    for column in rows.columns.iter().filter(|column| column.field.is_none()) {
        let note = format!(
            "the column {:?} has no place here and was left out",
            short(&column.name)
        );
        intake.report().notes.push(note);
    }
    let mut record = ByteRecord::new();
    loop {
        let next = rows.next(&mut record);
        if next.is_err() {
            // What stands before it was read well.
            intake.write().await.map_err(ImportError::Store)?;
        }
        let ended = !next?;
        if !ended {
            let number = record.position().map_or(0, csv::Position::line);
            match rows.object(&record) {
                Ok(object) => intake.add(number, object, record.as_slice().len()),
                Err(fault) => intake.fail(number, fault),
            }
        }
        if ended || intake.is_full() {
            intake.write().await.map_err(ImportError::Store)?;
            progress(Progress {
                file: &name,
                read: rows.reader.position().byte(),
                total: rows.bytes,
            });
        }
        if ended {
            break;
        }
    }
    let file: FileReport = rows.in_columns(intake.finish());
    let report = Report { files: vec![file] };
    report.settle(services).await.map_err(ImportError::Store)?;
    Ok(report)
}

struct Column {
    name: String,
    field: Option<String>,
}

/// A table whose header was read.
struct Opened {
    name: String,
    reader: Reader<Bounded<BufReader<File>>>,
    /// Bytes that may be read for the row at hand: a quote that is never closed would hold all of the file.
    allowance: Allowance,
    bytes: u64,
    columns: Vec<Column>,
}

impl Opened {
    fn open(table: &Table, name: &str) -> Result<Self, ImportError> {
        let failed = |error| ImportError::File(name.to_owned(), error);
        let file = File::open(&table.file).map_err(failed)?;
        let bytes = file.metadata().map_err(failed)?.len();
        // Read in place: a command line has nothing else to do meanwhile.
        let (reader, allowance) = Bounded::new(BufReader::new(file));
        let mut reader = ReaderBuilder::new()
            .delimiter(table.delimiter)
            // Told line by line, where it can be said which line it is.
            .flexible(true)
            .from_reader(reader);
        let header = reader
            .byte_headers()
            .map_err(|error| unreadable(name, 1, error))?;
        if header.len() > COLUMNS_MAX {
            let reason = format!(
                "the header has {} columns; a table has at most {COLUMNS_MAX}",
                header.len()
            );
            return Err(ImportError::Table(format!("{name}:1: {reason}")));
        }
        let header: Vec<String> = header
            .iter()
            .map(|cell| String::from_utf8_lossy(cell).trim().to_owned())
            .collect();
        let columns = columns(&header, &table.columns)
            .map_err(|reason| ImportError::Table(format!("{name}:1: {reason}")))?;
        Ok(Self {
            name: name.to_owned(),
            reader,
            allowance,
            bytes,
            columns,
        })
    }

    /// The next row; false at the end.
    fn next(&mut self, record: &mut ByteRecord) -> Result<bool, ImportError> {
        self.allowance.set(RECORD_MAX);
        let line = self.reader.position().line();
        self.reader
            .read_byte_record(record)
            .map_err(|error| unreadable(&self.name, line, error))
    }

    fn object(&self, record: &ByteRecord) -> Result<serde_json::Value, FieldFault> {
        if record.len() != self.columns.len() {
            let reason = format!(
                "has {} cells; the header has {}",
                record.len(),
                self.columns.len()
            );
            return Err((String::new(), reason));
        }
        let mut cells = Vec::with_capacity(record.len());
        for (column, cell) in self.columns.iter().zip(record) {
            let Some(field) = &column.field else { continue };
            match std::str::from_utf8(cell) {
                Ok(text) => cells.push((field.as_str(), text)),
                Err(_) => return Err((field.clone(), "is not written in UTF-8".to_owned())),
            }
        }
        Ok(format::object(cells))
    }

    /// Faults with the names that the columns have in the file.
    fn in_columns(&self, mut report: FileReport) -> FileReport {
        for fault in report.every_fault() {
            let column = self.columns.iter().find(|column| {
                let field = column.field.as_deref().unwrap_or_default();
                let within = |field: &str| {
                    fault
                        .field
                        .strip_prefix(field)
                        .is_some_and(|rest| rest.starts_with('.'))
                };
                !field.is_empty() && (fault.field == field || within(field))
            });
            if let Some(column) = column
                && column.field.as_deref() != Some(column.name.as_str())
            {
                fault.field = format!("{} (column {:?})", fault.field, short(&column.name));
            }
        }
        report
    }
}

/// Which field each column of the header is.
fn columns(header: &[String], named: &[(String, String)]) -> Result<Vec<Column>, String> {
    if header.is_empty() {
        return Err("the file is empty: its first row must name the columns".to_owned());
    }
    for (column, field) in named {
        let found = header.iter().filter(|name| *name == column).count();
        if found != 1 {
            let what = if found == 0 {
                "no column"
            } else {
                "more than one column"
            };
            return Err(format!(
                "there is {what} {column:?} for the field {field}; the header has {}",
                listed(header)
            ));
        }
    }
    let columns: Vec<Column> = header
        .iter()
        .map(|name| Column {
            name: name.clone(),
            field: if named.is_empty() {
                format::field(name)
            } else {
                named
                    .iter()
                    .find(|(column, _)| column == name)
                    .map(|(_, field)| field.clone())
            },
        })
        .collect();
    let taken: Vec<&str> = columns
        .iter()
        .filter_map(|column| column.field.as_deref())
        .collect();
    if let Some(twice) = taken
        .iter()
        .enumerate()
        .find_map(|(index, field)| taken[..index].contains(field).then_some(field))
    {
        return Err(format!(
            "two columns are the field {twice}: say --map COLUMN={twice} for the one that is meant"
        ));
    }
    if !taken.contains(&"id") && !taken.contains(&"email") {
        let reason = "no column is the field id or email, so that a second run would bring in everything twice: say \
                      --map COLUMN=id or --map COLUMN=email";
        return Err(format!("{reason}; the header has {}", listed(header)));
    }
    Ok(columns)
}

/// The first names of a header.
fn listed(header: &[String]) -> String {
    let names: Vec<String> = header.iter().take(TOLD_MAX).map(|name| short(name)).collect();
    let names = names.join(", ");
    match header.len().saturating_sub(TOLD_MAX) {
        0 => names,
        more => format!("{names} and {more} more"),
    }
}

/// As much of a name as a sentence takes.
fn short(name: &str) -> String {
    match name.char_indices().nth(NAME_MAX) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

/// Why the row that begins on a line cannot be read.
fn unreadable(name: &str, line: u64, error: csv::Error) -> ImportError {
    let line = error.position().map_or(line, csv::Position::line);
    match error.into_kind() {
        csv::ErrorKind::Io(error) if TooLarge::is_cause_of(&error) => ImportError::Table(format!(
            "{name}:{line}: the row {TooLarge}: is a quote not closed?"
        )),
        csv::ErrorKind::Io(error) => ImportError::File(name.to_owned(), error),
        _ => ImportError::Table(format!("{name}:{line}: the row cannot be read")),
    }
}
