//! The embedded PostgreSQL: its owner thread, which speaks the wire protocol over an in-process stream.
//!
//! The database is `oliphaunt-wasix`: PostgreSQL 18 as WebAssembly, with one session. Its thread prepares the folder,
//! opens the session, and then answers one client. All it knows of the protocol is where a batch of messages ends.

use std::{
    io::{self, BufReader, Write as _},
    sync::{Mutex, PoisonError},
    thread,
};

use oliphaunt_wasix::{
    DatabaseStorage,
    session::{PostgresConfig, PreparedDatabase, ProtocolSession, StartupConfig, default_catalog_profile},
};
use tokio::{
    io::DuplexStream,
    runtime::Handle,
    sync::{oneshot, watch},
};
use tokio_util::io::SyncIoBridge;

use crate::{EmbeddedConfig, OpenError};

/// The longest message that is taken, in bytes: a statement with its parameters. Far above what a component's memory
/// lets it send.
const FRAME_LIMIT_BYTES: usize = 64 << 20;

/// What a server in a small process is content with.
const SETTINGS: [(&str, &str); 4] = [
    ("shared_buffers", "16MB"),
    ("max_wal_size", "64MB"),
    ("min_wal_size", "32MB"),
    ("synchronous_commit", "on"),
];

/// The owner thread of an embedded database.
pub(crate) struct Embedded {
    client: Mutex<Option<oneshot::Sender<DuplexStream>>>,
    closed: watch::Receiver<bool>,
}

impl Embedded {
    /// Opens the database on a thread of its own and waits until it is ready for its client.
    pub(crate) async fn open(config: &EmbeddedConfig) -> Result<Self, OpenError> {
        let (client, attached) = oneshot::channel();
        let (opened, outcome) = oneshot::channel();
        let (closing, closed) = watch::channel(false);
        let owner = Owner { config: config.clone(), handle: Handle::current() };
        let failed = |reason: String| OpenError::Failed { place: config.place(), reason };
        thread::Builder::new()
            .name("postgres".into())
            .stack_size(16 << 20)
            .spawn(move || {
                owner.run(opened, attached);
                closing.send_replace(true);
            })
            .map_err(|error| failed(error.to_string()))?;
        outcome.await.map_err(|_| failed("its thread ended".to_owned()))??;
        Ok(Self { client: Mutex::new(Some(client)), closed })
    }

    /// Gives the database the other end of its client's stream. There is one session, so there is one client.
    pub(crate) fn attach(&self, stream: DuplexStream) -> Result<(), String> {
        let client = self.client.lock().unwrap_or_else(PoisonError::into_inner).take();
        client.and_then(|client| client.send(stream).ok()).ok_or_else(|| "its session has ended".to_owned())
    }

    /// Ends when the database is closed and its folder free.
    pub(crate) async fn wait_closed(&self) {
        // An error means that the thread is gone, which is as closed as can be.
        let _ = self.closed.clone().wait_for(|closed| *closed).await;
    }
}

struct Owner {
    config: EmbeddedConfig,
    handle: Handle,
}

impl Owner {
    fn run(self, opened: oneshot::Sender<Result<(), OpenError>>, attached: oneshot::Receiver<DuplexStream>) {
        let (mut prepared, mut session) = match self.open() {
            Ok(ready) => ready,
            Err(error) => {
                let _ = opened.send(Err(error));
                return;
            }
        };
        let _ = opened.send(Ok(()));
        if let Ok(stream) = attached.blocking_recv()
            && let Err(error) =
                serve(&mut session, SyncIoBridge::new_with_handle(stream, self.handle.clone()))
        {
            tracing::error!("the embedded database {} failed: {error:#}", self.config.place());
        }
        let ended = session.shutdown();
        drop(session);
        if let Err(error) = ended.and_then(|()| prepared.release()) {
            tracing::warn!(
                "the embedded database {} did not shut down cleanly: {error:#}",
                self.config.place()
            );
        }
    }

    fn open(&self) -> Result<(PreparedDatabase, ProtocolSession), OpenError> {
        self.try_open().map_err(|error| {
            let reason = format!("{error:#}");
            match &self.config.folder {
                Some(folder) if reason.contains("already in use") || reason.contains("ownership lock") => {
                    OpenError::Locked(folder.clone())
                }
                _ => OpenError::Failed { place: self.config.place(), reason },
            }
        })
    }

    fn try_open(&self) -> anyhow::Result<(PreparedDatabase, ProtocolSession)> {
        let storage = match &self.config.folder {
            Some(folder) => DatabaseStorage::Directory(folder.clone()),
            None => DatabaseStorage::Memory,
        };
        let prepared = PreparedDatabase::prepare(storage, default_catalog_profile(), "postgres")?;
        let mut settings = PostgresConfig::default();
        for (name, value) in SETTINGS {
            settings.insert(name, value);
        }
        let session = prepared.runtime()?.open(settings, StartupConfig::default())?;
        Ok((prepared, session))
    }
}

/// Answers the client until it ends the session or goes away.
fn serve(session: &mut ProtocolSession, mut stream: SyncIoBridge<DuplexStream>) -> anyhow::Result<()> {
    let mut startup = Vec::new();
    read_rest(&mut stream, &mut startup)?;
    let greeting = session.startup_with_packet(&startup)?;
    stream.write_all(&greeting.output)?;
    stream.flush()?;
    let mut input = BufReader::with_capacity(64 << 10, stream);
    let mut batch = Vec::with_capacity(4096);
    while let Some(kind) = read_kind(&mut input)? {
        if kind == b'X' {
            break;
        }
        batch.push(kind);
        read_rest(&mut input, &mut batch)?;
        // A query, a sync or a flush: everything up to here wants its answer.
        if matches!(kind, b'Q' | b'S' | b'H') {
            let answer = session.send_buffered(&batch)?;
            batch.clear();
            input.get_mut().write_all(&answer)?;
            input.get_mut().flush()?;
        }
    }
    Ok(())
}

/// The next message's type; none when the client is gone.
fn read_kind(input: &mut impl io::Read) -> io::Result<Option<u8>> {
    let mut kind = [0];
    Ok((input.read(&mut kind)? == 1).then_some(kind[0]))
}

/// Appends the rest of a message: its length, which counts itself, and its contents.
fn read_rest(input: &mut impl io::Read, message: &mut Vec<u8>) -> io::Result<()> {
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let count = u32::from_be_bytes(length) as usize;
    if !(4..=FRAME_LIMIT_BYTES).contains(&count) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("a message of {count} bytes")));
    }
    message.extend_from_slice(&length);
    let start = message.len();
    message.resize(start + count - 4, 0);
    input.read_exact(&mut message[start..])
}
