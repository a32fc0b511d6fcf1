//! Packing: the newest thoughts in full, older and superseded ones by title, until the budget is spent.

use std::collections::{BTreeMap, HashMap, HashSet};

use journal_model::{Diagnostic, Gathered, Line, Thought, ThoughtNumber, VaultPath, cut_to_tokens, estimate_tokens};

use super::{BelongsBy, Hydrate, HydratedThought, ThoughtText, unreadable};
use crate::{SessionRefError, core::Core, notes::Seen};

pub(super) struct Packed {
    pub thoughts: Vec<HydratedThought>,
    pub omitted: usize,
    pub tokens: usize,
    pub diagnostics: Vec<Diagnostic>,
}

/// What a line with a number, a title and a date costs beside the title itself, in tokens.
const LINE_TOKENS: usize = 12;

/// One part in so many of the budget may go to titles.
const TITLES_SHARE: usize = 4;

impl Core {
    /// Chooses what to show of each thought on the lines asked for, and reads only what is shown in full and was not seen whole.
    pub(super) fn pack(
        &self,
        gathered: &Gathered,
        seen: &[Seen],
        by_link: &HashSet<VaultPath>,
        request: &Hydrate,
        session_body: Option<&str>,
    ) -> Result<Packed, SessionRefError> {
        let budget = request.max_tokens.unwrap_or(usize::MAX);
        let mut left = budget.saturating_sub(session_body.map_or(0, estimate_tokens));
        let mut for_titles = if budget == usize::MAX { budget } else { budget / TITLES_SHARE };
        let mut full_left = request.max_thoughts.unwrap_or(usize::MAX);
        let mut texts: HashMap<&VaultPath, ThoughtText> = HashMap::new();
        let mut diagnostics = Vec::new();
        let superseded = gathered.superseded();
        let way = request.line.as_ref().map(|line| gathered.way_to(line));
        let mut is_first = true;
        let mut omitted = 0;
        for thought in gathered.newest_first().into_iter().filter(|thought| is_on(thought, way.as_ref())) {
            let wanted = request.include_superseded || !superseded.contains_key(&thought.path);
            let mut text = ThoughtText::Title;
            let mut is_readable = true;
            if wanted && full_left > 0 && left > 0 {
                match self.body(&thought.path, seen) {
                    Ok(body) => {
                        text = fit(body, &mut left, is_first);
                        is_first = false;
                    }
                    Err(error) => {
                        diagnostics.push(unreadable(&thought.path, &error));
                        is_readable = false;
                    }
                }
            }
            if text == ThoughtText::Title {
                let cost = estimate_tokens(&thought.title) + LINE_TOKENS;
                if cost > for_titles {
                    omitted += 1;
                    continue;
                }
                for_titles -= cost;
                // Thoughts are shown without a hole between the full ones, or a reader would not know what to trust.
                if wanted && is_readable {
                    full_left = 0;
                }
            } else {
                full_left = full_left.saturating_sub(1);
            }
            texts.insert(&thought.path, text);
        }
        let thoughts: Vec<_> = gathered
            .thoughts()
            .iter()
            .filter_map(|thought| {
                Some(HydratedThought {
                    text: texts.remove(&thought.path)?,
                    belongs_by: if by_link.contains(&thought.path) { BelongsBy::Link } else { BelongsBy::Property },
                    superseded_by: superseded.get(&thought.path).and_then(|later| later.number),
                    thought: thought.clone(),
                })
            })
            .collect();
        let tokens = session_body.map_or(0, estimate_tokens) + thoughts.iter().map(cost).sum::<usize>();
        Ok(Packed { thoughts, omitted, tokens, diagnostics })
    }
}

/// As much of a body as is left of the budget. The very first is cut rather than left out: the newest thought always shows.
fn fit(body: String, left: &mut usize, first: bool) -> ThoughtText {
    let cost = estimate_tokens(&body) + LINE_TOKENS;
    if cost <= *left {
        *left -= cost;
        return ThoughtText::Whole(body);
    }
    if !first {
        return ThoughtText::Title;
    }
    let cut = cut_to_tokens(&body, left.saturating_sub(LINE_TOKENS));
    *left = 0;
    if cut.is_empty() { ThoughtText::Title } else { ThoughtText::Cut(cut.to_owned()) }
}

fn cost(thought: &HydratedThought) -> usize {
    LINE_TOKENS
        + match &thought.text {
            ThoughtText::Whole(text) | ThoughtText::Cut(text) => estimate_tokens(text),
            ThoughtText::Title => estimate_tokens(&thought.thought.title),
        }
}

/// Whether a thought lies on the way to a line: see [`Gathered::way_to`]. Without a line all do.
fn is_on(thought: &Thought, way: Option<&BTreeMap<Line, Option<ThoughtNumber>>>) -> bool {
    let Some(way) = way else { return true };
    way.get(&thought.line).is_some_and(|end| end.is_none_or(|end| thought.number.is_none_or(|number| number <= end)))
}
