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

use journal_embed::{Model, ModelFiles, Runtime, Team};

use crate::{
    say,
    texts::{self, Kind},
};

/// The argument by which this program is started once more as a worker.
pub const NAME: &str = "worker";

/// Instead of a path: what is built in.
const BUILT_IN: &str = "-";

/// A model that takes texts one after another, for questions, or several at a time, as `journal` makes vectors of notes.
enum Taking {
    Turns(Box<Model>),
    AllAtOnce(Team),
}

/// A process with a model that is ready.
pub struct Worker {
    child: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    /// How long it took from nothing to the first vector.
    pub started: Duration,
}

impl Worker {
    /// Starts one for texts of a kind, with an ONNX Runtime and the model of a folder, or with what is built in.
    pub fn start(kind: Kind, library: Option<&Path>, folder: Option<&Path>) -> Self {
        let start = Instant::now();
        let argument = |path: Option<&Path>| path.map_or(OsStr::new(BUILT_IN), Path::as_os_str).to_owned();
        let mut child = Command::new(env::current_exe().expect("this program knows where it lies"))
            .args([NAME.into(), kind.to_string().into(), argument(library), argument(folder)])
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

    /// Has it embed so many texts, and answers the seconds that all of them took.
    pub fn embed(&mut self, skip: usize, count: usize) -> f64 {
        self.ask(&format!("{skip} {count}")).parse().expect("a worker answers a time")
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

/// What the process does: its arguments are a kind of text, a library and a folder.
pub fn work(arguments: &[OsString]) {
    let [kind, library, folder] = arguments else { panic!("a kind, a library and a folder are needed") };
    let kind: Kind = kind.to_str().and_then(|kind| kind.parse().ok()).expect("a worker has a kind");
    let runtime = match library.to_str() {
        Some(BUILT_IN) => Runtime::built_in(),
        _ => Runtime::installed(Path::new(library)),
    };
    let files = match folder.to_str() {
        Some(BUILT_IN) => Ok(ModelFiles::built_in()),
        _ => ModelFiles::in_folder(Path::new(folder)),
    };
    let (runtime, files) = (runtime.expect("the runtime starts"), files.expect("the folder holds a model"));
    let mut model = match kind {
        Kind::Question => Taking::Turns(Box::new(Model::load(files, &runtime, None).expect("the model loads"))),
        Kind::Passage | Kind::Window => Taking::AllAtOnce(Team::load(files, &runtime, None).expect("the model loads")),
    };
    let mut embed = |texts: &[String]| {
        let start = Instant::now();
        match &mut model {
            Taking::AllAtOnce(team) => {
                team.embed_passages(texts).into_iter().for_each(|made| _ = made.expect("a vector"))
            }
            Taking::Turns(model) => texts.iter().for_each(|text| _ = model.embed_query(text).expect("a vector")),
        }
        start.elapsed().as_secs_f64()
    };
    embed(&["What did we think about the flaky upload?".to_owned()]);
    let texts = texts::read(kind);
    say(format_args!("ready"));
    for order in io::stdin().lines() {
        let order = order.expect("orders are lines");
        let Some((skip, count)) = order.split_once(' ') else {
            say(format_args!("{}", memory()));
            continue;
        };
        let number = |text: &str| text.parse::<usize>().expect("an order has numbers");
        let mut texts = texts.iter().cycle().skip(number(skip)).cloned();
        // The threads of whoever had the turn before may still spin.
        embed(&texts.by_ref().take(2).collect::<Vec<_>>());
        let texts: Vec<_> = texts.take(number(count)).collect();
        say(format_args!("{}", embed(&texts)));
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
