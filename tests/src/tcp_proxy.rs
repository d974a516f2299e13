//! A network between two programs that can be cut and stalled on command.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use parking_lot::RwLock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A way through the proxy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Direction {
    /// From the client that connected to the proxy to the server behind it.
    ToServer,
    /// From the server back to the client.
    ToClient,
}

/// Forwards connections to a server, and breaks them on command.
#[derive(Debug)]
pub struct TcpProxy {
    port: u16,
    server: Arc<RwLock<String>>,
    state: Arc<watch::Sender<LinkState>>,
    accepting: JoinHandle<()>,
}

/// What happens to the traffic now.
#[derive(Clone, Copy, Debug, Default)]
struct LinkState {
    to_server_stalled: bool,
    to_client_stalled: bool,
    /// New connections are closed as soon as they are made.
    refusing: bool,
    /// Goes up with every cut; a connection ends when it sees another number than at its beginning.
    cuts: u64,
}

impl LinkState {
    fn stalled(self, direction: Direction) -> bool {
        match direction {
            Direction::ToServer => self.to_server_stalled,
            Direction::ToClient => self.to_client_stalled,
        }
    }
}

impl TcpProxy {
    /// Starts a proxy on a free port before `server`, such as `127.0.0.1:5432`.
    pub async fn start(server: impl Into<String>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let state = Arc::new(watch::Sender::new(LinkState::default()));
        let server = Arc::new(RwLock::new(server.into()));
        let accepting = tokio::spawn(accept(listener, server.clone(), state.clone()));
        Ok(Self { port, server, state, accepting })
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// Forwards new connections to another server from now on. Those that there are stay as they are.
    pub fn lead_to(&self, server: impl Into<String>) {
        *self.server.write() = server.into();
    }

    /// Holds back everything that goes in one direction. Nothing is lost: it flows again after [`TcpProxy::heal`].
    pub fn stall(&self, direction: Direction) {
        self.state.send_modify(|state| match direction {
            Direction::ToServer => state.to_server_stalled = true,
            Direction::ToClient => state.to_client_stalled = true,
        });
    }

    /// Ends all present connections at once, with data in flight or without. New ones are forwarded.
    pub fn cut(&self) {
        self.state.send_modify(|state| state.cuts += 1);
    }

    /// Ends all present connections and closes new ones at once, until [`TcpProxy::heal`].
    pub fn refuse(&self) {
        self.state.send_modify(|state| {
            state.refusing = true;
            state.cuts += 1;
        });
    }

    /// Passes everything on again.
    pub fn heal(&self) {
        self.state.send_modify(|state| *state = LinkState { cuts: state.cuts, ..LinkState::default() });
    }
}

impl Drop for TcpProxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

async fn accept(listener: TcpListener, server: Arc<RwLock<String>>, state: Arc<watch::Sender<LinkState>>) {
    while let Ok((client, _)) = listener.accept().await {
        let now = *state.borrow();
        if now.refusing {
            continue;
        }
        let (server, state) = (server.read().clone(), state.subscribe());
        tokio::spawn(async move {
            if let Some(server) = connect(&server).await {
                let _ = (client.set_nodelay(true), server.set_nodelay(true));
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                let there = pump(from_client, to_server, Direction::ToServer, state.clone(), now.cuts);
                let back = pump(from_server, to_client, Direction::ToClient, state, now.cuts);
                // When one way ends, both do: a half-open connection is not what these tests are about.
                tokio::select! {
                    () = there => {}
                    () = back => {}
                }
            }
        });
    }
}

/// Connects to the server. A port without a listener can also answer its own dialler, which is then connected to
/// itself, and would hold the port against the server that comes back.
async fn connect(server: &str) -> Option<TcpStream> {
    let stream = TcpStream::connect(server).await.ok()?;
    (stream.local_addr().ok()? != stream.peer_addr().ok()?).then_some(stream)
}

/// Passes bytes on in one direction until either end closes or the connection is cut.
async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    direction: Direction,
    mut state: watch::Receiver<LinkState>,
    cuts: u64,
) {
    let mut cut = state.clone();
    let passing = async {
        let mut buffer = vec![0_u8; 16 * 1024];
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            // What was read before a stall began may not pass either.
            if state.wait_for(|state| !state.stalled(direction)).await.is_err()
                || to.write_all(&buffer[..count]).await.is_err()
            {
                break;
            }
        }
    };
    tokio::select! {
        () = passing => {}
        _ = cut.wait_for(|state| state.cuts != cuts) => {}
    }
}
