//! Conversations of Kustomer.

use entity::{Timestamp, conversation::Status};

use super::resource::Resource;
use crate::{
    import::fields::{Fields, RowResult},
    service::{EXTERNAL_ID_MAX, LINE_MAX, WORD_MAX, import::ImportConversation},
};

/// Fields that Deskgraph computes from messages too. They are skipped.
const COMPUTED: [&str; 1] = ["messageCount"];

const STATUSES: [(&str, Status); 3] = [
    ("open", Status::Open),
    ("snoozed", Status::Snoozed),
    ("done", Status::Done),
];

pub(super) fn conversation(fields: Fields) -> RowResult<ImportConversation> {
    let mut resource = Resource::open(fields, "conversation");
    let related = resource.related_one("customer");
    let agents = resource.listed("assignedUsers");
    let teams = resource.listed("assignedTeams");
    let queue = resource.related_one("queue");
    let attributes = &mut resource.attributes;
    let customer = attributes.line("customer").or_else(|| related.over(&None));
    if customer.is_none() {
        attributes.fault::<()>(
            "customer",
            "This value and relationships.customer.data.id are both missing.",
        );
    }
    let status = attributes.word("status", &STATUSES);
    let snoozed_until = snoozed_until(attributes, status);
    let created_at = attributes.instant("createdAt");
    let row = ImportConversation {
        external_id: resource.id.clone(),
        customer: customer.unwrap_or_default(),
        name: attributes.cut_patch("name", LINE_MAX),
        channel: channel(attributes),
        status,
        snoozed_until,
        tags: attributes.patch("tags", Fields::tags_by_id),
        custom_fields: attributes.patch("custom", Fields::custom_fields),
        own_id: attributes.whole_patch("externalId", EXTERNAL_ID_MAX),
        agents,
        teams,
        queue,
        created_at,
        updated_at: attributes.instant_since("updatedAt", created_at),
    };
    attributes.skip(&COMPUTED);
    resource.finish(row, &["org", "messages"])
}

/// The end of the snooze. The REST API returns it as `snooze.time`.
fn snoozed_until(attributes: &mut Fields, status: Option<Status>) -> Option<Timestamp> {
    let sleeps = status.is_none_or(|status| status == Status::Snoozed);
    let told = attributes.instant("snoozedUntil");
    let mut snooze = attributes.inner("snooze");
    // A snooze that has ended keeps its time.
    let time = if sleeps { snooze.instant("time") } else { None };
    snooze.skip(&["time", "status", "statusAt"]);
    attributes.absorb(snooze);
    if told.is_some() && !sleeps {
        attributes.leave_out("snoozedUntil", "The conversation is not snoozed.");
        return None;
    }
    told.or(time)
}

/// The channel of the conversation: the first one if several are listed.
fn channel(attributes: &mut Fields) -> Option<String> {
    let told = attributes.cut("channel", WORD_MAX);
    let mut listed = attributes
        .texts("channels", WORD_MAX)
        .unwrap_or_default()
        .into_iter();
    let first = listed.next();
    if told.is_none() && listed.next().is_some() {
        attributes.leave_out("channels.1", "A conversation can have only one channel.");
    }
    told.or(first)
}
