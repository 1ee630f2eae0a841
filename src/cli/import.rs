//! Brings in helpdesk data from files.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use entity::WorkspaceId;
use indicatif::{ProgressBar, ProgressStyle};

use super::{
    Done, Failure,
    connect::{explain, services, workspace},
};
use crate::{
    auth::Viewer,
    config::Settings,
    import::{
        self, CSTAR, ImportError, Input, KEVA, KUSTOMER, Progress, Report, Table, Vendor, run_table,
        table_field,
    },
    service::import::Source,
};

/// Where the data comes from.
#[derive(Debug, Subcommand)]
pub enum Import {
    /// Keva: customers, tickets and messages; agents if there are any.
    #[command(after_help = KEVA_HELP)]
    Keva(Folder),
    /// Kustomer: customers; users, teams, queues, tags, conversations, messages and notes if there are any.
    #[command(after_help = KUSTOMER_HELP)]
    Kustomer(Folder),
    /// C-Star: customers; tickets and messages if there are any.
    #[command(after_help = CSTAR_HELP)]
    Cstar(Folder),
    /// Customers in a table of values separated by commas.
    #[command(after_help = CSV_HELP)]
    Csv(Csv),
    /// Another Deskgraph: a workspace as it is there, with its ids and its change log.
    #[command(after_help = super::copy::HELP)]
    Deskgraph(super::copy::Deskgraph),
}

const KEVA_HELP: &str = "\
Examples:
  deskgraph import keva ./export
  deskgraph import keva ./export --workspace \"Acme Support\"
  deskgraph import keva ./export --strict

Files: customers.ndjson, tickets.ndjson, messages.ndjson and, if there is one, agents.ndjson, with one object of the REST
API on each line. A file may instead be called customers.json, … and hold one answer of the REST API as it was kept.

A second run changes what changed there, but for fields that were changed here since (--prefer source takes the source's). A
run that was cut off is finished by another. Customers who were erased here stay erased (--revive brings them back). A value that cannot be used is left out or
mended, and the record comes in; with --strict, the record is refused. What was left out or refused is told by field and reason with
the first line where it is so. The command ends with 1 when a record was refused.";
const KUSTOMER_HELP: &str = "\
Examples:
  deskgraph import kustomer ./export

Files: customers.ndjson and, if there are any, users.ndjson, teams.ndjson, queues.ndjson, tags.ndjson, conversations.ndjson,
messages.ndjson and notes.ndjson. On each line stands a JSON:API object with type, id,
attributes and relationships, or a whole answer with such objects under data. A file may instead be called
customers.json, … and hold one such answer.

A second run changes nothing, and a run that was cut off is finished by another. Attributes that have no place here are
counted in the report.";
const CSTAR_HELP: &str = "\
Examples:
  deskgraph import cstar ./export

Files: customers.ndjson and, if there are any, tickets.ndjson and messages.ndjson, with one object, or one answer of the REST API, on
each line. A file may instead be called customers.json, … and hold one answer.

A second run changes nothing, and a run that was cut off is finished by another.";
const CSV_HELP: &str = "\
Examples:
  deskgraph import csv customers.csv
  deskgraph import csv customers.csv --map \"E-Mail=email\" --map \"Full name=name\" --map \"Plan=customFields.plan\"
  deskgraph import csv customers.csv --strict
  deskgraph import csv contacts.csv --encoding windows-1252 --delimiter \";\"
  deskgraph import csv export.csv --delimiter \";\" --map Nr=id --map Mail=email --system crm

Fields: id, name, email, phone, company, jobTitle, location, timezone, isVip, priorityOverride, tags (separated by ;),
internalNotes, externalId, status, sentiment, displayName, displayColor, displayIcon, firstName, lastName, username,
avatarUrl, salesforceContactId, hubspotContactId, hubspotCompanyId, signedUpAt, createdAt, customFields.KEY.

The first row names the columns. Without --map, each column that is called like a field is that field; with it, only the
columns that are named. An empty cell leaves its field alone. A customer is found again by id, or by email where there
is no id: a second run changes nothing.";

/// Arguments of an import from a folder.
#[derive(Debug, Args)]
pub struct Folder {
    /// The folder with the files.
    folder: PathBuf,
    /// Id or name of the workspace [default: the only one there is].
    #[arg(long)]
    workspace: Option<String>,
    #[command(flatten)]
    wishes: Wishes,
}

/// Arguments of `import csv`.
#[derive(Debug, Args)]
pub struct Csv {
    /// The file: in UTF-8, or in UTF-16 with a mark at its beginning.
    file: PathBuf,
    /// Which field a column is; may be said many times, of one column too.
    #[arg(long, value_name = "COLUMN=FIELD", value_parser = mapping)]
    map: Vec<(String, String)>,
    /// What stands between the cells: one character, or `tab`.
    #[arg(long, default_value = ",", value_parser = delimiter)]
    delimiter: u8,
    /// The encoding of the file, such as windows-1252 or iso-8859-2. A mark at its beginning counts more.
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Name under which the ids of this table are kept: lower case, digits, - and _.
    #[arg(long, default_value = "csv", value_parser = system)]
    system: String,
    /// Id or name of the workspace [default: the only one there is].
    #[arg(long)]
    workspace: Option<String>,
    #[command(flatten)]
    wishes: Wishes,
}

/// What counts more where a field was changed here since the source told its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Prefer {
    /// What was changed here.
    #[default]
    Here,
    /// What the source tells.
    Source,
}

