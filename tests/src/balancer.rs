//! A load balancer as it stands before several copies of a service: it asks each second which of them are ready.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response, StatusCode, Uri, header};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use parking_lot::Mutex;
use tokio::task::JoinSet;
use tokio::time::{interval, timeout};

use crate::serve::Server;
use crate::{Http, eventually};

/// How often each copy is asked whether it is ready.
const INTERVAL: Duration = Duration::from_secs(1);

/// How long a copy may take to say so.
const CHECK_LIMIT: Duration = Duration::from_secs(1);

/// How long a copy may take until it is ready.
const READY_LIMIT: Duration = Duration::from_mins(1);

/// A load balancer on a free port. It passes each request to the next copy that was ready when it was asked last, over connections that
/// it keeps, and repeats none that a copy may have seen.
pub struct Balancer {
    server: Server,
    copies: Arc<Copies>,
    _tasks: JoinSet<()>,
}

struct Copies {
    client: Client<HttpConnector, Full<Bytes>>,
    targets: Vec<Mutex<Target>>,
    next: AtomicUsize,
}

#[derive(Clone)]
struct Target {
    service: Http,
    admin: Http,
    is_ready: bool,
}

impl Balancer {
    /// Starts a balancer before copies, each by the address of its service and that of its readiness.
    pub async fn start(copies: impl IntoIterator<Item = (Http, Http)>) -> Result<Self> {
        let copies = copies.into_iter().map(|(service, admin)| Target { service, admin, is_ready: false });
        let copies = Arc::new(Copies {
            client: Client::builder(TokioExecutor::new()).build_http(),
            targets: copies.map(Mutex::new).collect(),
            next: AtomicUsize::new(0),
        });
        let mut tasks = JoinSet::new();
        let known = copies.clone();
        let server = Server::start(move |request| answer(request, known.clone())).await?;
        for index in 0..copies.targets.len() {
            tasks.spawn(watch(copies.clone(), index));
        }
        let balancer = Self { server, copies, _tasks: tasks };
        for index in 0..balancer.copies.targets.len() {
            balancer.is_ready(index).await?;
        }
        Ok(balancer)
    }

    /// Where it listens.
    pub fn address(&self) -> Http {
        Http::new(format!("http://{}", self.server.address()))
    }

    /// Puts a copy in the place of another, and waits until requests go to it.
    pub async fn replace(&self, index: usize, service: Http, admin: Http) -> Result<()> {
        *self.copies.targets[index].lock() = Target { service, admin, is_ready: false };
        self.is_ready(index).await
    }

    async fn is_ready(&self, index: usize) -> Result<()> {
        eventually("the copy to be ready", READY_LIMIT, async || {
            Ok(self.copies.targets[index].lock().is_ready.then_some(()))
        })
        .await
    }
}

async fn watch(copies: Arc<Copies>, index: usize) {
    let mut tick = interval(INTERVAL);
    loop {
        tick.tick().await;
        let admin = copies.targets[index].lock().admin.clone();
        let answer = timeout(CHECK_LIMIT, admin.get("/readyz")).await;
        let is_ready = matches!(answer, Ok(Ok(answer)) if answer.status == 200);
        let mut copy = copies.targets[index].lock();
        if copy.admin.authority() == admin.authority() {
            copy.is_ready = is_ready;
        }
    }
}

async fn answer(request: Request<Incoming>, copies: Arc<Copies>) -> Response<Full<Bytes>> {
    copies.pass_on(request).await.unwrap_or_else(|error| {
        let mut response = Response::new(Full::from(format!("{error:#}")));
        *response.status_mut() = StatusCode::BAD_GATEWAY;
        response
    })
}

impl Copies {
    async fn pass_on(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>> {
        let service = self.choose()?;
        let (mut head, body) = request.into_parts();
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        head.uri = Uri::try_from(format!("http://{}{path}", service.authority()))?;
        head.headers.remove(header::HOST);
        let body = body.collect().await?.to_bytes();
        let answer = self.client.request(Request::from_parts(head, Full::new(body))).await;
        let (head, body) = answer.with_context(|| format!("from {}", service.authority()))?.into_parts();
        Ok(Response::from_parts(head, Full::new(body.collect().await?.to_bytes())))
    }

    /// The next copy that is ready.
    fn choose(&self) -> Result<Http> {
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        for index in first..first + self.targets.len() {
            let copy = self.targets[index % self.targets.len()].lock();
            if copy.is_ready {
                return Ok(copy.service.clone());
            }
        }
        bail!("no copy is ready")
    }
}
