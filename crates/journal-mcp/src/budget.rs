//! Budgets: how much an answer may cost the model that reads it.

use journal_model::{cut_to_tokens, estimate_tokens};
use serde::Serialize;

/// What an answer aims to stay below, in estimated tokens.
pub(crate) const USUAL: usize = 8_000;

/// What no answer passes, in estimated tokens.
pub(crate) const MOST: usize = 20_000;

/// What a caller may ask for: the rest of [`MOST`] is for what surrounds it.
pub(crate) const MOST_ASKED: usize = 18_000;

/// The budget for what was asked, in tokens.
pub(crate) fn asked(tokens: Option<u32>, usual: usize) -> usize {
    tokens.map_or(usual, |tokens| usize::try_from(tokens).unwrap_or(usize::MAX)).clamp(200, MOST_ASKED)
}

/// What a value costs as JSON.
pub(crate) fn cost(value: &impl Serialize) -> usize {
    serde_json::to_string(value).map_or(usize::MAX, |json| estimate_tokens(&json))
}

/// The beginning of a text that costs no more than so many tokens inside of JSON.
pub(crate) fn cut(text: &str, tokens: usize) -> &str {
    let mut part = cut_to_tokens(text, tokens);
    // Inside JSON quotes and line breaks cost more than by themselves; a few rounds make it fit.
    while cost(&part) > tokens + 1 && !part.is_empty() {
        let too_much = cost(&part) - tokens;
        part = cut_to_tokens(part, estimate_tokens(part).saturating_sub(too_much.max(1)));
    }
    part
}

/// The text in at most so many bytes inside of JSON, with `…` where something is missing.
pub(crate) fn cut_to_bytes(text: &str, most: usize) -> String {
    let inside = |text: &str| serde_json::to_string(text).map_or(usize::MAX, |json| json.len() - 2);
    if inside(text) <= most {
        return text.to_owned();
    }
    let mut end = most.saturating_sub('…'.len_utf8()).min(text.len());
    loop {
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let cut = format!("{}…", text[..end].trim_end());
        if end == 0 || inside(&cut) <= most {
            return cut;
        }
        end -= 1;
    }
}

/// As many items from the beginning as cost no more than so many tokens, and how many were left out. The first always fits.
pub(crate) fn fitting<T: Serialize>(mut items: Vec<T>, tokens: usize) -> (Vec<T>, usize) {
    let mut room = tokens;
    let fits = |item: &T| {
        let cost = cost(item) + 1;
        let fits = cost <= room;
        room = room.saturating_sub(cost);
        fits
    };
    let fitting = items.iter().map(fits).take_while(|fits| *fits).count().max(1).min(items.len());
    let left_out = items.len() - fitting;
    items.truncate(fitting);
    (items, left_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_fits_as_json() {
        for text in ["plain words and more of them", "\"\"\"\"\"\"\"\"\"\"\n\n\n\n\n\n", "생각한다 생각한다", ""]
        {
            for most in 0..12 {
                assert!(cost(&cut(text, most)) <= most + 1, "{text:?} {most}");
                let cut = cut_to_bytes(text, most + 3);
                assert!(serde_json::to_string(&cut).unwrap().len() - 2 <= most + 3, "{text:?} {most} {cut:?}");
            }
        }
        assert_eq!(cut("a b", 100), "a b");
        assert_eq!(cut_to_bytes("a b", 3), "a b");
        assert_eq!(cut_to_bytes("abcdef ghi", 9), "abcdef…");
    }

    #[test]
    fn nobody_asks_for_more_than_there_is() {
        assert_eq!(asked(None, USUAL), USUAL);
        assert_eq!(asked(Some(0), USUAL), 200);
        assert_eq!(asked(Some(u32::MAX), USUAL), MOST_ASKED);
    }
}
