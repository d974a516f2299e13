//! The Debian package: <https://www.debian.org/doc/debian-policy/>, deb(5).

use anyhow::{Result, bail};

use crate::files::{Files, gzip};
use crate::program::Program;
use crate::release::Release;

/// Starts `waybill up` on servers with systemd, under an account that exists only while it runs.
const UNIT: &str = include_str!("../../deploy/systemd/waybill.service");
/// The settings that the unit reads.
const SETTINGS: &str = include_str!("../../deploy/systemd/waybill.env");

/// Debian's name of the processor of a target.
pub fn architecture(target: &str) -> Result<&'static str> {
    Ok(match target.split('-').next() {
        Some("x86_64") => "amd64",
        Some("aarch64") => "arm64",
        Some("riscv64gc") => "riscv64",
        _ => bail!("Debian's name for the processor of {target} is not known here"),
    })
}

/// The package's name and bytes.
pub fn package(release: &Release, program: &Program) -> Result<(String, Vec<u8>)> {
    let architecture = architecture(&release.target)?;
    let contents = contents(release, program)?;
    let size: usize = contents.regular().map(|(_, contents)| contents.len()).sum();
    let mut control = Files::default();
    control.add("control", control_file(&program.version, architecture, size, &program.glibc()?));
    control.add("conffiles", "/etc/waybill/waybill.env\n");
    let mut archive = ar::Builder::new(Vec::new());
    let time = release.time;
    for (name, bytes) in [
        ("debian-binary", b"2.0\n".to_vec()),
        ("control.tar.gz", gzip(&control.tar("./", time)?)?),
        ("data.tar.gz", gzip(&contents.tar("./", time)?)?),
    ] {
        let mut header = ar::Header::new(name.into(), bytes.len() as u64);
        header.set_mtime(time);
        header.set_mode(0o100_644);
        archive.append(&header, bytes.as_slice())?;
    }
    Ok((format!("waybill_{}_{architecture}.deb", program.version), archive.into_inner()?))
}

fn contents(release: &Release, program: &Program) -> Result<Files> {
    let mut files = Files::default();
    files.add_program("usr/bin/waybill", program.bytes.clone());
    for (shell, name, text) in program.completions()? {
        let path = match shell {
            "bash" => "usr/share/bash-completion/completions/waybill".to_owned(),
            "zsh" => format!("usr/share/zsh/vendor-completions/{name}"),
            _ => format!("usr/share/fish/vendor_completions.d/{name}"),
        };
        files.add(path, text);
    }
    for (name, page) in program.manual()?.regular() {
        files.add(format!("usr/share/man/man1/{name}.gz"), gzip(page)?);
    }
    files.add("lib/systemd/system/waybill.service", UNIT);
    files.add("etc/waybill/waybill.env", SETTINGS);
    files.add("usr/share/doc/waybill/copyright", copyright());
    files.add("usr/share/doc/waybill/changelog.gz", gzip(release.changelog.as_bytes())?);
    files.add("usr/share/doc/waybill/waybill.cdx.json.gz", gzip(&release.bill_of_materials)?);
    Ok(files)
}

fn control_file(version: &str, architecture: &str, size: usize, glibc: &str) -> String {
    format!(
        "Package: waybill\n\
         Version: {version}\n\
         Architecture: {architecture}\n\
         Maintainer: Waybill's maintainers <waybill@users.noreply.github.com>\n\
         Installed-Size: {}\n\
         Depends: libc6 (>= {glibc}), libgcc-s1\n\
         Recommends: ca-certificates\n\
         Section: net\n\
         Priority: optional\n\
         Homepage: {}\n\
         Description: orders and invoices on WebAssembly\n \
         Every order that is accepted over HTTP becomes exactly one invoice.\n \
         The program has its components and PostgreSQL inside. The service\n \
         waybill is installed and not started.\n",
        size.div_ceil(1024),
        env!("CARGO_PKG_REPOSITORY"),
    )
}

fn copyright() -> String {
    format!(
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\
         Upstream-Name: waybill\n\
         Source: {}\n\n\
         Files: *\n\
         Copyright: Waybill's maintainers\n\
         License: Apache-2.0\n \
         On Debian systems the licence is in /usr/share/common-licenses/Apache-2.0.\n \
         What the program is made of, with licences: waybill.cdx.json.gz.\n",
        env!("CARGO_PKG_REPOSITORY"),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    #[test]
    fn targets_have_debians_names() {
        for (target, name) in [("x86_64-unknown-linux-gnu", "amd64"), ("aarch64-unknown-linux-gnu", "arm64")]
        {
            assert_eq!(architecture(target).unwrap(), name);
        }
        assert!(architecture("wasm32-wasip2").is_err());
    }

    #[test]
    fn the_control_file_has_its_description_indented_and_its_size_rounded_up() {
        let control = control_file("0.1.0", "amd64", 1025, "2.36");
        assert!(control.contains("\nInstalled-Size: 2\nDepends: libc6 (>= 2.36), libgcc-s1\n"), "{control}");
        let description = control.split("Description: ").nth(1).unwrap();
        assert!(description.lines().skip(1).all(|line| line.starts_with(' ')), "{control}");
    }
}
