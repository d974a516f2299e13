use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use thiserror::Error;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{Instant, timeout_at};
use wasmtime::component::Component;
use wasmtime_wasi_http::WasiBody;
use waybill_telemetry::Context;

use super::http_entry::{Answer, HttpEntry};
use super::pool::{Kept, Pool, Replacement};
use super::{AnswerMemory, Blueprint};
use crate::metrics::instances;

/// Why a request got no response from its component.
#[derive(Debug, Error)]
pub enum HttpError {
    /// The limit on requests in flight is reached; nothing was begun.
    #[error("too many requests are in flight")]
    Busy,
    /// The component did not answer in time. The request may still take effect.
    #[error("the component did not answer in time")]
    TimedOut,
    /// The component trapped, or did not answer at all. Its instance is dropped.
    #[error("the component failed")]
    Failed(#[source] wasmtime::Error),
}

/// Serves a component that exports `waybill:components/exchange`, `wasi:http/handler` or `wasi:http/incoming-handler`.
///
/// The component runs in its caller's task: a task of its own would wake two threads for each request, which costs more than the
/// component itself.
#[derive(Clone)]
pub struct HttpService {
    pool: Arc<Pool<HttpEntry>>,
    in_flight: Arc<Semaphore>,
}

/// A newer build of a [`HttpService`]'s component.
pub struct HttpReplacement(Replacement<HttpEntry>);

impl HttpReplacement {
    /// Puts it in place: it answers the requests that come from now on.
    pub fn commit(self) {
        self.0.commit();
    }
}

impl HttpService {
    pub fn new(blueprint: Blueprint) -> anyhow::Result<Self> {
        let entry = HttpEntry::of(blueprint.component())?;
        Ok(Self::through(entry, blueprint))
    }

    /// Uses `wasi:http`, as all other hosts do, even if the component has the faster export.
    pub fn by_wasi_http(blueprint: Blueprint) -> anyhow::Result<Self> {
        let entry = HttpEntry::by_wasi_http(blueprint.component())?;
        Ok(Self::through(entry, blueprint))
    }

    fn through(entry: HttpEntry, blueprint: Blueprint) -> Self {
        let in_flight = blueprint.engine().limits().requests_in_flight as usize;
        Self {
            pool: Pool::new(blueprint, entry, Kept::Small),
            in_flight: Arc::new(Semaphore::new(in_flight)),
        }
    }

    /// Makes a newer build of the component ready to take its place.
    pub async fn prepare(&self, component: &Component) -> anyhow::Result<HttpReplacement> {
        let blueprint = self.pool.blueprint().of_newer(component)?;
        let entry = HttpEntry::of(blueprint.component())?;
        Ok(HttpReplacement(self.pool.prepare(blueprint, entry).await?))
    }

    /// What requests with large answers of all components share.
    pub fn answers(&self) -> &AnswerMemory {
        self.pool.engine.answers()
    }

    /// Answers one request; SQL statements are traced under `parent`.
    ///
    /// If the caller disconnects, the component still finishes, within the timeout of the request.
    pub async fn handle(
        &self,
        request: Request<Bytes>,
        parent: Context,
    ) -> Result<Response<WasiBody>, HttpError> {
        let _in_flight = self.in_flight.try_acquire().map_err(|_| HttpError::Busy)?;
        let deadline = Instant::now() + self.pool.engine.limits().request_time;
        let permit = match timeout_at(deadline, self.pool.permit()).await {
            Ok(permit) => permit.map_err(HttpError::Failed)?,
            Err(_) => return Err(HttpError::TimedOut),
        };
        let (answer, answered) = oneshot::channel();
        let run = run(self.pool.clone(), permit, request, parent, answer);
        let mut call = Call { run: Some(Box::pin(run)), deadline, component: self.pool.name };
        if let Ok(answer) = timeout_at(deadline, call.answer(answered)).await {
            return answer.map_err(HttpError::Failed);
        }
        call.drop_instance();
        Err(HttpError::TimedOut)
    }
}

/// Runs one request in an instance to its end.
async fn run(
    pool: Arc<Pool<HttpEntry>>,
    permit: OwnedSemaphorePermit,
    request: Request<Bytes>,
    parent: Context,
    answer: oneshot::Sender<Answer>,
) -> wasmtime::Result<()> {
    let mut instance = pool.take(permit, parent, pool.engine.deadline()).await?;
    instance.exports.call(&mut instance.store, request, answer).await?;
    pool.put_back(instance);
    Ok(())
}

/// A call in progress.
struct Call {
    /// `None` once it has ended.
    run: Option<Pin<Box<dyn Future<Output = wasmtime::Result<()>> + Send>>>,
    deadline: Instant,
    component: &'static str,
}

impl Call {
    /// Runs until there is an answer. The component may still be writing its body.
    async fn answer(&mut self, mut answered: oneshot::Receiver<Answer>) -> Answer {
        let Some(run) = &mut self.run else { return Err(silent()) };
        tokio::select! {
            biased;
            ended = run => {
                self.run = None;
                if let Err(error) = &ended {
                    log_dropped(self.component, error);
                }
                match answered.try_recv() {
                    Ok(answer) => answer,
                    Err(_) => Err(ended.err().unwrap_or_else(silent)),
                }
            }
            answer = &mut answered => answer.unwrap_or_else(|_| Err(silent())),
        }
    }

    fn drop_instance(&mut self) {
        if self.run.take().is_some() {
            log_dropped(self.component, &out_of_time());
        }
    }
}

impl Drop for Call {
    /// Lets a component that has not ended finish without its caller.
    fn drop(&mut self) {
        let (Some(run), Ok(runtime)) = (self.run.take(), Handle::try_current()) else { return };
        let (deadline, component) = (self.deadline, self.component);
        runtime.spawn(async move {
            let ended = timeout_at(deadline, run).await.unwrap_or_else(|_| Err(out_of_time()));
            if let Err(error) = ended {
                log_dropped(component, &error);
            }
        });
    }
}

fn silent() -> wasmtime::Error {
    wasmtime::format_err!("the component ended without an answer")
}

fn out_of_time() -> wasmtime::Error {
    wasmtime::format_err!("the component ran out of time")
}

fn log_dropped(component: &'static str, error: &wasmtime::Error) {
    instances().fail(component);
    tracing::warn!(component, "an instance was dropped: {error:#}");
}
