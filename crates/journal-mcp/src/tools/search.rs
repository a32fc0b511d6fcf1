//! `search`: find notes by what stands in them and by what they mean. A line a hit, unless details are asked for.

use journal_engine::{Engine, Grounds, Hit, Search as Request, SearchError, SearchMode, Searched, Total};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answered, Call, Tool, indexed};
use crate::{
    annotations::Nature,
    budget,
    refusal::Refusal,
    serving::Serving,
    wire::{no, none},
};

pub(crate) struct Search;

#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// Words; "a phrase", -without, a OR b, begin*
    query: Option<String>,
    mode: Option<Mode>,
    /// session, thought, note, or a note's own type
    r#type: Option<String>,
    /// With any of these
    tags: Option<Vec<String>>,
    path_prefix: Option<String>,
    /// A session's id
    session: Option<String>,
    branch: Option<String>,
    project: Option<String>,
    status: Option<String>,
    /// Whose thoughts
    agent: Option<String>,
    /// Changed from then on: 2026-11, 2026-11-21
    after: Option<String>,
    /// Changed before
    before: Option<String>,
    /// Revised thoughts, too
    include_superseded: Option<bool>,
    /// Default 10
    limit: Option<u32>,
    cursor: Option<String>,
    /// Objects with scores, places and whole snippets
    detail: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Hybrid,
    Text,
    Semantic,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    vault: String,
    total: u64,
    #[serde(skip_serializing_if = "no")]
    or_more: bool,
    semantic: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hits: Option<Vec<HitObject>>,
    #[serde(skip_serializing_if = "no")]
    relaxed: bool,
    #[serde(skip_serializing_if = "none")]
    notes: Vec<String>,
    #[serde(skip_serializing_if = "no")]
    truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct HitObject {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    path: String,
    title: String,
    kind: &'static str,
    why: &'static str,
    #[serde(skip_serializing_if = "no")]
    partial: bool,
    score: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meaning: Option<f64>,
    #[serde(skip_serializing_if = "none")]
    headings: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<(u32, u32)>,
    snippet: String,
    #[serde(skip_serializing_if = "none")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<String>,
    #[serde(skip_serializing_if = "no")]
    superseded: bool,
    open: String,
}

impl Tool for Search {
    const NAME: &'static str = "search";
    const TITLE: &'static str = "Search the vault";
    const DESCRIPTION: &'static str = "\
Find thoughts, sessions and notes by words and by meaning. Each line: id · title · why (words, meaning, both, title, id, filter) · snippet. \
Filters alone list the newest. Open a hit with read_note or sequentialthinking_hydrate.";
    const NATURE: Nature = Nature::Reads;
    const REQUIRED: &'static [&'static str] = &["query"];
    const ALIASES: &'static [(&'static str, &'static str)] = &[
        ("q", "query"),
        ("text", "query"),
        ("max_results", "limit"),
        ("tags_any", "tags"),
        ("tag", "tags"),
        ("path", "path_prefix"),
        ("folder", "path_prefix"),
        ("session_note_id", "session"),
        ("session_id", "session"),
        ("updated_from", "after"),
        ("updated_to", "before"),
    ];
    type Arguments = Arguments;
    type Answer = Answer;

    async fn run(call: Call, arguments: Arguments) -> Result<Answered<Answer>, Refusal> {
        const LIMIT: u32 = 10;
        const MOST: u32 = 100;
        let serving = call.serving.clone();
        drop(call);
        arguments.check()?;
        let detail = arguments.detail.unwrap_or(false);
        let request = Request {
            query: arguments.query(),
            limit: arguments.limit.unwrap_or(LIMIT).clamp(1, MOST) as usize,
            cursor: arguments.cursor.clone(),
            include_superseded: arguments.include_superseded.unwrap_or(false),
            mode: match arguments.mode {
                None | Some(Mode::Hybrid) => SearchMode::Hybrid,
                Some(Mode::Text) => SearchMode::Text,
                Some(Mode::Semantic) => SearchMode::Semantic,
            },
        };
        let searched = indexed(&serving, move |engine: &Engine| match engine.search(&request) {
            Err(SearchError::NoIndex) => Ok(None),
            Err(SearchError::Trouble(trouble)) => Err(trouble),
            searched => Ok(Some(searched)),
        })
        .await??;
        Ok(answer(&searched, &serving, detail).into())
    }
}

impl Arguments {
    fn check(&self) -> Result<(), Refusal> {
        let prefix = self.path_prefix.as_deref().unwrap_or_default();
        if prefix.split(['/', '\\']).any(|part| part == "..") {
            let said = format!(
                "`path_prefix` is a folder of the vault, and `{}` leads out of it",
                budget::cut_to_bytes(prefix, 100)
            );
            let hint = "name it as in the vault: {path_prefix: \"Notes/\"}";
            return Err(Refusal::arguments(said, hint.to_owned()));
        }
        Ok(())
    }

