//! Notes with words as rare and as common as in real texts, and questions whose answers are known.

use std::fmt::Write as _;

use fastrand::Rng;

/// A generated note.
pub struct Text {
    pub path: String,
    pub title: String,
    /// Frontmatter and all.
    pub whole: String,
    /// The sentences of its body.
    sentences: Vec<String>,
}

/// How many different words there are.
const WORDS: usize = 30_000;

/// In how many folders the notes lie.
const AREAS: u32 = 40;

const SYLLABLES: &[&str] = &[
    "ba", "co", "de", "fi", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "qui", "ro", "sta", "tre", "vo", "we",
    "xi", "yo", "za", "ble", "cher", "dron", "flin", "gra", "mer", "nor", "plo", "sti", "tor", "vex",
];

/// `count` notes of 1 to 3 KB, the same ones at every call.
pub fn generate(count: usize) -> impl Iterator<Item = Text> {
    (0..count).map(move |number| text(number, count))
}

/// One of `count` notes.
pub fn text(number: usize, count: usize) -> Text {
    let title = title(number);
    let mut rng = Rng::with_seed(number as u64 + (1 << 40));
    let mut whole = format!(
        "---\nid: {}\ntitle: {title}\ntags: [area/{}, {}]\ncreated: 2026-{:02}-{:02}\n---\n# {title}\n\n",
        id(number),
        rng.u32(0..AREAS),
        word(&mut rng),
        rng.u32(1..13),
        rng.u32(1..29)
    );
    let mut sentences = Vec::new();
    let size = rng.usize(1_000..3_000);
    while whole.len() < size {
        if rng.u32(0..8) == 0 {
            write!(whole, "\n\n## {}\n\n", words(&mut rng, 2)).expect("writing to a string cannot fail");
        }
        if rng.u32(0..6) == 0 {
            write!(whole, "See [[{}]]. ", self::title(rng.usize(0..count))).expect("writing to a string cannot fail");
        }
        let length = rng.usize(6..18);
        let sentence = words(&mut rng, length);
        write!(whole, "{sentence}. ").expect("writing to a string cannot fail");
        sentences.push(sentence);
    }
    Text { path: path(number), title, whole, sentences }
}

/// The path of a note.
pub fn path(number: usize) -> String {
    format!("Area {:02}/{}.md", number as u32 % AREAS, title(number))
}

/// The id of a note.
pub fn id(number: usize) -> String {
    format!("01KAJ{number:021}")
}

fn title(number: usize) -> String {
    let mut rng = Rng::with_seed(number as u64);
    format!("{} {number}", words(&mut rng, 3))
}

impl Text {
    /// `count` words in a row of one of its sentences, the answer to which is this note.
    pub fn question(&self, count: usize, rng: &mut Rng) -> Option<String> {
        let long: Vec<Vec<&str>> = self.sentences.iter().map(|own| own.split(' ').collect()).collect();
        let long: Vec<&Vec<&str>> = long.iter().filter(|own| own.len() >= count).collect();
        let sentence = long.get(rng.usize(0..long.len().max(1)))?;
        let start = rng.usize(0..=sentence.len() - count);
        Some(sentence[start..start + count].join(" "))
    }
}

fn words(rng: &mut Rng, count: usize) -> String {
    (0..count).map(|_| word(rng)).collect::<Vec<_>>().join(" ")
}

/// A word, the first of them by far the most often, as Zipf's law has it.
fn word(rng: &mut Rng) -> String {
    spelled(((WORDS as f64).powf(rng.f64()) - 1.0) as usize)
}

/// The word of a rank: common ones are short.
pub fn spelled(rank: usize) -> String {
    let mut rest = rank;
    let mut word = String::from(SYLLABLES[rest % SYLLABLES.len()]);
    loop {
        rest /= SYLLABLES.len();
        if rest == 0 {
            return word;
        }
        rest -= 1;
        word.push_str(SYLLABLES[rest % SYLLABLES.len()]);
    }
}
