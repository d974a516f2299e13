use std::borrow::Cow;
use std::path::PathBuf;

use anyhow::Context as _;

use crate::components::{self, Loaded, Sum, sum};
use crate::runtime::{Engine, HttpReplacement, HttpService, MessageReplacement, MessageService};
use crate::settings::{ComponentName, ComponentSettings};

/// The components that serve, and where newer ones take their place.
pub struct Live {
    engine: Engine,
    /// The folder of their machine code.
    compiled: PathBuf,
    components: Vec<LiveComponent>,
}

struct LiveComponent {
    name: ComponentName,
    /// Of the bytes that serve.
    sum: Sum,
    http: HttpService,
    messages: Option<MessageService>,
}

/// A newer component that is ready.
struct Ready {
    at: usize,
    sum: Sum,
    http: HttpReplacement,
    messages: Option<MessageReplacement>,
}

impl Live {
    pub fn new(engine: &Engine, compiled: PathBuf) -> Self {
        Self { engine: engine.clone(), compiled, components: Vec::new() }
    }

    /// Adds a component that serves bytes of this sum.
    pub fn add(
        &mut self,
        name: ComponentName,
        sum: Sum,
        http: &HttpService,
        messages: Option<&MessageService>,
    ) {
        self.components.push(LiveComponent { name, sum, http: http.clone(), messages: messages.cloned() });
    }

    /// Puts the components of `settings` whose bytes have changed in place, all of them or none. Requests and messages in flight end in
    /// the ones from before.
    pub(super) async fn take_new(
        &mut self,
        settings: &ComponentSettings,
    ) -> anyhow::Result<Vec<ComponentName>> {
        let mut changed = Vec::new();
        for (at, live) in self.components.iter().enumerate() {
            let bytes = components::bytes(live.name, settings)?;
            if sum(&bytes) != live.sum {
                changed.push((at, bytes));
            }
        }
        let ready = self.prepare(changed, settings).await?;
        let names = ready.iter().map(|ready| self.components[ready.at].name).collect();
        // From here on nothing fails.
        for Ready { at, sum, http, messages } in ready {
            if let Some(messages) = messages {
                messages.commit();
            }
            http.commit();
            self.components[at].sum = sum;
        }
        Ok(names)
    }

    async fn prepare(
        &self,
        changed: Vec<(usize, Cow<'static, [u8]>)>,
        settings: &ComponentSettings,
    ) -> anyhow::Result<Vec<Ready>> {
        let places: Vec<_> = changed.iter().map(|(at, _)| *at).collect();
        let named = changed.into_iter().map(|(at, bytes)| (self.components[at].name, bytes)).collect();
        let loaded = components::load_bytes(&self.engine, named, settings, &self.compiled).await?;
        let mut ready = Vec::with_capacity(loaded.len());
        for (at, Loaded { component, sum }) in places.into_iter().zip(loaded) {
            let LiveComponent { name, http, messages, .. } = &self.components[at];
            let unfit = || format!("the component {} cannot take the place of the one before", name.as_str());
            let http = http.prepare(&component).await.with_context(unfit)?;
            let messages = match messages {
                Some(messages) => Some(messages.prepare(&component).await.with_context(unfit)?),
                None => None,
            };
            ready.push(Ready { at, sum, http, messages });
        }
        Ok(ready)
    }
}
