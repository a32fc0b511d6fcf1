//! Structure: tables of what people write, and promises over what they might.

use proptest::prelude::*;

use super::*;

/// One line for everything found, in the order of the text: what it is, its line, what it says, and the source of its
/// span where that says more.
fn found(body: &str) -> Vec<String> {
    let structure = structure(body);
    let mut all: Vec<(usize, String)> = Vec::new();
    for Heading { level, text, line, span } in &structure.headings {
        all.push((span.start, format!("h{level} {line} {text}")));
    }
    for link in &structure.links {
        let target = link.target_span.clone().map_or("-", |span| &body[span]);
        let text = match &link.kind {
            LinkKind::Wiki(wiki) => format!("wiki {} {wiki} <{target}>", link.line),
            LinkKind::Markdown(wiki) => format!("md {} {wiki} <{target}>", link.line),
            LinkKind::External(url) => format!("url {} {url}", link.line),
        };
        all.push((link.span.start, text));
    }
    for Tag { name, line, span } in &structure.tags {
        assert_eq!(body[span.clone()], format!("#{name}"));
        all.push((span.start, format!("tag {line} {name}")));
    }
    for BlockId { id, line, span } in &structure.block_ids {
        assert_eq!(body[span.clone()], format!("^{id}"));
        all.push((span.start, format!("block {line} {id}")));
    }
    for (kind, spans) in
        [("fence", &structure.code_blocks), ("code", &structure.code_spans), ("comment", &structure.comments)]
    {
        all.extend(spans.iter().map(|span| (span.start, format!("{kind} {}", &body[span.clone()].escape_debug()))));
    }
    all.sort_by_key(|(start, _)| *start);
    all.into_iter().map(|(_, text)| text).collect()
}

#[track_caller]
fn check(body: &str, expected: &[&str]) {
    assert_eq!(found(body), expected, "{body}");
}

#[test]
fn headings() {
    check("# One\n\ntext\n\n## Two *b* `c` ##\r\n", &["h1 1 One", "h2 5 Two b c", "code `c`"]);
    check("Title\nover lines\n===\n", &["h1 1 Title over lines"]);
    check("# See [[X|the x]] #t %%c%%", &["h1 1 See the x #t", "wiki 1 [[X|the x]] <X>", "tag 1 t", "comment %%c%%"]);
    check("#not\n#", &["tag 1 not", "h1 2 "]);
    check("```\n# no\n```\n> # yes", &["fence ```\\n# no\\n```", "h1 4 yes"]);
    check("text\n\n---\na: 1\n---\n\n# H\n", &["h2 4 a: 1", "h1 7 H"]);
    assert_eq!(structure("a\n\n# H  \n\nb").headings[0].span, 3..6);
}

#[test]
fn wikilinks() {
    check(
        "a [[X]] ![[b/c.png|300]]\n[[X#H#I|y]]",
        &["wiki 1 [[X]] <X>", "wiki 1 ![[b/c.png|300]] <b/c.png>", "wiki 2 [[X#H#I|y]] <X>"],
    );
    check("[[ a ]] [[#H]] [[X #^id]]", &["wiki 1 [[a]] <a>", "wiki 1 [[#H]] <>", "wiki 1 [[X#^id]] <X>"]);
    check("| a | b |\n|---|---|\n| [[N\\|x]] | [[M]] |", &["wiki 3 [[N|x]] <N>", "wiki 3 [[M]] <M>"]);
    check("[note]: [[X]]\n[^1]: [[Y]]\n- [ ] [[Z]]", &["wiki 1 [[X]] <X>", "wiki 2 [[Y]] <Y>", "wiki 3 [[Z]] <Z>"]);
    check("`[[a]]` \\[[b]] [[c\nd]] [[]] <!-- [[e]] --> %%[[f]]%%", &["code `[[a]]`", "comment %%[[f]]%%"]);
    check("[[a|`b`]] [[`c`]]", &["wiki 1 [[a|`b`]] <a>", "code `b`", "wiki 1 [[`c`]] <`c`>"]);
    check(
        "**[[a_b]]_ [[c_d]]** [x [[y]] z](u.md)",
        &["wiki 1 [[a_b]] <a_b>", "wiki 1 [[c_d]] <c_d>", "wiki 1 [[y]] <y>"],
    );
    check("[[a]](b.md) [[[c]]] [[d [[e]] f]]", &["wiki 1 [[a]] <a>", "wiki 1 [[c]] <c>", "wiki 1 [[e]] <e>"]);
}

