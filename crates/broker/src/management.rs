//! RabbitMQ's management API: what AMQP does not show, above all policies.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde_json::Value;
use thiserror::Error;
use url::Url;
use waybill_broker_rules::ConfigError;
use waybill_broker_rules::url_grammar::decoded;
use waybill_telemetry::with_causes;

use crate::config::BrokerConfig;
use crate::loss::{Definition, Purpose, QueueFacts, of_any, of_exchange, of_queue};
use crate::policies::{Policies, Target, definition, in_effect};
use crate::trust::trusted;

/// How long one look may take.
const LIMIT: Duration = Duration::from_secs(3);

/// How much of an answer is read, in bytes.
const ANSWER_BYTES: usize = 4 << 20;

/// How many bytes the head of an answer may have.
const HEAD_BYTES: usize = 32 << 10;

/// A client of the management API.
pub(crate) struct Management {
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    base: Url,
    authorization: HeaderValue,
}

/// Why the management API gave no answer.
#[derive(Debug, Error)]
pub(crate) enum ManagementError {
    #[error("it did not answer within {} s", LIMIT.as_secs())]
    TimedOut,
    #[error(transparent)]
    Request(#[from] http::Error),
    #[error(transparent)]
    Unreachable(#[from] hyper_util::client::legacy::Error),
    #[error("its answer did not arrive")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("it did not answer with JSON")]
    NotJson(#[source] serde_json::Error),
    #[error("it answered {status} to GET /api/{path}")]
    Status { status: StatusCode, path: String },
}

/// The policies, if our account may read them.
type Rules = Option<(Policies, Policies)>;

impl Management {
    /// A client, if the API's address is set. Where that has no account, it is the account of AMQP.
    pub(crate) fn new(config: &BrokerConfig) -> Result<Option<Self>, ConfigError> {
        let Some(url) = &config.management else { return Ok(None) };
        let mut base = url.url().clone();
        let own = &config.url.uri().authority.userinfo;
        let (user, password) = match (base.username(), base.password()) {
            ("", None) => (own.username.clone(), own.password.clone()),
            (user, password) => (decoded(user), decoded(password.unwrap_or_default())),
        };
        // It fails only for addresses without a host, which are refused before.
        let _ = base.set_username("").and(base.set_password(None));
        let wrong = |fault: String| {
            ConfigError::new("BROKER_MANAGEMENT_URL", fault, "http://user:password@localhost:15672")
        };
        let mut authorization =
            HeaderValue::try_from(format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
                .map_err(|_| wrong("has an account that HTTP cannot carry".to_owned()))?;
        authorization.set_sensitive(true);
        let tls = match &config.ca_file {
            None => HttpsConnectorBuilder::new().with_native_roots().map_err(|error| {
                wrong(format!("needs the system's certificates ({})", with_causes(&error)))
            })?,
            Some(file) => HttpsConnectorBuilder::new().with_tls_config(trusted(file).map_err(|error| {
                ConfigError::new("ca-file", with_causes(&error), "/etc/ssl/rabbitmq.pem")
            })?),
        };
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(LIMIT));
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(20))
            .http1_max_buf_size(HEAD_BYTES)
            .build(tls.https_or_http().enable_http1().wrap_connector(tcp));
        Ok(Some(Self { client, base, authorization }))
    }

    /// Why messages could be lost now.
    pub(crate) async fn losses(&self, config: &BrokerConfig) -> Result<Vec<String>, ManagementError> {
        let looked = tokio::time::timeout(LIMIT, self.look(config)).await;
        looked.unwrap_or(Err(ManagementError::TimedOut))
    }

    async fn look(&self, config: &BrokerConfig) -> Result<Vec<String>, ManagementError> {
        let vhost = config.url.uri().vhost.as_str();
        let (exchange, queue) = (config.exchange.as_str(), config.queue.as_str());
        let kept = [config.dead_letter_queue(), config.isolated_queue(), config.queue.clone()];
        let retries: Vec<String> =
            config.retry_delays.iter().map(|delay| config.retry_queue(*delay)).collect();
        let paths = (["exchanges", vhost, exchange], ["bindings", vhost, "e", exchange, "q", queue]);
        let (rules, found, bindings) =
            tokio::try_join!(self.rules(vhost), self.get(&paths.0), self.get(&paths.1))?;
        let mut losses = Vec::new();
        match found {
            None => losses.push(format!("exchange `{exchange}` does not exist")),
            Some(found) => {
                let arguments = definition(&found["arguments"]);
                let policies = match &rules {
                    Some((users, operators)) => in_effect(users, operators, exchange, Target::Exchange),
                    None => vec![Definition::new()],
                };
                losses.extend(of_any(&policies, |policy| of_exchange(exchange, &arguments, policy)));
            }
        }
        let is_bound = |binding: &Value| binding["routing_key"] == config.binding.as_str();
        if !bindings.as_ref().and_then(Value::as_array).is_some_and(|bindings| bindings.iter().any(is_bound))
        {
            losses.push(format!(
                "queue `{queue}` is not bound to exchange `{exchange}` by `{}`",
                config.binding
            ));
        }
        let queues = kept
            .iter()
            .map(|name| (name, Purpose::Kept))
            .chain(retries.iter().map(|name| (name, Purpose::Retry)));
        let looks = queues.map(|(name, purpose)| self.queue(vhost, name, purpose, &rules));
        losses.extend(futures::future::try_join_all(looks).await?.into_iter().flatten());
        Ok(losses)
    }

    async fn queue(
        &self,
        vhost: &str,
        name: &str,
        purpose: Purpose,
        rules: &Rules,
    ) -> Result<Vec<String>, ManagementError> {
        let Some(found) = self.get(&["queues", vhost, name]).await? else {
            return Ok(vec![format!("queue `{name}` does not exist")]);
        };
        let is = |setting: &str| found[setting] == true;
        let mut facts = QueueFacts {
            is_durable: is("durable"),
            is_auto_delete: is("auto_delete"),
            is_exclusive: is("exclusive"),
            arguments: definition(&found["arguments"]),
        };
        let kind = found["type"].as_str().unwrap_or("classic").to_owned();
        let policies = match rules {
            Some((users, operators)) => in_effect(users, operators, name, Target::Queue(&kind)),
            None => vec![definition(&found["effective_policy_definition"])],
        };
        facts.arguments.insert("queue-type".to_owned(), kind);
        Ok(of_any(&policies, |policy| of_queue(name, purpose, &facts, policy)))
    }

    async fn rules(&self, vhost: &str) -> Result<Rules, ManagementError> {
        // An account with the tag `management` sees policies with the queues only, and some seconds later.
        let Some(users) = self.get_if_permitted(&["policies", vhost]).await? else { return Ok(None) };
        let operators = self.get_if_permitted(&["operator-policies", vhost]).await?;
        let read = |answer: Option<Value>| answer.map_or_else(|| Ok(Policies::default()), Policies::read);
        match (read(Some(users)), read(operators)) {
            (Ok(users), Ok(operators)) => Ok(Some((users, operators))),
            (Err(error), _) | (_, Err(error)) => {
                tracing::debug!(reason = with_causes(&error), "policies are read with the queues");
                Ok(None)
            }
        }
    }

    async fn get(&self, path: &[&str]) -> Result<Option<Value>, ManagementError> {
        match self.ask(path).await? {
            (StatusCode::OK, body) => {
                serde_json::from_slice(&body).map(Some).map_err(ManagementError::NotJson)
            }
            (StatusCode::NOT_FOUND, _) => Ok(None),
            (status, _) => Err(ManagementError::Status { status, path: path[0].to_owned() }),
        }
    }

    async fn get_if_permitted(&self, path: &[&str]) -> Result<Option<Value>, ManagementError> {
        match self.ask(path).await? {
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => Ok(None),
            (StatusCode::OK, body) => {
                serde_json::from_slice(&body).map(Some).map_err(ManagementError::NotJson)
            }
            (status, _) => Err(ManagementError::Status { status, path: path[0].to_owned() }),
        }
    }

    async fn ask(&self, path: &[&str]) -> Result<(StatusCode, Bytes), ManagementError> {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("api").extend(path);
        }
        let request = Request::get(url.as_str())
            .header(header::AUTHORIZATION, &self.authorization)
            .body(Empty::new())?;
        let answer = self.client.request(request).await?;
        let status = answer.status();
        let body =
            Limited::new(answer.into_body(), ANSWER_BYTES).collect().await.map_err(ManagementError::Body)?;
        Ok((status, body.to_bytes()))
    }
}
