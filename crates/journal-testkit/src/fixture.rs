//! Inline trees of files: a text in which `//- /path` lines begin a file.

const HEADER: &str = "//- /";

/// Splits a fixture into (path, text) pairs, in order.
///
/// A line `//- /Folder/Note.md` begins a file and the lines below are its text, byte for byte. A path that ends in `/` is
/// an empty folder. When the first header is indented, that indent is taken off every line, so that a fixture may stand
/// inside a function.
///
/// # Panics
/// When there is text before the first header.
pub fn parse_fixture(fixture: &str) -> Vec<(String, String)> {
    let body = fixture.trim_start_matches(['\r', '\n']);
    let indent = &body[..body.len() - body.trim_start_matches([' ', '\t']).len()];
    let mut files: Vec<(String, String)> = Vec::new();
    for line in body.split_inclusive('\n') {
        let line = line.strip_prefix(indent).unwrap_or(line);
        if let Some(path) = line.strip_prefix(HEADER) {
            files.push((path.trim_end_matches(['\r', '\n']).to_owned(), String::new()));
        } else if let Some((_, text)) = files.last_mut() {
            text.push_str(line);
        } else {
            assert!(line.trim().is_empty(), "a fixture begins with a `{HEADER}…` line, not with `{}`", line.trim());
        }
    }
    // What stands before the closing quote of an indented raw string is not part of the last file.
    if let Some((_, text)) = files.last_mut() {
        let kept = text.trim_end_matches([' ', '\t']).len();
        if text[..kept].ends_with('\n') {
            text.truncate(kept);
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(fixture: &str) -> Vec<(String, String)> {
        parse_fixture(fixture)
    }

    #[test]
    fn files_keep_their_bytes() {
        let fixture = "//- /a b.md\n---\nid: x\r\n---\n\n  text\n//- /empty/\n//- /c/한글.md\nno newline";
        let expected = [("a b.md", "---\nid: x\r\n---\n\n  text\n"), ("empty/", ""), ("c/한글.md", "no newline")];
        assert_eq!(pairs(fixture), expected.map(|(path, text)| (path.to_owned(), text.to_owned())));
    }

    #[test]
    fn an_indented_fixture_is_read_without_its_indent() {
        let fixture = r#"
            //- /a.md
            list:
              - one

            //- /b.md
            two
            "#;
        let expected = [("a.md", "list:\n  - one\n\n"), ("b.md", "two\n")];
        assert_eq!(pairs(fixture), expected.map(|(path, text)| (path.to_owned(), text.to_owned())));
    }

    #[test]
    #[should_panic(expected = "begins with a")]
    fn text_without_a_header_is_refused() {
        parse_fixture("lost\n//- /a.md\n");
    }
}
