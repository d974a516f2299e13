//! What the manifests of different platforms say of the same things: ports, variables, queues, paths, roles and flags. What is right
//! is what the program says of itself, by the tree of its commands.

// What fails in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod files;
mod infra;
mod kong;
mod manifests;
mod program;
mod spin;

use files::Files;

fn disagreements(files: &Files) -> Vec<String> {
    let mut faults = Vec::new();
    manifests::compose(files, &mut faults);
    manifests::dockerfile(files, &mut faults);
    manifests::gateway(&mut faults);
    manifests::kong(files, &mut faults);
    kong::health_checks(files, &mut faults);
    kong::keep_alive(files, &mut faults);
    kong::origins(files, &mut faults);
    manifests::spin(files, &mut faults);
    spin::commands(files, &mut faults);
    spin::kubernetes(files, &mut faults);
    manifests::spinkube(files, &mut faults);
    manifests::wadm(files, &mut faults);
    if let Some(graph) = &files.graph {
        infra::graph(graph, &mut faults);
    }
    faults
}

#[tokio::test]
async fn all_manifests_agree_with_the_program() {
    let files = Files::read().await;
    let faults = disagreements(&files);
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Each change is a likely mistake; the fault must name the file and what is wrong.
#[tokio::test]
async fn a_port_a_variable_a_queue_or_a_flag_that_differs_is_found() {
    let files = Files::read().await;
    for (file, from, to, named) in [
        ("docker-compose.yml", "127.0.0.1:3333:3333", "127.0.0.1:3333:3335", "3335"),
        ("docker-compose.yml", "0.0.0.0:3334", "0.0.0.0:3344", "3344"),
        ("docker-compose.yml", "127.0.0.1:5482:5432", "127.0.0.1:5492:5432", "5482"),
        ("docker-compose.yml", "127.0.0.1:16686:16686", "127.0.0.1:16687:16686", "16686"),
        ("docker-compose.yml", "\"8000:8000\"", "\"8008:8000\"", "8000"),
        (
            "docker-compose.yml",
            "INVOICES_UPSTREAM:-invoices:3334",
            "INVOICES_UPSTREAM:-invoices:3335",
            "3335",
        ),
        ("docker-compose.yml", "WAYBILL_KEY_CHECK", "WAYBILL_KEYCHECK", "WAYBILL_KEYCHECK"),
        ("docker-compose.yml", "\"serve\", \"orders\"", "\"server\", \"orders\"", "server"),
        ("docker-compose.yml", "--every-s", "--every", "--every"),
        ("docker-compose.yml", "\"/waybill\", \"health\"", "\"/waybill\", \"healthy\"", "healthy"),
        ("deploy/Dockerfile", "EXPOSE 3333", "EXPOSE 3332", "3333"),
        (
            "deploy/Dockerfile",
            "WAYBILL_INVOICES_LISTEN=0.0.0.0:3334",
            "WAYBILL_INVOICES_LISTEN=0.0.0.0:4334",
            "4334",
        ),
        ("deploy/Dockerfile", "ENV WAYBILL_COMPILED", "ENV WAYBILL_COMPILE", "WAYBILL_COMPILE"),
        ("kong", "orders:3333", "orders:3330", "3330"),
        ("kong", "~/credit-notes", "~/creditnotes", "/credit-notes"),
        ("kong", "~/customers(?:/.*)?$", "~/events(?:/.*)?$", "/events"),
        ("kong", "strip_path: false", "strip_path: true", "strip_path"),
        ("kong", "tcp_failures: 0", "tcp_failures: 3", "tcp_failures"),
        (
            "kong",
            "enabled: false\n    config:\n      origins",
            "enabled: true\n    config:\n      origins",
            "may call",
        ),
        ("gateway/Dockerfile", "IDLE_TIMEOUT=20", "IDLE_TIMEOUT=60", "KONG_UPSTREAM_KEEPALIVE_IDLE_TIMEOUT"),
        (
            "gateway/README.md",
            "KONG_UPSTREAM_KEEPALIVE_IDLE_TIMEOUT=20",
            "",
            "KONG_UPSTREAM_KEEPALIVE_IDLE_TIMEOUT",
        ),
        ("docker-compose.yml", "WAYBILL_CORS_ORIGINS: ${", "WAYBILL_CORS_ORIGINS: ${OTHER_", "origins"),
        ("README.md", "\nspin up\n", "\nspin up --variable events_token=$WAYBILL_EVENTS_TOKEN\n", "secrets"),
        (
            "README.md",
            "\nspin up\n",
            "\nspin up --runtime-config-file deploy/spin/runtime-config.toml\n",
            "outbound_pg",
        ),
        (".gitignore", "/.spin\n", "", ".spin"),
        (
            "deploy/spinkube/waybill.yaml",
            "  checks:",
            "  runtimeConfig:\n    loadFromSecret: x\n  checks:",
            "runtimeConfig",
        ),
        ("spin.toml", "route = \"/customers/...\"", "route = \"/clients/...\"", "/customers"),
        ("spin.toml", "orders_database_url", "order_database_url", "order_database_url"),
        ("deploy/spinkube/relay.yaml", "--admin-listen", "--admin", "--admin"),
        ("deploy/wadm.local.yaml", "127.0.0.1:3333", "127.0.0.1:3338", "3338"),
        ("wadm.yaml", "queue: orders", "queue: order", "order"),
        ("infra", "3334", "3336", "3336"),
        ("infra", "\"/waybill\",\"health\"", "\"/waybill\",\"status\"", "status"),
    ] {
        let Some(changed) = files.changed(file, from, to) else {
            assert!(file == "infra" && files.graph.is_none(), "{file} has no {from}");
            continue;
        };
        let faults = disagreements(&changed);
        let found = faults.iter().any(|fault| fault.contains(named) && fault.contains(file));
        assert!(found, "{from} → {to} in {file} was not found: {faults:#?}");
    }
}
