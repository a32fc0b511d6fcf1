//! A set made into an index with vectors, and its questions put to it.

use std::collections::{BTreeMap, HashMap};

use journal_embed::Model;
use journal_index::{
    Change, EmbeddingModel, FileSignature, Index, IndexedNote, Meaning, Query, SearchOptions, Snapshot, index_note,
};

use crate::{
    score::{Places, Row},
    sets::{self, Passage, Question},
};

/// How many hits are looked at.
const SHOWN: usize = 10;

/// How many notes of a list are fused by rank.
const LISTED: usize = 100;

/// The yardstick, reciprocal rank fusion: what a list's note at place `n`, from 1, is worth is its weight `/ (K + n)`.
const RANKS: (f64, [f64; 2]) = (10.0, [1.0, 2.0]);

/// An index with vectors.
pub struct Indexed {
    pub index: Index,
    _folder: tempfile::TempDir,
}

/// Makes an index of the passages, each of which is at its [`path`].
pub fn indexed(passages: &[Passage], model: &mut Model) -> Indexed {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut index = Index::open(&folder.path().join("index.db")).expect("an index can be made");
    let notes: Vec<Change> = passages
        .iter()
        .enumerate()
        .map(|(number, passage)| Change::Upsert(Box::new(note(number, &passage.title, &passage.body))))
        .collect();
    index.apply(&notes).expect("the notes can be indexed");
    let name = model.identity().to_owned();
    let mut vectors = Vec::new();
    for chunk in index.read(|index| index.pending_chunks(&name, usize::MAX, usize::MAX)).expect("the index answers") {
        // As the program does it: what the model cannot read has no vector, and a question like that goes by words.
        if model.reads(&chunk.text) {
            vectors.push((chunk.hash, model.embed_passage(&chunk.text).expect("every text has a vector")));
        }
    }
    let stored_as = EmbeddingModel { name: name.clone(), source: String::new() };
    index.store_vectors(&stored_as, &vectors).expect("the vectors can be stored");
    Indexed { index, _folder: folder }
}

/// Puts all questions of a set, by way of one model.
pub fn answer(set: &str, passages: &str, model: &mut Model) -> Vec<Row> {
    let passages: Vec<Passage> = sets::read(set, passages);
    let Indexed { index, .. } = &indexed(&passages, model);
    let name = model.identity().to_owned();
    let ids = passages.iter().enumerate().map(|(number, passage)| (path(number), passage.id.as_str())).collect();
    let mut rows: Vec<Row> = Vec::new();
    for question in sets::read::<Question>(set, "questions.jsonl") {
        let vector = match model.reads(&question.query) {
            true => Some(model.embed_query(&question.query).expect("every question has a vector")),
            false => None,
        };
        let meaning = vector.as_ref().map(|vector| Meaning { model: &name, vector, alone: false, least: 0.2 });
        let places = index.read(|index| Ok(places(index, &question, meaning, &ids))).expect("the index answers");
        let name = format!("{set}, {}", question.style);
        match rows.iter_mut().find(|row| row.name == name) {
            Some(row) => row.questions.push(places),
            None => rows.push(Row { name, questions: vec![places] }),
        }
    }
    rows
}

/// Where each way to search tells the first answer.
fn places(
    index: &Snapshot<'_>,
    question: &Question,
    meaning: Option<Meaning<'_>>,
    ids: &HashMap<String, &str>,
) -> Places {
    let query = Query::parse(&question.query);
    let list = |limit, meaning: Option<Meaning<'_>>| {
        let options = SearchOptions { limit, ..SearchOptions::default() };
        let hits = match &meaning {
            Some(meaning) => index.search_with(&query, &options, meaning).expect("the index has such vectors"),
            None => index.search(&query, &options).expect("the index answers"),
        };
        hits.hits.iter().map(|hit| ids[hit.note.path.as_str()]).collect::<Vec<_>>()
    };
    let alone = meaning.map(|meaning| Meaning { alone: true, ..meaning });
    let by_ranks = fused([list(LISTED, None), list(LISTED, alone)]);
    let lists = [list(SHOWN, None), list(SHOWN, alone), list(SHOWN, meaning), by_ranks];
    let is_answer = |id: &&str| question.answers.iter().any(|answer| answer == id);
    lists.map(|list| list.iter().take(SHOWN).position(is_answer))
}

/// Two lists, fused by the ranks of their notes.
fn fused(lists: [Vec<&str>; 2]) -> Vec<&str> {
    let (k, weights) = RANKS;
    let mut scores: BTreeMap<&str, f64> = BTreeMap::new();
    for (list, weight) in lists.into_iter().zip(weights) {
        for (place, id) in list.into_iter().enumerate() {
            *scores.entry(id).or_default() += weight / (k + place as f64 + 1.0);
        }
    }
    let mut fused: Vec<_> = scores.into_iter().collect();
    fused.sort_by(|a, b| b.1.total_cmp(&a.1));
    fused.into_iter().map(|(id, _)| id).collect()
}

/// A note as the index takes it.
pub fn note(number: usize, title: &str, body: &str) -> IndexedNote {
    // A JSON string is a YAML string.
    let head = |title: &str| format!("---\ntitle: {}\n---\n", serde_json::Value::from(title));
    let text = Some(title).filter(|title| !title.is_empty()).map(head).unwrap_or_default() + body;
    let signature = FileSignature { size: text.len() as u64, hash: number as u128 + 1, ..FileSignature::default() };
    let path = path(number).parse().expect("such names are paths");
    index_note(path, signature, &text)
}

/// A name without a word that a question could have.
pub fn path(number: usize) -> String {
    format!("x{number}.md")
}
