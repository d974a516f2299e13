//! `DATABASE_URL=… WEBHOOK_SECRET=whsec_… cargo run`: the service on 127.0.0.1:8080, or on `LISTEN`.

use std::env::{self, VarError};

use anyhow::{Context as _, Result};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<()> {
    let database_url =
        env::var("DATABASE_URL").context("set DATABASE_URL, such as postgresql://localhost/shipments")?;
    let secret =
        env::var("WEBHOOK_SECRET").context("set WEBHOOK_SECRET to the secret of the webhook endpoint")?;
    let address = match env::var("LISTEN") {
        Err(VarError::NotPresent) => "127.0.0.1:8080".to_owned(),
        address => address.context("LISTEN is not text")?,
    };
    let listener = TcpListener::bind(&address).await.with_context(|| format!("LISTEN is {address}"))?;
    println!("listening on http://{}", listener.local_addr()?);
    let stop = async { tokio::signal::ctrl_c().await.unwrap_or_default() };
    waybill_example_subscriber::serve(listener, &database_url, &secret, stop).await
}