    /// The query with the filters in front, where no open quote can swallow them.
    fn query(&self) -> String {
        let one = |name: &str, value: &str| format!("{name}:\"{}\"", value.replace('"', " ").trim());
        let single = [
            ("type", &self.r#type),
            ("path", &self.path_prefix),
            ("session", &self.session),
            ("branch", &self.branch),
            ("project", &self.project),
            ("status", &self.status),
            ("agent", &self.agent),
            ("after", &self.after),
            ("before", &self.before),
        ];
        let tags = self.tags.iter().flatten().map(|tag| one("tag", tag));
        let filters = single.into_iter().filter_map(|(name, value)| value.as_ref().map(|value| one(name, value)));
        tags.chain(filters).chain(self.query.clone()).collect::<Vec<_>>().join(" ")
    }
}

fn answer(searched: &Searched, serving: &Serving, detail: bool) -> Answer {
    let (total, or_more) = match searched.total {
        Total::Exactly(total) => (total, false),
        Total::AtLeast(total) => (total, true),
    };
    let semantic = match (searched.by_meaning, &searched.words_only) {
        (true, _) => "on".to_owned(),
        (false, None) => "off: not asked for".to_owned(),
        // The tool is at hand, not the command.
        (false, Some(why)) => format!("off: {}", serving.scrub().text(why).replace("`journal reindex`", "`reindex`")),
    };
    let mut notes: Vec<String> = searched.notes.iter().map(|note| budget::cut_to_bytes(note, 200)).collect();
    if !searched.gone.is_empty() {
        notes.push(format!("{} notes are gone from their places; reindex finds those that moved", searched.gone.len()));
    }
    match searched.revised {
        0 => {}
        1 => notes.push("1 thought that a later one revises fits: include_superseded: true".to_owned()),
        count => notes.push(format!("{count} thoughts that later ones revise fit: include_superseded: true")),
    }
    if searched.hits.is_empty() && searched.indexed == 0 {
        notes.push("the index is empty; bring it up to date with reindex".to_owned());
    } else if searched.hits.is_empty() && searched.revised == 0 && searched.gone.is_empty() {
        let tried = if searched.by_meaning { "fewer filters" } else { "fewer words or filters, or other words" };
        notes.push(format!(
            "nothing in {} notes; try {tried}, or bring the index up to date with reindex",
            searched.indexed
        ));
    }
    let hits = searched.hits.iter().zip(&searched.grounds);
    let mut answer = Answer {
        vault: serving.vault(),
        total,
        or_more,
        semantic,
        lines: None,
        hits: None,
        relaxed: searched.relaxed,
        notes,
        truncated: false,
        cursor: searched.cursor.clone(),
    };
    let room = budget::USUAL.saturating_sub(budget::cost(&answer));
    if detail {
        let objects = hits.map(|(hit, grounds)| HitObject::new(hit, grounds, &answer.vault)).collect();
        let (objects, left_out) = budget::fitting(objects, room);
        answer.truncated = left_out > 0;
        answer.hits = Some(objects);
    } else {
        let (lines, left_out) = budget::fitting(hits.map(|(hit, grounds)| line(hit, grounds)).collect(), room);
        answer.truncated = left_out > 0;
        answer.lines = Some(lines);
    }
    if answer.truncated {
        // The cursor stands behind what was left out.
        answer.cursor = None;
        answer.notes.push("not all fit into one answer; ask again with a smaller `limit`".to_owned());
    }
    answer
}

/// A hit as a line. Ten of them stay below a kilobyte and a half.
fn line(hit: &Hit, grounds: &Grounds) -> String {
    const LINE: usize = 126;
    const TITLE: usize = 40;
    let note = &hit.note;
    let name = note.id.as_ref().map_or_else(|| note.path.to_string(), ToString::to_string);
    let begin = format!("{name} · {} · {} · ", budget::cut_to_bytes(&note.title, TITLE), grounds.code(hit.why));
    // A long path is worth more than the snippet: it opens the note.
    let room = LINE.saturating_sub(begin.len()).max(20);
    let snippet: Vec<_> = hit.snippet.split_whitespace().collect();
    format!("{begin}{}", budget::cut_to_bytes(&snippet.join(" "), room))
}

/// A score as it is told: three digits tell two hits apart, and the same number stands in the text and in the object.
fn rounded(score: f32) -> f64 {
    (f64::from(score) * 1e3).round() / 1e3
}

impl HitObject {
    fn new(hit: &Hit, grounds: &Grounds, vault: &str) -> Self {
        let note = &hit.note;
        Self {
            id: note.id.as_ref().map(ToString::to_string),
            path: note.path.to_string(),
            title: budget::cut_to_bytes(&note.title, 200),
            kind: note.kind.as_str(),
            why: grounds.code(hit.why),
            partial: hit.partial,
            score: rounded(hit.score),
            words: grounds.words.map(rounded),
            meaning: grounds.meaning.map(rounded),
            headings: hit.headings.iter().map(|heading| budget::cut_to_bytes(heading, 120)).collect(),
            lines: (hit.lines.0 > 0).then_some(hit.lines),
            snippet: budget::cut_to_bytes(&hit.snippet, 600),
            tags: note.tags.iter().take(20).map(|tag| budget::cut_to_bytes(tag, 60)).collect(),
            status: note.status.clone(),
            project: note.project.clone(),
            agent: note.agent.clone(),
            session: note.thinking.session.as_ref().map(ToString::to_string),
            number: note.thinking.number,
            branch: note.thinking.branch.clone(),
            superseded: note.superseded,
            open: journal_engine::obsidian_link(vault, &note.path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_stand_before_the_words() {
        let arguments: Arguments = serde_json::from_value(serde_json::json!({
            "query": "an \"open quote", "tags": ["a b", "c\"d"], "type": "thought", "after": "2026-11",
        }))
        .unwrap();
        assert_eq!(arguments.query(), "tag:\"a b\" tag:\"c d\" type:\"thought\" after:\"2026-11\" an \"open quote");
    }
}
