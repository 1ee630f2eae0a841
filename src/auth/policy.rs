//! Every rule on the actions of a viewer, by name.

use super::{Grant, Identity, Viewer};

/// The viewer lacks a permission. Names the missing one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{needs}")]
pub struct Denied {
    /// A sentence for the caller.
    pub needs: &'static str,
}

fn require(allowed: bool, needs: &'static str) -> Result<(), Denied> {
    if allowed { Ok(()) } else { Err(Denied { needs }) }
}

/// Read any data.
pub fn read(viewer: &Viewer) -> Result<(), Denied> {
    require(viewer.grants.has(Grant::Read), "The `READ` grant is required.")
}

/// Create a ticket, a conversation or a message. Customers may do so for themselves.
pub fn write(viewer: &Viewer) -> Result<(), Denied> {
    require(viewer.grants.has(Grant::Write), "The `WRITE` grant is required.")
}

/// Do an agent's work: change customers, tickets and conversations. Not for customers.
pub fn work(viewer: &Viewer) -> Result<(), Denied> {
    write(viewer)?;
    staff(viewer)
}

/// See data about the support staff. Not for customers.
pub fn staff(viewer: &Viewer) -> Result<(), Denied> {
    require(
        !matches!(viewer.identity, Identity::Customer(_)),
        "This is not available to customers.",
    )
}

/// Read and write internal messages and the internal notes of customers.
pub fn notes(viewer: &Viewer) -> Result<(), Denied> {
    staff(viewer)?;
    require(
        viewer.grants.has(Grant::CustomerNotes),
        "The `CUSTOMER_NOTES` grant is required.",
    )
}

/// See the change of a field, named as in the API. A viewer that cannot read a field cannot read its changes
/// either.
pub fn see_change(viewer: &Viewer, field: &str) -> Result<(), Denied> {
    match field {
        "internalNotes" => notes(viewer),
        // Customers do not see how work is distributed.
        "teamId" | "teamIds" | "queueId" => staff(viewer),
        _ => Ok(()),
    }
}

/// Manage agents, teams, queues and API keys.
pub fn manage(viewer: &Viewer) -> Result<(), Denied> {
    staff(viewer)?;
    require(viewer.grants.has(Grant::Admin), "The `ADMIN` grant is required.")
}

/// Hand on a grant. A viewer can neither create nor see a key that has more grants than the viewer itself.
pub fn hand_on(viewer: &Viewer, grant: Grant) -> Result<(), Denied> {
    require(
        viewer.grants.has(grant),
        "You cannot give a grant that you do not have.",
    )
}

#[cfg(test)]
mod tests {
    use entity::{AgentId, ApiKeyId, CustomerId, WorkspaceId, agent::Role};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn each_kind_of_viewer_has_its_permissions() {
        let workspace = WorkspaceId(Uuid::nil());
        let admin = Viewer::agent(AgentId(Uuid::nil()), Role::Admin, &[workspace]);
        let agent = Viewer::agent(AgentId(Uuid::nil()), Role::Agent, &[workspace]);
        let customer = Viewer::customer(CustomerId(Uuid::nil()), workspace);
        let reader = Viewer::api_key(
            ApiKeyId(Uuid::nil()),
            [Grant::Read].into_iter().collect(),
            &[workspace],
        );
        // viewer, read, write, work, notes, manage
        for (viewer, expected) in [
            (&admin, [true, true, true, true, true]),
            (&agent, [true, true, true, true, false]),
            (&customer, [true, true, false, false, false]),
            (&reader, [true, false, false, false, false]),
        ] {
            let answers = [read, write, work, notes, manage].map(|rule| rule(viewer).is_ok());
            assert_eq!(answers, expected, "{:?}", viewer.identity);
        }
    }

    #[test]
    fn no_caller_grants_permissions_that_it_lacks() {
        let key = Viewer::api_key(
            ApiKeyId(Uuid::nil()),
            [Grant::Admin, Grant::Read].into_iter().collect(),
            &[WorkspaceId(Uuid::nil())],
        );
        let given = Grant::ALL.map(|grant| hand_on(&key, grant).is_ok());
        assert_eq!(given, [true, false, false, true]);
    }
}
