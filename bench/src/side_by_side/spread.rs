//! Small workspaces in addition to the large one, so that writers use different change logs.

use std::path::Path;

use tokio::task::spawn_blocking;

use super::{
    helpdesk::{self, Size},
    sample::ids,
    stage::Base,
};
use crate::failure::{Done, Trying};

const WORKSPACES: usize = 64;
const SIZE: Size = Size {
    customers: 10,
    tickets: 10,
    messages: 20,
};

/// The small workspaces.
#[derive(Debug)]
pub struct Spread {
    /// API key with access to all of them.
    pub key: String,
    /// Their tickets. Consecutive tickets are grouped by workspace.
    pub tickets: Vec<u128>,
}

impl Spread {
    /// Creates the workspaces by commands of the gateway.
    pub async fn build(base: &Base, folder: &Path) -> Done<Self> {
        let (commands, data) = (base.gateway.clone(), folder.join("small"));
        let make = move || {
            std::fs::create_dir_all(&data)?;
            helpdesk::write(&data, SIZE)?;
            let data = data.to_string_lossy();
            let names: Vec<String> = (1..=WORKSPACES).map(|number| format!("Small {number}")).collect();
            for name in &names {
                commands.run(&["workspace", "create", name])?;
                commands.run(&["import", "keva", "--workspace", name, &data])?;
            }
            let mut create = vec![
                "api-key", "create", "--name", "writers", "--grant", "read", "--grant", "write",
            ];
            create.extend(names.iter().flat_map(|name| ["--workspace", name]));
            commands.run(&create)
        };
        let printed = spawn_blocking(make).await?.trying("create small workspaces")?;
        let sql = format!(
            "SELECT created_at, {}, NULL FROM ticket WHERE workspace_id IN \
             (SELECT id FROM workspace WHERE name LIKE 'Small %') ORDER BY id",
            base.database.hex("id")
        );
        Ok(Self {
            key: printed.lines().last().unwrap_or_default().to_owned(),
            tickets: ids(&base.database, &sql).await?,
        })
    }
}
