//! What a server does by itself and a single session does not: `VACUUM` and `CHECKPOINT`.

use std::{sync::Arc, time::Duration};

use tokio::time::interval;

use crate::{Database, value::QueryError};

/// How far the write-ahead log has been written: it moves only when something was changed.
const POSITION: &str = "SELECT pg_current_wal_insert_lsn()::text";

/// The tables whose dead rows are ours to clean, quoted.
const TABLES: &str = "SELECT oid::regclass::text FROM pg_class \
    WHERE relkind IN ('r', 'm') AND relpersistence = 'p' AND NOT starts_with(relnamespace::regnamespace::text, 'pg_') \
    AND relnamespace <> 'information_schema'::regnamespace ORDER BY oid";

/// Maintains an embedded database at an interval, for as long as somebody has it.
pub(crate) fn keep(database: &Database, every: Duration) -> impl Future<Output = ()> + use<> {
    let (inner, stop) = (Arc::downgrade(&database.inner), database.inner.stop.clone());
    let alive = Arc::downgrade(&database.alive);
    async move {
        let mut ticks = interval(every.max(Duration::from_secs(1)));
        ticks.tick().await;
        let mut last = String::new();
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = stop.cancelled() => return,
            }
            let (Some(inner), Some(alive)) = (inner.upgrade(), alive.upgrade()) else { return };
            let database = Database { inner, alive };
            let maintained = async {
                if position(&database).await? != last {
                    database.maintain().await?;
                    last = position(&database).await?;
                }
                Ok::<_, QueryError>(())
            };
            if let Err(error) = maintained.await {
                tracing::warn!("the maintenance of the embedded database failed: {error}");
            }
        }
    }
}

async fn position(database: &Database) -> Result<String, QueryError> {
    Ok(database.rows(POSITION, &[]).await?.first().map_or_else(String::new, |row| row.get(0)))
}

impl Database {
    /// Cleans up dead rows, refreshes the planner's statistics and bounds the write-ahead log. The embedded database does
    /// so by itself at an interval; each step is a statement among the others, so that none of them waits for all steps.
    pub async fn maintain(&self) -> Result<(), QueryError> {
        for table in self.rows(TABLES, &[]).await? {
            let table: String = table.get(0);
            self.rows(&format!("VACUUM (ANALYZE) {table}"), &[]).await?;
        }
        self.rows("CHECKPOINT", &[]).await?;
        Ok(())
    }
}
