//! Results of use cases, as they are stored under an idempotency key and read again.

use std::str::FromStr;

use entity::{Word, WorkspaceId, message, ticket};

use super::{
    Error, Services, Warning, WarningCode,
    customer::{Deleted, UpsertResult, Written},
    idempotency::Outcome,
    message::Added,
    ticket::{Created, Updated},
};
use crate::{
    auth::Viewer,
    events::ChangeCursor,
    store::{Noun, idempotency::StoredOutcome, list},
};

/// Builds the stored result for an object of a workspace.
pub(super) fn kept(
    workspace: WorkspaceId,
    thing: &dyn ToString,
    cursor: Option<ChangeCursor>,
) -> StoredOutcome {
    StoredOutcome {
        workspace: workspace.to_string(),
        thing: thing.to_string(),
        cursor: cursor.map(|cursor| cursor.to_string()),
        ..StoredOutcome::default()
    }
}

/// The word that is stored for the result of an upsert.
fn stored(result: UpsertResult) -> String {
    result.word().to_lowercase()
}

fn cursor_of(kept: &StoredOutcome) -> Option<ChangeCursor> {
    kept.cursor.as_deref()?.parse().ok()
}

fn warnings(all: &[Warning]) -> Vec<(String, Vec<String>)> {
    all.iter()
        .map(|one| (one.code.word().to_owned(), one.path.clone()))
        .collect()
}

fn warnings_of(kept: &StoredOutcome) -> Vec<Warning> {
    let known = kept.warnings.iter().filter_map(|(code, path)| {
        let code = WarningCode::from_word(code)?;
        let path = path.clone();
        Some(Warning { code, path })
    });
    known.collect()
}

/// Returns the row of an object in the scope of the viewer.
async fn find<N: Noun>(services: &Services, viewer: &Viewer, id: &str) -> Result<Option<N::Row>, Error>
where
    N::Id: FromStr,
{
    let Ok(id) = id.parse::<N::Id>() else {
        return Ok(None);
    };
    let found = list::find_many::<N>(&services.db, &viewer.scope(), &[id.into()]).await?;
    Ok(found.into_iter().next())
}

/// Implements [`Outcome`] for a result that contains one row and at most one other value, which is stored in the
/// field of the same name.
macro_rules! written {
    ($outcome:ty: $noun:ident $(, $also:ident = |$this:ident| $keep:expr, |$stored:ident| $recall:expr)?) => {
        impl Outcome for $outcome {
            fn keep(&self) -> StoredOutcome {
                $(let $this = self;)?
                StoredOutcome {
                    $($also: $keep,)?
                    ..kept(self.$noun.workspace_id, &self.$noun.id, self.cursor)
                }
            }

            async fn recall(
                services: &Services,
                viewer: &Viewer,
                kept: &StoredOutcome,
            ) -> Result<Option<Self>, Error> {
                let found = find::<entity::$noun::Entity>(services, viewer, &kept.thing).await?;
                $(let $stored = kept;)?
                Ok(found.map(|$noun| Self {
                    $noun,
                    $($also: $recall,)?
                    cursor: cursor_of(kept),
                }))
            }
        }
    };
}

written!(Written: customer);
written!(Updated: ticket);
written!(
    super::conversation::Written: conversation,
    customer_created = |one| Some(one.customer_created), |stored| stored.customer_created.unwrap_or_default()
);
written!(Added: message, warnings = |one| warnings(&one.warnings), |stored| warnings_of(stored));

impl Outcome for (Written, UpsertResult) {
    fn keep(&self) -> StoredOutcome {
        StoredOutcome {
            result: Some(stored(self.1)),
            ..self.0.keep()
        }
    }

    async fn recall(
        services: &Services,
        viewer: &Viewer,
        kept: &StoredOutcome,
    ) -> Result<Option<Self>, Error> {
        let known = |word: &String| {
            UpsertResult::ALL
                .iter()
                .copied()
                .find(|one| stored(*one) == *word)
        };
        let result = kept.result.as_ref().and_then(known);
        let written = Written::recall(services, viewer, kept).await?;
        Ok(written.zip(result))
    }
}

impl Outcome for Deleted {
    fn keep(&self) -> StoredOutcome {
        StoredOutcome {
            counts: Some([self.tickets, self.conversations, self.messages]),
            ..kept(self.workspace, &self.id, self.cursor)
        }
    }

    async fn recall(_: &Services, _: &Viewer, kept: &StoredOutcome) -> Result<Option<Self>, Error> {
        let (Ok(id), Ok(workspace)) = (kept.thing.parse(), kept.workspace.parse()) else {
            return Ok(None);
        };
        Ok(kept.counts.map(|[tickets, conversations, messages]| Self {
            id,
            workspace,
            tickets,
            conversations,
            messages,
            cursor: cursor_of(kept),
        }))
    }
}

impl Outcome for Created {
    fn keep(&self) -> StoredOutcome {
        StoredOutcome {
            message: Some(self.message.id.to_string()),
            customer_created: Some(self.customer_created),
            warnings: warnings(&self.warnings),
            ..kept(self.ticket.workspace_id, &self.ticket.id, self.cursor)
        }
    }

    async fn recall(
        services: &Services,
        viewer: &Viewer,
        kept: &StoredOutcome,
    ) -> Result<Option<Self>, Error> {
        let id = kept.message.as_deref().unwrap_or_default();
        let ticket = find::<ticket::Entity>(services, viewer, &kept.thing).await?;
        let message = find::<message::Entity>(services, viewer, id).await?;
        Ok(ticket.zip(message).map(|(ticket, message)| Self {
            ticket,
            message,
            customer_created: kept.customer_created.unwrap_or_default(),
            warnings: warnings_of(kept),
            cursor: cursor_of(kept),
        }))
    }
}

macro_rules! setting {
    ($($noun:ident),+) => {
        $(impl Outcome for entity::$noun::Model {
            fn keep(&self) -> StoredOutcome {
                kept(self.workspace_id, &self.id, None)
            }

            async fn recall(services: &Services, viewer: &Viewer, kept: &StoredOutcome) -> Result<Option<Self>, Error> {
                find::<entity::$noun::Entity>(services, viewer, &kept.thing).await
            }
        })+
    };
}

setting!(agent, team, queue);

#[cfg(test)]
mod tests {
    use super::{UpsertResult, Word, stored};

    #[test]
    fn stored_words_of_upserts_never_change() {
        let words: Vec<_> = UpsertResult::ALL.iter().map(|one| stored(*one)).collect();
        assert_eq!(words, ["created", "updated", "unchanged"]);
    }
}
