use std::{
    pin::Pin,
    sync::Arc,
    task::{Context as TaskContext, Poll},
    time::{Duration, Instant},
};

use http::{Request, Response};
use thiserror::Error;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Sleep, sleep},
};
use tokio_util::sync::WaitForCancellationFutureOwned;
use wasmtime::{AsContextMut, Store, StoreContextMut, component::GuestTaskId};
use wasmtime_wasi_http::{
    WasiBody, WasiHttpView,
    handler::{
        HandlerState, Instance, ProxyHandler, ProxyPre, ShouldAccept, WorkerExpiration, WorkerState,
        WorkerStatus,
    },
    p2,
};
use waybill_telemetry::Context;

use super::{Blueprint, Guest};
use crate::metrics::instances;

/// Time that an instance gets beyond the request's own, so that a request that is over is answered before its instance
/// is thrown away.
const GRACE: Duration = Duration::from_millis(500);

/// Why a request got no response from its component.
#[derive(Debug, Error)]
pub enum HttpError {
    /// The limit on requests in hand is reached; nothing was begun.
    #[error("too many requests are in hand already")]
    Busy,
    /// The component did not answer in time. What it had begun may still take effect.
    #[error("the component did not answer in time")]
    TimedOut,
    /// The component trapped, or did not answer at all. Its instance is gone; others are not touched.
    #[error("the component failed")]
    Failed(#[source] wasmtime::Error),
}

/// Serves a component that exports `wasi:http/incoming-handler`: keeps instances, reuses them within their bounds and
/// throws away those that fail.
#[derive(Clone)]
pub struct HttpService {
    handler: ProxyHandler<Factory>,
    in_flight: Arc<Semaphore>,
    working: Arc<Semaphore>,
    request_time: Duration,
}

impl HttpService {
    /// A service that makes its instances from `blueprint` as they are needed.
    pub fn new(blueprint: Blueprint) -> anyhow::Result<Self> {
        let limits = blueprint.engine().limits();
        let component = Arc::new(ProxyPre::P2(p2::bindings::ProxyPre::new(blueprint.component().clone())?));
        Ok(Self {
            handler: ProxyHandler::new(Factory { blueprint, component }),
            in_flight: Arc::new(Semaphore::new(limits.requests_in_flight as usize)),
            working: Arc::new(Semaphore::new(limits.instances as usize)),
            request_time: limits.request_time,
        })
    }

    /// Answers one request; SQL statements are traced under `parent`.
    pub async fn handle(
        &self,
        request: Request<WasiBody>,
        parent: Context,
    ) -> Result<Response<WasiBody>, HttpError> {
        let _in_flight = self.in_flight.try_acquire().map_err(|_| HttpError::Busy)?;
        let answered = async {
            let Ok(working) = self.working.clone().acquire_owned().await else {
                return Err(HttpError::Busy);
            };
            self.handler.handle(Accepted { parent, working }, request).await.map_err(HttpError::Failed)
        };
        tokio::time::timeout(self.request_time, answered).await.unwrap_or(Err(HttpError::TimedOut))
    }
}

/// What goes with a request to its instance.
struct Accepted {
    parent: Context,
    /// Held until the guest has returned, even when the caller has gone: the bound is on working instances.
    working: OwnedSemaphorePermit,
}

struct Factory {
    blueprint: Blueprint,
    component: Arc<ProxyPre<Guest>>,
}

impl HandlerState for Factory {
    type StoreData = Guest;
    type WorkerExpiration = Expiration;
    type WorkerState = Worker;

    async fn instantiate(&self) -> wasmtime::Result<Instance<Guest, Expiration, Worker>> {
        let mut store = self.blueprint.store();
        let proxy = self.component.instantiate_async(&mut store).await?;
        let limits = self.blueprint.engine().limits();
        Ok(Instance {
            store,
            proxy,
            view: |guest| guest.http(),
            expiration: Expiration {
                request_time: limits.request_time + GRACE,
                idle_time: limits.idle_time,
                due: None,
                retired: Box::pin(self.blueprint.engine().retired().cancelled_owned()),
                timer: Box::pin(sleep(limits.idle_time)),
            },
            state: Worker { blueprint: self.blueprint.clone() },
        })
    }
}

struct Worker {
    blueprint: Blueprint,
}

impl WorkerState for Worker {
    type StoreData = Guest;
    type RequestData = Accepted;

    fn should_accept_request(&self, concurrent_count: usize, total_count: usize) -> ShouldAccept {
        if total_count >= self.blueprint.engine().limits().requests_per_instance {
            ShouldAccept::Never
        } else if concurrent_count > 0 {
            // A WASI 0.2 component blocks in its calls, so it takes one request at a time.
            ShouldAccept::No
        } else {
            ShouldAccept::Yes
        }
    }

    fn on_request_start(
        &self,
        mut store: StoreContextMut<'_, Guest>,
        accepted: Accepted,
        _task: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + Sync>> {
        store.as_context_mut().set_epoch_deadline(1);
        let guest = store.data_mut();
        guest.call.parent = accepted.parent;
        guest.deadline = self.blueprint.engine().deadline();
        let working = accepted.working;
        // The future lives as long as the guest's call. It never ends by itself: the time limit is kept by
        // `HttpService::handle` for the caller and by `Expiration` for the instance.
        Box::pin(async move {
            let _working = working;
            std::future::pending::<()>().await;
        })
    }

    fn drop(&self, _store: Store<Guest>, result: Result<(), wasmtime::Error>) {
        // What is left when the program ends is dropped in the middle of its waiting, which is no failure.
        if let Err(error) = result
            && !self.blueprint.engine().retired().is_cancelled()
        {
            instances().fail(self.blueprint.name());
            tracing::warn!(component = self.blueprint.name(), "an instance was thrown away: {error:#}");
        }
    }
}

/// Ends an instance that has been idle, or busy with one request, for too long, or whose engine is retired.
struct Expiration {
    request_time: Duration,
    idle_time: Duration,
    due: Option<Instant>,
    retired: Pin<Box<WaitForCancellationFutureOwned>>,
    timer: Pin<Box<Sleep>>,
}

impl WorkerExpiration for Expiration {
    fn poll(
        mut self: Pin<&mut Self>,
        task: &mut TaskContext<'_>,
        status: WorkerStatus,
        start: Instant,
    ) -> Poll<()> {
        if status == WorkerStatus::Idle && self.retired.as_mut().poll(task).is_ready() {
            return Poll::Ready(());
        }
        let due = start
            + match status {
                WorkerStatus::Idle => self.idle_time,
                WorkerStatus::Requests | WorkerStatus::PostReturn => self.request_time,
            };
        if self.due != Some(due) {
            self.due = Some(due);
            self.timer.as_mut().reset(due.into());
        }
        self.timer.as_mut().poll(task)
    }
}
