//! A TCP connection of WASI 0.2, with a limit of time on everything. `std::net` has none for reading there.

#![allow(clippy::many_single_char_names, reason = "WASI has the parts of an address as a tuple")]

use std::net::IpAddr;
use std::time::{Duration, Instant};

use wasip2::clocks::monotonic_clock;
use wasip2::io::poll::{self, Pollable};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};
use wasip2::sockets::instance_network::instance_network;
use wasip2::sockets::ip_name_lookup::resolve_addresses;
use wasip2::sockets::network::{
    ErrorCode, IpAddress, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, Ipv6SocketAddress, Network,
};
use wasip2::sockets::tcp::TcpSocket;
use wasip2::sockets::tcp_create_socket::create_tcp_socket;

use super::error::AmqpError;

/// After how long without a byte the kernel asks whether the peer is still there, how often, and the answers that may be missing.
const KEEP_ALIVE: (Duration, Duration, u32) = (Duration::from_secs(10), Duration::from_secs(5), 3);

/// How much is read at once, in bytes.
const READ_BYTES: u64 = 16 * 1024;

pub struct Socket {
    // Streams are children of the socket: they are dropped first.
    input: InputStream,
    output: OutputStream,
    _tcp: TcpSocket,
}

impl Socket {
    /// Connects to the first address of the host that answers.
    pub fn connect(host: &str, port: u16, until: Instant) -> Result<Self, AmqpError> {
        let network = instance_network();
        let mut error = AmqpError::lost(format!("there is no address of {host}"));
        for address in addresses(&network, host, until)? {
            match connect(&network, address, port, until) {
                Ok(socket) => return Ok(socket),
                Err(code) => {
                    error = AmqpError::lost(format!("no connection to {host}:{port}: {}", words(code)));
                }
            }
        }
        Err(error)
    }

    /// What has arrived, which may be nothing.
    pub fn read(&self) -> Result<Vec<u8>, AmqpError> {
        self.input.read(READ_BYTES).map_err(|error| lost(&error))
    }

    /// Becomes ready when something has arrived.
    pub fn readable(&self) -> Pollable {
        self.input.subscribe()
    }

    pub fn write(&self, mut bytes: &[u8], until: Instant) -> Result<(), AmqpError> {
        while !bytes.is_empty() {
            let room = self.output.check_write().map_err(|error| lost(&error))?;
            if room == 0 {
                if Instant::now() >= until {
                    return Err(AmqpError::lost("RabbitMQ takes no more bytes"));
                }
                wait(&[&self.output.subscribe()], until);
                continue;
            }
            let count = bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX));
            self.output.write(&bytes[..count]).map_err(|error| lost(&error))?;
            bytes = &bytes[count..];
        }
        self.output.flush().map_err(|error| lost(&error))
    }
}

/// Waits until one of these is ready, at most until then.
pub fn wait(pollables: &[&Pollable], until: Instant) {
    let left = until.saturating_duration_since(Instant::now());
    let elapsed = monotonic_clock::subscribe_duration(nanoseconds(left));
    let mut all = pollables.to_vec();
    all.push(&elapsed);
    poll::poll(&all);
}

fn addresses(network: &Network, host: &str, until: Instant) -> Result<Vec<IpAddr>, AmqpError> {
    if let Ok(address) = host.parse() {
        return Ok(vec![address]);
    }
    let failed = |code| AmqpError::lost(format!("{host} cannot be resolved: {}", words(code)));
    let stream = resolve_addresses(network, host).map_err(failed)?;
    let mut found = Vec::new();
    loop {
        match stream.resolve_next_address() {
            Ok(Some(IpAddress::Ipv4((a, b, c, d)))) => found.push([a, b, c, d].into()),
            Ok(Some(IpAddress::Ipv6((a, b, c, d, e, f, g, h)))) => {
                found.push([a, b, c, d, e, f, g, h].into());
            }
            Ok(None) => return Ok(found),
            Err(ErrorCode::WouldBlock) if Instant::now() < until => wait(&[&stream.subscribe()], until),
            Err(code) => return Err(failed(code)),
        }
    }
}

fn connect(network: &Network, address: IpAddr, port: u16, until: Instant) -> Result<Socket, ErrorCode> {
    let (family, remote) = match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            (IpAddressFamily::Ipv4, IpSocketAddress::Ipv4(Ipv4SocketAddress { port, address: (a, b, c, d) }))
        }
        IpAddr::V6(address) => {
            let [a, b, c, d, e, f, g, h] = address.segments();
            let address = (a, b, c, d, e, f, g, h);
            let remote = Ipv6SocketAddress { port, flow_info: 0, address, scope_id: 0 };
            (IpAddressFamily::Ipv6, IpSocketAddress::Ipv6(remote))
        }
    };
    let socket = create_tcp_socket(family)?;
    keep_alive(&socket);
    socket.start_connect(network, remote)?;
    loop {
        match socket.finish_connect() {
            Ok((input, output)) => return Ok(Socket { input, output, _tcp: socket }),
            Err(ErrorCode::WouldBlock) if Instant::now() < until => wait(&[&socket.subscribe()], until),
            Err(ErrorCode::WouldBlock) => return Err(ErrorCode::Timeout),
            Err(code) => return Err(code),
        }
    }
}

/// Notices a peer that vanished long before the heartbeats do. A host that does not know this leaves it to them.
fn keep_alive(socket: &TcpSocket) {
    let (idle, interval, count) = KEEP_ALIVE;
    let _ = socket.set_keep_alive_enabled(true);
    let _ = socket.set_keep_alive_idle_time(nanoseconds(idle));
    let _ = socket.set_keep_alive_interval(nanoseconds(interval));
    let _ = socket.set_keep_alive_count(count);
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

fn words(code: ErrorCode) -> String {
    match code {
        ErrorCode::AccessDenied => {
            "the host refuses it (allowedHosts, allowedHostLoopbackPorts and allowedIpNameLookups of the workload)".to_owned()
        }
        ErrorCode::ConnectionRefused => "nothing listens there".to_owned(),
        ErrorCode::Timeout | ErrorCode::WouldBlock => "there was no answer in time".to_owned(),
        code => code.message().to_owned(),
    }
}

fn lost(error: &StreamError) -> AmqpError {
    AmqpError::lost(match error {
        StreamError::Closed => "the connection was closed".to_owned(),
        StreamError::LastOperationFailed(error) => {
            format!("the connection was lost: {}", error.to_debug_string())
        }
    })
}
