//! The connections that have slots, and the order in which idle ones are closed.

use std::{
    collections::{BTreeSet, HashMap, hash_map::Entry},
    net::IpAddr,
};

use tokio_util::sync::CancellationToken;

/// Group of addresses whose connections are counted together: one IPv4 address, or one IPv6 network of 64
/// bits, which one machine usually has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Peer {
    V4(u32),
    V6(u64),
}

impl Peer {
    /// The peer of an address.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address.to_bits()),
            // The network is the upper 64 bits.
            IpAddr::V6(address) => Self::V6(u64::try_from(address.to_bits() >> 64).unwrap_or_default()),
        }
    }
}

/// Order in which idle connections are closed, lowest first: whether the connection ever sent a request, then the start
/// of its idle time.
type Rank = (bool, u64);

/// The connections that have a slot.
#[derive(Debug, Default)]
pub struct SlotTable {
    /// Logical clock that counts all changes.
    now: u64,
    connections: HashMap<u64, Connection>,
    /// Idle connections by rank and number.
    idle: BTreeSet<(Rank, u64)>,
    peers: HashMap<Peer, PeerConnections>,
}

#[derive(Debug)]
struct Connection {
    peer: Peer,
    /// The rank, while the connection is idle.
    idle: Option<Rank>,
    /// Number of requests that run on the connection.
    running: usize,
    leave: CancellationToken,
}

/// The connections of one peer.
#[derive(Debug, Default)]
struct PeerConnections {
    count: usize,
    idle: BTreeSet<(Rank, u64)>,
}

impl SlotTable {
    /// Whether a peer can open another connection. At its limit, an idle connection of the same peer is
    /// closed to make room.
    pub fn has_room(&mut self, peer: Peer, max: usize) -> bool {
        let Some(peers) = self.peers.get(&peer).filter(|peers| peers.count >= max) else {
            return true;
        };
        let first = peers.idle.first().copied();
        first.is_some_and(|(_, number)| self.evict(number))
    }

    /// Adds a connection and returns its number.
    pub fn enter(&mut self, peer: Peer, leave: CancellationToken) -> u64 {
        self.now += 1;
        let number = self.now;
        self.peers.entry(peer).or_default().count += 1;
        let connection = Connection {
            peer,
            idle: None,
            running: 0,
            leave,
        };
        self.connections.insert(number, connection);
        self.wait(number, false);
        number
    }

    /// Records the start of a request.
    pub fn begin(&mut self, number: u64) {
        let Some(connection) = self.connections.get_mut(&number) else {
            return;
        };
        connection.running += 1;
        if let Some(rank) = connection.idle.take() {
            self.idle.remove(&(rank, number));
            if let Some(peers) = self.peers.get_mut(&connection.peer) {
                peers.idle.remove(&(rank, number));
            }
        }
    }

    /// Records the end of a request. Returns true if the connection is now idle.
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

    /// Marks a connection as idle.
    fn wait(&mut self, number: u64, had_request: bool) {
        self.now += 1;
        let rank = (had_request, self.now);
        if let Some(connection) = self.connections.get_mut(&number) {
            connection.idle = Some(rank);
            self.idle.insert((rank, number));
            if let Some(peers) = self.peers.get_mut(&connection.peer) {
                peers.idle.insert((rank, number));
            }
        }
    }

    /// Closes the idle connection with the lowest rank. Returns false if there is none.
    pub fn evict_one(&mut self) -> bool {
        let first = self.idle.first().copied();
        first.is_some_and(|(_, number)| self.evict(number))
    }

    fn evict(&mut self, number: u64) -> bool {
        let leave = self.remove(number).map(|connection| connection.leave);
        leave.inspect(CancellationToken::cancel).is_some()
    }

    /// Removes a connection.
    pub fn leave(&mut self, number: u64) {
        self.remove(number);
    }

    fn remove(&mut self, number: u64) -> Option<Connection> {
        let connection = self.connections.remove(&number)?;
        if let Some(rank) = connection.idle {
            self.idle.remove(&(rank, number));
        }
        if let Entry::Occupied(mut all) = self.peers.entry(connection.peer) {
            let peers = all.get_mut();
            peers.count -= 1;
            if let Some(rank) = connection.idle {
                peers.idle.remove(&(rank, number));
            }
            if peers.count == 0 {
                all.remove();
            }
        }
        Some(connection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Entered(Peer, SlotTable);

    fn peer(text: &str) -> Peer {
        Peer::of(text.parse().expect("an address"))
    }

    impl Entered {
        fn one(&mut self) -> (u64, CancellationToken) {
            let leave = CancellationToken::new();
            (self.1.enter(self.0, leave.clone()), leave)
        }
    }

    #[test]
    fn ipv6_addresses_are_grouped_by_network() {
        assert_eq!(peer("2001:db8::1"), peer("2001:db8::ffff"));
        assert_ne!(peer("2001:db8::1"), peer("2001:db8:0:1::1"));
        assert_eq!(peer("::ffff:10.0.0.1"), peer("10.0.0.1"));
        assert_ne!(peer("10.0.0.2"), peer("10.0.0.1"));
    }

    #[test]
    fn unused_then_idle_connections_are_closed_but_never_active_ones() {
        let mut entered = Entered(peer("10.0.0.1"), SlotTable::default());
        let (between, third) = entered.one();
        entered.1.begin(between);
        assert!(entered.1.end(between));
        let ((_, first), (_, second)) = (entered.one(), entered.one());
        let (active, last) = entered.one();
        entered.1.begin(active);
        for (closed, later) in [(&first, &second), (&second, &third), (&third, &last)] {
            assert!(entered.1.evict_one());
            assert!(closed.is_cancelled() && !later.is_cancelled());
        }
        assert!(!entered.1.evict_one());
    }

    #[test]
    fn a_peer_at_its_limit_loses_its_own_connection() {
        let mut hostile = Entered(peer("10.0.0.1"), SlotTable::default());
        let ((_, first), (second, _)) = (hostile.one(), hostile.one());
        assert!(hostile.1.has_room(peer("10.0.0.2"), 2));
        assert!(!first.is_cancelled());
        assert!(hostile.1.has_room(hostile.0, 2));
        assert!(first.is_cancelled());
        let (third, _) = hostile.one();
        hostile.1.begin(second);
        hostile.1.begin(third);
        assert!(!hostile.1.has_room(hostile.0, 2), "both are active");
        hostile.1.leave(third);
        assert!(hostile.1.has_room(hostile.0, 2));
        hostile.1.leave(second);
        assert!(hostile.1.peers.is_empty() && hostile.1.connections.is_empty() && hostile.1.idle.is_empty());
    }
}
