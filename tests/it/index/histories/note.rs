//! Notes of a random history: from small pools, so that names, ids, links and whole contents meet each other.

use proptest::prelude::*;

pub(super) const FOLDERS: &[&str] = &["", "A", "B", "B/C", "Ärger und Ruhe", "Archive/2026", "b"];

pub(super) const NAMES: &[&str] =
    &["Alpha", "alpha", "Beta", "한글 메모", "สวัสดี", "T001 One more", "Note_with snake_case", "x"];

const IDS: &[&str] =
    &["01JD3V8QK7X2M4N6P8R0T2V4W6", "01JD3V8QK7X2M4N6P8R0T2V4W7", "n-1", "20240131", "Alpha", "old id", "s-1", "s-2"];

const LINKS: &[&str] = &[
    "[[Alpha]]",
    "[[alpha|shown]]",
    "![[Beta#Heading]]",
    "[[B/C/Beta]]",
    "[md](x.md)",
    "[up](../A/Alpha.md#top)",
    "[[한글 메모]]",
    "[[nowhere]]",
    "[[A Title]]",
    "[[Note_with snake_case#^block]]",
    "![](picture.png)",
    "[[T001 One more]]",
];

const WORDS: &[&str] = &[
    "search",
    "queue",
    "camelCaseWord",
    "snake_case_word",
    "größer",
    "생각을",
    "คำว่า",
    "思考ログ",
    "the",
    "index",
    "42",
];

/// What a note says.
#[derive(Debug, Clone)]
pub(super) struct Text {
    id: Option<u8>,
    kind: Kind,
    title: Option<u8>,
    links: Vec<u8>,
    words: Vec<u8>,
    flaw: Flaw,
    is_dos: bool,
}

#[derive(Debug, Clone)]
enum Kind {
    Bare,
    Plain,
    Session,
    Thought { session: u8, number: u8, branch: bool, revises: Option<u8> },
}

/// What is wrong with a note.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Flaw {
    No,
    Yaml,
    Unterminated,
    NotUtf8,
    Empty,
}

pub(super) fn text() -> impl Strategy<Value = Text> {
    let kind = prop_oneof![
        2 => Just(Kind::Bare),
        4 => Just(Kind::Plain),
        2 => Just(Kind::Session),
        4 => (0..2u8, 1..5u8, any::<bool>(), proptest::option::weighted(0.3, 1..4u8))
            .prop_map(|(session, number, branch, revises)| Kind::Thought { session, number, branch, revises }),
    ];
    let flaw = prop_oneof![
        20 => Just(Flaw::No),
        1 => Just(Flaw::Yaml),
        1 => Just(Flaw::Unterminated),
        1 => Just(Flaw::NotUtf8),
        1 => Just(Flaw::Empty),
    ];
    let pool = |len: usize| 0..u8::try_from(len).unwrap();
    let id = proptest::option::weighted(0.6, pool(IDS.len()));
    let title = proptest::option::weighted(0.4, 0..3u8);
    let links = proptest::collection::vec(pool(LINKS.len()), 0..4);
    let words = proptest::collection::vec(pool(WORDS.len()), 0..8);
    (id, kind, title, links, words, flaw, any::<bool>())
        .prop_map(|(id, kind, title, links, words, flaw, is_dos)| Text { id, kind, title, links, words, flaw, is_dos })
}

impl Text {
    pub(super) fn bytes(&self) -> Vec<u8> {
        if self.flaw == Flaw::Empty {
            return Vec::new();
        }
        let mut lines = Vec::new();
        if !matches!(self.kind, Kind::Bare) {
            lines.push("---".to_owned());
            lines.extend(self.id.map(|id| format!("id: {:?}", IDS[usize::from(id)])));
            lines.extend(self.title.map(|n| format!("title: {}", ["A Title", "Beta", "제목"][usize::from(n)])));
            match &self.kind {
                Kind::Bare | Kind::Plain => lines.push("aliases: [Other name]\ntags: [area/one, 태그]".to_owned()),
                Kind::Session => lines.push("type: thinking-session\nstatus: active\nproject: test".to_owned()),
                Kind::Thought { session, number, branch, revises } => {
                    lines.push(format!("type: thought\nsession_note_id: s-{}", session + 1));
                    lines.push(format!("thought_number: {number}"));
                    lines.extend(branch.then(|| "branch_id: side\nbranch_from_thought: 1".to_owned()));
                    lines.extend(revises.map(|n| format!("is_revision: true\nrevises_thought: {n}")));
                }
            }
            if self.flaw == Flaw::Yaml {
                lines.push("broken: [never: \"closed".to_owned());
            }
            if self.flaw != Flaw::Unterminated {
                lines.push("---".to_owned());
            }
        }
        lines.push("# Heading".to_owned());
        lines.push(self.words.iter().map(|n| WORDS[usize::from(*n)]).collect::<Vec<_>>().join(" "));
        lines.extend(self.links.iter().map(|n| LINKS[usize::from(*n)].to_owned()));
        lines.push(String::new());
        let mut bytes = lines.join("\n").replace('\n', if self.is_dos { "\r\n" } else { "\n" }).into_bytes();
        if self.flaw == Flaw::NotUtf8 {
            bytes.extend_from_slice(b"\xff\xfe caf\xe9\n");
        }
        bytes
    }
}
