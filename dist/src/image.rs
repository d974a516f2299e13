//! The image of every role, made without a container engine: like that of deploy/Dockerfile, the program on the few Debian packages
//! that it needs, without a shell and without root. Amazon's certificate authorities are only in that one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use oci_spec::image::{
    Arch, ConfigBuilder, HistoryBuilder, ImageConfigurationBuilder, MediaType, Os, PlatformBuilder,
    RootFsBuilder,
};

use crate::debian::architecture;
use crate::files::{Files, gzip, sum};
use crate::oci::{Image, Layout};
use crate::program::Program;
use crate::release::Release;

/// What no program looks for: character sets, documents, locales.
const LEFT_OUT: [&str; 4] = ["/gconv/", "/usr/share/doc/", "/usr/share/lintian/", "/usr/share/locale/"];

/// The account of `gcr.io/distroless`, which cluster policies know.
const USER: &str = "65532:65532";

/// As in deploy/Dockerfile.
const SETTINGS: [&str; 7] = [
    "PATH=/",
    "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
    "WAYBILL_COMPILED=/compiled",
    "WAYBILL_LOG_FORMAT=json",
    "WAYBILL_ADMIN_LISTEN=0.0.0.0:9464",
    "WAYBILL_ORDERS_LISTEN=0.0.0.0:3333",
    "WAYBILL_INVOICES_LISTEN=0.0.0.0:3334",
];

/// The image's name and bytes. `base` has the Debian packages of its processor.
pub fn image(release: &Release, program: &Program, base: &Path) -> Result<(String, Vec<u8>)> {
    let time = release.time;
    let layers = [debian(base)?.tar("", time)?, own(program)?.tar("", time)?];
    let architecture = Arch::from(architecture(&release.target)?);
    let created = release.created()?;
    let config = ConfigBuilder::default()
        .user(USER)
        .exposed_ports(["3333/tcp", "3334/tcp", "9464/tcp"].map(str::to_owned))
        .env(SETTINGS.map(str::to_owned))
        .entrypoint(["/waybill".to_owned()])
        .cmd(["--help".to_owned()])
        .working_dir("/")
        .stop_signal("SIGTERM")
        .build()?;
    let history = ["Debian's packages", "waybill"]
        .map(|what| HistoryBuilder::default().created(created.clone()).created_by(what).build());
    let configuration = ImageConfigurationBuilder::default()
        .created(created.clone())
        .architecture(architecture.clone())
        .os(Os::Linux)
        .config(config)
        .rootfs(
            RootFsBuilder::default()
                .typ("layers")
                .diff_ids(layers.iter().map(|layer| format!("sha256:{}", sum(layer))).collect::<Vec<_>>())
                .build()?,
        )
        .history(history.into_iter().collect::<Result<Vec<_>, _>>()?)
        .build()?;
    let mut layout = Layout::default();
    layout.add(Image {
        name: program.version.clone(),
        config_type: MediaType::ImageConfig.as_ref(),
        // A map of the configuration has no order of its own.
        config: serde_json::to_value(&configuration)?,
        layer_type: MediaType::ImageLayerGzip.as_ref(),
        layers: layers.iter().map(|layer| gzip(layer)).collect::<Result<_>>()?,
        annotations: release.annotations("Orders and invoices on WebAssembly, every role of it"),
        platform: Some(PlatformBuilder::default().architecture(architecture).os(Os::Linux).build()?),
    })?;
    Ok((format!("waybill-{}-{}.image.tar", program.version, release.target), layout.archive(time)?))
}

/// The program, and its components compiled for processors like this one. A role on another kind compiles them at its start.
fn own(program: &Program) -> Result<Files> {
    let mut files = Files::default();
    files.add_program("waybill", program.bytes.clone());
    let compiled = tempfile::tempdir()?;
    let folder = compiled.path().join("compiled");
    program.compiled(&folder)?;
    files.add_all("compiled", &folder)?;
    Ok(files)
}

/// What Debian has of it, with the descriptions by which scanners know packages.
fn debian(packages: &Path) -> Result<Files> {
    let mut files = Files::default();
    let mut authorities = Vec::new();
    for package in in_order(packages)? {
        let name = String::from_utf8(dpkg_deb(&["--field"], &package, &["Package"])?)?;
        let tar = dpkg_deb(&["--fsys-tarfile"], &package, &[])?;
        let mut archive = tar::Archive::new(tar.as_slice());
        for entry in archive.entries()? {
            add(&mut files, &mut authorities, entry?)?;
        }
        files.add(format!("var/lib/dpkg/status.d/{}", name.trim()), dpkg_deb(&["--field"], &package, &[])?);
    }
    ensure!(!authorities.is_empty(), "no package has certificates");
    files.add("etc/ssl/certs/ca-certificates.crt", authorities);
    files.add(
        "etc/passwd",
        "root:x:0:0:root:/:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/:/sbin/nologin\n",
    );
    files.add("etc/group", "root:x:0:\nnonroot:x:65532:\n");
    files.add("etc/nsswitch.conf", "hosts: files dns\n");
    files.add_folder("tmp", 0o1777);
    let has_loader = files.paths().any(|path| path.contains("/ld-linux"));
    ensure!(
        has_loader && files.paths().any(|path| path.starts_with("lib64")),
        "the packages have no /lib64/ld-linux…"
    );
    Ok(files)
}

fn add(
    files: &mut Files,
    authorities: &mut Vec<u8>,
    mut entry: tar::Entry<'_, impl std::io::Read>,
) -> Result<()> {
    let path = entry.path()?.to_string_lossy().trim_start_matches("./").trim_end_matches('/').to_owned();
    let is_copyright = path.starts_with("usr/share/doc/") && path.ends_with("/copyright");
    if path.is_empty() || (!is_copyright && LEFT_OUT.iter().any(|part| format!("/{path}").contains(part))) {
        return Ok(());
    }
    let header = entry.header().clone();
    if header.entry_type().is_symlink() {
        let to = entry.link_name()?.context("a link without a target")?;
        files.add_link(path, to.to_string_lossy());
    } else if header.entry_type().is_file() {
        let mut contents = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut contents)?;
        if path.starts_with("usr/share/ca-certificates/") {
            authorities.extend_from_slice(contents.trim_ascii());
            authorities.push(b'\n');
        } else if header.mode()? & 0o111 == 0 {
            files.add(path, contents);
        } else {
            files.add_program(path, contents);
        }
    } else if !header.entry_type().is_dir() {
        bail!("{path} is of a kind that is not packed: {:?}", header.entry_type());
    }
    Ok(())
}

/// The packages in a folder, by their names.
fn in_order(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("{} could not be read", folder.display()))?;
    let mut packages = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    packages.sort();
    Ok(packages)
}

fn dpkg_deb(action: &[&str], package: &Path, fields: &[&str]) -> Result<Vec<u8>> {
    let output = Command::new("dpkg-deb")
        .args(action)
        .arg(package)
        .args(fields)
        .output()
        .context("dpkg-deb could not be started")?;
    ensure!(
        output.status.success(),
        "{} could not be unpacked: {}",
        package.display(),
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(output.stdout)
}
