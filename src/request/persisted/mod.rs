//! Persisted documents: a request gives the id of a document instead of its text.
//!
//! There are two kinds. Trusted documents come from a file of the operator. They are read and checked at start-up, and
//! never evicted. Remembered documents come from callers that sent a document with its hash. They take a bounded number
//! of bytes, and the least recently used one is evicted first. An id finds documents of both kinds. With
//! `trusted_documents_only`, the text of a document must be trusted, whether the request gave an id or not.
//!
//! Only [`Persisted::settle`] puts the document into a request. It runs before the limits, so that every later check
//! reads the document itself.

mod check;
mod manifest;
mod reference;

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::Arc,
};

use sha2::{Digest, Sha256};

use self::reference::Reference;
use super::{refusal::Refusal, sent::Sent};
use crate::{cache::Cache, config::Settings};

pub use check::{Checker, Unfit};

/// The file of trusted documents cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("trusted_documents: {0}")]
pub struct ManifestError(String);

/// The hash of a document that is not stored yet.
#[derive(Debug, PartialEq, Eq)]
pub struct Fresh(String);

/// The persisted documents.
#[derive(Debug, Default)]
pub struct Persisted {
    /// By the id in the file, and by hash.
    trusted: HashMap<String, Arc<str>>,
    texts: HashSet<Arc<str>>,
    /// Only trusted documents run.
    only: bool,
    /// By hash.
    remembered: Option<Cache<String, Arc<str>>>,
}

impl Persisted {
    /// Loads the documents of the settings. Each trusted document must pass the check.
    pub fn load(settings: &Settings, checker: &Checker<'_>) -> Result<Self, ManifestError> {
        let mut documents = Self::untrusted(settings);
        if let Some(path) = &settings.trusted_documents {
            documents.trust(path, checker)?;
        }
        Ok(documents)
    }

    /// Creates an instance without trusted documents.
    pub fn untrusted(settings: &Settings) -> Self {
        let (only, bytes_max) = (
            settings.trusted_documents_only,
            settings.persisted_documents_bytes_max,
        );
        Self {
            only,
            remembered: (bytes_max > 0 && !only).then(|| Cache::new(bytes_max, 8 << 10)),
            ..Self::default()
        }
    }

    fn trust(&mut self, path: &Path, checker: &Checker<'_>) -> Result<(), ManifestError> {
        for (id, text) in manifest::read(path)? {
            let refuse = |reason: &str| ManifestError(format!("document {id}: {reason}"));
            let hash = hash(&text);
            // A request with both the id and the text would be refused, because the id is not the hash of the text.
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

    /// Puts the document into a request, or refuses the request. Returns the hash of a document to remember if it
    /// proves to be valid and within the limits.
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

    pub fn remember(&self, fresh: Fresh, text: &str) {
        if let Some(remembered) = &self.remembered {
            let bytes = text.len() + fresh.0.len();
            remembered.put(fresh.0, text.into(), bytes);
        }
    }

    /// Checks an id against the text that was sent with it.
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

/// The SHA-256 hash of a text, in lower-case hexadecimal digits.
fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