#[test]
fn markdown_links() {
    check("[the *x*](a%20b/C.md#H%231 \"t\")", &["md 1 [[a b/C.md#H#1|the x]] <a%20b/C.md>"]);
    check(
        "![pic](<a b.png>) [](x.md) [y](#H)",
        &["md 1 ![[a b.png|pic]] <a b.png>", "md 1 [[x.md]] <x.md>", "md 1 [[#H|y]] <>"],
    );
    check("[a](b_(c).md) [d](e\\).md) [f]()", &["md 1 [[b_(c).md|a]] <b_(c).md>", "md 1 [[e).md|d]] <e\\).md>"]);
    check("[a][l] [l]\n\n[l]: <n o.md> 'title'\n", &["md 1 [[n o.md|a]] <n o.md>", "md 1 [[n o.md|l]] <n o.md>"]);
    check("[![img](i.png)](x.md)", &["md 1 [[x.md]] <x.md>", "md 1 ![[i.png|img]] <i.png>"]);
    check("`[a](b.md)`", &["code `[a](b.md)`"]);
}

#[test]
fn urls() {
    check("[a](https://x.y/#z) <mailto:a@b.c> <a@b.c>", &["url 1 https://x.y/#z", "url 1 mailto:a@b.c", "url 1 a@b.c"]);
    check("[o](obsidian://open?vault=v) [d](//host/x)", &["url 1 obsidian://open?vault=v", "url 1 //host/x"]);
    check(
        "(see HTTPS://x.y/a_(b)). http://q?u=http://r, xhttp://n http:// `http://c`",
        &["url 1 HTTPS://x.y/a_(b)", "url 1 http://q?u=http://r", "code `http://c`"],
    );
}

#[test]
fn tags() {
    check(
        "#a/b-c_d #생각 #🦀 #y1984 #1984 #12/3 a#b \\#c #d,#e (#f)",
        &["tag 1 a/b-c_d", "tag 1 생각", "tag 1 🦀", "tag 1 y1984", "tag 1 d"],
    );
    check(
        "#a#b #标签，后 **#c** ==#d== >#e #f/ x",
        &["tag 1 a", "tag 1 b", "tag 1 标签", "tag 1 c", "tag 1 d", "tag 1 e", "tag 1 f"],
    );
    check(">#q\n- #l\n|#t|x|\n|--|--|\n", &["tag 1 q", "tag 2 l", "tag 3 t"]);
    check(
        "`#a` [[x #b]] [#c](d.md) http://e/ #f <i title=\" #g\">\n\n    #h\n",
        &["code `#a`", "wiki 1 [[x#b]] <x>", "md 1 [[d.md|#c]] <d.md>", "url 1 http://e/", "tag 1 f", "fence #h\\n"],
    );
    check("%% #a %% #b\n\n[l]: u.md ' #c'", &["comment %% #a %%", "tag 1 b"]);
}

#[test]
fn block_ids() {
    check(
        "text ^abc-1\n\n^alone  \n- item ^x\n> quote ^y\r\nnot ^a_b\nno^t ^ ^mid dle\n`^c`",
        &["block 1 abc-1", "block 3 alone", "block 4 x", "block 5 y", "code `^c`"],
    );
}

