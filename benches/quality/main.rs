//! How well search finds what is asked for, on questions with known answers (`vault-fixtures/evaluation`).
//!
//! ```text
//! cargo bench --bench quality
//! JOURNAL_FP32=FOLDER cargo bench --bench quality     # beside the model there, which the built-in one was quantised from
//! ```
//!
//! The same figures come out of every run, so bounds are asserted: the last lines say whether they hold, and the bench fails
//! where one does not. Published in `docs/search-quality.md`.

mod again;
mod ask;
mod score;
mod sets;

use std::{env, fmt, path::Path, process::ExitCode};

use journal_embed::{Model, ModelFiles, Runtime};

use score::{AT_10, Row};

/// The least recall@10 by meaning alone, on questions in other words than the note's.
const PARAPHRASES: f64 = 0.70;

/// How far below the better list both together may be on a set, in recall@10.
const BELOW_BETTER: f64 = 0.005;

/// How much recall@10 quantising may cost, on the mean.
const QUANTISING: f64 = 0.015;

fn main() -> ExitCode {
    let runtime = Runtime::built_in().expect("nothing else computes in this process");
    let rows = evaluate("built-in", ModelFiles::built_in(), &runtime);
    let scores = score::scores(&rows, |_| true);
    let fp32 = env::var_os("JOURNAL_FP32").map(|folder| {
        let files = ModelFiles::in_folder(Path::new(&folder)).expect("the folder holds a model");
        evaluate("fp32", files, &runtime)
    });
    let mut holds = true;
    for (name, [text, semantic, hybrid, _]) in &scores {
        let [text, semantic, hybrid] = [text, semantic, hybrid].map(|score| score[AT_10]);
        // On the mean it must be above.
        let least = if *name == score::MEAN { f64::EPSILON } else { -BELOW_BETTER };
        holds &= tell(&format!("{name}: hybrid against the better list"), hybrid - text.max(semantic), least);
        if name.ends_with("paraphrase") {
            holds &= tell(&format!("{name}: semantic"), semantic, PARAPHRASES);
        }
        if let Some(fp32) = fp32.as_ref().filter(|_| *name == score::MEAN) {
            let theirs = score::scores(fp32, |_| true).last().map_or(0.0, |(_, [_, semantic, ..])| semantic[AT_10]);
            holds &= tell("mean: semantic, built-in against fp32", semantic - theirs, -QUANTISING);
        }
    }
    let mut model = Model::load(ModelFiles::built_in(), &runtime, None).expect("the model loads");
    let compared = again::compare(&mut model);
    say(format_args!("{}", again::table(&compared)));
    for (what, reached, least) in again::bounds(&compared) {
        holds &= tell(what, reached, least);
    }
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Answers all questions by way of one model, and prints the tables.
fn evaluate(name: &str, files: ModelFiles, runtime: &Runtime) -> Vec<Row> {
    let mut model = Model::load(files, runtime, None).expect("the model loads");
    let ask = |(set, passages)| ask::answer(set, passages, &mut model);
    let rows: Vec<Row> = sets::SETS.into_iter().flat_map(ask).collect();
    say(format_args!("{name}: {}\n\n{}\n{}", model.identity(), score::table(&rows), score::halves(&rows)));
    rows
}

/// Prints a figure beside the least it may be, and answers whether it is that.
fn tell(what: &str, reached: f64, least: f64) -> bool {
    let holds = reached >= least;
    say(format_args!("{}: {what}: {reached:+.4}, at least {least:+.4}", if holds { "holds" } else { "MISSED" }));
    holds
}

/// Prints a line.
#[expect(clippy::print_stdout, reason = "a bench tells its figures on standard output")]
fn say(line: fmt::Arguments<'_>) {
    println!("{line}");
}
