//! A broker with short delays, a handler that answers as the test says, and waiting for conditions.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::future::BoxFuture;
use lapin::options::QueueDeclareOptions;
use tokio::sync::{OnceCell, Semaphore};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use waybill_broker::{
    Broker, BrokerConfig, DeadLetter, Delivery, DeliveryError, Handler, Outgoing, PublishError,
};
use waybill_tests::{Peer, Rabbit, TcpProxy};

/// How long a condition may take to come true on a machine that is busy with other tests.
const LIMIT: Duration = Duration::from_mins(1);

/// How peers declare a queue.
pub const DURABLE: QueueDeclareOptions = QueueDeclareOptions {
    durable: true,
    passive: false,
    exclusive: false,
    auto_delete: false,
    nowait: false,
};

/// The node that all tests of a binary share; each has its own virtual host.
pub async fn shared() -> &'static Rabbit {
    static SHARED: OnceCell<Rabbit> = OnceCell::const_new();
    SHARED.get_or_init(async || Rabbit::start().await.unwrap()).await
}

/// The address of a virtual host of this name on that node.
pub async fn virtual_host(name: &str) -> String {
    shared().await.add_virtual_host(name).await
}

/// A peer that knows nothing of us.
pub async fn peer(url: &str) -> Peer {
    Peer::connect(url).await.unwrap()
}

/// Settings with short delays.
pub fn config(url: &str) -> BrokerConfig {
    let mut config = BrokerConfig::new(url.parse().unwrap());
    config.retry_delays = vec![Duration::from_millis(50), Duration::from_millis(100)];
    config.max_reconnect_delay = Duration::from_millis(500);
    config
}

/// A broker on a virtual host of its own.
pub async fn broker(name: &str) -> (Broker, String) {
    broker_with(name, |_| {}).await
}

/// A broker on a virtual host of its own, with these settings changed.
pub async fn broker_with(name: &str, change: impl FnOnce(&mut BrokerConfig)) -> (Broker, String) {
    let url = virtual_host(name).await;
    let mut config = config(&url);
    change(&mut config);
    (start(config).await, url)
}

pub async fn start(config: BrokerConfig) -> Broker {
    let broker = Broker::start(config).unwrap();
    broker.ready().await.unwrap();
    broker
}

