//! Search by words and meaning together: in a cold process, in a warm one, and the memory of one that serves.
//!
//! The vectors of the notes are made up, since making real ones of so many takes minutes and they would be searched as fast; the
//! questions are read by the built-in model. `JOURNAL_BENCH_NOTES=100000` says how many notes; 10,000 otherwise.

use std::{
    fs,
    hint::black_box,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdout, Stdio},
    time::Duration,
};

use journal_embed::ModelFiles;
use journal_engine::{EmbeddingModel, Reindex, Search, SearchMode};
use journal_index::{Index, Reader};

use crate::{
    pairs::{Bound, Pairs, print_fact, timed},
    process::{command, first_byte},
    world::World,
};

/// What people ask, a filter beside some of them. The first finds something by its words, too.
const QUESTIONS: [&str; 7] = [
    "search queue",
    "why did the upload fail now and then",
    "what did we decide about the cache after:2020",
    "flaky test that depends on the order",
    "how do we roll out without losing writes",
    "who owns the lock when a process dies kind:note",
    "the parser is slow on long lines",
];

pub fn run() {
    let notes = std::env::var("JOURNAL_BENCH_NOTES").map_or(10_000, |notes| notes.parse().expect("a number"));
    let world = World::new(notes);
    world.engine.reindex(&Reindex::default(), &|_| {}).expect("the vault can be indexed");
    let texts = make_up_vectors(&world);
    print_fact("texts with a vector", &texts.to_string());

    let cold = || first_byte(&world, &["search", QUESTIONS[0]]);
    let start = || first_byte(&world, &["--version"]);
    Pairs::measure(20, cold, start)
        .print(&format!("cold hybrid search, {notes} notes"), Bound::Above(Duration::from_millis(120)));

    // What a search reads of every vector: its sketch behind its hash.
    let sketches = vec![1_u64; texts * 64 / 8];
    let bandwidth = || timed(|| black_box(sketches.iter().fold(0_u64, |sum, word| sum.wrapping_add(*word))));
    for question in QUESTIONS {
        let search = Search { mode: SearchMode::Hybrid, ..Search::new(question) };
        let ask = || timed(|| world.engine.search(&search).expect("the index answers"));
        Pairs::measure(20, ask, bandwidth).print(&format!("hybrid: {question:.24}"), Bound::None);
    }

    if let Some((resident, peak)) = memory_of_a_server(&world) {
        let told = format!("{} MB, {} MB at its peak; bound 150", resident >> 10, peak >> 10);
        print_fact("memory of `journal mcp`, one search", &told);
    }
}

/// Gives every text a vector of its own; answers how many there are.
fn make_up_vectors(world: &World) -> usize {
    let path = world.engine.state_path().expect("it has a state").join("index.db");
    let files = ModelFiles::built_in();
    let model = EmbeddingModel { name: files.identity().to_owned(), source: "built-in".to_owned() };
    let pending = Reader::open(&path).expect("it was built");
    let pending = pending.read(|index| index.pending_chunks(&model.name, usize::MAX, usize::MAX));
    let pending = pending.expect("the index answers");
    let mut index = Index::open(&path).expect("it can be written");
    let mut rng = fastrand::Rng::with_seed(7);
    for some in pending.chunks(1_000) {
        let vectors: Vec<_> = some.iter().map(|chunk| (chunk.hash, unit(&mut rng))).collect();
        index.store_vectors(&model, &vectors).expect("vectors can be stored");
    }
    pending.len()
}

fn unit(rng: &mut fastrand::Rng) -> Vec<f32> {
    let vector: Vec<f32> = (0..384).map(|_| rng.f32() - 0.5).collect();
    let length = vector.iter().map(|own| own * own).sum::<f32>().sqrt();
    vector.into_iter().map(|own| own / length).collect()
}

/// What a server holds in memory after it was asked something, and its peak, in KiB; `None` where the system does not tell.
fn memory_of_a_server(world: &World) -> Option<(u64, u64)> {
    let mut server = command(world, &["mcp"]);
    server.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut server = server.spawn().expect("the command was built with this bench");
    let mut answers = BufReader::new(server.stdout.take().expect("it is piped"));
    let hello = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}"#;
    ask(&mut server, &mut answers, hello);
    for (id, question) in (2..).zip(QUESTIONS) {
        let call = serde_json::json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call",
            "params": { "name": "search", "arguments": { "query": question } } });
        let answer = ask(&mut server, &mut answers, &call.to_string());
        assert!(!answer.contains("\"isError\":true"), "{answer}");
    }
    let status = fs::read_to_string(format!("/proc/{}/status", server.id())).ok();
    drop(server.stdin.take());
    server.wait().expect("it ends with its input");
    let status = status?;
    let kib = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().split(' ').next()?.parse().ok()
    };
    Some((kib("VmRSS:")?, kib("VmHWM:")?))
}

fn ask(server: &mut Child, answers: &mut BufReader<ChildStdout>, message: &str) -> String {
    let input = server.stdin.as_mut().expect("it is open");
    writeln!(input, "{message}").expect("the server reads");
    let mut answer = String::new();
    answers.read_line(&mut answer).expect("the server answers");
    answer
}
