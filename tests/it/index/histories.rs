//! Random histories of a vault: what people, syncers and agents do to it, with reindexes in between, some of them cut short.
//! After each whole reindex the index is compared with one that was built anew.
//!
//! A history that fails is shrunk to the steps that it takes, and printed.

mod actor;
mod note;
mod steps;

use std::time::{Duration, Instant};

use journal_testkit::{seed, size};
use proptest::{
    collection::vec,
    test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner},
};

use actor::Actor;
use steps::{Step, step};

/// How long a failing history is shrunk.
const SHRINK: Duration = Duration::from_secs(120);

#[test]
fn after_any_history_the_index_is_what_a_new_one_is() {
    let config = Config {
        cases: u32::try_from(size("JOURNAL_HISTORIES", 12)).unwrap(),
        failure_persistence: None,
        max_shrink_iters: 2_000,
        max_shrink_time: u32::try_from(SHRINK.as_millis()).unwrap(),
        ..Config::default()
    };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed().to_le_bytes());
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let begun = Instant::now();
    let (histories, steps, compared) = (std::cell::Cell::new(0), std::cell::Cell::new(0), std::cell::Cell::new(0));
    let most = size("JOURNAL_STEPS", 30);
    let outcome = runner.run(&vec(step(), most / 3..=most), |history| {
        let done = run(&history);
        histories.set(histories.get() + 1);
        steps.set(steps.get() + history.len());
        compared.set(compared.get() + done);
        Ok(())
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(reason, history)) => {
            let steps: String = history.iter().map(|step| format!("  {step:?}\n")).collect();
            panic!("{reason}\nthe shortest history found:\n{steps}");
        }
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
    println!(
        "{} histories, {} steps, {} comparisons with a new index, {:?}",
        histories.get(),
        steps.get(),
        compared.get(),
        begun.elapsed()
    );
    assert!(compared.get() >= 2 * histories.get(), "hardly anything was compared");
}

/// Lives through a history, and answers how often the index was compared.
fn run(history: &[Step]) -> usize {
    let mut actor = Actor::new();
    for (position, step) in history.iter().enumerate() {
        let when = format!("step {position}, {step:?}");
        actor.take(step, &when);
        actor.assert_whole(&when);
    }
    actor.end();
    actor.compared
}
