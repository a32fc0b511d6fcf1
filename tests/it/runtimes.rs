//! The built-in runtime against ONNX Runtime, each in a process of its own: the same model gives the same vectors.
//!
//! `JOURNAL_ONNXRUNTIME` is the shared library of an ONNX Runtime, and `JOURNAL_FP32` the folder of a model that is not
//! quantised (`crates/journal-embed/model/fp32.py` makes one). What is not there is not compared, and the test says so.
//! `.ci/run` has both, and looks for what the test says.

#![expect(clippy::unwrap_used, reason = "these helpers are tests too, and a panic says where")]

use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf, absolute},
};

use fastrand::Rng;
use journal_embed::{Model, ModelFiles, Runtime, RuntimeError};
use journal_testkit::worker::{Worker, orders, tell};
use serde::{Deserialize, Serialize};
use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// How many texts are embedded.
const TEXTS: usize = 500;

/// The first and the last of characters of many kinds.
const SCRIPTS: [(char, char); 8] = [
    ('\u{0}', '\u{1f}'),        // control characters
    ('\u{80}', '\u{24f}'),      // more of them, and Latin
    ('\u{600}', '\u{6ff}'),     // Arabic
    ('\u{900}', '\u{97f}'),     // Devanagari, much of which combines
    ('\u{4e00}', '\u{9fff}'),   // Chinese
    ('\u{ac00}', '\u{d7a3}'),   // Hangul
    ('\u{1f300}', '\u{1faff}'), // emoji
    (char::MIN, char::MAX),     // anything
];

/// What a process computes, and with what.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Orders {
    library: PathBuf,
    /// The folder of the model; without one, the built-in model.
    model: Option<PathBuf>,
}

#[test]
fn vectors_are_those_of_onnx_runtime() {
    let [library, fp32] = ["JOURNAL_ONNXRUNTIME", "JOURNAL_FP32"].map(|variable| {
        let path = env::var_os(variable).map(|path| absolute(path).unwrap());
        if path.is_none() {
            say(&format!("not everything is compared with ONNX Runtime, because `{variable}` is not set"));
        }
        path
    });
    let runtime = Runtime::built_in().unwrap();
    let built_in = Some(("the built-in model", 0.995, None));
    let fp32 = fp32.map(|folder| ("the fp32 model", 0.9999, Some(folder)));
    for (name, least, model) in [built_in, fp32].into_iter().flatten() {
        let ours = vectors(&runtime, model.as_deref(), |_| ());
        let Some(library) = library.clone() else { continue };
        let worker: Worker<Vec<f32>> = Worker::start("runtimes::obeys_its_orders", &Orders { library, model });
        let theirs = worker.finish();
        assert_eq!(theirs.len(), TEXTS);
        let cosines = ours.iter().zip(&theirs).map(|(ours, theirs)| cosine(ours, theirs));
        let (text, found) = texts().into_iter().zip(cosines).min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
        assert!(found >= least, "{name}: the cosine is {found} for {text:?}");
        say(&format!("compared with ONNX Runtime: {name}, {TEXTS} texts, least cosine {found:.6}, bound {least}"));
    }
}

#[test]
fn obeys_its_orders() {
    let Some(Orders { library, model }) = orders() else { return };
    refuses_an_older_one(&library);
    let runtime = Runtime::installed(&library).unwrap();
    assert_eq!(runtime.description(), format!("the ONNX Runtime `{}`", library.display()));
    assert!(matches!(Runtime::built_in(), Err(RuntimeError::AlreadyStarted { .. })));
    vectors(&runtime, model.as_deref(), |vector| assert!(tell(&vector), "nobody listens"));
}

/// Looks at what a copy of the library meets that says it is older.
fn refuses_an_older_one(library: &Path) {
    let mut bytes = fs::read(library).unwrap();
    let is_version = |text: &[u8]| matches!(text, [0, b'1', b'.', b'2'..=b'9', b'0'..=b'9', b'.', b'0'..=b'9', 0]);
    let at = bytes.windows(8).position(is_version).expect("the library says which version it is");
    bytes[at + 1..at + 7].copy_from_slice(b"1.23.9");
    let folder = tempfile::tempdir().unwrap();
    let older = folder.path().join("older");
    fs::write(&older, bytes).unwrap();
    assert_eq!(
        Runtime::installed(&older).unwrap_err().to_string(),
        format!("`{}` is ONNX Runtime 1.23.9, and 1.24 is the oldest that works", older.display())
    );
}

/// The vectors of all texts by one model, each shown when it is made, after a look at whether they are the same in other company.
fn vectors(runtime: &Runtime, folder: Option<&Path>, mut show: impl FnMut(&[f32])) -> Vec<Vec<f32>> {
    let files = folder.map_or_else(ModelFiles::built_in, |folder| ModelFiles::in_folder(folder).unwrap());
    let mut model = Model::load(files, runtime, None).unwrap();
    let texts = texts();
    let mut embed = |text: &String| model.embed_passage(text).unwrap();
    let vectors: Vec<Vec<f32>> = texts.iter().map(&mut embed).inspect(|vector| show(vector)).collect();
    for (text, vector) in texts.iter().zip(&vectors) {
        assert_eq!(vector.len(), 384);
        assert!((cosine(vector, vector) - 1.0).abs() < 1e-4, "{text:?}");
    }
    // Backwards every text follows on another one.
    for (text, vector) in texts.iter().zip(&vectors).rev().step_by(3) {
        assert_eq!(embed(text), *vector, "{text:?}");
    }
    vectors
}

/// Texts of many kinds and lengths, always the same.
fn texts() -> Vec<String> {
    let tests = Path::new(ROOT).join("crates/journal-embed/tests/reference.json");
    let known: Vec<Value> = serde_json::from_str(&fs::read_to_string(tests).unwrap()).unwrap();
    let repeated = |text: &Value| text["text"].as_str().unwrap().repeat(text["times"].as_u64().unwrap() as usize);
    // Among them are the empty text, single tokens and 5,000 of them.
    let mut texts: Vec<String> = known.iter().map(repeated).collect();
    let mut rng = Rng::with_seed(4);
    for (first, last) in SCRIPTS.iter().cycle().take(160) {
        let length = rng.usize(1..200);
        texts.push((0..length).map(|_| if rng.u8(..) < 40 { ' ' } else { rng.char(*first..=*last) }).collect());
    }
    for (set, file) in [("journal", "notes"), ("docs", "passages"), ("manual", "passages")] {
        let path = Path::new(ROOT).join(format!("vault-fixtures/evaluation/{set}/{file}.jsonl"));
        let lines = fs::read_to_string(path).unwrap();
        let body = |line: &str| serde_json::from_str::<Value>(line).unwrap()["body"].as_str().unwrap().to_owned();
        texts.extend(lines.lines().step_by(7).map(body));
    }
    assert!(texts.len() >= TEXTS, "there are {} texts", texts.len());
    texts.truncate(TEXTS);
    texts
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Tells a line on standard error. What macros print there is shown of tests that fail only.
fn say(line: &str) {
    io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}
