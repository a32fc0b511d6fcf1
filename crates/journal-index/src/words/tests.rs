//! Words of every script, and identifiers by their parts.

use proptest::prelude::*;

use super::*;

fn words(text: &str, purpose: Purpose) -> Vec<String> {
    let mut words = Vec::new();
    each_word(text, purpose, |word| {
        let mark = if word.role == Role::Whole { "=" } else { "" };
        words.push(format!("{mark}{}", word.text));
    });
    words
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(words(text, Purpose::Index).join(" "), expected, "{text}");
}

#[test]
fn latin_and_its_neighbours_are_folded() {
    check("Crème brûlée, ÉTÉ!", "creme brulee ete");
    check("E\u{301}te\u{301}", "ete");
    check("Straße Łódź Ærø İstanbul ﬁne", "strass lodz aero istanbul fine");
    check("Ёлка Άνθρωπος ΣΊΣΥΦΟΣ", "елка ανθρωποσ σισυφοσ");
    check("كِتَاب שָׁלוֹם हिन्दी", "كتاب שלום हिन्दी");
    check("soft\u{ad}hyphen don't x² 1¼", "softhyphen don t x2 114");
    check("🦀 — …", "");
}

#[test]
fn plurals_are_singular() {
    check("notes queries caches cache searches boxes box", "note query cach cach search box box");
    check("status class this is news as Redis IDs", "status class this is new as redis ids");
    check("passes process sizes size", "pass process size size");
}

#[test]
fn identifiers_are_parts_and_sometimes_whole() {
    check("snake_case kebab-case std::fs.read /usr/lib", "snake case kebab case std fs read usr lib");
    check(
        "camelCase HTMLParser getHTTPSUrl",
        "camel case =camelcase html parser =htmlparser get http url =gethttpsurl",
    );
    check("parseURLs IDs GitHub iPhone", "parse url =parseurl ids git hub =github i phone =iphone");
    check("T001 01KAJ3Q9ZX utf8Decode x86_64 v1.2", "t001 01kaj3q9zx utf8 decode =utf8decode x86 64 v1 2");
    check("größeWert", "gross wert =grossewert");
}

#[test]
fn scripts_without_spaces_become_pairs() {
    check("生麦", "生麦 麦");
    check("生", "生");
    check("cache생각을 x", "cach 생각 각을 을 x");
    check("ค้นหา", "ค้ ้น นห หา า");
    assert_eq!(words("생각을", Purpose::Query), ["생각", "각을"]);
    assert_eq!(words("생", Purpose::Query), ["생"]);
    check("ｶﾞｽ", "ガス ス");
    check("\u{1109}\u{1162}\u{11bc}\u{1100}\u{1161}\u{11a8}", "생각 각");
}

#[test]
fn very_long_runs_are_cut() {
    let long = "x".repeat(10_000);
    check(&long, &long[..MAX_WORD_BYTES]);
}

proptest! {
    #[test]
    fn words_stand_where_they_say_and_hold_nothing_that_fts_would_read(text in "\\PC{0,80}") {
        let mut end = 0;
        each_word(&text, Purpose::Index, |word| {
            assert!(text.is_char_boundary(word.at.start) && text.is_char_boundary(word.at.end));
            assert!(!word.text.is_empty() && word.at.start < word.at.end);
            assert!(word.text.chars().all(|c| !c.is_ascii() || c.is_ascii_alphanumeric()), "{:?}", word.text);
            assert!(word.at.end >= end);
            end = word.at.end;
        });
    }

    #[test]
    fn a_folded_word_folds_to_itself(text in "\\PC{0,20}") {
        for word in words(&text, Purpose::Index) {
            let word = word.trim_start_matches('=');
            let again = words(word, Purpose::Query);
            if !word.contains(is_unspaced) {
                prop_assert!(again.len() <= 1, "{word} {again:?}");
            }
        }
    }
}

#[test]
fn small_letters_end_where_they_end() {
    let plain = |bytes: &[u8]| {
        let others = bytes.iter().position(|byte| !byte.is_ascii_lowercase() && !byte.is_ascii_digit());
        others.unwrap_or(bytes.len())
    };
    for end in u8::MIN..=u8::MAX {
        for length in 0..20 {
            let mut bytes = b"azmbycxdwevfugthsirj"[..length].to_vec();
            bytes.push(end);
            bytes.extend(b"abcdefghijkl\xffA{`");
            let found = run_end(&bytes, lower_end(&bytes, 0), Kind::Lower);
            assert_eq!(found, plain(&bytes), "{end} after {length}");
        }
    }
    assert_eq!(lower_end(b"abc", 3), 3);
}
