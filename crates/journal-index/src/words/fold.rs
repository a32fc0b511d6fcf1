//! Folding: the form in which two spellings of a word are the same.

use unicode_normalization::UnicodeNormalization;

/// Appends `part` to `folded` in lower case, without diacritics and compatibility forms. What is appended holds no ASCII
/// but letters and digits.
pub(super) fn fold(part: &str, folded: &mut String) {
    if part.is_ascii() {
        let start = folded.len();
        folded.push_str(part);
        folded[start..].make_ascii_lowercase();
        return;
    }
    for c in part.nfkd().filter(|c| !is_dropped(*c)).flat_map(char::to_lowercase) {
        match c {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            // The lower case of `İ` carries its dot apart.
            c if is_dropped(c) => {}
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => {}
            c => folded.push(c),
        }
    }
}

/// Accents and points of the scripts in which people leave them out, and what nobody can see. The vowel signs of Indic
/// scripts stay: they are letters.
fn is_dropped(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}'
        | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6e8}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{200b}'..='\u{200f}' | '\u{2044}' | '\u{2060}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}')
}

/// How many bytes of a folded word stay when a regular English plural loses its ending, and what is put there instead.
///
/// Harman's S stemmer ("How effective is suffixing?", 1991), and the `e` that only the plural needs goes from both:
/// `search`, `searches` and `cache`, `caches`. Words with digits and other scripts stay as they are.
pub(super) fn stem(word: &str) -> (usize, Option<&'static str>) {
    let bytes = word.as_bytes();
    let mut length = bytes.len();
    if length <= 3 || !matches!(bytes[length - 1], b's' | b'e') || !bytes.iter().all(u8::is_ascii_lowercase) {
        return (length, None);
    }
    if bytes[length - 1] == b's' && !matches!(bytes[length - 2], b's' | b'u' | b'i') {
        if length > 4 && bytes.ends_with(b"ies") {
            return (length - 3, Some("y"));
        }
        length -= 1;
    }
    if length > 3 && bytes[length - 1] == b'e' {
        let needless = matches!(&bytes[length - 3..length - 1], [b'c' | b's', b'h'] | [_, b'x'] | b"ss" | b"zz");
        length -= usize::from(needless);
    }
    (length, None)
}