#[test]
fn comments() {
    check("a %%b%% c %%%% d 100%% e", &["comment %%b%%", "comment %%%%"]);
    check("%%\n\n[[a]]\n\n```\nx\n%%\n[[b]]", &["comment %%\\n\\n[[a]]\\n\\n```\\nx\\n%%", "wiki 8 [[b]] <b>"]);
    check("50%% and\n\n20%% [[x]]", &["wiki 3 [[x]] <x>"]);
    check("in a\n para %%c\nd%% [[e]]", &["comment %%c\\nd%%", "wiki 3 [[e]] <e>"]);
    check("`%%` [[a]] `%%`", &["code `%%`", "wiki 1 [[a]] <a>", "code `%%`"]);
    check("%% `a` %% [[b]] %% c %%", &["comment %% `a` %%", "wiki 1 [[b]] <b>", "comment %% c %%"]);
    check("%%생각%% # no\n# yes", &["comment %%생각%%", "h1 2 yes"]);
}

/// Anything that is not linear would not come back from these.
#[test]
fn hostile_bodies_come_back() {
    let deep = 100_000;
    for piece in [
        "> ", "[", "![", "[[", "]]", "[[a", "![[a|", "*a_ ", "`", "%%", "%% ", "#", "#a", "<", "<!--", "\\", "- ",
        "1. ", "[a](", "![a](b", "[^a]: ", "[a]: b\n", "|", "&", "^a ", "http://", "http://(", "~~~\n", "%%\n\n", "\r",
        "\t", ")", "a\n", "``a`", "<a b=\"", "[[a]]", "![](", "$", "_a*", "\u{1}", "><", "==#", "(((",
    ] {
        structure(&piece.repeat(deep));
    }
    structure(&("![".repeat(deep) + &"](u)".repeat(deep)));
}

/// Pieces of markdown that open, close and confuse one another.
fn markdown() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "[[", "]]", "[", "]", "(", ")", "![", "|", "\\", "`", "``", "```\n", "~~~\n", "%%", "#", "# ", "^",
            "^id\n", "*", "_", "~", "==", "> ", "- ", "1. ", "    ", "\t", "\n", "\n\n", "\r\n", "<", ">", "<!--",
            "-->", "<div>\n", "&amp;", "http://", "a.md", "%20", "---\n", "===\n", "[l]: ", "[^1]: ", "|--|--|\n",
            "\u{1}", "\u{0}", "\u{feff}", "$$",
        ]).prop_map(str::to_owned),
        2 => "[a-z]{1,4}",
        1 => "\\PC{1,3}",
        1 => "[ 생각é🦀]{1,3}",
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn spans_are_in_bounds_and_say_what_they_should(body in markdown()) {
        let found = structure(&body);
        let links = found.links.iter().flat_map(|link| [Some(&link.span), link.target_span.as_ref()]).flatten();
        let spans = links
            .chain(found.headings.iter().map(|heading| &heading.span))
            .chain(&found.code_blocks).chain(&found.code_spans).chain(&found.comments);
        for span in spans {
            prop_assert!(body.get(span.clone()).is_some(), "{span:?}");
        }
        for tag in &found.tags {
            prop_assert_eq!(&body[tag.span.clone()][1..], &tag.name);
            prop_assert_eq!(body[..tag.span.start].matches('\n').count() + 1, tag.line);
        }
        for id in &found.block_ids {
            prop_assert_eq!(&body[id.span.clone()][1..], &id.id);
        }
        prop_assert!(found.links.is_sorted_by_key(|link| link.span.start));
    }

    #[test]
    fn a_wikilink_outside_code_comments_and_html_is_found(
        blocks in "(> |- |# |1. |\\| a \\| ){0,3}", before in "([a-z*_#>|!()-]{1,3} ){0,4}",
        target in "[a-z생각(),.' *_-]{1,12}", after in "[a-z *_~#|!()\n-]{0,12}",
    ) {
        // Never four spaces in a row at the start, which would be code.
        let target = format!("a{target}z");
        let body = format!("text\n\n{blocks}{before}[[{target}]] {after}");
        let found = structure(&body);
        let expected = LinkKind::Wiki(WikiLink::to(target));
        prop_assert!(found.links.iter().any(|link| link.kind == expected), "{body}");
    }
}
