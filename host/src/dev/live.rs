use std::borrow::Cow;
use std::path::PathBuf;

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use crate::components;
use crate::runtime::{Engine, HttpReplacement, HttpService, MessageReplacement, MessageService};
use crate::settings::{ComponentName, ComponentSettings};

type Sum = [u8; 32];

/// The components that serve, and where newer ones take their place.
pub struct Live {
    engine: Engine,
    settings: ComponentSettings,
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
    pub fn new(engine: &Engine, settings: &ComponentSettings, compiled: PathBuf) -> Self {
        Self { engine: engine.clone(), settings: settings.clone(), compiled, components: Vec::new() }
    }

    /// Adds a component that serves what is in its file now.
    pub fn add(
        &mut self,
        name: ComponentName,
        http: &HttpService,
        messages: Option<&MessageService>,
    ) -> anyhow::Result<()> {
        let sum = sum(&components::bytes(name, &self.settings)?);
        self.components.push(LiveComponent { name, sum, http: http.clone(), messages: messages.cloned() });
        Ok(())
    }

    /// Puts the components whose bytes have changed in place, all of them or none. Requests and messages in flight end in the ones
    /// from before.
    pub(super) async fn take_new(&mut self) -> anyhow::Result<Vec<ComponentName>> {
        let mut changed = Vec::new();
        for (at, live) in self.components.iter().enumerate() {
            let bytes = components::bytes(live.name, &self.settings)?;
            let sum = sum(&bytes);
            if sum != live.sum {
                changed.push((at, sum, bytes));
            }
        }
        let ready = self.prepare(changed).await?;
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

    async fn prepare(&self, changed: Vec<(usize, Sum, Cow<'static, [u8]>)>) -> anyhow::Result<Vec<Ready>> {
        let places: Vec<_> = changed.iter().map(|(at, sum, _)| (*at, *sum)).collect();
        let named = changed.into_iter().map(|(at, _, bytes)| (self.components[at].name, bytes)).collect();
        let loaded = components::load_bytes(&self.engine, named, &self.settings, &self.compiled).await?;
        let mut ready = Vec::with_capacity(loaded.len());
        for ((at, sum), component) in places.into_iter().zip(loaded) {
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

fn sum(bytes: &[u8]) -> Sum {
    Sha256::digest(bytes).into()
}
