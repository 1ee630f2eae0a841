//! Imports helpdesk data from files.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use entity::WorkspaceId;
use indicatif::ProgressBar;

use super::{
    Done, Failure, bar,
    connect::{services, workspace},
    resumable, retitle,
};
use crate::{
    auth::Viewer,
    config::Settings,
    import::{
        self, CSTAR, ImportError, Input, KEVA, KUSTOMER, Progress, Report, Table, Vendor, run_table,
        table_field,
    },
    service::{import::Source, wording::plural},
};

/// Imports helpdesk data from files.
#[derive(Debug, Subcommand)]
pub enum Import {
    /// Imports Keva customers, tickets and messages, and optionally agents.
    #[command(after_help = KEVA_HELP)]
    Keva(Folder),
    /// Imports Kustomer customers, and optionally users, teams, queues, tags, conversations, messages and notes.
    #[command(after_help = KUSTOMER_HELP)]
    Kustomer(Folder),
    /// Imports C-Star customers, and optionally tickets and messages.
    #[command(after_help = CSTAR_HELP)]
    Cstar(Folder),
    /// Imports customers from a CSV file.
    #[command(after_help = CSV_HELP)]
    Csv(Csv),
    /// Copies a workspace from a complete export of another Deskgraph, with its ids and change log.
    #[command(after_help = super::copy::HELP)]
    Deskgraph(super::copy::Deskgraph),
}

/// Progress of reading a file.
pub const BYTES: &str = "{msg:18} {bar:40} {percent:>3} %  {binary_bytes_per_sec}  {eta} left";

const KEVA_HELP: &str = "\
Examples:
  deskgraph import keva ./export
  deskgraph import keva ./export --workspace \"Acme Support\"
  deskgraph import keva ./export --strict

Files in the folder:
  customers.ndjson, tickets.ndjson, messages.ndjson   required
  agents.ndjson                                       optional
Each line contains one object of the Keva REST API. Instead of customers.ndjson, the folder can
contain customers.json with a complete response of the REST API; the same applies to the other
files.

A repeated run imports the changes of the source. A field that was changed in Deskgraph since
the last import keeps its value, unless --prefer source is set. Run the command again to resume
an interrupted run. Customers who were erased in the workspace stay erased, unless --revive is
set.

A value that is not valid is left out or corrected, and the record is imported. With --strict the
record is rejected instead. The report lists each field and reason with the first line on which it
occurs.

Exit codes: 0 all records were imported, 1 a record was rejected or the import failed.";
const KUSTOMER_HELP: &str = "\
Examples:
  deskgraph import kustomer ./export

Files in the folder:
  customers.ndjson                                            required
  users.ndjson, teams.ndjson, queues.ndjson, tags.ndjson,
  conversations.ndjson, messages.ndjson, notes.ndjson         optional
Each line contains a JSON:API object with type, id, attributes and relationships, or a complete
response with such objects under data. Instead of customers.ndjson, the folder can contain
customers.json with one response; the same applies to the other files.

A repeated run over the same files changes nothing. Run the command again to resume an interrupted
run. The report lists attributes that Deskgraph does not support.

Exit codes: 0 all records were imported, 1 a record was rejected or the import failed.";
const CSTAR_HELP: &str = "\
Examples:
  deskgraph import cstar ./export

Files in the folder:
  customers.ndjson                    required
  tickets.ndjson, messages.ndjson     optional
Each line contains one object or one response of the REST API. Instead of customers.ndjson, the
folder can contain customers.json with one response; the same applies to the other files.

A repeated run over the same files changes nothing. Run the command again to resume an interrupted
run.

Exit codes: 0 all records were imported, 1 a record was rejected or the import failed.";
const CSV_HELP: &str = "\
Examples:
  deskgraph import csv customers.csv
  deskgraph import csv customers.csv --map \"E-Mail=email\" --map \"Full name=name\" --map \"Plan=customFields.plan\"
  deskgraph import csv customers.csv --strict
  deskgraph import csv contacts.csv --encoding windows-1252 --delimiter \";\"
  deskgraph import csv export.csv --delimiter \";\" --map Nr=id --map Mail=email --system crm

Fields: id, name, email, phone, company, jobTitle, location, timezone, isVip, priorityOverride,
tags (separated by ;), internalNotes, externalId, status, sentiment, displayName, displayColor,
displayIcon, firstName, lastName, username, avatarUrl, salesforceContactId, hubspotContactId,
hubspotCompanyId, signedUpAt, createdAt, customFields.KEY.

The first row contains the column names. Without --map, a column with the name of a field maps
to that field. With --map, only the listed columns are imported. An empty cell does not change
its field. A customer is matched by id, or by email if the table has no id, so a repeated run
changes nothing.

Exit codes: 0 all rows were imported, 1 a row was rejected or the import failed.";

/// Arguments of an import from a folder.
#[derive(Debug, Args)]
pub struct Folder {
    /// Folder that contains the files.
    folder: PathBuf,
    /// Id or name of the workspace [default: the only workspace].
    #[arg(long)]
    workspace: Option<String>,
    #[command(flatten)]
    options: ImportOptions,
}

