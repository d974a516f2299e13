//! Ports for servers that a test stops and starts again.

use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};
use std::{fs, io};

/// Below it are the ports of well-known services.
const LEAST: u16 = 10_000;

/// How many ports are tried.
const TRIES: u32 = 100;

/// Free loopback ports, all different, that no outgoing connection gets while their server is down.
///
/// A port that the system chooses for a listener is one that it also chooses for outgoing connections. While the server
/// is down, any of those can take it. Even a client that keeps on dialling the port can: it is then connected to itself,
/// so that a client that asks whether the server is back hears its own question as the answer, and the server finds its port
/// taken.
pub fn lasting_ports<const N: usize>() -> io::Result<[u16; N]> {
    let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    let first_outgoing = range.split_whitespace().next().and_then(|port| port.parse().ok()).unwrap_or(0);
    // All are held until all are known, so that they differ.
    let mut listeners = Vec::with_capacity(N);
    for _ in 0..N {
        listeners.push(listener_below(first_outgoing)?);
    }
    let mut ports = [0; N];
    for (port, listener) in ports.iter_mut().zip(&listeners) {
        *port = listener.local_addr()?.port();
    }
    Ok(ports)
}

/// A listener below that port, or wherever the system likes when it leaves too little room there.
fn listener_below(first_outgoing: u16) -> io::Result<TcpListener> {
    if first_outgoing > LEAST * 2 {
        let random = RandomState::new();
        let width = u64::from(first_outgoing - LEAST);
        for attempt in 0..TRIES {
            let offset = u16::try_from(random.hash_one(attempt) % width).unwrap_or(0);
            if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, LEAST + offset)) {
                return Ok(listener);
            }
        }
    }
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
}
