//! How many tokens a text will cost a model, estimated without a tokenizer.
//!
//! Every character has a fixed cost in quarters of a token, so the estimate of two texts joined is never more than the
//! sum of their estimates, and never less than either.

const QUARTERS: usize = 4;

/// Estimates how many tokens `text` is to a language model. Meant to be a little too high, so that a budget holds.
///
/// Lower-case ASCII letters and white space cost a quarter of a token, as in English prose; capitals and digits, of
/// which ids are full, three quarters; punctuation and other two-byte letters up to Cyrillic a half; Hangul one and a
/// quarter; every other two- or three-byte character, Chinese and Japanese among them, one; four-byte characters
/// (emoji, rare ideographs) three. Against the tokenizers cl100k and o200k that was 0.95 to 1.2 times the count for
/// English, code and ids, and for a dozen other languages 0.85 to 1.1 times (cl100k) or 1.2 to 2.7 times (o200k).
pub fn estimate_tokens(text: &str) -> usize {
    let quarters = if text.is_ascii() {
        // At most three each, so that the sum of 64 fits into a byte and a processor adds many at once.
        let sum = |bytes: &[u8]| bytes.iter().map(|byte| ascii_cost(*byte)).sum::<u8>();
        text.as_bytes().chunks(64).map(|bytes| usize::from(sum(bytes))).sum()
    } else {
        text.chars().map(cost).sum::<usize>()
    };
    quarters.div_ceil(QUARTERS)
}

/// The longest beginning of `text`, on a character boundary, that [`estimate_tokens`] puts at `max` or less.
pub fn cut_to_tokens(text: &str, max: usize) -> &str {
    let budget = max.saturating_mul(QUARTERS);
    let mut spent = 0;
    for (at, char) in text.char_indices() {
        spent += cost(char);
        if spent > budget {
            return &text[..at];
        }
    }
    text
}

/// Quarters of a token, without branches.
fn ascii_cost(byte: u8) -> u8 {
    let is_cheap = byte.is_ascii_lowercase() | matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let is_dear = byte.is_ascii_uppercase() | byte.is_ascii_digit();
    2 + u8::from(is_dear) - u8::from(is_cheap)
}

/// Quarters of a token.
fn cost(char: char) -> usize {
    match char {
        '\0'..='\u{7f}' => usize::from(ascii_cost(char as u8)),
        '\u{80}'..'\u{530}' => 2,
        '\u{ac00}'..='\u{d7a3}' => 5,
        '\u{530}'..'\u{10000}' => 4,
        _ => 12,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_texts() {
        assert_eq!(estimate_tokens(""), 0);
        assert_eq!(estimate_tokens("a"), 1);
        assert_eq!(estimate_tokens("the quick brown fox jumps"), 7);
        assert_eq!(estimate_tokens("01KAJ3"), 5);
        assert_eq!(estimate_tokens("思考"), 2);
        assert_eq!(estimate_tokens("생각한다"), 5);
        assert_eq!(estimate_tokens("🦀"), 3);
        assert_eq!(cut_to_tokens("생각한다", 3), "생각");
        assert_eq!(cut_to_tokens("생각한다", 5), "생각한다");
        assert_eq!(cut_to_tokens("abc", 0), "");
        assert_eq!(cut_to_tokens("abc", usize::MAX), "abc");
    }

    proptest! {
        #[test]
        fn joined_texts_cost_no_more_than_apart_and_no_less_than_either(a in "\\PC*", b in "\\PC*") {
            let joined = estimate_tokens(&format!("{a}{b}"));
            let (a, b) = (estimate_tokens(&a), estimate_tokens(&b));
            prop_assert!(joined <= a + b && joined >= a.max(b));
        }

        #[test]
        fn a_cut_fits_and_is_the_longest_that_does(text in "\\PC*", max in 0usize..40) {
            let cut = cut_to_tokens(&text, max);
            prop_assert!(text.starts_with(cut) && estimate_tokens(cut) <= max);
            if let Some(next) = text[cut.len()..].chars().next() {
                let longer = format!("{cut}{next}");
                prop_assert!(estimate_tokens(&longer) > max);
            }
        }
    }
}