/// Arguments of everything that brings records in.
#[derive(Debug, Args)]
pub struct Wishes {
    /// Refuse each record that holds an odd value, instead of leaving the value out.
    #[arg(long)]
    strict: bool,
    /// Whose value counts of a field that was changed here since the source told its own.
    #[arg(long, value_enum, default_value_t)]
    prefer: Prefer,
    /// Bring customers back who were erased here, with what the source has of them.
    #[arg(long)]
    revive: bool,
}

impl Wishes {
    /// A source with these wishes.
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
        .ok_or("is not COLUMN=FIELD, such as \"E-Mail=email\"")?;
    let known = table_field(field.trim())
        .ok_or_else(|| format!("there is no field {field:?}; deskgraph import csv --help lists them"))?;
    Ok((column.trim().to_owned(), known))
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [one] if *one != b'"' && !one.is_ascii_alphanumeric() => Ok(*one),
        _ => Err("is one character, such as ; or |, or the word tab".to_owned()),
    }
}

fn system(text: &str) -> Result<String, String> {
    let fine = |one: char| one.is_ascii_lowercase() || one.is_ascii_digit() || "-_".contains(one);
    if text.is_empty() || text.len() > 64 || !text.chars().all(fine) {
        return Err("is 1 to 64 of a to z, 0 to 9, - and _".to_owned());
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
            return Err(Failure(format!("{} is no folder", self.folder.display())));
        }
        let services = services(settings).await?;
        let workspace = workspace(&services, self.workspace.as_deref()).await?;
        let viewer = Viewer::operator(workspace.id);
        let source = self.wishes.of(&viewer, workspace.id, vendor.system);
        let bar = bar();
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
            return Err(Failure(format!("{} is no file", self.file.display())));
        }
        let services = services(settings).await?;
        let workspace = workspace(&services, self.workspace.as_deref()).await?;
        let viewer = Viewer::operator(workspace.id);
        let source = self.wishes.of(&viewer, workspace.id, &self.system);
        let table = Table {
            file: self.file.clone(),
            delimiter: self.delimiter,
            encoding: self.encoding.clone(),
            columns: self.map.clone(),
        };
        let bar = bar();
        let report = run_table(&services, &source, &table, &|progress| show(&bar, progress)).await;
        bar.finish_and_clear();
        tell(report)
    }
}

/// What became of an import, on the standard output; a failure when it is not whole.
fn tell(report: Result<Report, ImportError>) -> Done {
    let report = report.map_err(|error| match error {
        ImportError::Store(error) => {
            let Failure(cause) = explain(error);
            Failure(format!(
                "{cause}\nWhat was written stays; run the same command again to go on."
            ))
        }
        other => Failure(other.to_string()),
    })?;
    print!("{report}");
    verdict(&report)
}

/// Fails when a line could not be used.
pub(super) fn verdict(report: &Report) -> Done {
    match report.failed() {
        0 => Ok(()),
        failed => {
            let next = "Mend them and run the same command again: the others stay as they are.";
            Err(Failure(format!("{failed} lines could not be used. {next}")))
        }
    }
}

pub(super) fn bar() -> ProgressBar {
    let style =
        ProgressStyle::with_template("{msg:18} {bar:40} {percent:>3} %  {binary_bytes_per_sec}  {eta} left");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn show(bar: &ProgressBar, progress: Progress<'_>) {
    if bar.message() != progress.file {
        bar.reset();
        bar.set_message(progress.file.to_owned());
    }
    bar.set_length(progress.total);
    bar.set_position(progress.read);
}
