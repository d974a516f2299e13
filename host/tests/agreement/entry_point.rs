//! What `gateway/entrypoint.sh` makes of its variables.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::str::FromStr as _;

use regex::Regex;
use serde_json::{Value, json};
use waybill::settings::Origins;
use waybill_tests::print_kong;

use crate::kong::values;
use crate::manifests::strings;

async fn render(variables: &[(&str, &str)]) -> Value {
    serde_saphyr::from_str(&print_kong("render", variables).await.unwrap()).unwrap()
}

fn plugin<'a>(document: &'a Value, name: &str) -> &'a Value {
    document["plugins"].as_array().unwrap().iter().find(|plugin| plugin["name"] == name).unwrap()
}

/// Whether the plugin `cors` of Kong 3.9 admits pages of an origin: what has another character than these is a regular expression,
/// anchored at both ends (kong/plugins/cors/handler.lua).
fn admits(configured: &[&str], origin: &str) -> bool {
    configured.iter().any(|entry| {
        let is_literal = entry.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:/-".contains(&byte));
        let body = entry.trim_start_matches('^').trim_end_matches('$');
        if is_literal {
            *entry == origin
        } else {
            Regex::new(&format!("^(?:{body})$")).unwrap().is_match(origin)
        }
    })
}

#[tokio::test]
async fn pages_of_the_named_origins_may_call_and_of_no_similar_one() {
    let list =
        "https://Shop.example.com:443, https://b_c.example.com,http://localhost:3000 , http://a.example:80,";
    let document = render(&[("WAYBILL_CORS_ORIGINS", list)]).await;
    let cors = plugin(&document, "cors");
    assert_eq!(cors["enabled"], true);
    let configured = strings(&cors["config"]["origins"]);
    // The host reads the same list in the same way.
    let ours = Origins::from_str(list).unwrap();
    assert_eq!(configured.len(), ours.iter().count(), "{configured:?}");
    for origin in ours.iter() {
        assert!(admits(&configured, origin.to_str().unwrap()), "{origin:?} is not among {configured:?}");
    }
    for other in [
        "https://b_cXexample.com",
        "https://b_cXexampleYcom",
        "https://b_c.example.com.evil.example",
        "https://evil.example/https://b_c.example.com",
        "http://b_c.example.com",
        "https://shopXexample.com",
        "https://shop.example.com:8443",
        "http://localhost:30000",
    ] {
        assert!(!admits(&configured, other), "{other} is admitted by {configured:?}");
    }
}

