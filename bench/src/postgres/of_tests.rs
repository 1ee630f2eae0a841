//! The PostgreSQL server of the tests.

#![expect(
    clippy::disallowed_methods,
    reason = "the environment names the server of the tests"
)]

use std::{env, sync::OnceLock};

use super::Server;
use crate::{failure::Done, needed};

/// Enough for a test on each of many processors, with a few nodes each.
const CONNECTIONS: u32 = 300;
/// The databases need not survive a crash of the machine, and tests run faster without syncing.
const SETTINGS: [&str; 2] = ["fsync=off", "full_page_writes=off"];

/// The server that this process started. It is never dropped: its watcher ends it with the process.
static OWN: OnceLock<Done<Server>> = OnceLock::new();

/// The address of the server that `TEST_DATABASE_URL` names, or else of a server that this process starts once. Blocks.
pub fn of_tests() -> Done<String> {
    let named = env::var(needed::SERVER).ok().filter(|server| !server.is_empty());
    if let Some(server) = named {
        return Ok(server);
    }
    let own = OWN.get_or_init(|| Server::start(CONNECTIONS, &SETTINGS));
    own.as_ref().map(Server::url).map_err(Clone::clone)
}

#[cfg(test)]
mod tests {
    use std::{
        env,
        io::{BufRead, BufReader, Read},
        net::TcpStream,
        path::Path,
        process::{Command, Stdio},
    };

    use needs::needs;

    use super::{OWN, of_tests};
    use crate::needed;

    /// Set for the process that is killed.
    const KILLED: &str = "TEST_KILLED_WITH_A_SERVER";
    const NAME: &str = "postgres::of_tests::tests::the_server_ends_when_its_process_is_killed";

    #[needs(postgres)]
    #[test]
    fn the_server_ends_when_its_process_is_killed() {
        if env::var_os(KILLED).is_some() {
            return starts_a_server_and_waits();
        }
        let mut process = Command::new(env::current_exe().expect("this program"))
            .args(["--exact", NAME, "--nocapture"])
            .env(KILLED, "yes")
            .env_remove(needed::SERVER)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a process");
        let lines = BufReader::new(process.stdout.take().expect("piped")).lines();
        let mut lines = lines.map(|line| line.expect("a line"));
        let said = lines.find_map(|line| Some(line.split_once("server ")?.1.to_owned()));
        let said = said.expect("a server");
        let (port, folder) = said.split_once(' ').expect("two words");
        let address = format!("127.0.0.1:{port}");
        TcpStream::connect(&address).expect("a server");
        process.kill().expect("killed");
        process.wait().expect("an end");
        // The watcher has the other end of this pipe too, and is the last to close it.
        let mut rest = String::new();
        let mut stderr = process.stderr.take().expect("piped");
        stderr.read_to_string(&mut rest).expect("a text");
        assert!(
            TcpStream::connect(&address).is_err(),
            "the server still listens: {rest}"
        );
        assert!(!Path::new(folder).exists(), "{folder} is left behind: {rest}");
    }

    fn starts_a_server_and_waits() {
        of_tests().expect("a server");
        let server = OWN.get().expect("started").as_ref().expect("a server");
        println!("server {} {}", server.port, server.folder.display());
        let _ = std::io::stdin().read(&mut [0]);
    }
}
