use clap::{Args, Subcommand};
use waybill_broker::Selector;

use super::RequiredBroker;

#[derive(Debug, Subcommand)]
pub enum DeadLettersSettings {
    /// List them, grouped by cause.
    List {
        /// One JSON object per line, with body and headers.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        broker: RequiredBroker,
    },
    /// Show one, with its body and headers.
    Show {
        /// Its id, as list shows it.
        id: String,
        /// As one JSON object.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        broker: RequiredBroker,
    },
    /// Return them to their queue. Safe to repeat: handling a message twice changes nothing.
    Replay(ReplaySettings),
    /// Delete them. The log records each of them, and the reason.
    Discard {
        #[command(flatten)]
        selection: Selection,
        /// Why, for the log, for example obsolete.
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Show how many would be discarded, and change nothing.
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        broker: RequiredBroker,
    },
}

#[derive(Args, Debug)]
pub struct ReplaySettings {
    #[command(flatten)]
    pub selection: Selection,
    /// Show how many would be replayed, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Replay one with another body: from a file, from standard input for -, or, without a value, edited by $EDITOR. The
    /// message's headers keep the original and who changed it.
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    pub edit: Option<Option<String>>,
    /// Who edits it.
    #[arg(long, env = "USER", value_name = "NAME", default_value = "unknown")]
    pub by: String,
    #[command(flatten)]
    pub broker: RequiredBroker,
}

/// Which dead letters.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
pub struct Selection {
    /// The one with this id.
    pub id: Option<String>,
    /// Those with this cause: rejected, retries-exhausted, crash-loop, too-large, expired or unknown.
    #[arg(long)]
    pub cause: Option<String>,
    /// All of them.
    #[arg(long)]
    pub all: bool,
}

impl Selection {
    pub fn selector(&self) -> Selector {
        match (&self.id, &self.cause) {
            (Some(id), _) => Selector::Id(id.clone()),
            (None, Some(cause)) => Selector::Cause(cause.clone()),
            (None, None) => Selector::All,
        }
    }
}
