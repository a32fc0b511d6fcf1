//! The written plan and the tree agree: crates and arrows are described, links lead somewhere, names exist.

use super::{Breach, Tree, arrows::ARROWS, breaks, holds};

const ARCHITECTURE: &str = "docs/architecture.md";
const GLOSSARY: &str = "docs/glossary.md";

/// Most lines of the architecture.
const LINES: usize = 300;

/// The architecture is short, and its table of crates says what the manifests are held to.
fn architecture(tree: &Tree) -> Vec<Breach> {
    let Some(text) = tree.text(ARCHITECTURE) else {
        return vec![Breach::new(ARCHITECTURE, "is missing", "write the code map: crates, arrows, invariants")];
    };
    let mut breaches = Vec::new();
    if text.lines().count() > LINES {
        let comply = "tell less: what a file does belongs in its `//!`, and what changed belongs in docs/CHANGELOG.md";
        breaches.push(Breach::new(ARCHITECTURE, format!("more than {LINES} lines"), comply));
    }
    let rows: Vec<_> = text.lines().filter_map(row).collect();
    for (name, place, _) in tree.manifests() {
        let Some((_, told)) = rows.iter().find(|(row, _)| *row == name) else {
            let comply =
                format!("give it a row in the table of crates of {ARCHITECTURE}: name, what it names, charter");
            breaches.push(Breach::new(place, format!("`{name}` is not described"), comply));
            continue;
        };
        let held = ARROWS.iter().find(|(from, _)| *from == name).map_or(&[][..], |(_, to)| *to);
        for to in held.iter().filter(|to| tree.has(&format!("crates/{to}")) && !told.contains(to)) {
            let comply = "the second column and `ARROWS` in tests/it/tidy/arrows.rs say the same of crates that exist";
            breaches.push(Breach::new(
                ARCHITECTURE,
                format!("`{name}` may name `{to}`, which its row does not say"),
                comply,
            ));
        }
        for to in told.iter().filter(|to| !held.contains(to)) {
            let comply = "draw the arrow in `ARROWS` of tests/it/tidy/arrows.rs too, or take it out of the row";
            breaches.push(Breach::new(ARCHITECTURE, format!("the row of `{name}` names `{to}`"), comply));
        }
    }
    breaches
}

/// Relative links of the README and of `docs/` lead to files of this repository.
fn links(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for path in tree.paths().filter(|path| *path == "README.md" || is_doc(path)) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let text = tree.text(path).unwrap_or_default();
        for (line, target) in link_targets(text) {
            let file = target.split('#').next().unwrap_or(target);
            if file.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            if !resolve(folder, file).is_some_and(|file| file.is_empty() || tree.has(&file)) {
                let comply = "correct the path, relative to the file that holds the link";
                breaches.push(Breach::new(format!("{path}:{line}"), format!("`{target}` leads nowhere"), comply));
            }
        }
    }
    breaches
}

/// Types that the glossary names are in the code.
fn glossary(tree: &Tree) -> Vec<Breach> {
    let Some(text) = tree.text(GLOSSARY) else {
        return vec![Breach::new(
            GLOSSARY,
            "is missing",
            "write the table of names: word, meaning, what we never call it",
        )];
    };
    let files = tree.rust_files();
    let declared = |name: &str| {
        let forms = ["struct", "enum", "trait", "type"].map(|kind| format!("{kind} {name}"));
        files.iter().any(|file| forms.iter().any(|form| super::lexer::words(&file.product, form).next().is_some()))
    };
    let comply = "use the name that the code has, or take it out of the glossary";
    code_spans(text)
        .filter(|(_, name)| is_type_name(name) && !declared(name))
        .map(|(line, name)| Breach::new(format!("{GLOSSARY}:{line}"), format!("no type is named `{name}`"), comply))
        .collect()
}

fn is_doc(path: &str) -> bool {
    path.starts_with("docs/") && path.ends_with(".md")
}

