//! File names that every file system takes and every wikilink can say.

use unicode_normalization::{UnicodeNormalization, is_nfc};
use unicode_segmentation::UnicodeSegmentation;

mod sentence;
#[cfg(test)]
mod tests;

pub use sentence::first_sentence;

/// What a note without a title is called.
pub const UNTITLED: &str = "Untitled";

/// The longest file name that [`note_file_name`] makes, `.md` included, in bytes. File systems take 255; the rest is
/// room for the suffixes of temporary files and of sync clients' conflict copies.
pub const MAX_FILE_NAME_BYTES: usize = 180;

const EXTENSION: &str = ".md";

/// Makes `title` a file name without extension: link-safe in Obsidian, valid on Linux, macOS and Windows, NFC, at most
/// `max_bytes` long (but never cut below the 8 of [`UNTITLED`]). A name that is safe already and short enough comes
/// back unchanged.
///
/// `?` and `"` are dropped; the other characters that cannot stand in a name or a link become spaces; controls, bidi
/// marks and characters without width are dropped. A name that is too long ends at a word or, where words are long, at
/// a whole character.
pub fn safe_name(title: &str, max_bytes: usize) -> String {
    let max_bytes = max_bytes.max(UNTITLED.len());
    unreserved(or_untitled(cut(&clean(title), max_bytes)), max_bytes)
}

/// Whether `name` could be the name of a note, without its extension, as [`safe_name`] promises it.
pub fn is_safe_name(name: &str) -> bool {
    let is_bad = |c: char| is_replaced(c) || is_dropped(c) || (c.is_whitespace() && c != ' ');
    !name.is_empty()
        && !name.contains(is_bad)
        && !name.contains("%%")
        && !name.contains("  ")
        && !name.starts_with(['.', ' '])
        && !name.ends_with(['.', ' '])
        && !is_reserved(name)
        && is_nfc(name)
}

/// Joins the parts of a note's file name with spaces and adds `.md`: at most [`MAX_FILE_NAME_BYTES`] bytes, safe as
/// [`safe_name`] makes it.
///
/// The part at index `shrinks`, the title, is [`UNTITLED`] when empty and is cut when the name would be too long; other
/// parts are left out when empty and stay whole. Only if they alone are too long, the longest of them is cut as well,
/// and then the end of the name.
pub fn note_file_name(parts: &[&str], shrinks: usize) -> String {
    let mut parts: Vec<String> = parts.iter().map(|part| clean(part)).collect();
    if let Some(title) = parts.get_mut(shrinks).filter(|title| title.is_empty()) {
        UNTITLED.clone_into(title);
    }
    let max_bytes = MAX_FILE_NAME_BYTES - EXTENSION.len();
    shorten(&mut parts, Some(shrinks), max_bytes);
    let longest = (0..parts.len()).max_by_key(|index| parts[*index].len());
    shorten(&mut parts, longest, max_bytes);
    unreserved(or_untitled(cut(&joined(&parts), max_bytes)), max_bytes) + EXTENSION
}

/// Cuts one part by as much as the joined name is too long, but not below a few characters.
fn shorten(parts: &mut [String], index: Option<usize>, max_bytes: usize) {
    let excess = joined(parts).len().saturating_sub(max_bytes);
    if let Some(part) = index.and_then(|index| parts.get_mut(index)).filter(|_| excess > 0) {
        *part = cut(part, part.len().saturating_sub(excess).max(UNTITLED.len()));
    }
}

fn joined(parts: &[String]) -> String {
    let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

/// Only characters that may stand in a name, single spaces, nothing at the ends that may not stand there.
fn clean(text: &str) -> String {
    let spaced = text.nfc().filter(|c| !is_dropped(*c)).map(|c| if is_replaced(c) { ' ' } else { c });
    let mut name = String::with_capacity(text.len());
    for c in spaced {
        let c = if c.is_whitespace() { ' ' } else { c };
        if !(matches!(c, ' ' | '%') && name.ends_with(c)) {
            name.push(c);
        }
    }
    // What was dropped may have stood between a letter and its accent.
    trimmed(&name).nfc().collect()
}

fn trimmed(name: &str) -> &str {
    name.trim_start_matches(['.', ' ']).trim_end_matches(['.', ' '])
}

/// The beginning of a clean name in at most `max_bytes` bytes: up to a space, unless that would cost more than half.
fn cut(name: &str, max_bytes: usize) -> String {
    if name.len() <= max_bytes {
        return name.to_owned();
    }
    let graphemes = name.grapheme_indices(true).map(|(at, grapheme)| at + grapheme.len());
    let whole = graphemes.take_while(|end| *end <= max_bytes).last();
    // One letter under a hundred accents is cut inside.
    let end = whole.unwrap_or_else(|| name.floor_char_boundary(max_bytes));
    let word = if name[end..].starts_with(' ') { Some(end) } else { name[..end].rfind(' ') };
    trimmed(&name[..word.filter(|word| *word > max_bytes / 2).unwrap_or(end)]).to_owned()
}

fn or_untitled(name: String) -> String {
    if name.is_empty() { UNTITLED.to_owned() } else { name }
}

/// `CON` as `CON_`, `nul.txt` as `nul_.txt`.
fn unreserved(mut name: String, max_bytes: usize) -> String {
    if is_reserved(&name) {
        name.insert(device(&name).len(), '_');
        name.truncate(name.floor_char_boundary(max_bytes));
        name.truncate(trimmed(&name).len());
    }
    name
}

/// Whether Windows keeps this name for a device, with any extension.
fn is_reserved(name: &str) -> bool {
    let device = device(name).to_uppercase();
    let numbered = |rest: &str| matches!(rest, "¹" | "²" | "³") || matches!(rest.as_bytes(), [b'0'..=b'9']);
    matches!(device.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$")
        || ["COM", "LPT"].iter().any(|port| device.strip_prefix(port).is_some_and(numbered))
}

fn device(name: &str) -> &str {
    name.split('.').next().unwrap_or(name).trim_end()
}

/// Characters that a name must not hold and that may have stood between two words.
fn is_replaced(c: char) -> bool {
    matches!(c, '/' | '\\' | ':' | '*' | '<' | '>' | '|' | '#' | '^' | '[' | ']')
        || (c.is_control() && c.is_whitespace())
}

/// Characters that a name is better without: punctuation no file system takes, controls, and what nobody can see.
fn is_dropped(c: char) -> bool {
    matches!(c, '?' | '"')
        || (c.is_control() && !c.is_whitespace())
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}
