//! Imports customers from a table with comma-separated values or another delimiter.

mod decoded;
mod rows;

use std::{
    fs::File,
    io::{self, BufReader},
    path::PathBuf,
};

use encoding_rs::Encoding;

use self::{
    decoded::Decoded,
    rows::{Row, Rows},
};
use super::{
    FileReport, ImportError, Progress, Report,
    bounded::TooLarge,
    fields::{FieldFault, LEFT_OUT},
    format::table as format,
    intake::{DuplicateIds, Intake},
    memory::Memory,
    vendor::Step,
};
use crate::service::{Services, import::Source, wording::plural};

/// Maximum number of columns. Every column is compared with every other one.
const COLUMNS_MAX: usize = 1_000;
/// Maximum number of column names in a message, and of characters of each.
const TOLD_MAX: usize = 20;
const NAME_MAX: usize = 60;

/// Reason why a row with an unclosed quote is rejected, instead of including the rows after it.
const OPEN_QUOTE: &str = "The row has an unclosed quote. The next line is read as a new row.";

/// A table, and the mapping of its columns to fields.
#[derive(Clone, Debug)]
pub struct Table {
    /// The file. Its first row contains the column names.
    pub file: PathBuf,
    /// Delimiter of the cells, one byte.
    pub delimiter: u8,
    /// WHATWG name of the encoding of a file without a byte order mark. `None` means UTF-8.
    pub encoding: Option<String>,
    /// Pairs of column and field. If empty, columns map to the fields with the same names.
    pub columns: Vec<(String, String)>,
}