/// Arguments of `import csv`.
#[derive(Debug, Args)]
pub struct Csv {
    /// CSV file in UTF-8, or in UTF-16 with a byte order mark.
    file: PathBuf,
    /// Maps a column to a field. Can be repeated, also for the same column.
    #[arg(long, value_name = "COLUMN=FIELD", value_parser = mapping)]
    map: Vec<(String, String)>,
    /// Separator of the cells: one character, or `tab`.
    #[arg(long, default_value = ",", value_parser = delimiter)]
    delimiter: u8,
    /// Encoding of the file, such as windows-1252 or iso-8859-2. A byte order mark takes precedence [default: utf-8].
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Name of the source system, which scopes the ids of this table: 1 to 64 characters from a to z, 0 to 9, - and _.
    #[arg(long, default_value = "csv", value_parser = system)]
    system: String,
    /// Id or name of the workspace [default: the only workspace].
    #[arg(long)]
    workspace: Option<String>,
    #[command(flatten)]
    options: ImportOptions,
}

/// Value that wins when both Deskgraph and the source changed a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Prefer {
    /// The value in Deskgraph.
    #[default]
    Here,
    /// The value of the source.
    Source,
}

/// Arguments of every import.
#[derive(Debug, Args)]
pub struct ImportOptions {
    /// Rejects a record with a value that is not valid, instead of leaving the value out.
    #[arg(long)]
    strict: bool,
    /// Value that wins for a field that was changed in Deskgraph since the last import.
    #[arg(long, value_enum, default_value_t)]
    prefer: Prefer,
    /// Also imports customers that were erased in the workspace [default: they are skipped].
    #[arg(long)]
    revive: bool,
}

impl ImportOptions {
    /// The source of an import with these options.
    pub fn of<'a>(&self, viewer: &'a Viewer, workspace: WorkspaceId, system: &'a str) -> Source<'a> {
        Source {
            viewer,
            workspace,
            system,
            strict: self.strict,
            prefer_source: self.prefer == Prefer::Source,
            revive: self.revive,
        }
    }
}

fn mapping(text: &str) -> Result<(String, String), String> {
    let (column, field) = text
        .rsplit_once('=')
        .ok_or("the value must have the form COLUMN=FIELD, such as \"E-Mail=email\"")?;
    let known = table_field(field.trim()).ok_or_else(|| {
        format!("the field {field:?} does not exist; deskgraph import csv --help lists the fields")
    })?;
    Ok((column.trim().to_owned(), known))
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [one] if *one != b'"' && !one.is_ascii_alphanumeric() => Ok(*one),
        _ => Err("the delimiter must be one character, such as ; or |, or the word tab".to_owned()),
    }
}

fn system(text: &str) -> Result<String, String> {
    let fine = |one: char| one.is_ascii_lowercase() || one.is_ascii_digit() || "-_".contains(one);
    if text.is_empty() || text.len() > 64 || !text.chars().all(fine) {
        return Err("the name must have 1 to 64 characters from a to z, 0 to 9, - and _".to_owned());
    }
    Ok(text.to_owned())
}

impl Import {
    pub async fn run(&self, settings: &Settings) -> Done {
        match self {
            Self::Keva(folder) => folder.run(settings, &KEVA).await,
            Self::Kustomer(folder) => folder.run(settings, &KUSTOMER).await,
            Self::Cstar(folder) => folder.run(settings, &CSTAR).await,
            Self::Csv(csv) => csv.run(settings).await,
            Self::Deskgraph(copy) => copy.run(settings).await,
        }
    }
}

impl Folder {
    async fn run(&self, settings: &Settings, vendor: &Vendor) -> Done {
        if !self.folder.is_dir() {
            return Err(Failure(format!(
                "{} is not an existing folder.",
                self.folder.display()
            )));
        }
        let services = services(settings).await?;
        let workspace = workspace(&services, self.workspace.as_deref()).await?;
        let viewer = Viewer::operator(workspace.id);
        let source = self.options.of(&viewer, workspace.id, vendor.system);
        let bar = bar(BYTES);
        let input = Input::Folder(self.folder.clone());
        let show = |progress: Progress<'_>| show(&bar, progress);
        let report = import::run(&services, &source, vendor, &input, &show).await;
        bar.finish_and_clear();
        tell(report)
    }
}

impl Csv {
    async fn run(&self, settings: &Settings) -> Done {
        if !self.file.is_file() {
            return Err(Failure(format!(
                "{} is not an existing file.",
                self.file.display()
            )));
        }
        let services = services(settings).await?;
        let workspace = workspace(&services, self.workspace.as_deref()).await?;
        let viewer = Viewer::operator(workspace.id);
        let source = self.options.of(&viewer, workspace.id, &self.system);
        let table = Table {
            file: self.file.clone(),
            delimiter: self.delimiter,
            encoding: self.encoding.clone(),
            columns: self.map.clone(),
        };
        let bar = bar(BYTES);
        let report = run_table(&services, &source, &table, &|progress| show(&bar, progress)).await;
        bar.finish_and_clear();
        tell(report)
    }
}

/// Prints the report of an import to standard output. Fails if the import is incomplete.
fn tell(report: Result<Report, ImportError>) -> Done {
    let report = report.map_err(|error| match error {
        ImportError::Store(error) => resumable(error),
        other => Failure(other.to_string()),
    })?;
    print!("{report}");
    verdict(&report)
}

/// Fails if a line was rejected.
pub(super) fn verdict(report: &Report) -> Done {
    match report.failed() {
        0 => Ok(()),
        failed => {
            let were = plural(failed, "record was", "records were");
            Err(Failure(format!(
                "{failed} {were} rejected. Correct the input and run the same command again. Records that were imported \
                 remain unchanged."
            )))
        }
    }
}

fn show(bar: &ProgressBar, progress: Progress<'_>) {
    retitle(bar, progress.file);
    bar.set_length(progress.total);
    bar.set_position(progress.read);
}
