//! Users, teams, queues and tags of Kustomer.

use std::marker::PhantomData;

use entity::{agent::Role, queue, team};

use super::resource::Resource;
use crate::{
    import::{
        fields::{Fields, RowResult},
        vendor::Tag,
    },
    service::{
        LINE_MAX,
        import::{ImportAgent, ImportGroup},
    },
};

pub(super) fn user(fields: Fields) -> RowResult<ImportAgent> {
    let mut resource = Resource::open(fields, "user");
    let email = resource.attributes.agent_email("email");
    let name = name(&mut resource.attributes, email.name(&resource.id));
    let (email, known_as) = email.into_parts();
    let row = ImportAgent {
        external_id: Some(resource.id.clone()),
        name,
        email,
        known_as,
        role: Role::Agent,
    };
    resource.finish(row, &["org"])
}

pub(super) fn team(fields: Fields) -> RowResult<ImportGroup<team::Entity>> {
    group(fields, "team")
}

pub(super) fn queue(fields: Fields) -> RowResult<ImportGroup<queue::Entity>> {
    group(fields, "queue")
}

fn group<G>(fields: Fields, kind: &str) -> RowResult<ImportGroup<G>> {
    let mut resource = Resource::open(fields, kind);
    let group = ImportGroup {
        external_id: resource.id.clone(),
        name: name(&mut resource.attributes, &resource.id),
        group: PhantomData,
    };
    resource.finish(group, &["org"])
}

/// Reads a tag. Other records refer to it by id.
pub(super) fn tag(fields: Fields) -> RowResult<Tag> {
    let names = fields.tag_names();
    let mut resource = Resource::open(fields, "tag");
    let name = resource.attributes.required("name");
    if !resource.id.is_empty() && !name.trim().is_empty() {
        names.note(&resource.id, &name);
    }
    let row = Tag(resource.id.clone());
    resource.finish(row, &["org"])
}

/// What people call it: its name, or the name under which it is shown.
fn name(attributes: &mut Fields, stand_in: &str) -> String {
    let shown = if attributes.tells("name") {
        attributes.skip(&["displayName"]);
        None
    } else {
        attributes.cut("displayName", LINE_MAX)
    };
    shown.unwrap_or_else(|| attributes.or_stand_in("name", LINE_MAX, stand_in))
}
