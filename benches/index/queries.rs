//! Each kind of query, ours beside FTS5's own ranking, and whether the same answers are found.

use std::{path::Path, time::Instant};

use fastrand::Rng;
use journal_index::{Query, Reader, SearchOptions};

use crate::{
    floors::Ranked,
    measure::{say, spread},
    texts::{Text, spelled},
};

/// Queries of one kind: as typed, and for FTS5.
type Queries = Vec<(String, String)>;

pub fn run(reader: &Reader, raw: &Path, texts: &[Text]) {
    let raw = Ranked::open(raw);
    let mut rng = Rng::with_seed(2);
    let every = texts.len() / 40 + 1;
    let titles = texts.iter().step_by(every).map(|text| text.title.clone());
    let numbers = texts.iter().step_by(every).map(|text| text.title.rsplit(' ').next().unwrap_or_default().to_owned());
    let ranks = |from: usize, count: usize| (from..from + count).map(spelled).collect::<Vec<_>>();
    let (common, usual) = (ranks(0, 20), ranks(100, 40));
    let pairs = common.iter().zip(&usual).map(|(a, b)| format!("{a} {b}"));
    let phrases: Vec<String> = texts.iter().step_by(every).filter_map(|text| text.question(2, &mut rng)).collect();
    let common_questions = (0..20).map(|n| (n..n + 5).map(spelled).collect::<Vec<_>>().join(" "));
    let questions: Vec<String> = texts.iter().step_by(every).filter_map(|text| text.question(5, &mut rng)).collect();
    let kinds: Vec<(&str, Queries)> = vec![
        ("rare word", numbers.map(plain).collect()),
        ("usual word", usual.iter().cloned().map(plain).collect()),
        ("common word", common.iter().cloned().map(plain).collect()),
        ("two words", pairs.map(all).collect()),
        (
            "prefix of three letters",
            common.iter().chain(&usual).filter(|word| word.len() > 2).map(|word| prefix(word)).collect(),
        ),
        ("phrase", phrases.into_iter().map(phrase).collect()),
        ("title", titles.map(any).collect()),
        ("question of five words", questions.into_iter().map(any).collect()),
        ("question of five common words", common_questions.map(any).collect()),
    ];
    for (name, queries) in kinds {
        compare(name, reader, &raw, &queries);
    }
    for words in [5, 8] {
        recall(words, reader, &raw, texts);
    }
}

fn compare(name: &str, reader: &Reader, raw: &Ranked, queries: &Queries) {
    let (mut own, mut floor) = (Vec::new(), Vec::new());
    // The first round warms both.
    for round in 0..3 {
        for (typed, expression) in queries {
            let start = Instant::now();
            search(reader, typed);
            let ours = start.elapsed();
            let start = Instant::now();
            raw.best(expression);
            if round > 0 {
                own.push(ours);
                floor.push(start.elapsed());
            }
        }
    }
    say(format_args!("{name}: {} · FTS5 `ORDER BY rank`: {}", spread(&mut own), spread(&mut floor)));
}

/// How often the note that a question was taken from is among the first ten.
fn recall(words: usize, reader: &Reader, raw: &Ranked, texts: &[Text]) {
    let mut rng = Rng::with_seed(3);
    let (mut asked, mut own, mut floor) = (0, 0, 0);
    for (number, text) in texts.iter().enumerate().step_by(texts.len() / 200 + 1) {
        let Some(question) = text.question(words, &mut rng) else { continue };
        let (typed, expression) = any(question);
        asked += 1;
        own += usize::from(search(reader, &typed).contains(&text.path));
        floor += usize::from(raw.best(&expression).contains(&number));
    }
    let share = |found: usize| found as f64 / asked as f64;
    say(format_args!(
        "recall@10 of {asked} questions of {words} words: {:.3} · FTS5's BM25: {:.3}",
        share(own),
        share(floor)
    ));
}

fn search(reader: &Reader, typed: &str) -> Vec<String> {
    let query = Query::parse(typed);
    let hits = reader.read(|index| index.search(&query, &SearchOptions::default())).expect("a search is answered");
    hits.hits.into_iter().map(|hit| hit.note.path.to_string()).collect()
}

fn plain(word: String) -> (String, String) {
    (word.clone(), format!("\"{word}\""))
}

fn joined(text: String, with: &str) -> (String, String) {
    let expression = text.split(' ').map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(with);
    (text, expression)
}

fn all(text: String) -> (String, String) {
    joined(text, " AND ")
}

fn any(text: String) -> (String, String) {
    joined(text, " OR ")
}

fn phrase(text: String) -> (String, String) {
    (format!("\"{text}\""), format!("\"{text}\""))
}

fn prefix(word: &str) -> (String, String) {
    let beginning: String = word.chars().take(3).collect();
    (format!("{beginning}*"), format!("\"{beginning}\"*"))
}
