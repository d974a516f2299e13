use thiserror::Error;

/// Why something did not happen.
#[derive(Debug, Error)]
pub enum AmqpError {
    /// The connection cannot be used any more.
    #[error("{0}")]
    Lost(String),
    /// RabbitMQ closed the channel with these words. The connection is as good as before.
    #[error("{text} ({code})")]
    Refused {
        /// RabbitMQ's code.
        code: u16,
        /// Its words.
        text: String,
    },
}

impl AmqpError {
    pub fn lost(reason: impl Into<String>) -> Self {
        Self::Lost(reason.into())
    }

    /// Whether RabbitMQ closed the channel with this code.
    pub fn is_refusal(&self, wanted: u16) -> bool {
        matches!(self, Self::Refused { code, .. } if *code == wanted)
    }
}
