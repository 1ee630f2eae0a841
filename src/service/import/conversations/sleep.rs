//! Import of snoozed conversations.

use entity::{ConversationId, conversation::Status};

use super::{Batch, refused};
use crate::service::{
    UserError, UserErrorCode,
    import::{ImportConversation, Outcome},
};

impl Batch<'_> {
    /// Opens a snoozed conversation without a time and reports it. A conversation that is not snoozed here
    /// remains so if the reported time has passed, because otherwise each run would snooze it and it would
    /// open again.
    pub(super) fn settle_sleep(&self, row: &mut ImportConversation) -> Result<Option<UserError>, Outcome> {
        if row.status != Some(Status::Snoozed) {
            return Ok(None);
        }
        let before = self.references.get(&row.external_id);
        let before = before.and_then(|id| self.held.rows.get(&ConversationId(id)));
        let here = before.map(|before| before.status);
        match row.snoozed_until {
            Some(until)
                if until <= self.services.clock.now() && here.is_some_and(|here| here != Status::Snoozed) =>
            {
                (row.status, row.snoozed_until) = (None, None);
                return Ok(None);
            }
            Some(_) => return Ok(None),
            None if before.is_some_and(|before| before.snoozed_until.is_some()) => return Ok(None),
            None => {}
        }
        let reason = "The conversation is snoozed, but this value is missing.";
        let error = |message: String| UserError::new(UserErrorCode::Required, message, &["snoozedUntil"]);
        if self.source.strict {
            return Err(refused(error(reason.to_owned())));
        }
        row.status = Some(Status::Open);
        Ok(Some(error(format!(
            "{reason} The conversation is imported as open."
        ))))
    }
}
