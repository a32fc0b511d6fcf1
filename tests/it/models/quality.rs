//! A sample of the evaluation, so that a change which spoils the ranking is seen at once. The whole of it, with the figures that are
//! published, is `cargo bench --bench quality` (`docs/search-quality.md`).

use std::{fs, path::Path};

use journal_embed::{Model, ModelFiles, Runtime, Team};
use journal_index::{
    Change, EmbeddingModel, FileSignature, Index, Meaning, Query, SearchOptions, Snapshot, index_note,
};
use serde_json::Value;

/// Every so many questions of a style are asked.
const SAMPLED: usize = 6;

/// Among how many hits the answer is looked for.
const SHOWN: usize = 10;

fn lines(file: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vault-fixtures/evaluation/journal").join(file);
    fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn note(passage: &Value) -> Change {
    let [id, title, body] = ["id", "title", "body"].map(|key| passage[key].as_str().unwrap());
    let signature = FileSignature { hash: number(id), ..FileSignature::default() };
    let text = format!("---\ntitle: {title:?}\n---\n{body}\n");
    Change::Upsert(Box::new(index_note(format!("{id}.md").parse().unwrap(), signature, &text)))
}

/// What tells the notes apart.
fn number(id: &str) -> u128 {
    id.bytes().fold(0, |hash, byte| hash * 256 + u128::from(byte))
}

#[test]
fn a_sample_is_found_by_meaning_and_by_both() {
    let folder = tempfile::tempdir().unwrap();
    let mut index = Index::open(&folder.path().join("index.db")).unwrap();
    index.apply(&lines("notes.jsonl").iter().map(note).collect::<Vec<_>>()).unwrap();
    let runtime = Runtime::built_in().unwrap();
    let mut team = Team::load(ModelFiles::built_in(), &runtime, None).unwrap();
    let mut model = Model::load(ModelFiles::built_in(), &runtime, None).unwrap();
    let name = model.identity().to_owned();
    let pending = index.read(|index| index.pending_chunks(&name, usize::MAX, usize::MAX)).unwrap();
    let texts: Vec<&str> = pending.iter().map(|chunk| chunk.text.as_str()).collect();
    let made = team.embed_passages(&texts).into_iter().map(Result::unwrap);
    let vectors: Vec<_> = pending.iter().map(|chunk| chunk.hash).zip(made).collect();
    let stored_as = EmbeddingModel { name: name.clone(), source: String::new() };
    index.store_vectors(&stored_as, &vectors).unwrap();

    // How many questions of a style there are, and how many are answered by words, by meaning, and by both.
    let mut asked = |style: &str| {
        let questions = lines("questions.jsonl").into_iter().filter(|question| question["style"] == style);
        let mut counts = [0; 4];
        for question in questions.step_by(SAMPLED) {
            let text = question["query"].as_str().unwrap();
            let vector = model.embed_query(text).unwrap();
            let query = Query::parse(text);
            let options = SearchOptions { limit: SHOWN, ..SearchOptions::default() };
            let meaning = |alone| Meaning { model: &name, vector: &vector, alone, least: 0.2 };
            let ask = |index: &Snapshot<'_>| {
                let by = |alone| index.search_with(&query, &options, &meaning(alone)).unwrap();
                Ok([index.search(&query, &options)?, by(true), by(false)])
            };
            counts[0] += 1;
            for (place, hits) in index.read(ask).unwrap().iter().enumerate() {
                let is_answer = |stem: &str| question["answers"].as_array().unwrap().iter().any(|id| id == stem);
                counts[place + 1] += usize::from(hits.hits.iter().any(|hit| is_answer(hit.note.path.stem())));
            }
        }
        counts
    };
    let [all, _, semantic, hybrid] = asked("paraphrase");
    assert!(all >= 50 && semantic * 100 >= all * 75 && hybrid + 1 >= semantic, "{all}: {semantic} {hybrid}");
    for style in ["keywords", "question"] {
        let [all, words, semantic, hybrid] = asked(style);
        let told = format!("{style}, {all}: {words} {semantic} {hybrid}");
        assert!(all >= 15 && hybrid * 100 >= all * 90 && hybrid + 1 >= semantic.max(words), "{told}");
    }
}
