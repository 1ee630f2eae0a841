//! Documents that are named instead of sent.
//!
//! Two shelves. The trusted documents are an operator's: read from a file at the start, checked, and never given up. The
//! remembered ones came from callers who sent a document with its hash; they take as many bytes as they may, and the one
//! that was not used for longest goes first. Who names a document gets it from either; where only trusted documents are
//! run, its text decides, and not how it came.
//!
//! [`Persisted::settle`] is the one place in which a request gets its document. It comes before the limits, so that
//! everything behind it, groups of subscribers too, sees the document itself.

mod check;
mod manifest;
mod reference;

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::Arc,
};

use sha2::{Digest, Sha256};

use super::{Sent, refusal::Refusal};
use crate::{cache::Cache, config::Settings};

pub use check::{Checker, Unfit};
pub use reference::Reference;

/// Why the trusted documents cannot be used: a sentence.
#[derive(Debug, thiserror::Error)]
#[error("trusted_documents: {0}")]
pub struct ManifestError(String);

/// A document that came with its hash, and is not known yet.
#[derive(Debug, PartialEq, Eq)]
pub struct Fresh(String);

/// The documents that can be named.
#[derive(Debug, Default)]
pub struct Persisted {
    /// By the id of the file, and by hash.
    trusted: HashMap<String, Arc<str>>,
    texts: HashSet<Arc<str>>,
    /// Nothing but trusted documents is run.
    only: bool,
    /// By hash.
    remembered: Option<Cache<String, Arc<str>>>,
}

impl Persisted {
    /// As the settings have it. Each trusted document must pass the check.
    pub fn load(settings: &Settings, checker: &Checker<'_>) -> Result<Self, ManifestError> {
        let mut documents = Self::untrusted(settings);
        if let Some(path) = &settings.trusted_documents {
            documents.trust(path, checker)?;
        }
        Ok(documents)
    }

    /// Without those of the file.
    pub fn untrusted(settings: &Settings) -> Self {
        let (only, bytes_max) = (
            settings.trusted_documents_only,
            settings.persisted_documents_bytes_max,
        );
        Self {
            only,
            remembered: (bytes_max > 0 && !only).then(|| Cache::new(bytes_max)),
            ..Self::default()
        }
    }

    fn trust(&mut self, path: &Path, checker: &Checker<'_>) -> Result<(), ManifestError> {
        for (id, text) in manifest::read(path)? {
            let refuse = |reason: &str| ManifestError(format!("document {id}: {reason}"));
            let hash = hash(&text);
            // Who sends both would be told that they do not belong together.
            if reference::is_hash(&id) && !id.eq_ignore_ascii_case(&hash) {
                return Err(refuse(
                    "The id has the form of a SHA-256 hash, but is not the hash of the text.",
                ));
            }
            checker.check(&text).map_err(|Unfit(reason)| refuse(&reason))?;
            let text: Arc<str> = text.into();
            self.trusted.insert(hash, text.clone());
            self.texts.insert(text.clone());
            self.trusted.insert(id, text);
        }
        Ok(())
    }

    /// Puts its document into a request, or says why it has none that may be run. A document that can be remembered from
    /// now on is told of: it should be within the limits and valid first.
    pub fn settle(&self, sent: &mut Sent) -> Result<Option<Fresh>, Refusal> {
        let fresh = match Reference::of(sent)? {
            None => None,
            Some(reference) if sent.query.is_empty() => {
                let text = self.text(&reference.id).ok_or_else(|| self.unknown())?;
                sent.query = text.to_string();
                None
            }
            Some(reference) => self.compare(&reference, &sent.query)?,
        };
        if self.only && !self.texts.contains(sent.query.as_str()) {
            return Err(Refusal::Untrusted);
        }
        Ok(fresh)
    }

    /// Remembers a document.
    pub fn remember(&self, fresh: Fresh, text: &str) {
        if let Some(remembered) = &self.remembered {
            let bytes = text.len() + 2 * fresh.0.len();
            remembered.put(fresh.0, text.into(), bytes);
        }
    }

    /// A document that was sent with its name.
    fn compare(&self, reference: &Reference, text: &str) -> Result<Option<Fresh>, Refusal> {
        let belongs = match self.text(&reference.id) {
            Some(known) => {
                return (*known == *text)
                    .then_some(None)
                    .ok_or_else(|| reference.mismatch());
            }
            None => reference.id == hash(text),
        };
        if !belongs {
            return Err(reference.mismatch());
        }
        let keeps = self.remembered.is_some();
        Ok(keeps.then(|| Fresh(reference.id.clone())))
    }

    fn text(&self, id: &str) -> Option<Arc<str>> {
        let remembered = || self.remembered.as_ref()?.get(id);
        self.trusted.get(id).cloned().or_else(remembered)
    }

    fn unknown(&self) -> Refusal {
        if self.trusted.is_empty() && self.remembered.is_none() {
            Refusal::NamesNoDocuments
        } else {
            Refusal::UnknownDocument
        }
    }
}

/// The SHA-256 of a text, in small hexadecimal digits.
fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
