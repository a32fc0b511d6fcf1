//! Names and titles: tables of what people write, and promises over what they might.

use proptest::prelude::*;

use super::*;

#[test]
fn names() {
    for (title, name) in [
        ("Fix flaky auth test", "Fix flaky auth test"),
        ("a/b\\c: d*e<f>g|h", "a b c d e f g h"),
        ("#1 ^x [[Link]] 100%% sure", "1 x Link 100% sure"),
        ("Why?  \"Because\"\n\tthe\u{a0}end...", "Why Because the end"),
        (" ..hidden. ", "hidden"),
        ("e\u{301}\u{200b} \u{202e}txt\u{feff}", "é txt"),
        ("e\u{200b}\u{301} ⚠\u{fe0f}", "é ⚠"),
        ("%\u{200b}%", "%"),
        ("생각\u{3000}(Thought)", "생각 (Thought)"),
        ("con", "con_"),
        ("Nul.txt", "Nul_.txt"),
        ("COM¹ .a", "COM¹_ .a"),
        ("lpt9", "lpt9_"),
        ("COM10", "COM10"),
        ("Console", "Console"),
        ("", UNTITLED),
        (" ?.\u{7f}\0 ", UNTITLED),
    ] {
        assert_eq!(safe_name(title, 100), name, "{title:?}");
        assert!(is_safe_name(name), "{name}");
    }
    for name in ["", "a/b", "a ", ".a", "a.", "CON", "aux.md", "a%%b", "a  b", "e\u{301}", "a\u{200d}b", "a\tb", "a#b"]
    {
        assert!(!is_safe_name(name), "{name:?}");
    }
}

#[test]
fn long_names_end_at_a_word_or_at_a_whole_character() {
    assert_eq!(safe_name("reproduce the failure", 18), "reproduce the");
    assert_eq!(safe_name("reproduce the failure", 13), "reproduce the");
    assert_eq!(safe_name("a incomprehensibilities", 12), "a incomprehe");
    assert_eq!(safe_name("생각생각생각", 10), "생각생");
    assert_eq!(safe_name("1234567.a bcd", 8), "1234567");
    assert_eq!(safe_name("nul.txt and more of it", 8), "nul_.txt");
    assert_eq!(safe_name("abcdefg🇰🇷🇰🇷", 12), "abcdefg");
    assert_eq!(safe_name(&format!("a{}", "\u{323}\u{302}".repeat(100)), 9).len(), 9);
}

#[test]
fn file_names() {
    assert_eq!(note_file_name(&["T001", "Reproduce: it", "k3m9q2", ""], 1), "T001 Reproduce it k3m9q2.md");
    assert_eq!(note_file_name(&["2026-11-21", " ", "k3m9q2"], 1), "2026-11-21 Untitled k3m9q2.md");
    let long = "생각 ".repeat(100);
    let name = note_file_name(&["T001", &long, "k3m9q2", "a-branch"], 1);
    assert!(name.starts_with("T001 생각 생각") && name.ends_with("생각 k3m9q2 a-branch.md"), "{name}");
    assert!((170..=MAX_FILE_NAME_BYTES).contains(&name.len()), "{}", name.len());
    let branch = "b".repeat(300);
    let name = note_file_name(&["T001", &long, "k3m9q2", &branch], 1);
    assert!(name.starts_with("T001 생각 k3m9q2 bbbb") && name.len() == MAX_FILE_NAME_BYTES, "{name}");
    assert_eq!(note_file_name(&["12345678"; 40], 0), ["12345678"; 19].join(" ") + ".md");
    assert_eq!(note_file_name(&["CON", ""], 0), "CON_.md");
    assert_eq!(note_file_name(&[], 3), "Untitled.md");
}

