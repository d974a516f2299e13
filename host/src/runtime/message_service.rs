use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use thiserror::Error;
use tokio::{sync::Semaphore, time::timeout};
use wasmtime::Store;
use waybill_telemetry::Context;

use crate::metrics::instances;

use super::{
    Blueprint, Guest,
    bindings::{Invoices, InvoicesPre, wasmcloud::messaging::types::BrokerMessage},
};

/// What a component says in front of a permanent refusal.
const REJECTED: &str = "rejected:";

/// Why a message was not handled.
#[derive(Debug, Error)]
pub enum HandleError {
    /// The component refuses the message for good: no later attempt can succeed.
    #[error("{0}")]
    Rejected(String),
    /// The component could not handle the message now.
    #[error("{0}")]
    Failed(String),
    /// The instance trapped or ran out of time; whether the message took effect is not known.
    #[error("the component failed")]
    Trapped(#[source] wasmtime::Error),
}

/// Hands messages to a component that exports `wasmcloud:messaging/handler`.
#[derive(Clone)]
pub struct MessageService {
    inner: Arc<Inner>,
}

struct Inner {
    blueprint: Blueprint,
    component: InvoicesPre<Guest>,
    idle: Mutex<Vec<Ready>>,
    working: Semaphore,
}

struct Ready {
    bindings: Invoices,
    calls: usize,
    idle_since: Instant,
    store: Store<Guest>,
}

impl MessageService {
    /// A service that makes its instances from `blueprint` as they are needed.
    pub fn new(blueprint: Blueprint) -> anyhow::Result<Self> {
        let component = InvoicesPre::new(blueprint.component().clone())?;
        let working = Semaphore::new(blueprint.engine().limits().instances as usize);
        let idle = Mutex::default();
        Ok(Self { inner: Arc::new(Inner { blueprint, component, idle, working }) })
    }

    /// Hands over one message and waits for the component's verdict; SQL statements are traced under `parent`.
    pub async fn handle(&self, subject: &str, body: Vec<u8>, parent: Context) -> Result<(), HandleError> {
        let inner = &*self.inner;
        let limits = inner.blueprint.engine().limits();
        let message = BrokerMessage { subject: subject.to_owned(), body, reply_to: None };
        let call = async {
            let _working = inner.working.acquire().await?;
            let mut ready = inner.take().await?;
            let guest = ready.store.data_mut();
            guest.call.parent = parent;
            guest.deadline = inner.blueprint.engine().deadline();
            ready.store.set_epoch_deadline(1);
            let handler = ready.bindings.wasmcloud_messaging_handler();
            let verdict = handler.call_handle_message(&mut ready.store, &message).await?;
            inner.put_back(ready);
            wasmtime::Result::Ok(verdict)
        };
        // An instance that is dropped in the middle of a call, by a trap or by the time limit, is not put back.
        match timeout(limits.request_time, call).await {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(Ok(Err(text))) if text.starts_with(REJECTED) => Err(HandleError::Rejected(text)),
            Ok(Ok(Err(text))) => Err(HandleError::Failed(text)),
            Ok(Err(error)) => {
                instances().fail(inner.blueprint.name());
                Err(HandleError::Trapped(error))
            }
            Err(_) => {
                instances().fail(inner.blueprint.name());
                Err(HandleError::Trapped(wasmtime::format_err!(
                    "no verdict within {:?}",
                    limits.request_time
                )))
            }
        }
    }
}

impl Inner {
    async fn take(&self) -> wasmtime::Result<Ready> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(ready) = idle {
            return Ok(ready);
        }
        let mut store = self.blueprint.store();
        let bindings = self.component.instantiate_async(&mut store).await?;
        Ok(Ready { bindings, calls: 0, idle_since: Instant::now(), store })
    }

    /// Keeps an instance for the next message, unless it has served enough, and lets go of those that found no work for
    /// a while: the busiest is on top, so the oldest are at the bottom.
    fn put_back(&self, mut ready: Ready) {
        let limits = self.blueprint.engine().limits();
        ready.calls += 1;
        ready.idle_since = Instant::now();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let stale = idle.iter().take_while(|other| other.idle_since.elapsed() > limits.idle_time).count();
        idle.drain(..stale);
        if ready.calls < limits.requests_per_instance {
            idle.push(ready);
        }
    }
}
