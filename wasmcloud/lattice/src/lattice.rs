use clap::Args;

/// Where the lattice is.
#[derive(Args, Clone, Debug)]
pub struct Lattice {
    /// NATS, for example nats://127.0.0.1:4222.
    #[arg(long, env = "NATS_URL", default_value = "nats://127.0.0.1:4222")]
    pub nats_url: url::Url,
    /// The lattice's name.
    #[arg(long, default_value = "default")]
    pub lattice: String,
}