/// Imports the customers of a table. Returns the outcome of every line. Writes nothing if a mapped column is
/// missing.
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
    let memory = Memory::default();
    let mut intake = Intake::new(services, source, &step, &memory, &name, DuplicateIds::Refuse);
    for column in rows.columns.iter().filter(|column| column.fields.is_empty()) {
        let note = format!(
            "The column {:?} is not mapped to a field and is left out.",
            short(&column.name)
        );
        intake.report().notes.push(note);
    }
    loop {
        let next = rows.next();
        if next.is_err() {
            // The rows before the error are valid, so they are written.
            intake.write().await.map_err(ImportError::Store)?;
        }
        let next = next?;
        let ended = next.is_none();
        match next {
            None => {}
            Some(Row::Open(number)) => intake.fail(number, (String::new(), OPEN_QUOTE.to_owned())),
            // Spreadsheets often end with rows that contain only delimiters.
            Some(Row::Cells(_, cells)) if cells.iter().all(|cell| cell.trim_ascii().is_empty()) => {}
            Some(Row::Cells(number, cells)) => {
                let size = cells.iter().map(Vec::len).sum();
                match rows.object(&cells, source.strict) {
                    Ok((object, left_out)) => {
                        intake.add(number, object, size);
                        intake.report().leave_out(number, left_out);
                    }
                    Err(fault) => intake.fail(number, fault),
                }
            }
        }
        if ended || intake.is_full() {
            intake.write().await.map_err(ImportError::Store)?;
            progress(Progress {
                file: &name,
                read: rows.rows.bytes(),
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
    /// A column can map to several fields.
    fields: Vec<String>,
}

/// A table whose header was read.
struct Opened {
    name: String,
    rows: Rows<Decoded<BufReader<File>>>,
    bytes: u64,
    columns: Vec<Column>,
}

impl Opened {
    fn open(table: &Table, name: &str) -> Result<Self, ImportError> {
        let failed = |error| ImportError::File(name.to_owned(), error);
        let file = File::open(&table.file).map_err(failed)?;
        let bytes = file.metadata().map_err(failed)?.len();
        // Blocking reads are acceptable, because the command does nothing else.
        let source = Decoded::open(BufReader::new(file), encoding(table)?).map_err(failed)?;
        let mut rows = Rows::new(source, table.delimiter);
        rows.separator().map_err(|error| unreadable(name, 1, error))?;
        let header = match rows.next(0).map_err(|error| unreadable(name, 1, error))? {
            Some(Row::Cells(_, cells)) => cells,
            Some(Row::Open(line)) => {
                let reason = "The header has an unclosed quote.";
                return Err(ImportError::Table(format!("{name}:{line}: {reason}")));
            }
            None => Vec::new(),
        };
        if header.iter().any(|cell| cell.contains(&0)) {
            let reason = "The file contains NUL bytes. If it is UTF-16, set --encoding utf-16le or --encoding utf-16be.";
            return Err(ImportError::Table(format!("{name}:1: {reason}")));
        }
        if header.len() > COLUMNS_MAX {
            let reason = format!(
                "The header has {} columns; the maximum is {COLUMNS_MAX}.",
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
            rows,
            bytes,
            columns,
        })
    }

    /// The next row. `None` at the end.
    fn next(&mut self) -> Result<Option<Row>, ImportError> {
        let next = self.rows.next(self.columns.len());
        next.map_err(|error| unreadable(&self.name, self.rows.line_number(), error))
    }

    /// The object for a row, and the values that were left out.
    fn object(
        &self,
        cells: &[Vec<u8>],
        strict: bool,
    ) -> Result<(serde_json::Value, Vec<FieldFault>), FieldFault> {
        let (has, most) = (cells.len(), self.columns.len());
        let mut left_out = Vec::new();
        let has_more = cells.iter().skip(most).any(|cell| !cell.trim_ascii().is_empty());
        if has_more || strict && has != most {
            let cells = plural(has, "cell", "cells");
            let reason = format!("The row has {has} {cells}, but the header has {most}.");
            if strict {
                return Err((String::new(), reason));
            }
            left_out.push((
                String::new(),
                format!("{reason} The additional cells are left out."),
            ));
        }
        // A short row does not change the fields of the missing columns.
        let mut given = Vec::with_capacity(most);
        for (column, cell) in self.columns.iter().zip(cells) {
            match std::str::from_utf8(cell) {
                Ok(text) => given.extend(column.fields.iter().map(|field| (field.as_str(), text))),
                Err(_) => {
                    for field in &column.fields {
                        let reason = "The value is not valid UTF-8.";
                        if strict {
                            return Err((field.clone(), reason.to_owned()));
                        }
                        let reason =
                            format!("{reason}{LEFT_OUT} Set the encoding of the file with --encoding.");
                        left_out.push((field.clone(), reason));
                    }
                }
            }
        }
        Ok((format::object(given), left_out))
    }

    /// Adds the column names of the file to the faults of a report.
    fn in_columns(&self, mut report: FileReport) -> FileReport {
        for fault in report.every_fault() {
            let is_meant = |field: &String| {
                let rest = fault.field.strip_prefix(field.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            let column = self
                .columns
                .iter()
                .find(|column| column.fields.iter().any(is_meant));
            if let Some(column) = column
                && !column.fields.contains(&column.name)
            {
                fault.field = format!("{} (column {:?})", fault.field, short(&column.name));
            }
        }
        report
    }
}

/// Maps the columns of the header to fields.
fn columns(header: &[String], named: &[(String, String)]) -> Result<Vec<Column>, String> {
    if header.is_empty() {
        return Err("The file is empty. The first row must contain the column names.".to_owned());
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
                "The header has {what} {column:?} for the field {field}. Columns: {}.",
                listed(header)
            ));
        }
    }
    let columns: Vec<Column> = header
        .iter()
        .map(|name| Column {
            name: name.clone(),
            fields: if named.is_empty() {
                format::field(name).into_iter().collect()
            } else {
                let fields = named.iter().filter(|(column, _)| column == name);
                fields.map(|(_, field)| field.clone()).collect()
            },
        })
        .collect();
    let taken: Vec<&str> = columns
        .iter()
        .flat_map(|column| column.fields.iter().map(String::as_str))
        .collect();
    if let Some(twice) = taken
        .iter()
        .enumerate()
        .find_map(|(index, field)| taken[..index].contains(field).then_some(field))
    {
        return Err(format!(
            "Two columns map to the field {twice}. Select one with --map COLUMN={twice}."
        ));
    }
    if !taken.contains(&"id") && !taken.contains(&"email") {
        let reason = "No column maps to the field id or email, so a second run would create every customer again. Add \
                      --map COLUMN=id or --map COLUMN=email.";
        return Err(format!("{reason} Columns: {}.", listed(header)));
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

/// Truncates a name and replaces its control characters, so that it is safe to print in a terminal.
fn short(name: &str) -> String {
    let mut short: String = name
        .chars()
        .take(NAME_MAX)
        .map(|one| if one.is_control() { '\u{fffd}' } else { one })
        .collect();
    if name.chars().nth(NAME_MAX).is_some() {
        short.push('\u{2026}');
    }
    short
}

/// The encoding with the configured name.
fn encoding(table: &Table) -> Result<Option<&'static Encoding>, ImportError> {
    let Some(label) = &table.encoding else {
        return Ok(None);
    };
    let found = Encoding::for_label(label.as_bytes());
    let unknown = || {
        let known = "utf-8, utf-16le, windows-1252, iso-8859-2, shift_jis, gb18030 and the other encodings of the web";
        ImportError::Table(format!(
            "--encoding: The encoding {label:?} is not supported. Supported encodings: {known}."
        ))
    };
    found.map(Some).ok_or_else(unknown)
}

/// The error for a row that cannot be read, with the line on which it begins.
fn unreadable(name: &str, line: u64, error: io::Error) -> ImportError {
    if TooLarge::is_cause_of(&error) {
        let reason = format!("{TooLarge} Check for an unclosed quote.");
        return ImportError::Table(format!("{name}:{line}: {reason}"));
    }
    ImportError::File(name.to_owned(), error)
}
