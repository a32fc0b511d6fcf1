//! The real `journal` binary without its surroundings: no inherited environment, a home in the test's folder.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    fmt::Write as _,
    fs,
    io::{ErrorKind, Read, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use regex::Regex;

use crate::{
    TestVault,
    disk::must,
    noon,
    poll::poll_until,
    redact::{Redactor, ulids},
};

/// After this long a command counts as hung.
const DEADLINE: Duration = Duration::from_secs(120);

/// The `journal` binary as one person or agent calls it. Clones share their placeholders; each setter returns a changed
/// copy, so that two agents on one vault are two values.
#[derive(Debug, Clone)]
pub struct JournalCommand {
    binary: PathBuf,
    folder: PathBuf,
    vault: PathBuf,
    environment: BTreeMap<OsString, OsString>,
    stdin: Vec<u8>,
    redactor: Arc<Mutex<Redactor>>,
}

/// What a command printed and how it ended.
#[derive(Debug, Clone)]
pub struct Output {
    /// Standard output, with bytes that are not UTF-8 replaced.
    pub stdout: String,
    /// Standard error, likewise.
    pub stderr: String,
    /// The exit code; nothing when a signal ended it.
    pub status: Option<i32>,
    arguments: Vec<String>,
    vault: PathBuf,
    redactor: Arc<Mutex<Redactor>>,
}

impl JournalCommand {
    /// The binary in the world of `vault`, working in the vault's folder. Tests of the root package give
    /// `env!("CARGO_BIN_EXE_journal")`.
    pub fn new(binary: impl AsRef<Path>, vault: &TestVault) -> Self {
        let mut redactor = Redactor::default();
        redactor.add_path(vault.root(), "[ROOT]");
        redactor.add_path(vault.path(), "[VAULT]");
        redactor.add_path(vault.data_home(), "[DATA]");
        let at = |name: &str| vault.root().join(name).into_os_string();
        let environment = [
            ("HOME", at("home")),
            ("XDG_DATA_HOME", at("data")),
            ("XDG_CONFIG_HOME", at("config")),
            ("TMPDIR", at("tmp")),
            ("TZ", noon::variable().into()),
            ("NO_COLOR", "1".into()),
        ];
        Self {
            binary: binary.as_ref().to_owned(),
            folder: vault.path().to_owned(),
            vault: vault.path().to_owned(),
            environment: environment.map(|(name, value)| (name.into(), value)).into(),
            stdin: Vec::new(),
            redactor: Arc::new(Mutex::new(redactor)),
        }
    }

    /// The same, called by this agent.
    pub fn agent(&self, name: &str) -> Self {
        self.env("JOURNAL_AGENT", name)
    }

    /// The same with an environment variable.
    pub fn env(&self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        let mut changed = self.clone();
        changed.environment.insert(name.as_ref().to_owned(), value.as_ref().to_owned());
        changed
    }

    /// The same without an environment variable.
    pub fn without_env(&self, name: impl AsRef<OsStr>) -> Self {
        let mut changed = self.clone();
        changed.environment.remove(name.as_ref());
        changed
    }

    /// The same in another working directory. One outside the vault gets the placeholder `[CWD]`, and ids are looked for
    /// in it, as it may be another vault.
    pub fn in_folder(&self, folder: &Path) -> Self {
        let mut changed = self.clone();
        changed.folder = folder.to_owned();
        if !folder.starts_with(&self.vault) {
            changed.vault = folder.to_owned();
            lock(&self.redactor).add_path(folder, "[CWD]");
        }
        changed
    }

    /// The same with this text on standard input, which is empty otherwise.
    pub fn stdin(&self, bytes: impl AsRef<[u8]>) -> Self {
        Self { stdin: bytes.as_ref().to_owned(), ..self.clone() }
    }

    /// Replaces every match of a pattern in transcripts, before the usual placeholders.
    ///
    /// # Panics
    /// When `pattern` is not a regular expression.
    pub fn filter(&self, pattern: &str, placeholder: &str) -> Self {
        let pattern = Regex::new(pattern).unwrap_or_else(|error| panic!("`{pattern}` is no pattern: {error}"));
        lock(&self.redactor).add_filter(pattern, placeholder);
        self.clone()
    }

    /// The prepared command, for a test or bench that starts the process itself. Standard input is not set.
    pub fn command<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(arguments).current_dir(&self.folder).env_clear().envs(&self.environment);
        command
    }

    /// Runs the command to its end.
    ///
    /// # Panics
    /// When it cannot be started, or has not ended after two minutes.
    #[track_caller]
    pub fn run<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Output {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = must(command.spawn(), "start", &self.binary);
        let stdin = child.stdin.take().expect("standard input is piped");
        let bytes = self.stdin.clone();
        let feeder = thread::spawn(move || feed(stdin, &bytes));
        let stdout = reader(child.stdout.take().expect("standard output is piped"));
        let stderr = reader(child.stderr.take().expect("standard error is piped"));
        let arguments: Vec<_> =
            arguments.iter().map(|argument| argument.as_ref().to_string_lossy().into_owned()).collect();
        let mut guard = KillOnDrop(child);
        let status = poll_until(DEADLINE, &format!("`journal {}` to end", arguments.join(" ")), || {
            must(guard.0.try_wait(), "wait for", &self.binary)
        });
        join(feeder);
        Output {
            stdout: String::from_utf8_lossy(&join(stdout)).into_owned(),
            stderr: String::from_utf8_lossy(&join(stderr)).into_owned(),
            status: status.code(),
            arguments,
            vault: self.vault.clone(),
            redactor: Arc::clone(&self.redactor),
        }
    }
}

