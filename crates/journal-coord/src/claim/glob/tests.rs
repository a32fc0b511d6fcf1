//! Overlaps by name, and against every short path there is.

use proptest::prelude::*;

use super::*;

fn glob(text: &str) -> Glob {
    text.parse().unwrap()
}

#[track_caller]
fn check(one: &str, two: &str, overlaps: bool) {
    for (one, two) in [(one, two), (two, one)] {
        assert_eq!(
            glob(one).overlaps(&glob(two)),
            overlaps,
            "`{one}` and `{two}`: {:?}",
            glob(one).common_path(&glob(two))
        );
    }
}

#[test]
fn globs_that_overlap_and_globs_that_do_not() {
    for (one, two, overlaps) in [
        ("src/a.rs", "src/a.rs", true),
        ("src/a.rs", "src/b.rs", false),
        ("src/*.rs", "src/a.rs", true),
        ("src/*.rs", "src/auth/a.rs", false),
        ("src/**", "src/auth/a.rs", true),
        ("src/**/*.rs", "src/a.rs", true),
        ("**/*.rs", "a.rs", true),
        ("**/*.rs", "docs/**", true),
        ("**/*.rs", "docs/*.md", false),
        ("src/a*", "src/*b", true),
        ("src/a*", "src/b*", false),
        ("a?c", "abc", true),
        ("a?c", "a/c", false),
        ("[a-c]x", "[b-d]x", true),
        ("[a-c]x", "[!a-c]x", false),
        ("{src,tests}/**", "tests/it", true),
        ("{src,tests}/**", "docs", false),
        ("**", "x", true),
        ("a/**/z", "a/z", true),
        ("a/**/z", "a/b/c/z", true),
        ("a/**/z", "a/b/c/y?", false),
        ("a**b", "a/b", false),
        ("추론/*", "추론/세션.md", true),
        // A folder is meant with what is below it, in both directions.
        ("src/auth", "src/auth/login.rs", true),
        ("src/auth/", "src/auth", true),
        ("src/au", "src/auth", false),
        ("./src//auth", "src/auth/x", true),
        ("src/*", "src/auth/x", false),
        ("src/*", "src/auth", true),
    ] {
        check(one, two, overlaps);
    }
}

#[test]
fn a_path_is_a_path_whatever_it_is_called() {
    let path = Glob::of_path("app/[id]/{a,b}*?.tsx").unwrap();
    assert!(path.overlaps(&glob("app/*/*.tsx")));
    assert!(!path.overlaps(&Glob::of_path("app/i/a.tsx").unwrap()));
    assert!(!glob("app/[id]/x").overlaps(&Glob::of_path("app/[id]/x").unwrap()));
}

#[test]
fn what_is_no_glob_is_refused() {
    for (text, error) in [
        ("", GlobError::Empty),
        ("./", GlobError::Empty),
        ("a/../b", GlobError::Leaves("a/../b".to_owned())),
        ("a\u{7}", GlobError::Control),
        ("a[b", GlobError::Unclosed { text: "a[b".to_owned(), open: '[' }),
        ("{a,b", GlobError::Unclosed { text: "{a,b".to_owned(), open: '{' }),
    ] {
        assert_eq!(text.parse::<Glob>().unwrap_err(), error, "{text:?}");
    }
    assert_eq!("x".repeat(501).parse::<Glob>().unwrap_err(), GlobError::TooLarge);
    assert_eq!("{".repeat(30).parse::<Glob>().unwrap_err(), GlobError::TooLarge);
    assert_eq!(glob("./a//b/").as_str(), "a/b");
}

#[test]
fn long_globs_are_compared_too() {
    let many = |c: char| format!("{}{c}", "*a".repeat(90));
    check(&many('b'), &many('c'), false);
    check(&many('b'), &many('b'), true);
    let deep = "folder/".repeat(70);
    check(&format!("{deep}**"), &format!("{deep}x.rs"), true);
    check(&format!("{deep}*.md"), &format!("{deep}x.rs"), false);
}

