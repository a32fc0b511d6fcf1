//! A process of its own that does as it is told and says what it did, to be killed at any moment.
//!
//! The test binary runs itself with one test selected and the orders in a variable. That test takes them by [`orders`], says that
//! it is [`ready`], and [tells](tell) each report as a line on a pipe. What the parent has read was told before any kill.

use std::{
    env,
    io::{self, BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use serde::{Serialize, de::DeserializeOwned};

const ORDERS: &str = "JOURNAL_TEST_WORKER";
const READY: &str = "ready";
const REPORT: &str = "report ";

/// How long a worker may be silent before it counts as hung.
const SILENCE: Duration = Duration::from_secs(300);

/// A worker and its reports. Dropped, it is killed.
#[derive(Debug)]
pub struct Worker<R> {
    child: Child,
    /// Closed, it is the word to begin.
    go: Option<ChildStdin>,
    ready: Receiver<()>,
    reports: Receiver<R>,
}

impl<R: DeserializeOwned + Send + 'static> Worker<R> {
    /// Starts a process that runs `test`, by its whole name, with these orders. It waits for [`Worker::go`].
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(test: &str, orders: &impl Serialize) -> Self {
        let mut child = Command::new(env::current_exe().expect("a test binary knows where it lies"))
            .args(["--exact", test, "--nocapture"])
            .env(ORDERS, serde_json::to_string(orders).expect("orders can be written down"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("a test binary can run itself");
        let mut pipe = BufReader::new(child.stdout.take().expect("standard output is piped"));
        let go = child.stdin.take();
        let ((to_ready, ready), (to_reports, reports)) = (channel(), channel());
        thread::spawn(move || {
            let mut line = Vec::new();
            while pipe.read_until(b'\n', &mut line).expect("a pipe of our own can be read") > 0 {
                // A line that the kill cut short was not told. A reader that is gone does not want it.
                if line == format!("{READY}\n").as_bytes() {
                    _ = to_ready.send(());
                } else if line.ends_with(b"\n") && line.starts_with(REPORT.as_bytes()) {
                    _ = to_reports.send(serde_json::from_slice(&line[REPORT.len()..]).expect("a report can be read"));
                }
                line.clear();
            }
        });
        Self { child, go, ready, reports }
    }

    /// Waits until it has only to be told to begin.
    ///
    /// # Panics
    /// When that takes more than a minute.
    #[track_caller]
    pub fn wait_until_ready(&self) {
        self.ready.recv_timeout(Duration::from_secs(60)).expect("a worker gets ready within a minute");
    }

    /// Lets it begin.
    pub fn go(&mut self) {
        self.go = None;
    }

    /// Lets it work for `time`, kills it with SIGKILL, and gives what it had told by then.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub fn kill_after(self, time: Duration) -> Vec<R> {
        self.kill_after_reports(0, time)
    }

    /// The same, for `time` after it has told so many reports at least.
    ///
    /// # Panics
    /// When it is silent for five minutes before that, or cannot be killed.
    pub fn kill_after_reports(mut self, least: usize, time: Duration) -> Vec<R> {
        let mut told = Vec::new();
        while told.len() < least {
            told.push(self.reports.recv_timeout(SILENCE).expect("a worker at work tells what it did"));
        }
        let deadline = Instant::now() + time;
        while let Ok(report) = self.reports.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            told.push(report);
        }
        self.child.kill().expect("a process of our own can be killed");
        self.child.wait().expect("a process of our own can be waited for");
        told.extend(self.reports.iter());
        told
    }

    /// Waits for its end, and gives all that it told.
    ///
    /// # Panics
    /// When it is silent for five minutes, or fails.
    #[track_caller]
    pub fn finish(mut self) -> Vec<R> {
        let mut told = Vec::new();
        loop {
            match self.reports.recv_timeout(SILENCE) {
                Ok(report) => told.push(report),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("a worker hangs after {} reports", told.len()),
            }
        }
        let status = self.child.wait().expect("a process of our own can be waited for");
        assert!(status.success(), "a worker ended with {status} after {} reports", told.len());
        told
    }
}

impl<R> Drop for Worker<R> {
    fn drop(&mut self) {
        // One that has ended cannot be killed, and that is the usual case.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// The orders of this process, if it is a worker.
///
/// # Panics
/// When they cannot be read.
pub fn orders<O: DeserializeOwned>() -> Option<O> {
    let orders = env::var(ORDERS).ok()?;
    Some(serde_json::from_str(&orders).expect("orders can be read"))
}

/// Says that this worker has only to be told to begin, and waits for that.
///
/// # Panics
/// When the parent is gone.
pub fn ready() {
    tell_line(READY).expect("a parent listens");
    io::stdin().read_to_end(&mut Vec::new()).expect("standard input is a pipe");
}

/// Tells the parent. `false` when it is gone, and needs no answer.
///
/// # Panics
/// When the report cannot be written down.
pub fn tell(report: &impl Serialize) -> bool {
    let report = serde_json::to_string(report).expect("a report can be written down");
    tell_line(&format!("{REPORT}{report}")).is_ok()
}

/// Writes a line of its own: the test harness may have begun one.
fn tell_line(line: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(format!("\n{line}\n").as_bytes())?;
    stdout.flush()
}
