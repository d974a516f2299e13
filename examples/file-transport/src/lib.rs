//! A transport that appends events to a file, one JSON object a line. A stand-in for whatever takes your events: a queue, a
//! stream, another service.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::json;
use serde_json::value::RawValue;
use tokio::task::spawn_blocking;
use waybill_relay::{DeliveryError, Event, Transport};

/// Appends to the file at this path.
pub struct ToFile(pub PathBuf);

impl Transport for ToFile {
    /// The relay deletes an event when this says `Ok`, so that it says so after the file is on the disk. A crash before that
    /// leads to a second line with the same identifier: receivers drop what they have seen.
    async fn deliver(&self, events: Vec<Event>) -> Vec<Result<(), DeliveryError>> {
        let mut lines = String::new();
        let results: Vec<_> = events
            .iter()
            .map(|event| {
                // Only this event is at fault. The relay tries it again, parks it in the end, and goes on with the others.
                let line = line(event).map_err(|error| DeliveryError::Failed(error.to_string()))?;
                lines += &line;
                Ok(())
            })
            .collect();
        let path = self.0.clone();
        let unavailable = match spawn_blocking(move || append(&path, &lines)).await {
            Ok(Ok(())) => return results,
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        // Says nothing about the events: the relay waits with all of them, and counts no attempt.
        events.iter().map(|_| Err(DeliveryError::Unavailable(unavailable.clone()))).collect()
    }
}

fn append(path: &Path, lines: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(lines.as_bytes())?;
    file.sync_data()
}

fn line(event: &Event) -> serde_json::Result<String> {
    let data: &RawValue = serde_json::from_slice(&event.payload)?;
    let line = json!({ "id": event.id.to_string(), "type": event.event_type, "data": data });
    Ok(format!("{line}\n"))
}