/// Globs made to be hard to compare: many empty steps, many ranges. Multiplied, either would make one pair take seconds.
#[test]
fn globs_that_are_made_to_be_hard_are_compared_as_well() {
    let set: String = (0..110).map(|n| char::from_u32(0x400 + 2 * n).unwrap()).collect();
    let other_set: String = (0..110).map(|n| char::from_u32(0x401 + 2 * n).unwrap()).collect();
    let hard = [
        "{,a}".repeat(24) + "b",
        "{,a}".repeat(24) + "c",
        format!("{{{}}}x", ",".repeat(180)),
        "*".repeat(150) + "b",
        "**/".repeat(60) + "c",
        format!("*[{set}]"),
        format!("*[{other_set}]"),
        format!("*[!{set}]*[!{other_set}]"),
    ];
    for one in &hard {
        for two in &hard {
            let (one, two) = (glob(one), glob(two));
            let path = one.common_path(&two);
            assert_eq!(path.is_some(), two.overlaps(&one), "`{one}` and `{two}`");
            if let Some(path) = path {
                let path = Glob::of_path(&path).unwrap();
                assert!(path.overlaps(&one) && path.overlaps(&two), "`{one}`, `{two}`: {path}");
            }
        }
    }
    check(&hard[0], &hard[1], false);
    check(&hard[5], &hard[6], false);
}

#[test]
fn what_is_read_in_too_many_ways_to_be_compared_is_refused() {
    assert_eq!("*a".repeat(110).parse::<Glob>().unwrap_err(), GlobError::TooLarge);
    assert_eq!("{a,b}".repeat(50).parse::<Glob>().unwrap_err(), GlobError::TooLarge);
    assert_eq!("x".repeat(400).parse::<Glob>().unwrap().as_str().len(), 400);
}

/// Whether a glob means a path, by trying: another way than the one that is tested.
fn means(glob: &[char], path: &[char]) -> bool {
    let name = glob.rsplit(|c| *c == '/').next().unwrap();
    let above = |at: &usize| path[*at] == '/' && matches(glob, &path[..*at], true);
    matches(glob, path, true) || (!name.contains(&'*') && !name.contains(&'?') && (0..path.len()).any(|at| above(&at)))
}

fn matches(glob: &[char], path: &[char], at_start: bool) -> bool {
    match glob {
        [] => path.is_empty(),
        ['*', '*', '/', rest @ ..] if at_start => {
            let after = |at: usize| path[at] == '/' && at > 0 && path[at - 1] != '/';
            matches(rest, path, true)
                || (0..path.len()).any(|at| {
                    after(at) && path[0] != '/' && no_gap(&path[..at]) && matches(rest, &path[at + 1..], true)
                })
        }
        ['*', '*'] if at_start => !path.is_empty() && path[0] != '/',
        ['*', rest @ ..] => {
            let most = path.iter().position(|c| *c == '/').unwrap_or(path.len());
            (0..=most).any(|at| matches(rest, &path[at..], false))
        }
        ['?', rest @ ..] => path.first().is_some_and(|c| *c != '/') && matches(rest, &path[1..], false),
        [c, rest @ ..] => path.first() == Some(c) && matches(rest, &path[1..], *c == '/'),
    }
}

fn no_gap(path: &[char]) -> bool {
    path.windows(2).all(|pair| pair != ['/', '/'])
}

/// Every text of `a`, `b` and `/` with at most so many characters.
fn paths(most: usize) -> Vec<Vec<char>> {
    let mut all = vec![Vec::new()];
    let mut from = 0;
    for _ in 0..most {
        let longer: Vec<Vec<char>> = all[from..]
            .iter()
            .flat_map(|path: &Vec<char>| ['a', 'b', '/'].map(|c| [path.as_slice(), &[c]].concat()))
            .collect();
        from = all.len();
        all.extend(longer);
    }
    all
}

fn short_glob() -> impl Strategy<Value = String> {
    let piece = prop_oneof![Just("a"), Just("b"), Just("*"), Just("?"), Just("/"), Just("**/"), Just("/**")];
    prop::collection::vec(piece, 1..6)
        .prop_map(|pieces| pieces.concat())
        .prop_filter_map("nothing left", |text| Some(text.parse::<Glob>().ok()?.as_str().to_owned()))
}

proptest! {
    #[test]
    fn overlap_is_what_trying_every_short_path_finds(one in short_glob(), two in short_glob()) {
        let (parsed_one, parsed_two) = (glob(&one), glob(&two));
        let found = parsed_one.common_path(&parsed_two);
        prop_assert_eq!(found.is_some(), parsed_two.overlaps(&parsed_one), "either way round");
        let characters = |text: &str| text.chars().collect::<Vec<_>>();
        let (one, two) = (characters(&one), characters(&two));
        let both = |path: &[char]| means(&one, path) && means(&two, path);
        match found {
            Some(path) => prop_assert!(both(&characters(&path)), "`{}` is not meant by both", path),
            None => {
                let met = paths(7).into_iter().find(|path| no_gap(path) && both(path));
                prop_assert!(met.is_none(), "`{}` is meant by both", met.unwrap_or_default().iter().collect::<String>());
            }
        }
    }
}
