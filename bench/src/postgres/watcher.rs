//! The shell that runs PostgreSQL's programs and ends the server with this process.

use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    os::unix::{fs::chown, process::CommandExt},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Mutex, PoisonError},
};

use crate::failure::{Done, Failure, Trying};

/// The users, in order of preference, that run the server when this process runs as root. PostgreSQL refuses root.
const USERS: [&str; 2] = ["postgres", "nobody"];

/// The shell. Its input is open as long as this process lives.
#[derive(Debug)]
pub struct Watcher {
    shell: Child,
    pipes: Mutex<Option<(ChildStdin, BufReader<ChildStdout>)>>,
}

impl Watcher {
    /// Starts the shell for a server in this folder. The shell removes the folder at its end.
    pub fn start(folder: &Path, programs: &Path, options: &str) -> Done<Self> {
        let mut command = Command::new("sh");
        command
            .args(["-c", include_str!("watch.sh"), "watch"])
            .args([folder, programs])
            .arg(options)
            // Its user may not enter the folder from which this was started.
            .current_dir(folder)
            // Ctrl-C in a terminal ends this process; the shell has work to do after that.
            .process_group(0)
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        // The variables of PostgreSQL's clients would name another server.
        let of_clients = env::vars_os().map(|(name, _)| name);
        for name in of_clients.filter(|name| name.as_encoded_bytes().starts_with(b"PG")) {
            command.env_remove(name);
        }
        if let Some((user, group)) = other_user(folder)? {
            chown(folder, Some(user), Some(group)).trying("hand over the folder of PostgreSQL")?;
            command.uid(user).gid(group);
        }
        let mut shell = command.spawn().trying("sh")?;
        let pipes = shell.stdin.take().zip(shell.stdout.take().map(BufReader::new));
        let pipes = Mutex::new(pipes);
        Ok(Self { shell, pipes })
    }

    /// Gives an order and waits until it is carried out. Blocks.
    pub fn tell(&self, order: &str) -> Done {
        let mut pipes = self.pipes.lock().unwrap_or_else(PoisonError::into_inner);
        let (input, output) = pipes.as_mut().ok_or_else(ended)?;
        writeln!(input, "{order}").trying(order)?;
        let mut answer = String::new();
        output.read_line(&mut answer).trying(order)?;
        match answer.trim() {
            "done" => Ok(()),
            "" => Err(ended()),
            reason => Err(Failure(reason.to_owned())),
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let pipes = self.pipes.get_mut().unwrap_or_else(PoisonError::into_inner);
        pipes.take();
        // Until the server has ended and its folder is gone.
        let _ = self.shell.wait();
    }
}

fn ended() -> Failure {
    Failure("the shell that watches PostgreSQL has ended".to_owned())
}

/// User and group for the server when this process, which made the folder, is root's.
fn other_user(folder: &Path) -> Done<Option<(u32, u32)>> {
    use std::os::unix::fs::MetadataExt;
    if fs::metadata(folder)?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let found = USERS.iter().find_map(|name| ids(&users, name));
    let sentence = "PostgreSQL refuses to run as root, and there is no user postgres or nobody";
    found.map(Some).ok_or_else(|| Failure(sentence.to_owned()))
}

/// User and group of a name in the text of `/etc/passwd`.
fn ids(users: &str, name: &str) -> Option<(u32, u32)> {
    let mut fields = users
        .lines()
        .map(|line| line.split(':'))
        .find_map(|mut fields| (fields.next() == Some(name)).then_some(fields))?
        .skip(1);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::ids;

    #[test]
    fn user_and_group_are_read_by_name() {
        let users = "root:x:0:0:root:/root:/bin/sh\npostgres:x:101:104::/var/lib/postgresql:/bin/bash\n";
        assert_eq!(ids(users, "postgres"), Some((101, 104)));
        assert_eq!(ids(users, "post"), None);
    }
}
