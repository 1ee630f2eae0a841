//! Who has the places, and who would give one up first.

use std::{
    collections::{BTreeSet, HashMap, hash_map::Entry},
    net::IpAddr,
};

use tokio_util::sync::CancellationToken;

/// Whose connections are counted together: an address of IPv4, or the network of IPv6 that one machine usually has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Peer {
    V4(u32),
    V6(u64),
}

impl Peer {
    /// Whom an address belongs to.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address.to_bits()),
            // The first 64 bits are the network.
            IpAddr::V6(address) => Self::V6(u64::try_from(address.to_bits() >> 64).unwrap_or_default()),
        }
    }
}

/// How readily a connection that waits for a request gives up its place: whether one ever came, and since when it waits.
/// The lesser goes first.
type Rank = (bool, u64);

/// The connections that have a place.
#[derive(Debug, Default)]
pub struct Table {
    /// Counts everything that happens.
    now: u64,
    connections: HashMap<u64, Connection>,
    /// Those that wait for a request, each with its number.
    quiet: BTreeSet<(Rank, u64)>,
    peers: HashMap<Peer, Peers>,
}

#[derive(Debug)]
struct Connection {
    peer: Peer,
    /// When it waits for a request.
    quiet: Option<Rank>,
    /// Requests that run on it.
    running: usize,
    leave: CancellationToken,
}

/// The connections of one peer.
#[derive(Debug, Default)]
struct Peers {
    count: usize,
    quiet: BTreeSet<(Rank, u64)>,
}

impl Table {
    /// A connection comes in, and gets a number.
    pub fn enter(&mut self, peer: Peer, leave: CancellationToken) -> u64 {
        self.now += 1;
        let number = self.now;
        self.peers.entry(peer).or_default().count += 1;
        let connection = Connection {
            peer,
            quiet: None,
            running: 0,
            leave,
        };
        self.connections.insert(number, connection);
        self.wait(number, false);
        number
    }

    /// A request begins.
    pub fn begin(&mut self, number: u64) {
        let Some(connection) = self.connections.get_mut(&number) else {
            return;
        };
        connection.running += 1;
        if let Some(rank) = connection.quiet.take() {
            self.quiet.remove(&(rank, number));
            if let Some(peers) = self.peers.get_mut(&connection.peer) {
                peers.quiet.remove(&(rank, number));
            }
        }
    }

    /// A request ends. True when the connection waits for the next one now.
    pub fn end(&mut self, number: u64) -> bool {
        let Some(connection) = self.connections.get_mut(&number) else {
            return true;
        };
        connection.running = connection.running.saturating_sub(1);
        if connection.running > 0 {
            return false;
        }
        self.wait(number, true);
        true
    }

    /// It waits for a request from now on.
    fn wait(&mut self, number: u64, had_request: bool) {
        self.now += 1;
        let rank = (had_request, self.now);
        if let Some(connection) = self.connections.get_mut(&number) {
            connection.quiet = Some(rank);
            self.quiet.insert((rank, number));
            if let Some(peers) = self.peers.get_mut(&connection.peer) {
                peers.quiet.insert((rank, number));
            }
        }
    }

    /// The first of those that wait for a request is told to leave. False when there is none.
    pub fn give_up_one(&mut self) -> bool {
        let first = self.quiet.first().copied();
        first.is_some_and(|(_, number)| self.give_up(number))
    }

    fn give_up(&mut self, number: u64) -> bool {
        let leave = self.remove(number).map(|connection| connection.leave);
        leave.inspect(CancellationToken::cancel).is_some()
    }

    /// A connection ends.
    pub fn leave(&mut self, number: u64) {
        self.remove(number);
    }

    fn remove(&mut self, number: u64) -> Option<Connection> {
        let connection = self.connections.remove(&number)?;
        if let Some(rank) = connection.quiet {
            self.quiet.remove(&(rank, number));
        }
        if let Entry::Occupied(mut all) = self.peers.entry(connection.peer) {
            let peers = all.get_mut();
            peers.count -= 1;
            if let Some(rank) = connection.quiet {
                peers.quiet.remove(&(rank, number));
            }
            if peers.count == 0 {
                all.remove();
            }
        }
        Some(connection)
    }
}
