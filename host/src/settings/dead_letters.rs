use clap::{Args, Subcommand};
use waybill_broker::Selector;

use super::RequiredBroker;

/// `waybill dead-letters`.
#[derive(Debug, Subcommand)]
pub enum DeadLettersSettings {
    /// List them, grouped by cause.
    List {
        /// RabbitMQ.
        #[command(flatten)]
        broker: RequiredBroker,
        /// One JSON object a line, with body and headers.
        #[arg(long)]
        json: bool,
    },
    /// Show one, with its body and headers.
    Show {
        /// Its id, as list shows it.
        id: String,
        /// RabbitMQ.
        #[command(flatten)]
        broker: RequiredBroker,
        /// As one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Return them to the queue from which they came. Safe to repeat: a message that is handled twice changes nothing.
    Replay(ReplaySettings),
    /// Throw them away for good. Each of them and the reason go to the log.
    Discard {
        /// Which ones.
        #[command(flatten)]
        selection: Selection,
        /// RabbitMQ.
        #[command(flatten)]
        broker: RequiredBroker,
        /// Why, for the log.
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Say how many would be discarded, and change nothing.
        #[arg(long)]
        dry_run: bool,
    },
}

/// `waybill dead-letters replay`.
#[derive(Args, Debug)]
pub struct ReplaySettings {
    /// Which ones.
    #[command(flatten)]
    pub selection: Selection,
    /// RabbitMQ.
    #[command(flatten)]
    pub broker: RequiredBroker,
    /// Say how many would be replayed, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Replay one with another body: that of a file, of standard input for -, or, without a value, what $EDITOR makes of
    /// the present one. The original and who changed it stay in the message's headers.
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    pub edit: Option<Option<String>>,
    /// Who edits it.
    #[arg(long, env = "USER", value_name = "NAME", default_value = "unknown")]
    pub by: String,
}

/// Which dead letters are meant.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
pub struct Selection {
    /// The one with this id.
    pub id: Option<String>,
    /// Those with this cause: rejected, retries-exhausted, crash-loop, too-large or unknown.
    #[arg(long)]
    pub cause: Option<String>,
    /// All of them.
    #[arg(long)]
    pub all: bool,
}

impl Selection {
    /// The same in the words of the queue.
    pub fn selector(&self) -> Selector {
        match (&self.id, &self.cause) {
            (Some(id), _) => Selector::Id(id.clone()),
            (None, Some(cause)) => Selector::Cause(cause.clone()),
            (None, None) => Selector::All,
        }
    }
}
