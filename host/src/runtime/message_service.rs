use std::sync::Arc;

use thiserror::Error;
use tokio::time::timeout;
use wasmtime::Store;
use wasmtime::component::Component;
use waybill_contracts::DeliveryError;
use waybill_telemetry::Context;

use super::bindings::wasmcloud::messaging::types::BrokerMessage;
use super::bindings::{Invoices, InvoicesPre};
use super::pool::{Kept, Pool, Replacement, Template};
use super::{Blueprint, Guest};
use crate::metrics::instances;

/// Why a message was not handled.
#[derive(Debug, Error)]
pub enum HandleError {
    /// The component's answer.
    #[error(transparent)]
    Refused(DeliveryError),
    /// The instance trapped or timed out. The message may have taken effect.
    #[error("the component failed")]
    Trapped(#[source] wasmtime::Error),
}

/// Calls a component that exports `wasmcloud:messaging/handler`.
#[derive(Clone)]
pub struct MessageService {
    pool: Arc<Pool<InvoicesPre<Guest>>>,
}

/// A newer build of a [`MessageService`]'s component.
pub struct MessageReplacement(Replacement<InvoicesPre<Guest>>);

impl MessageReplacement {
    /// Puts it in place: it handles the messages that come from now on.
    pub fn commit(self) {
        self.0.commit();
    }
}

impl Template for InvoicesPre<Guest> {
    type Exports = Invoices;

    async fn instantiate(&self, store: &mut Store<Guest>) -> wasmtime::Result<Invoices> {
        self.instantiate_async(store).await
    }
}

impl MessageService {
    pub fn new(blueprint: Blueprint) -> anyhow::Result<Self> {
        let component = InvoicesPre::new(blueprint.component().clone())?;
        Ok(Self { pool: Pool::new(blueprint, component, Kept::NotGrown) })
    }

    /// Makes a newer build of the component ready to take its place.
    pub async fn prepare(&self, component: &Component) -> anyhow::Result<MessageReplacement> {
        let blueprint = self.pool.blueprint().of_newer(component)?;
        let template = InvoicesPre::new(blueprint.component().clone())?;
        Ok(MessageReplacement(self.pool.prepare(blueprint, template).await?))
    }

    /// Handles one message; SQL statements are traced under `parent`.
    pub async fn handle(&self, subject: &str, body: Vec<u8>, parent: Context) -> Result<(), HandleError> {
        let pool = &self.pool;
        let engine = &pool.engine;
        let message = BrokerMessage { subject: subject.to_owned(), body, reply_to: None };
        let call = async {
            let permit = pool.permit().await?;
            let mut instance = pool.take(permit, parent, engine.deadline()).await?;
            let handler = instance.exports.wasmcloud_messaging_handler();
            let verdict = handler.call_handle_message(&mut instance.store, &message).await?;
            pool.put_back(instance);
            wasmtime::Result::Ok(verdict)
        };
        // An instance that is dropped in the middle of a call, by a trap or by the time limit, is not put back.
        let request_time = engine.limits().request_time;
        match timeout(request_time, call).await {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(Ok(Err(text))) => Err(HandleError::Refused(DeliveryError::parse(&text))),
            Ok(Err(error)) => {
                instances().fail(pool.name);
                Err(HandleError::Trapped(error))
            }
            Err(_) => {
                instances().fail(pool.name);
                Err(HandleError::Trapped(wasmtime::format_err!("no verdict within {request_time:?}")))
            }
        }
    }
}