impl Output {
    /// Asserts that the command ended with 0.
    ///
    /// # Panics
    /// When it did not; the message is the transcript.
    #[track_caller]
    pub fn assert_ok(self) -> Self {
        self.assert_status(0)
    }

    /// Asserts that the command ended with this exit code.
    ///
    /// # Panics
    /// When it did not; the message is the transcript.
    #[track_caller]
    pub fn assert_status(self, status: i32) -> Self {
        assert_eq!(self.status, Some(status), "{}", self.transcript());
        self
    }

    /// Command, standard output, standard error and exit code as one text, with stable placeholders.
    ///
    /// Paths become `[VAULT]`, `[DATA]` and `[ROOT]`; ULIDs become `[ID1]`, `[ID2]`… in the order of their appearance in
    /// all transcripts of one [`JournalCommand`], and their tails in file names `[tail1]`…; process ids `[PID]`; times of
    /// these days `[TIME]`, `[DATE]`, `[CLOCK]`, `[YEAR]`; durations `[DURATION]`.
    pub fn transcript(&self) -> String {
        let mut text = String::from("$ journal");
        for argument in &self.arguments {
            text.push(' ');
            text.push_str(&quoted(argument));
        }
        text.push('\n');
        push_lines(&mut text, &self.stdout);
        if !self.stderr.is_empty() {
            text.push_str("--- stderr\n");
            push_lines(&mut text, &self.stderr);
        }
        match self.status {
            Some(status) => writeln!(text, "--- exit {status}"),
            None => writeln!(text, "--- ended by a signal"),
        }
        .expect("writing to a string cannot fail");
        lock(&self.redactor).redact(&text, &ids_in(&self.vault))
    }
}

struct KillOnDrop(Child);

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        // A process that has already ended cannot be killed, and that is the usual case.
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

fn feed(mut stdin: impl Write, bytes: &[u8]) {
    match stdin.write_all(bytes) {
        // A command that does not read its input closes it.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => panic!("cannot write to standard input: {error}"),
        _ => {}
    }
}

fn reader(mut pipe: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).expect("a pipe of our own can be read");
        bytes
    })
}

fn join<T>(thread: JoinHandle<T>) -> T {
    thread.join().expect("the threads of a command end")
}

