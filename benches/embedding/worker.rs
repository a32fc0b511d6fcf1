//! A process of its own that embeds what it is told to, and says how long that took.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs,
    io::{self, BufRead, BufReader, Lines, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use journal_embed::{Model, ModelFiles, Runtime};

use crate::{
    say,
    texts::{self, Kind},
};

/// The argument by which this program is started once more as a worker.
pub const NAME: &str = "worker";

/// Instead of a path: what is built in.
const BUILT_IN: &str = "-";

/// A process with a model that is ready.
pub struct Worker {
    child: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    /// How long it took from nothing to the first vector.
    pub started: Duration,
}

impl Worker {
    /// Starts one, with an ONNX Runtime and the model of a folder, or with what is built in.
    pub fn start(library: Option<&Path>, folder: Option<&Path>) -> Self {
        let start = Instant::now();
        let argument = |path: Option<&Path>| path.map_or(OsStr::new(BUILT_IN), Path::as_os_str).to_owned();
        let mut child = Command::new(env::current_exe().expect("this program knows where it lies"))
            .args([NAME.into(), argument(library), argument(folder)])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program can be started once more");
        let orders = child.stdin.take().expect("standard input is piped");
        let answers = BufReader::new(child.stdout.take().expect("standard output is piped")).lines();
        let mut worker = Self { child, orders, answers, started: Duration::ZERO };
        worker.answer();
        worker.started = start.elapsed();
        worker
    }

    /// Has it embed so many texts of a kind, and answers the seconds that each took.
    pub fn embed(&mut self, kind: Kind, skip: usize, count: usize) -> Vec<f64> {
        let times = self.ask(&format!("{kind} {skip} {count}"));
        times.split(' ').map(|time| time.parse().expect("a worker answers times")).collect()
    }

    /// The memory that it has.
    pub fn memory(&mut self) -> String {
        self.ask("memory")
    }

    fn ask(&mut self, order: &str) -> String {
        writeln!(self.orders, "{order}").expect("a worker listens");
        self.answer()
    }

    fn answer(&mut self) -> String {
        self.answers.next().expect("a worker answers").expect("a worker answers lines")
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // One that has ended cannot be killed, and has been told of already.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// What the process does: its arguments are a library and a folder.
pub fn work(arguments: &[OsString]) {
    let [library, folder] = arguments else { panic!("a library and a folder are needed") };
    let runtime = match library.to_str() {
        Some(BUILT_IN) => Runtime::built_in(),
        _ => Runtime::installed(Path::new(library)),
    };
    let files = match folder.to_str() {
        Some(BUILT_IN) => Ok(ModelFiles::built_in()),
        _ => ModelFiles::in_folder(Path::new(folder)),
    };
    let (runtime, files) = (runtime.expect("the runtime starts"), files.expect("the folder holds a model"));
    let mut model = Model::load(files, &runtime, None).expect("the model loads");
    let mut embed = |text: &str| {
        let start = Instant::now();
        model.embed_passage(text).expect("every text has a vector");
        start.elapsed().as_secs_f64()
    };
    embed("What did we think about the flaky upload?");
    say(format_args!("ready"));
    for order in io::stdin().lines() {
        let order = order.expect("orders are lines");
        let [kind, skip, count] = order.split(' ').collect::<Vec<_>>()[..] else {
            say(format_args!("{}", memory()));
            continue;
        };
        let number = |text: &str| text.parse::<usize>().expect("an order has numbers");
        let texts = texts::read(kind.parse().expect("an order has a kind"));
        let mut texts = texts.iter().cycle().skip(number(skip));
        // The threads of whoever had the turn before may still spin.
        texts.by_ref().take(2).for_each(|text| _ = embed(text));
        let times: Vec<String> = texts.take(number(count)).map(|text| embed(text).to_string()).collect();
        say(format_args!("{}", times.join(" ")));
    }
}

/// The memory of this process, as the system counts it.
fn memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mib = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let kib: Option<u64> = line.and_then(|line| line.trim().split(' ').next()?.parse().ok());
        kib.map_or_else(|| "?".to_owned(), |kib| (kib / 1024).to_string())
    };
    format!("{} MiB, {} of them anonymous, {} at the peak", mib("VmRSS"), mib("RssAnon"), mib("VmHWM"))
}