#[tokio::test]
async fn a_bad_value_is_refused_with_its_name_and_an_example() {
    for (name, bad) in [
        ("WAYBILL_CORS_ORIGINS", "*"),
        ("WAYBILL_CORS_ORIGINS", "https://shop.example.com/path"),
        ("WAYBILL_CORS_ORIGINS", "https://shop.example.com https://b.example"),
        ("WAYBILL_CORS_ORIGINS", "https://shop.example.com:99999"),
        ("WAYBILL_CORS_ORIGINS", "https://shop.example.com'"),
        ("ORDERS_UPSTREAM", "orders"),
        ("ORDERS_UPSTREAM", "orders:0"),
        ("ORDERS_UPSTREAM", "orders:99999"),
        ("ORDERS_UPSTREAM", "::1:3333"),
        ("INVOICES_UPSTREAM", "[::1]"),
        ("INVOICES_UPSTREAM", "a b:1"),
        ("RATE_LIMIT_PER_MINUTE", "0"),
        ("LISTEN_ADDRESS", "localhost"),
        ("LISTEN_ADDRESS", "::1"),
        ("KONG_SSL_CERT", "/certificates/tls.crt"),
        ("KONG_SSL_CERT_KEY", "/certificates/tls.key"),
        ("HTTPS_ONLY", "true"),
        ("HTTPS_ONLY", "1"),
        ("KONG_TRUSTED_IPS", "0.0.0.0/0"),
        ("KONG_TRUSTED_IPS", "10.0.0.0/8,::/0"),
        ("KONG_TRACING_SAMPLING_RATE", "2"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "jaeger:4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://jaeger:99999"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:geheim@jaeger:4318"),
        ("KEYS_FILE", "/nowhere"),
    ] {
        let error = print_kong("render", &[(name, bad)]).await.unwrap_err().to_string();
        let names = error.contains(name) || name.starts_with("KONG_SSL") && error.contains("KONG_SSL_CERT");
        assert!(names && error.contains("an example is"), "{name}={bad}: {error}");
        assert!(!error.contains("geheim"), "{error}");
    }
}

#[tokio::test]
async fn addresses_may_be_of_ipv6() {
    let document = render(&[
        ("ORDERS_UPSTREAM", "[::1]:3333"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://[2001:db8::1]:4318/"),
    ])
    .await;
    assert_eq!(document["upstreams"][0]["targets"][0]["target"], "[::1]:3333");
    assert_eq!(
        plugin(&document, "opentelemetry")["config"]["traces_endpoint"],
        "http://[2001:db8::1]:4318/v1/traces"
    );
    let settings = print_kong("settings", &[("LISTEN_ADDRESS", "[::]")]).await.unwrap();
    assert!(values(&settings)["KONG_PROXY_LISTEN"].starts_with("[::]:8000 "), "{settings}");
}

#[tokio::test]
async fn port_8443_is_there_with_a_certificate_only() {
    let certificate =
        [("KONG_SSL_CERT", "/certificates/tls.crt"), ("KONG_SSL_CERT_KEY", "/certificates/tls.key")];
    let settings = print_kong("settings", &certificate).await.unwrap();
    assert!(values(&settings)["KONG_PROXY_LISTEN"].contains("127.0.0.1:8443 http2 ssl"), "{settings}");
    let settings = print_kong("settings", &[("KONG_SSL_CERT", ""), ("KONG_SSL_CERT_KEY", "")]).await.unwrap();
    assert!(!values(&settings)["KONG_PROXY_LISTEN"].contains("ssl"), "{settings}");

    let protocols = |document: &Value| {
        let services = document["services"].as_array().unwrap().iter();
        let routes: Vec<Value> = services.flat_map(|it| it["routes"].as_array().unwrap().clone()).collect();
        assert_eq!(routes.len(), 4);
        routes.into_iter().map(|route| route["protocols"].clone()).collect::<Vec<_>>()
    };
    let document = render(&[certificate[0], certificate[1], ("HTTPS_ONLY", "true")]).await;
    assert!(protocols(&document).iter().all(|it| *it == json!(["https"])), "{document:#}");
    let document = render(&certificate).await;
    assert!(protocols(&document).iter().all(|it| *it == json!(["http", "https"])), "{document:#}");
}

#[tokio::test]
async fn behind_a_proxy_each_caller_has_its_own_rate_limit() {
    let settings = print_kong("settings", &[("KONG_TRUSTED_IPS", "10.0.0.0/8")]).await.unwrap();
    let given = values(&settings);
    assert_eq!((given["KONG_REAL_IP_HEADER"], given["KONG_REAL_IP_RECURSIVE"]), ("X-Forwarded-For", "on"));
    let settings = print_kong("settings", &[("KONG_TRUSTED_IPS", "")]).await.unwrap();
    assert!(!settings.contains("REAL_IP"), "others could write any address: {settings}");
}

#[tokio::test]
async fn traces_are_sampled_or_pass_unchanged() {
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://jaeger:4318");
    for (instrumentations, enabled) in [("", true), ("request", true), ("off", false)] {
        let document = render(&[endpoint, ("KONG_TRACING_INSTRUMENTATIONS", instrumentations)]).await;
        assert_eq!(plugin(&document, "opentelemetry")["enabled"], enabled, "{instrumentations}");
    }
    let document = render(&[endpoint, ("KONG_TRACING_SAMPLING_RATE", "0.25")]).await;
    assert_eq!(plugin(&document, "opentelemetry")["config"]["sampling_rate"], 0.25);
}

#[tokio::test]
async fn a_token_for_traces_is_in_no_file() {
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://otlp.example.com/otlp");
    let token = ("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Basic%20Z2VoZWlt%3D,x-scope=a");
    let text = print_kong("render", &[endpoint, token]).await.unwrap();
    assert!(!text.contains("Z2VoZWlt"), "{text}");
    let document: Value = serde_saphyr::from_str(&text).unwrap();
    let headers = plugin(&document, "opentelemetry")["config"]["headers"].as_object().unwrap();
    let environment = print_kong_command(&[endpoint, token]);
    let value = |name: &str| {
        let reference = headers[name].as_str().unwrap();
        let variable = reference.strip_prefix("{vault://env/").unwrap().strip_suffix('}').unwrap();
        values(&environment)[variable.to_uppercase().replace('-', "_").as_str()].to_owned()
    };
    assert_eq!((value("authorization").as_str(), value("x-scope").as_str()), ("Basic Z2VoZWlt=", "a"));
    for bad in ["geheim", "a=geheim%0A", "a b%=geheim"] {
        let variables = [endpoint, ("OTEL_EXPORTER_OTLP_HEADERS", bad)];
        let error = print_kong("render", &variables).await.unwrap_err().to_string();
        assert!(error.contains("OTEL_EXPORTER_OTLP_HEADERS") && !error.contains("geheim"), "{error}");
    }
}

#[tokio::test]
async fn keys_of_a_file_are_required_and_passed_on_to_no_service() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys");
    let key = "0123456789abcdef0123456789abcdef";
    fs::write(&file, format!("# callers\nshop {key}\n\nother x{key}")).unwrap();
    let document = render(&[("KEYS_FILE", file.to_str().unwrap())]).await;
    let names: Vec<&Value> =
        document["consumers"].as_array().unwrap().iter().map(|consumer| &consumer["username"]).collect();
    assert_eq!(names, ["shop", "other"]);
    assert_eq!(document["consumers"][0]["keyauth_credentials"][0]["key"], key);
    assert_eq!(plugin(&document, "key-auth")["enabled"], true);
    let removed = strings(&plugin(&document, "request-transformer")["config"]["remove"]["headers"]);
    assert_eq!(removed, ["waybill-caller", "authorization", "apikey", "x-api-key"]);
    for bad in ["", "# none\n", "shop\n", "shop short\n", "shop 0123456789abcdef'0123456789abcdef geheim\n"] {
        fs::write(&file, bad).unwrap();
        let error =
            print_kong("render", &[("KEYS_FILE", file.to_str().unwrap())]).await.unwrap_err().to_string();
        assert!(error.contains("KEYS_FILE") && !error.contains("0123456789"), "{bad}: {error}");
    }
}

/// What a command that the entry point starts has in its environment.
fn print_kong_command(variables: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gateway/entrypoint.sh");
    let mut command = Command::new("sh");
    command.arg(script).arg("env").current_dir(folder.path()).env("KONG_PREFIX", folder.path());
    let ended = command.envs(variables.iter().copied()).output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    String::from_utf8(ended.stdout).unwrap()
}

/// The commands that start Kong, with `env` in its place.
#[test]
fn the_documents_commands_leave_nothing_open() {
    use std::os::unix::fs::PermissionsExt as _;

    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |name: &str| fs::read_to_string(project.join(name)).unwrap();
    let (page, keys) = (read("docs/kong.md"), read("docs/keys.md"));
    let script = project.join("gateway/entrypoint.sh").canonicalize().unwrap();
    let (_, section) = page.split_once("\nWithout Docker, ").unwrap();
    let before = section.split("```").next().unwrap();
    assert!(before.contains("--key-check required"), "no key would be required: {before}");
    let mut commands = 0;
    for block in [&page, &keys].into_iter().flat_map(|it| it.split("```sh\n").skip(1)) {
        let block = block.split("```").next().unwrap().replace("\\\n", " ");
        for line in block.lines().filter(|line| line.contains(" start")) {
            commands += 1;
            let command =
                line.replace("gateway/entrypoint.sh kong start", &format!("{} env", script.display()));
            assert_ne!(command, line, "Kong without Waybill's settings: {line}");
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("kong-keys"), "shop 0123456789abcdef0123456789abcdef").unwrap();
            let mut shell = Command::new("sh");
            shell.arg("-c").arg(command).current_dir(folder.path()).env_clear();
            shell.env("PATH", std::env::var_os("PATH").unwrap());
            // For a command that chooses no prefix of its own.
            shell.env("KONG_PREFIX", folder.path().join("prefix"));
            let ended = shell.output().unwrap();
            assert!(ended.status.success(), "{line}: {}", String::from_utf8_lossy(&ended.stderr));
            let environment = String::from_utf8(ended.stdout).unwrap();
            let given = values(&environment);
            assert_eq!(
                (given["KONG_ADMIN_LISTEN"], given["KONG_ADMIN_GUI_LISTEN"]),
                ("off", "off"),
                "{line}"
            );
            for name in ["KONG_PROXY_LISTEN", "KONG_STATUS_LISTEN"] {
                let addresses = given[name].split(", ");
                assert!(addresses.into_iter().all(|it| it.starts_with("127.0.0.1:")), "{line}: {name}");
            }
            let file = Path::new(given["KONG_DECLARATIVE_CONFIG"]);
            let mode = fs::metadata(file).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "others read the keys in {}", file.display());
        }
    }
    assert!(commands >= 3, "the documents start Kong {commands} times");
}
