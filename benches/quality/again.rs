//! Which texts are told to say again what a note says: the likest note of each, by words and by meaning.

use journal_embed::Model;
use journal_engine::LikeBounds;
use journal_index::{Around, Likeness};
use journal_model::first_sentence;

use crate::{
    ask::{Indexed, indexed, note, path},
    sets::{self, Again, Passage},
};

/// How like two texts are, by words and by meaning.
type Scores = [f32; 2];

/// The notes themselves, none of which says the same as another.
const OTHERS: &str = "notes";

/// What a text of a style is most like.
pub struct Likest {
    /// `reworded`, `rewritten`, or [`OTHERS`].
    style: String,
    /// How like the note is that says the same; 0 where there is none.
    same: Scores,
    /// How like the likest other note is.
    other: Scores,
}

/// Compares each text that says something again, and each note, with all other notes.
pub fn compare(model: &mut Model) -> Vec<Likest> {
    let passages: Vec<Passage> = sets::read("journal", "notes.jsonl");
    let Indexed { index, .. } = &indexed(&passages, model);
    let name = model.identity().to_owned();
    let mut compared = Vec::new();
    let mut look = |style: &str, number: usize, title: &str, body: &str, same: Option<&str>| {
        let new = note(number, title, body);
        let around = Around { path: Some(&new.path), ..Around::default() };
        let vectors: Vec<_> = new
            .model_texts()
            .iter()
            .map(|chunk| model.embed_passage(&chunk.text).expect("every text has a vector"))
            .collect();
        let words = [format!("{title}\n{body}")];
        let read = index.read(|index| {
            let near = index.near(&name, &vectors, &around, 0.0, passages.len()).expect("the vectors fit");
            Ok([index.like(&words, &around, 0.0, passages.len())?, near])
        });
        let lists = read.expect("the index answers");
        let is_same = |like: &&Likeness| same == Some(like.hit.note.path.as_str());
        let score = |like: Option<&Likeness>| like.map_or(0.0, |like| like.hit.score);
        compared.push(Likest {
            style: style.to_owned(),
            same: lists.each_ref().map(|list| score(list.iter().find(is_same))),
            other: lists.each_ref().map(|list| score(list.iter().find(|like| !is_same(like)))),
        });
    };
    for again in sets::read::<Again>("journal", "again.jsonl") {
        let place = passages.iter().position(|passage| passage.id == again.again).expect("the note is there");
        let title = first_sentence(&again.text, 60);
        look(&again.style, passages.len(), &title, &again.text, Some(&path(place)));
    }
    for (number, passage) in passages.iter().enumerate() {
        look(OTHERS, number, &passage.title, &passage.body, None);
    }
    compared
}

/// How many texts of each style are told beside the note that says the same, and beside another one.
pub fn table(compared: &[Likest]) -> String {
    let bounds = [("the same", LikeBounds::SAME), ("about the same", LikeBounds::ABOUT)];
    let mut text = "| Told | from | right: reworded / rewritten | wrong: of those 48 / of the notes |\n".to_owned();
    text += "| --- | --- | --- | --- |\n";
    for (what, own) in bounds {
        for (by, name, least) in [(0, "words", own.words), (1, "meaning", own.meaning)] {
            let told = |style: &str, of: fn(&Likest) -> Scores| told(compared, |own| own == style, of, by, least);
            let (again, all) = self::told(compared, |own| own != OTHERS, |one| one.other, by, least);
            let [(reworded, of), (rewritten, of_them), (notes, of_notes)] =
                [told("reworded", |one| one.same), told("rewritten", |one| one.same), told(OTHERS, |one| one.other)];
            text += &format!(
                "| {what}, by {name} | {least} | {reworded} of {of} / {rewritten} of {of_them} | {again} of {all} / {notes} of {of_notes} |\n"
            );
        }
    }
    text
}

/// What must hold of what is told to be the same: a name, the share that was reached, and the least.
pub fn bounds(compared: &[Likest]) -> Vec<(&'static str, f64, f64)> {
    let share = |(told, of): (usize, usize)| told as f64 / of.max(1) as f64;
    let mut bounds = Vec::new();
    for (by, least, names) in [
        (0, LikeBounds::SAME.words, ["reworded, by words: told", "notes, by words: not told of another"]),
        (1, LikeBounds::SAME.meaning, ["reworded, by meaning: told", "notes, by meaning: not told of another"]),
    ] {
        bounds.push((names[0], share(told(compared, |own| own == "reworded", |one| one.same, by, least)), 0.9));
        bounds.push((names[1], 1.0 - share(told(compared, |_| true, |one| one.other, by, least)), 0.99));
    }
    bounds
}

/// How many of the texts of a style have such a score, and how many there are.
fn told(
    compared: &[Likest],
    is_wanted: impl Fn(&str) -> bool,
    of: fn(&Likest) -> Scores,
    by: usize,
    least: f32,
) -> (usize, usize) {
    let wanted = || compared.iter().filter(|one| is_wanted(&one.style));
    (wanted().filter(|one| of(one)[by] >= least).count(), wanted().count())
}