/// The crate and what it names, of a table row such as ``| `a` | `b`, `c` | … |``.
fn row(line: &str) -> Option<(&str, Vec<&str>)> {
    let mut cells = line.strip_prefix('|')?.split('|');
    let name = cells.next()?.trim().strip_prefix('`')?.strip_suffix('`')?;
    Some((name, cells.next()?.split('`').skip(1).step_by(2).collect()))
}

/// Targets of inline links with their one-based lines, outside of fenced code.
fn link_targets(text: &str) -> impl Iterator<Item = (usize, &str)> {
    prose(text).flat_map(|(number, line)| {
        let ends = line.match_indices("](");
        ends.filter_map(move |(at, _)| Some((number, line[at + 2..].split(')').next()?.split(' ').next()?)))
    })
}

/// Code spans with their one-based lines.
fn code_spans(text: &str) -> impl Iterator<Item = (usize, &str)> {
    prose(text).flat_map(|(number, line)| line.split('`').skip(1).step_by(2).map(move |span| (number, span)))
}

/// The lines outside of fenced code.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        (!fenced && !fence).then_some((index + 1, line))
    })
}

/// Two humps at least, so that words such as `Busy` are not taken for types.
fn is_type_name(span: &str) -> bool {
    span.starts_with(char::is_uppercase)
        && span.chars().all(char::is_alphanumeric)
        && span.chars().any(char::is_lowercase)
        && span.chars().filter(|c| c.is_uppercase()).count() > 1
}

/// Joins a folder and a relative path; nothing when it leaves the repository.
fn resolve(folder: &str, relative: &str) -> Option<String> {
    let mut parts: Vec<_> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop()?,
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[test]
fn the_architecture_describes_every_crate() {
    holds(architecture);
}

#[test]
fn links_lead_somewhere() {
    holds(links);
}

#[test]
fn the_glossary_names_types_that_exist() {
    holds(glossary);
}

#[test]
fn a_missing_row_or_arrow_is_found() {
    let tree = |rows: &str| {
        format!(
            "//- /crates/journal-vault/Cargo.toml\n[package]\n//- /crates/journal-model/Cargo.toml\n[package]\n\
             //- /docs/architecture.md\n{rows}"
        )
    };
    let model = "| `journal-model` | – | rules |\n";
    breaks(architecture, &tree(&format!("{model}| `journal-vault` | `journal-model` | files |\n")), &[]);
    breaks(architecture, &tree(model), &["crates/journal-vault/Cargo.toml"]);
    breaks(architecture, &tree(&format!("{model}| `journal-vault` | – | files |\n")), &[ARCHITECTURE]);
    let both = format!("{model}| `journal-vault` | `journal-model`, `journal-coord` | files |\n");
    breaks(architecture, &tree(&both), &[ARCHITECTURE]);
}

#[test]
fn a_missing_or_long_architecture_is_found() {
    breaks(architecture, "//- /README.md\n", &[ARCHITECTURE]);
    breaks(architecture, &format!("//- /{ARCHITECTURE}\n{}", "line\n".repeat(300)), &[]);
    breaks(architecture, &format!("//- /{ARCHITECTURE}\n{}", "line\n".repeat(301)), &[ARCHITECTURE]);
}

#[test]
fn a_dead_link_is_found() {
    let readme = "//- /README.md\n[a](docs/a.md#part) [b](https://b.example) [c](#c)\n[d](docs/d.md)\n";
    breaks(
        links,
        &format!("{readme}//- /docs/a.md\n[up](../README.md) [out](../../x.md) [all](..)\n"),
        &["README.md:2", "docs/a.md:1"],
    );
    breaks(links, "//- /README.md\n```\n[a](nowhere)\n```\n", &[]);
}

#[test]
fn a_name_without_a_type_is_found() {
    let code = "//- /crates/a/src/lib.rs\npub struct VaultPath(String);\n";
    breaks(
        glossary,
        &format!("{code}//- /{GLOSSARY}\nA `VaultPath`, `Busy`, `ULID`.\nA `NoteHandle`.\n"),
        &["docs/glossary.md:2"],
    );
    breaks(glossary, code, &[GLOSSARY]);
}
