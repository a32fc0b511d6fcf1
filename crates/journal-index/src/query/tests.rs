//! Queries as people type them, well-formed and not.

use proptest::prelude::*;

use super::*;

/// The parsed query in a line: clauses, `-` excluded, filters.
fn told(text: &str) -> String {
    let query = Query::parse(text);
    let clause = |clause: &Clause| {
        let atoms: Vec<_> = clause.atoms.iter().map(Atom::expression).collect();
        format!("{}{}", atoms.join("|"), if clause.firm { "!" } else { "" })
    };
    let mut parts: Vec<String> = query.clauses.iter().map(clause).collect();
    parts.extend(query.excluded.iter().map(|own| format!("-{}", clause(own))));
    let filters = &query.filters;
    parts.extend(filters.required.iter().map(|(field, values)| format!("{field:?}={}", values.join(","))));
    parts.extend(filters.excluded.iter().map(|(field, value)| format!("-{field:?}={value}")));
    parts.extend(filters.paths.iter().map(|path| format!("path={path}")));
    parts.extend(filters.excluded_paths.iter().map(|path| format!("-path={path}")));
    parts.extend(filters.after.map(|time| format!("after={time}")));
    parts.extend(filters.before.map(|time| format!("before={time}")));
    parts.join(" ")
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(told(text), expected, "{text}");
    assert_eq!(Query::parse(text).notes(), [""; 0], "{text}");
}

#[track_caller]
fn check_noted(text: &str, expected: &str, note: &str) {
    assert_eq!(told(text), expected, "{text}");
    let query = Query::parse(text);
    assert!(query.notes().iter().any(|own| own.contains(note)), "{text}: {:?}", query.notes());
}

#[test]
fn words_phrases_and_signs() {
    check("Lock  vaults", r#""lock" "vault""#);
    check(r#""write lock" -stale"#, r#""write lock"! -"stale""#);
    check(r#"a OR b OR "c d" e"#, r#""a"|"b"|"c d"! "e""#);
    check("cach*", r#""cach"|"cach"*"#);
    check("boxes*", r#""box"|"boxes"*"#);
    check("snake_case camelCase", r#""snake case" "camel case"|"camelcase""#);
    check("생 생각을", r#""생"* "생각 각을""#);
    check("a AND b NOT c", r#""a" "b" -"c""#);
    check("lock lock LOCK", r#""lock""#);
    check("- -- ??? ()", "");
    check(r#""one" two"#, r#""one"! "two""#);
    check(r#""Boxes""#, r#""box"!"#);
}

#[test]
fn filters() {
    check("tag:#area/ci tag:x lock", r#""lock" Tag=area/ci,x"#);
    check(r#"project:"my project" -status:done Type:thought"#, "Project=my project Type=thought -Status=done");
    check("path:/Thinking/2026 -path:Notes", "path=thinking/2026 -path=notes");
    check("after:1970-01-02 after:1970-01-03 before:1971", "after=172800 before=31536000");
    check("tag:a OR tag:b", "Tag=a,b");
    check("std::fs https://x.y", r#""std fs" "http x y""#);
}

#[test]
fn what_is_malformed_is_words_and_a_note() {
    check_noted(r#"a "b c"#, r#""a" "b" "c""#, "quote");
    check_noted("tag: x", r#""tag" "x""#, "`tag:` needs a value");
    check_noted("after:soon", r#""after soon""#, "takes a date");
    check_noted("OR a", r#""a""#, "between");
    check_noted("a OR", r#""a""#, "nothing follows");
    check_noted("path:../ a", r#""path" "a""#, "takes a folder of the vault");
    check_noted("a OR OR b", r#""a" "b""#, "between");
    check_noted(r#"tag:"x y"#, "Tag=x y", "not closed");
    check_noted(
        &"w ".repeat(3).replace('w', "a b c d e f g h i j k l m n o p q r s t u v x y z"),
        &{
            let words: Vec<_> =
                "a b c d e f g h i j k l m n o p q r s t u v x y".split(' ').map(|w| format!("\"{w}\"")).collect();
            words.join(" ")
        },
        "first 24",
    );
}

#[test]
fn the_plain_text_is_what_may_be_a_title() {
    let plain = |text: &str| Query::parse(text).plain().to_owned();
    assert_eq!(plain(r#"Fix "flaky test" tag:ci -old"#), "Fix flaky test");
    assert!(plain(" - ").contains('-'));
    assert_eq!(plain(r#"why is "the build" slow -mobile tag:ci OR Project:x agent:crow"#), "why is the build slow");
    assert_eq!(plain("tag:ci -x"), "");
    assert!(Query::parse("  ").is_empty());
}

proptest! {
    #[test]
    fn no_text_is_an_error_and_every_expression_is_quoted(text in "([a-z\"*:() -]|OR|tag:|생|\\PC){0,60}") {
        let query = Query::parse(&text);
        for atom in query.clauses.iter().chain(&query.excluded).flat_map(|clause| &clause.atoms) {
            let expression = atom.expression();
            prop_assert_eq!(expression.matches('"').count(), 2);
            prop_assert!(!atom.words.is_empty() && atom.words.iter().all(|word| !word.is_empty()));
        }
    }
}
