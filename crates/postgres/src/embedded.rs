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
    DatabaseStorage, StorageErrorCode,
    session::{PostgresConfig, PreparedDatabase, ProtocolSession, StartupConfig, default_catalog_profile},
};
use tokio::{
    io::DuplexStream,
    runtime::Handle,
    sync::{mpsc, oneshot, watch},
};
use tokio_util::io::SyncIoBridge;

use crate::{EmbeddedConfig, OpenError, SessionSettings, session::UNDO};

/// The longest message that is taken, in bytes: a statement with its parameters. Far above what a component's memory
/// lets it send.
const FRAME_LIMIT_BYTES: usize = 64 << 20;

/// A message that ends a `COPY … FROM STDIN`, which would wait for data for ever; at any other time it is ignored.
const COPY_FAIL: &[u8] = b"f\0\0\0\x0dno stdin\0";

/// What a server in a small process is content with.
const SETTINGS: [(&str, &str); 4] = [
    ("shared_buffers", "16MB"),
    ("max_wal_size", "64MB"),
    ("min_wal_size", "32MB"),
    ("synchronous_commit", "on"),
];

/// The owner thread of an embedded database.
pub(crate) struct Embedded {
    clients: Mutex<Option<mpsc::Sender<DuplexStream>>>,
    closed: watch::Receiver<bool>,
    /// What the session has set; each client sets it anew, after what the one before left was undone.
    pub(crate) session_settings: SessionSettings,
}

impl Embedded {
    /// Opens the database on a thread of its own and waits until it is ready for its client.
    pub(crate) async fn open(config: &EmbeddedConfig) -> Result<Self, OpenError> {
        let (clients, attached) = mpsc::channel(1);
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
        Ok(Self {
            clients: Mutex::new(Some(clients)),
            closed,
            session_settings: config.session_settings.clone(),
        })
    }

    /// Gives the database the other end of its client's stream. There is one session, so clients come one after the other.
    pub(crate) fn attach(&self, stream: DuplexStream) -> Result<(), String> {
        let clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = clients.as_ref().map(|clients| clients.try_send(stream));
        match sent {
            Some(Ok(())) => Ok(()),
            Some(Err(mpsc::error::TrySendError::Full(_))) => Err("its session is still in use".to_owned()),
            _ => Err("its session has ended; start the program again".to_owned()),
        }
    }

    /// Lets the database shut down once its client is gone.
    pub(crate) fn end(&self) {
        drop(self.clients.lock().unwrap_or_else(PoisonError::into_inner).take());
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
    fn run(self, opened: oneshot::Sender<Result<(), OpenError>>, mut clients: mpsc::Receiver<DuplexStream>) {
        let (mut prepared, mut backend) = match self.open() {
            Ok(ready) => ready,
            Err(error) => {
                let _ = opened.send(Err(error));
                return;
            }
        };
        let _ = opened.send(Ok(()));
        let mut served = Ok(());
        while served.is_ok()
            && let Some(stream) = clients.blocking_recv()
        {
            served = backend.serve(SyncIoBridge::new_with_handle(stream, self.handle.clone()));
        }
        if let Err(error) = served {
            tracing::error!("the embedded database {} failed: {error:#}", self.config.place());
        }
        let mut session = backend.protocol;
        let ended = session.shutdown();
        drop(session);
        if let Err(error) = ended.and_then(|()| prepared.release()) {
            tracing::warn!(
                "the embedded database {} did not shut down cleanly: {error:#}",
                self.config.place()
            );
        }
    }

    fn open(&self) -> Result<(PreparedDatabase, Backend), OpenError> {
        self.try_open().map_err(|error| {
            let reason = format!("{error:#}");
            let code = oliphaunt_wasix::Error::from_anyhow(error)
                .storage_error()
                .map(oliphaunt_wasix::StorageErrorDetails::code);
            match &self.config.folder {
                Some(folder) if code == Some(StorageErrorCode::Busy) => OpenError::Locked(folder.clone()),
                _ => OpenError::Failed { place: self.config.place(), reason },
            }
        })
    }

    fn try_open(&self) -> anyhow::Result<(PreparedDatabase, Backend)> {
        let storage = match &self.config.folder {
            Some(folder) => DatabaseStorage::Directory(folder.clone()),
            None => DatabaseStorage::Memory,
        };
        let prepared = PreparedDatabase::prepare(storage, default_catalog_profile(), "postgres")?;
        let mut settings = PostgresConfig::default();
        for (name, value) in SETTINGS {
            settings.insert(name, value);
        }
        let protocol = prepared.runtime()?.open(settings, StartupConfig::default())?;
        Ok((prepared, Backend { protocol, greeting: None }))
    }
}

/// The one session, for one client after the other.
struct Backend {
    protocol: ProtocolSession,
    /// What the first client was greeted with; the session has only one start, so later ones get the same.
    greeting: Option<Vec<u8>>,
}

impl Backend {
    /// Answers a client until it ends the session or goes away. An error is the database's own.
    fn serve(&mut self, mut stream: SyncIoBridge<DuplexStream>) -> anyhow::Result<()> {
        let mut startup = Vec::new();
        if read_rest(&mut stream, &mut startup).is_err() {
            return Ok(());
        }
        let greeting = match self.greeting.take() {
            Some(greeting) => {
                self.protocol.send_buffered(&simple_query(UNDO))?;
                greeting
            }
            None => self.protocol.startup_with_packet(&startup)?.output,
        };
        let greeted = stream.write_all(&greeting).and_then(|()| stream.flush());
        self.greeting = Some(greeting);
        match greeted {
            Ok(()) => self.answer(BufReader::with_capacity(64 << 10, stream)),
            Err(_) => Ok(()),
        }
    }

    fn answer(&mut self, mut input: BufReader<SyncIoBridge<DuplexStream>>) -> anyhow::Result<()> {
        let mut batch = Vec::with_capacity(4096);
        while let Ok(Some(kind)) = read_kind(&mut input) {
            if kind == b'X' {
                break;
            }
            batch.push(kind);
            if let Err(error) = read_rest(&mut input, &mut batch) {
                tracing::warn!("a client of the embedded database was let go: {error}");
                break;
            }
            // A query, a sync or a flush: everything up to here wants its answer.
            if matches!(kind, b'Q' | b'S' | b'H') {
                if kind == b'Q' {
                    batch.extend_from_slice(COPY_FAIL);
                }
                let answer = self.protocol.send_buffered(&batch)?;
                batch.clear();
                batch.shrink_to(64 << 10);
                let output = input.get_mut();
                if output.write_all(&answer).and_then(|()| output.flush()).is_err() {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// A message that asks for SQL to be run.
fn simple_query(sql: &str) -> Vec<u8> {
    // The length counts itself and the zero at the end.
    let length = u32::try_from(sql.len() + 5).unwrap_or(u32::MAX);
    [b"Q", &length.to_be_bytes()[..], sql.as_bytes(), b"\0"].concat()
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
