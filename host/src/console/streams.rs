//! The bounds of open event streams.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// Open streams, in all and of one address.
const STREAMS: usize = 256;
const OF_ADDRESS: usize = 32;

/// How long a stream lasts. The browser opens the next one, whose key is checked again.
pub(super) const LIFE: Duration = Duration::from_mins(5);

/// How long a stream counts: one whose client reads nothing may not notice its end.
const COUNTED: Duration = Duration::from_mins(6);

/// The open streams.
#[derive(Default)]
pub(super) struct Streams(Arc<Mutex<Opened>>);

#[derive(Default)]
struct Opened {
    next: u64,
    streams: Vec<Stream>,
}

struct Stream {
    name: u64,
    address: IpAddr,
    begun: Instant,
}

/// Why no further stream is opened.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Full {
    All,
    Address,
}

/// An open stream; dropped, it is closed.
pub(super) struct Place {
    name: u64,
    opened: Arc<Mutex<Opened>>,
}

impl Streams {
    /// Opens a stream to an address.
    pub(super) fn open(&self, address: IpAddr) -> Result<Place, Full> {
        let address = network(address);
        let mut opened = self.0.lock();
        opened.streams.retain(|stream| stream.begun.elapsed() < COUNTED);
        if opened.streams.iter().filter(|stream| stream.address == address).count() >= OF_ADDRESS {
            return Err(Full::Address);
        }
        if opened.streams.len() >= STREAMS {
            return Err(Full::All);
        }
        let name = opened.next;
        opened.next += 1;
        opened.streams.push(Stream { name, address, begun: Instant::now() });
        Ok(Place { name, opened: Arc::clone(&self.0) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.opened.lock().streams.retain(|stream| stream.name != self.name);
    }
}

/// What one client has: an IPv4 address, or the first 64 bits of an IPv6 address (RFC 6177).
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_its_share_and_others_have_theirs() {
        let streams = Streams::default();
        let mut places = Vec::new();
        for _ in 0..OF_ADDRESS {
            places.push(streams.open([192, 0, 2, 1].into()).unwrap());
        }
        assert_eq!(streams.open([192, 0, 2, 1].into()).err(), Some(Full::Address));
        assert_eq!(streams.open("::ffff:192.0.2.1".parse().unwrap()).err(), Some(Full::Address));
        assert!(streams.open([192, 0, 2, 2].into()).is_ok());
        // A closed one makes room.
        places.pop();
        assert!(streams.open([192, 0, 2, 1].into()).is_ok());
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one_address() {
        let streams = Streams::default();
        let places: Vec<_> = (0..OF_ADDRESS)
            .map(|host| streams.open(format!("2001:db8::{host:x}").parse().unwrap()).unwrap())
            .collect();
        assert_eq!(streams.open("2001:db8::ffff".parse().unwrap()).err(), Some(Full::Address));
        assert!(streams.open("2001:db8:0:1::1".parse().unwrap()).is_ok());
        drop(places);
    }

    #[test]
    fn all_streams_are_bounded() {
        let streams = Streams::default();
        let of = |index: usize| IpAddr::from([10, 0, 0, u8::try_from(index / OF_ADDRESS).unwrap()]);
        let places: Vec<_> = (0..STREAMS).map(|index| streams.open(of(index)).unwrap()).collect();
        assert_eq!(streams.open([192, 0, 2, 1].into()).err(), Some(Full::All));
        drop(places);
        assert!(streams.open([192, 0, 2, 1].into()).is_ok());
    }
}