fn lock(redactor: &Mutex<Redactor>) -> MutexGuard<'_, Redactor> {
    redactor.lock().unwrap_or_else(PoisonError::into_inner)
}

fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=:,".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) { argument.to_owned() } else { format!("'{argument}'") }
}

fn push_lines(text: &mut String, lines: &str) {
    text.push_str(lines);
    if !lines.is_empty() && !lines.ends_with('\n') {
        text.push_str("[no newline]\n");
    }
}

/// Every ULID in the files of a vault; a vault that a test took away has none.
fn ids_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut ids = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            ids.extend(ids_in(&path));
        } else if let Ok(text) = fs::read_to_string(&path) {
            ids.extend(ulids(&text));
        }
    }
    ids
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(vault: &TestVault) -> JournalCommand {
        JournalCommand::new("/bin/sh", vault)
    }

    #[test]
    fn nothing_of_the_surroundings_comes_in() {
        let vault = TestVault::new();
        let output = shell(&vault).agent("otter").run(&["-c", "export -p; pwd"]).assert_ok();
        for name in ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "JOURNAL_AGENT='otter'", "TZ='NOON", "NO_COLOR='1'"] {
            assert!(output.stdout.contains(name), "{name} in\n{}", output.stdout);
        }
        assert!(!output.stdout.contains("CARGO"), "{}", output.stdout);
        assert!(output.stdout.ends_with(&format!("{}\n", vault.path().display())), "{}", output.stdout);
        let output = shell(&vault).without_env("NO_COLOR").run(&["-c", "export -p"]);
        assert!(!output.stdout.contains("NO_COLOR"));
    }

    #[test]
    fn a_transcript_is_the_same_on_every_run() {
        let id = "01JD3V8QK7X2M4N6P8R0T2V4W6";
        let vault = TestVault::from_fixture(&format!("//- /A v4w6.md\n---\nid: {id}\n---\n"));
        let script = format!("cat; echo {id} at2v4w6 $PWD/A.md; printf 'pid %s' $$ >&2; exit 3");
        let output = shell(&vault).stdin("typed\n").run(&["-c", &script]).assert_status(3);
        let transcript = output.transcript();
        let (_, printed) = transcript.split_once("exit 3'\n").unwrap();
        assert_eq!(printed, "typed\n[ID1] at2v4w6 [VAULT]/A.md\n--- stderr\npid [PID][no newline]\n--- exit 3\n");
        let output = shell(&vault).run(&["-c", "echo r0T2V4W6 T2V4W6"]);
        assert!(output.transcript().ends_with("'\nr0T2V4W6 [tail1]\n--- exit 0\n"), "{}", output.transcript());
    }

    #[test]
    fn another_folder_has_its_own_name_and_ids() {
        let vault = TestVault::new();
        let copy = vault.root().join("copy");
        vault.write("A.md", "01JD3V8QK7X2M4N6P8R0T2V4W6");
        vault.copy_to(&copy);
        vault.remove("A.md");
        let output = shell(&vault).in_folder(&copy).run(&["-c", "pwd; echo t2v4w6"]);
        assert!(output.transcript().ends_with("'\n[CWD]\n[tail1]\n--- exit 0\n"), "{}", output.transcript());
    }

    #[test]
    fn a_failure_shows_its_transcript() {
        let vault = TestVault::new();
        let output = shell(&vault).run(&["-c", "echo why >&2; exit 2"]);
        let panic = std::panic::catch_unwind(|| output.assert_ok()).unwrap_err();
        assert!(panic.downcast_ref::<String>().unwrap().contains("--- stderr\nwhy\n--- exit 2"));
    }

    #[test]
    fn unread_input_and_long_output_do_not_hang() {
        let vault = TestVault::new();
        let output = shell(&vault)
            .stdin(vec![b'x'; 1 << 20])
            .run(&["-c", "exec <&-; i=0; while [ $i -lt 20000 ]; do echo line; i=$((i+1)); done"]);
        assert_eq!(output.assert_ok().stdout.len(), 100_000);
    }
}