#[test]
fn titles() {
    let long = "We should look at the retry loop in the client before anything else is changed";
    for (text, title) in [
        ("Reproduce the failure. Then fix it.", "Reproduce the failure"),
        ("# A heading\n\nText.", "A heading"),
        ("> - 1. *Quoted* `list`, [a link](x.md)", "Quoted list, a link"),
        ("- [ ] Do **this**\n- and that", "Do this"),
        ("> [!note]- A callout\n> text", "A callout"),
        ("> [!warning]\n> Mind the gap. Now.", "Mind the gap"),
        ("> [!warning]\n", "warning"),
        ("A sentence over\ntwo lines! And more", "A sentence over two lines!"),
        ("No full stop\n\nNext paragraph", "No full stop"),
        ("```rust\n\n  fn main() {}\n}\n```\nText", "fn main() {}"),
        ("    indented(code)\n", "indented(code)"),
        ("---\n\n***\nAfter the rules", "After the rules"),
        ("Use Vec<String> here. Yes.", "Use Vec<String> here"),
        ("See [[Some note|the note]] and ![[Pic.png]]", "See the note and Pic.png"),
        ("| a | b |\n|---|---|\n| c | d |", "a"),
        ("See lib.rs v1.2 first. Then go", "See lib.rs v1.2 first"),
        ("Some tools, e.g. Obsidian, do. Others not.", "Some tools, e.g. Obsidian, do"),
        ("Dr. Who (cf. Fig. 3) came. He left.", "Dr. Who (cf. Fig. 3) came"),
        ("1.5 is more. Yes", "1.5 is more"),
        ("He said no. Take plan B. Now.", "He said no"),
        ("Take plan B. Now.", "Take plan B"),
        ("실패를 재현했다. 그다음 고친다.", "실패를 재현했다"),
        ("これは文です。次の文。", "これは文です"),
        ("真的吗？是的。", "真的吗？"),
        ("Wait... what? Yes.", "Wait... what?"),
        ("Wait…", "Wait…"),
        ("snake_case_name stays", "snake_case_name stays"),
        ("<!-- only this -->", "<!-- only this -->"),
        ("", UNTITLED),
        (" \n\t\n", UNTITLED),
        ("a\u{0}b\tc", "a b c"),
        (long, "We should look at the retry loop in the client before…"),
    ] {
        assert_eq!(first_sentence(text, 60), title, "{text:?}");
    }
    assert_eq!(first_sentence("가나다라마바사", 4), "가나다…");
    assert_eq!(first_sentence("abc", 3), "abc");
    assert_eq!(first_sentence("abc", 0), "…");
    assert_eq!(first_sentence("well-known, words", 12), "well-known…");
}

fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        "\\PC{0,12}",
        "[ ./:%?\"\\\\\\[\\]#^]{0,6}",
        "(con|PRN|aux|nul|COM[0-9¹²³]|lpt1)[ .]{0,2}",
        "[\u{0}-\u{20}\u{200b}-\u{200f}\u{2028}-\u{202e}\u{2066}\u{feff}\u{301}\u{323}\u{1100}\u{1161}]{0,4}",
        "[a-z]{1,20}[.!?。] ?",
        "\\PC",
    ];
    prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn every_title_becomes_a_safe_name(title in hostile(), max in 8usize..120) {
        let name = safe_name(&title, max);
        prop_assert!(is_safe_name(&name), "{name:?}");
        prop_assert!(name.len() <= max);
        prop_assert_eq!(safe_name(&name, max), name);
    }

    #[test]
    fn every_file_name_is_safe_and_fits(parts in prop::collection::vec(hostile(), 0..5), shrinks in 0usize..5) {
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let name = note_file_name(&parts, shrinks);
        prop_assert!(name.len() <= MAX_FILE_NAME_BYTES);
        prop_assert!(is_safe_name(name.strip_suffix(EXTENSION).unwrap()), "{name:?}");
    }

    #[test]
    fn every_text_has_a_title_of_one_short_line(text in hostile(), max in 1usize..80) {
        let title = first_sentence(&text, max);
        prop_assert!(!title.is_empty() && !title.contains(char::is_control));
        prop_assert!(title == UNTITLED || title.chars().count() <= max);
    }
}
