//! Just enough of Rust's grammar for rules about words: no comments, no literals, no test items, and `use` trees spelled out.

use std::ops::Range;

/// Blanks comments and the insides of literals. Lines and byte offsets stay.
pub(super) fn code_only(source: &str) -> String {
    let bytes = source.as_bytes();
    let mut code = source.as_bytes().to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &source[at..];
        let end = if rest.starts_with("//") {
            at + rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            at + block_comment(rest)
        } else if let Some(length) = raw_string(source, at) {
            at + length
        } else if bytes[at] == b'"' {
            at + quoted(rest)
        } else if bytes[at] == b'\'' && is_char(rest) {
            at + 1 + quoted_char(&rest[1..])
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        blank(&mut code, at..end);
        at = end;
    }
    String::from_utf8(code).expect("whole tokens were blanked")
}

/// Blanks every item under `#[cfg(test)]` in text that [`code_only`] made.
pub(super) fn without_tests(code: &str) -> String {
    let mut bytes = code.as_bytes().to_vec();
    for range in test_items(code) {
        blank(&mut bytes, range);
    }
    String::from_utf8(bytes).expect("whole items were blanked")
}

/// The names of modules declared as `#[cfg(test)] mod name;`, in text that [`code_only`] made.
pub(super) fn test_modules(code: &str) -> Vec<String> {
    test_items(code)
        .filter_map(|range| {
            let (_, declared) = code[range].rsplit_once("mod ")?;
            Some(declared.strip_suffix(';')?.trim().to_owned())
        })
        .collect()
}

/// Every path that a `use` names, spelled out, with the byte offset of its `use`.
pub(super) fn uses(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in words(code, "use ") {
        let tree = &code[at + "use ".len()..];
        let Some(end) = tree.find(';') else { continue };
        let mut paths = Vec::new();
        spell_out("", &tree[..end], &mut paths);
        found.extend(paths.into_iter().map(|path| (at, path)));
    }
    found
}

/// Where `word` stands in `code` as a word of its own, and not as a method or field unless it starts with a dot.
pub(super) fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = (usize, &'a str)> {
    let joins = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).filter(move |(at, _)| {
        let before = code[..*at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        let starts = !word.starts_with(joins) || !before.is_some_and(|c| joins(c) || c == '.');
        starts && (!word.ends_with(joins) || !after.is_some_and(joins))
    })
}

/// The one-based line of a byte offset.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

fn blank(code: &mut [u8], range: Range<usize>) {
    for byte in &mut code[range] {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        let step = &rest.as_bytes()[at..];
        match step {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// The length of a raw string that starts at `at`: `r"…"`, `br#"…"#`, `cr"…"`.
fn raw_string(source: &str, at: usize) -> Option<usize> {
    if source[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let rest = &source[at..];
    let prefix = ["r", "br", "cr"].into_iter().find(|prefix| rest.starts_with(prefix))?;
    let after = &rest[prefix.len()..];
    let hashes = after.len() - after.trim_start_matches('#').len();
    let inside = after[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let length = inside.find(&close).map_or(inside.len(), |end| end + close.len());
    Some(rest.len() - inside.len() + length)
}

/// The length of `"…"` with its escapes.
fn quoted(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// Whether the quote at the start of `rest` opens a character and not a lifetime.
fn is_char(rest: &str) -> bool {
    let mut after = rest[1..].chars();
    match after.next() {
        Some('\\') => true,
        Some(_) => after.next() == Some('\''),
        None => false,
    }
}

/// The length of a character literal after its opening quote.
fn quoted_char(inside: &str) -> usize {
    let skip = if inside.starts_with('\\') { 2 } else { inside.chars().next().map_or(0, char::len_utf8) };
    inside[skip..].find('\'').map_or(inside.len(), |end| skip + end + 1)
}

/// The items under `#[cfg(test)]` or `#[cfg(all(test, …))]`, each from its attribute to its closing brace or semicolon.
fn test_items(code: &str) -> impl Iterator<Item = Range<usize>> {
    let starts = code.match_indices("#[cfg(test)]").chain(code.match_indices("#[cfg(all(test,"));
    starts.map(|(start, _)| {
        let mut depth = 0_usize;
        for (at, c) in code[start..].char_indices() {
            match c {
                '{' | '(' | '[' => depth += 1,
                '}' | ')' | ']' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 && c == '}' {
                        return start..start + at + 1;
                    }
                }
                ';' if depth == 0 => return start..start + at + 1,
                _ => {}
            }
        }
        start..code.len()
    })
}

fn spell_out(prefix: &str, tree: &str, paths: &mut Vec<String>) {
    for branch in split_branches(tree) {
        let branch = branch.trim().trim_start_matches("::");
        match branch.split_once('{') {
            Some((head, inner)) => {
                let inner = inner.trim_end().trim_end_matches('}');
                spell_out(&format!("{prefix}{}", head.trim()), inner, paths);
            }
            None => {
                let name = branch.split(" as ").next().unwrap_or(branch).trim();
                if !name.is_empty() {
                    paths.push(format!("{prefix}{name}"));
                }
            }
        }
    }
}

fn split_branches(tree: &str) -> Vec<&str> {
    let (mut depth, mut from, mut branches) = (0_usize, 0, Vec::new());
    for (at, c) in tree.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                branches.push(&tree[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    branches.push(&tree[from..]);
    branches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(source: &str) -> String {
        let code = code_only(source);
        assert_eq!(code.len(), source.len());
        assert_eq!(code.matches('\n').count(), source.matches('\n').count());
        code.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn comments_and_literals_go_and_code_stays() {
        assert_eq!(kept("a(); // b\n/* c /* d */ e */ f();"), "a(); f();");
        assert_eq!(kept(r#"let a = "b \" // c"; d"#), "let a = ; d");
        assert_eq!(kept(r###"x(r#"a " b"#, br"c", 'd', '\'', '"', '한')"###), "x( , , , , , )");
        assert_eq!(kept("fn a<'b>(c: &'b str) -> r#type {}"), "fn a<'b>(c: &'b str) -> r#type {}");
        assert_eq!(kept("let a = \"never closed"), "let a =");
    }

    #[test]
    fn test_items_go_whole() {
        let code = "fn a() {}\n#[cfg(test)]\nmod tests { fn b() { if x { y } } }\n#[cfg(test)]\nuse c::d;\nfn e() {}";
        assert_eq!(without_tests(code).split_whitespace().collect::<Vec<_>>().join(" "), "fn a() {} fn e() {}");
        assert_eq!(test_modules("#[cfg(test)]\nmod props;\n#[cfg(test)]\nmod tests { }\nmod a;"), ["props"]);
    }

    #[test]
    fn use_trees_are_spelled_out() {
        let paths: Vec<_> =
            uses("use std::{fs::{self, File as F}, io};\npub use a::b;").into_iter().map(|(_, path)| path).collect();
        assert_eq!(paths, ["std::fs::self", "std::fs::File", "std::io", "a::b"]);
    }

    #[test]
    fn words_are_whole_words() {
        let places = |code, word| words(code, word).map(|(at, _)| at).collect::<Vec<_>>();
        assert_eq!(places("stdout() cmd.stdout() io::stdout() my_stdout()", "stdout()"), [0, 26]);
        assert_eq!(places("std::fs std::fsx", "std::fs"), [0]);
    }
}
