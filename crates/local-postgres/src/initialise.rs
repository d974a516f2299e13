//! Making a data folder.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, chown};
use std::path::Path;
use std::process::{Output, Stdio};
use std::thread;
use std::time::Instant;

use rustix::process::Signal;

use crate::command::{Directory, LOOK_INTERVAL, ORPHAN_LIMIT, command};
use crate::{Account, Error, Failure, Programs};

/// What a new cluster is made with.
#[derive(Clone, Debug)]
pub struct Contents {
    /// The role that owns the databases and may log in. It is not a superuser.
    pub role: String,
    /// The databases. These names and the role's are identifiers as they are, without quotation marks.
    pub databases: Vec<String>,
}

/// Makes a cluster in `folder`. It is made under another name and gets its own when it is complete and on the disk: a folder that is
/// there is whole, whatever was killed meanwhile.
pub(crate) fn initialise(
    folder: &Path,
    programs: &Programs,
    account: Option<Account>,
    contents: &Contents,
) -> Result<(), Error> {
    let unfinished = folder.with_added_extension("new");
    let outcome = make(&unfinished, programs, account, contents)
        .and_then(|()| finish(&unfinished, folder).map_err(|error| Error::of_folder(folder, error)));
    outcome.map_err(|error| {
        // The unfinished folder is useless, and its space may be needed.
        let _ = fs::remove_dir_all(&unfinished);
        match error {
            Error::Failed { program, source, .. } => Error::of_program(program, folder, source),
            Error::Full(_) => Error::Full(folder.to_owned()),
            Error::NotWritable { source, .. } => Error::NotWritable { folder: folder.to_owned(), source },
            other => other,
        }
    })
}

fn make(
    folder: &Path,
    programs: &Programs,
    account: Option<Account>,
    contents: &Contents,
) -> Result<(), Error> {
    let of_folder = |error: io::Error| Error::of_folder(folder, error);
    remove_left_over(folder).map_err(of_folder)?;
    DirBuilder::new().mode(0o700).create(folder).map_err(of_folder)?;
    let directory = Directory::open(folder).map_err(of_folder)?;
    if let Some(account) = account {
        chown(folder, Some(account.user), Some(account.group)).map_err(of_folder)?;
    }
    let failed = |program, output: &Output| Error::of_program(program, folder, Failure::new(words(output)));
    let not_run = |program| {
        move |error| Error::of_program(program, folder, Failure::of_system("it could not be run", error))
    };

    let mut initdb = command(&programs.path("initdb"), &directory, account, Signal::KILL);
    initdb.arg("--pgdata").arg(directory.short_path());
    // The socket is in a folder that only its owner and root can enter, so no other account can connect.
    initdb.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"]);
    // All of it is written to the disk at the end, at once.
    initdb.args(["--no-sync", "--no-instructions"]);
    let output = initdb.output().map_err(not_run("initdb"))?;
    if !output.status.success() {
        return Err(failed("initdb", &output));
    }

    let mut single = command(&programs.path("postgres"), &directory, account, Signal::KILL);
    single.arg("--single").arg("-D").arg(directory.short_path()).args(["-c", "fsync=off", "postgres"]);
    single.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut single = single.spawn().map_err(not_run("postgres"))?;
    if let Some(mut input) = single.stdin.take() {
        // A failure to write shows in how the program ends.
        let _ = input.write_all(statements(contents).as_bytes());
    }
    let output = single.wait_with_output().map_err(not_run("postgres"))?;
    // In this mode a refused statement does not fail the program.
    if !output.status.success() || String::from_utf8_lossy(&output.stderr).contains("ERROR:") {
        return Err(failed("postgres", &output));
    }
    Ok(())
}

/// Removes what a start that was broken off has left. initdb ended with its process, but a server that initdb had started goes on for a
/// moment: files that it writes, or removes, meanwhile are looked for again.
fn remove_left_over(folder: &Path) -> io::Result<()> {
    let begun = Instant::now();
    while let Err(error) = fs::remove_dir_all(folder) {
        let is_written = matches!(error.kind(), ErrorKind::DirectoryNotEmpty | ErrorKind::NotFound);
        if !folder.try_exists()? {
            break;
        } else if !is_written || begun.elapsed() > ORPHAN_LIMIT {
            return Err(error);
        }
        thread::sleep(LOOK_INTERVAL);
    }
    Ok(())
}

/// One statement a line, as PostgreSQL's single-user mode reads them.
fn statements(Contents { role, databases }: &Contents) -> String {
    let databases = databases.iter().map(|name| format!("CREATE DATABASE {name} OWNER {role}\n"));
    // Errors of statements, and ends of sessions, are reported to their clients; the log is for what is the server's own.
    format!(
        "CREATE ROLE {role} LOGIN\nALTER ROLE {role} SET log_min_messages = 'panic'\n{}",
        databases.collect::<String>()
    )
}

/// Writes all of the folder to the disk, and gives it its name.
fn finish(unfinished: &Path, folder: &Path) -> io::Result<()> {
    write_to_disk(unfinished)?;
    // An empty folder may be there.
    match fs::remove_dir(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::rename(unfinished, folder)?;
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent)?.sync_all()
}

#[cfg(target_os = "linux")]
fn write_to_disk(folder: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(File::open(folder)?)?)
}

#[cfg(not(target_os = "linux"))]
fn write_to_disk(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            write_to_disk(&entry.path())?;
        } else if entry.file_type()?.is_file() {
            File::open(entry.path())?.sync_all()?;
        }
    }
    File::open(folder)?.sync_all()
}

/// What a program said of its failure.
fn words(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    let faults: Vec<&str> = errors
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("LOG:") && !line.starts_with("initdb: removing"))
        .collect();
    if faults.is_empty() { output.status.to_string() } else { faults.join(" ") }
}
