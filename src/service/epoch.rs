//! Begins epochs of change logs, for the operator.

use entity::{WorkspaceId, epoch::Model};

use super::{Error, Services};
use crate::store::{change, epoch};

/// Begins an epoch at the newest position of one workspace, or of all. Returns the epochs that began.
///
/// It writes no event, because the log itself does not change.
pub async fn begin(services: &Services, workspace: Option<WorkspaceId>) -> Result<Vec<Model>, Error> {
    let (id, now) = (epoch::new_id(&services.clock), services.clock.now());
    let Some(workspace) = workspace else {
        let writing = services.db.begin_alone().await?;
        epoch::begin_everywhere(&writing, id, now).await?;
        writing.commit().await?;
        let all = epoch::list_all_unscoped(&services.db).await?;
        return Ok(all.into_iter().filter(|epoch| epoch.id == id).collect());
    };
    // Another epoch can begin in the meantime. The current epoch is then a different one.
    loop {
        let current = change::newest_unscoped(&services.db, workspace).await?.epoch;
        let writing = services.db.begin().await?;
        let begun = epoch::begin(&writing, workspace, current, id, now).await?;
        writing.commit().await?;
        if let Some(position) = begun {
            return Ok(vec![Model {
                workspace_id: workspace,
                position,
                id,
                begun_at: now,
            }]);
        }
    }
}

/// Returns the epochs of all workspaces, without the first of each.
pub async fn list(services: &Services) -> Result<Vec<Model>, Error> {
    Ok(epoch::list_all_unscoped(&services.db).await?)
}
