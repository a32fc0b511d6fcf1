//! How long it takes to read frontmatter, beside gray_matter reading the same notes, and to change it without loss.
//!
//! `cargo bench -p journal-model`. For information: nothing here is held to a bound. What was measured stands in
//! `docs/performance.md`.
#![expect(clippy::print_stdout, reason = "a bench has nobody else to print for it")]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use gray_matter::{Matter, Pod, engine::YAML};
use journal_model::{Change, Note, Written, edit};

/// How many notes are read, and how often everything is done.
const NOTES: usize = 10_000;
const ROUNDS: usize = 15;

fn main() {
    let notes: Vec<String> = (0..NOTES).map(thought).collect();
    let matter = Matter::<YAML>::new();
    let (mut own, mut other) = (Vec::new(), Vec::new());
    // In turn, so that whatever else the machine does falls on both.
    for _ in 0..ROUNDS {
        own.push(timed(|| notes.iter().map(|text| Note::parse(text).properties.iter().count()).sum::<usize>()));
        other.push(timed(|| notes.iter().filter(|text| matter.parse::<Pod>(text).is_ok()).count()));
    }
    println!("{NOTES} notes read: {:.1?}; by gray_matter: {:.1?}", median(own), median(other));

    for links in [5, 50] {
        let text = session(links);
        let changes = [
            ("updated", Change::Set(Written::Plain("2026-11-21T10:00:00".to_owned()))),
            ("see_also", Change::Set(Written::List((0..=links).map(link).collect()))),
            ("agent", Change::Set(Written::Text("brave-otter".to_owned()))),
            ("next_thought_needed", Change::Set(Written::Plain("true".to_owned()))),
        ];
        let edits = (0..ROUNDS * 100).map(|_| timed(|| edit(&text, &changes).expect("the note can be edited")));
        println!("a session note of {links} links edited: {:.1?}", median(edits.collect()));
    }
}

/// A thought note as `journal` writes them, of about 1 KB.
fn thought(number: usize) -> String {
    format!(
        "---\nid: 01JD3V8QK7X2M4N6P8R0T{number:05}\ntype: thought\ntitle: \"Cache first: thought {number}\"\n\
         created: 2026-11-21T09:00:00\nagent: brave-otter\ntags:\n  - thinking/thought\n\
         session_note_id: 01JD3V8QK7X2M4N6P8R0T2V4W6\npart_of: \"[[2026-11-21 Fix flaky auth test k3m9q2]]\"\n\
         thought_number: {number}\ntotal_thoughts: {NOTES}\nnext_thought_needed: true\ndepends_on:\n  - \"{}\"\n---\n{}",
        link(number.saturating_sub(1)),
        "The order of the two writes decides whether the reader sees a stale token.\n".repeat(8)
    )
}

/// A session note with so many links.
fn session(links: usize) -> String {
    let see_also: String = (0..links).map(|number| format!("  - \"{}\"\n", link(number))).collect();
    format!(
        "---\nid: 01JD3V8QK7X2M4N6P8R0T2V4W6\ntype: thinking-session\ntitle: Fix flaky auth test\n\
         created: 2026-11-21T09:00:00\nupdated: 2026-11-21T09:30:00\nstatus: active\nproject: journal\n\
         agent: brave-otter\ntags:\n  - thinking/session\nsee_also:\n{see_also}next_thought_needed: true\n---\n"
    )
}

fn link(number: usize) -> String {
    format!("[[T{number:03} Reproduce the failure under load k3m9q2]]")
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