#[allow(clippy::needless_pass_by_value, reason = "tests name events by literals and numbers")]
pub fn event(id: impl ToString) -> Outgoing {
    let id = id.to_string();
    Outgoing {
        body: format!(r#"{{"orderId":"{id}","amount":5000}}"#).into_bytes().into(),
        message_id: id,
        event_type: "order.created".to_owned(),
        created_at_unix_s: 1_760_000_000,
        trace: None,
    }
}

/// Publishes, and insists on confirmations.
pub async fn publish(broker: &Broker, events: Vec<Outgoing>) {
    for outcome in broker.publisher().publish_batch(events).await {
        outcome.unwrap();
    }
}

/// Publishes one, whatever becomes of it.
pub async fn publish_one(broker: &Broker, id: impl ToString) -> Result<(), PublishError> {
    broker.publisher().publish_batch(vec![event(id)]).await.remove(0)
}

/// Publishes this many events in the background, each until it is confirmed, with a pause between batches.
pub fn publish_until_confirmed(broker: &Broker, events: usize, pause: Duration) -> JoinHandle<()> {
    let publisher = broker.publisher();
    tokio::spawn(async move {
        let mut left: Vec<_> = (0..events).map(event).collect();
        while !left.is_empty() {
            let batch: Vec<_> = left.drain(..left.len().min(100)).collect();
            let outcomes = publisher.publish_batch(batch.clone()).await;
            left.extend(
                batch.into_iter().zip(outcomes).filter(|(_, outcome)| outcome.is_err()).map(|(e, _)| e),
            );
            tokio::time::sleep(pause).await;
        }
    })
}

/// A failed attempt.
pub fn retry(text: &str) -> Result<(), DeliveryError> {
    Err(DeliveryError::Failed(text.to_owned()))
}

pub async fn dead_letters(broker: &Broker) -> Vec<DeadLetter> {
    let letters = broker.dead_letters().list().await.unwrap();
    letters.map(Result::unwrap).collect().await
}

/// Waits until the condition is true.
pub async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !condition().await {
        assert!(Instant::now() < deadline, "not within {LIMIT:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until the queue holds so many messages that wait for delivery.
pub async fn eventually_holds(broker: &Broker, queue: &str, messages: u32) {
    let mut last = String::new();
    let deadline = Instant::now() + LIMIT;
    loop {
        match broker.depth(queue).await {
            Ok((found, _)) if found == messages => return,
            other => last = format!("{other:?}, before {last:.60}"),
        }
        assert!(Instant::now() < deadline, "`{queue}` does not hold {messages} messages but {last}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

type Decide = dyn Fn(Delivery) -> BoxFuture<'static, Result<(), DeliveryError>> + Send + Sync;

/// A handler that keeps what it got and answers as the test says.
#[derive(Clone)]
pub struct Recorder {
    seen: Arc<Mutex<Vec<Delivery>>>,
    decide: Arc<Decide>,
}

impl Recorder {
    pub fn new<F>(decide: impl Fn(Delivery) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), DeliveryError>> + Send + 'static,
    {
        Self { seen: Arc::default(), decide: Arc::new(move |delivery| Box::pin(decide(delivery))) }
    }

    /// Handles a message for each permit that is added.
    pub fn gated() -> (Self, Arc<Semaphore>) {
        let gate = Arc::new(Semaphore::new(0));
        let entered = gate.clone();
        let handler = Self::new(move |_| {
            let gate = entered.clone();
            async move {
                gate.acquire().await.unwrap().forget();
                Ok(())
            }
        });
        (handler, gate)
    }

    /// Handles everything.
    pub fn content() -> Self {
        Self::new(|_| async { Ok(()) })
    }

    pub fn seen(&self) -> Vec<Delivery> {
        self.seen.lock().unwrap().clone()
    }

    pub fn bodies(&self) -> Vec<String> {
        self.seen().iter().map(|delivery| String::from_utf8_lossy(&delivery.body).into_owned()).collect()
    }

    /// How many different messages were handled.
    pub fn distinct(&self) -> usize {
        self.bodies().into_iter().collect::<HashSet<_>>().len()
    }

    pub async fn saw_distinct(&self, count: usize) {
        eventually(&format!("{count} different messages"), async || self.distinct() >= count).await;
    }

    pub async fn saw(&self, count: usize) {
        eventually(&format!("{count} deliveries"), async || self.seen.lock().unwrap().len() >= count).await;
    }
}

impl Handler for Recorder {
    async fn handle(&self, delivery: Delivery) -> Result<(), DeliveryError> {
        self.seen.lock().unwrap().push(delivery.clone());
        (self.decide)(delivery).await
    }
}

/// A running consumer.
pub struct Running {
    pub stop: CancellationToken,
    pub task: JoinHandle<()>,
}

impl Running {
    pub async fn stop(self) {
        self.stop.cancel();
        tokio::time::timeout(LIMIT, self.task).await.expect("the consumer stops").unwrap();
    }
}

pub fn consume(broker: &Broker, handler: &Recorder) -> Running {
    let stop = CancellationToken::new();
    let (consumer, handler, token) = (broker.consumer(), handler.clone(), stop.clone());
    let task = tokio::spawn(async move { consumer.run(handler, token).await });
    Running { stop, task }
}

/// A network before RabbitMQ that can be cut, and the address by way of it.
pub async fn behind_a_proxy(url: &str) -> (TcpProxy, String) {
    let (server, virtual_host) = url.rsplit_once('/').unwrap();
    let (account, server) = server.rsplit_once('@').unwrap();
    let proxy = TcpProxy::start(server).await.unwrap();
    let through = format!("{account}@{}/{virtual_host}", proxy.address());
    (proxy, through)
}
