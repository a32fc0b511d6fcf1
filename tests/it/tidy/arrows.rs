//! Which crate may name which, where each outside crate lives, and what every manifest says.

use super::{Breach, Tree, breaks, holds};

/// The arrows between our crates. A new one is a decision: change `docs/architecture.md` in the same commit.
pub(super) const ARROWS: &[(&str, &[&str])] = &[
    ("journal", &["journal-mcp", "journal-engine", "journal-clients", "journal-embed", "journal-model"]),
    ("journal-clients", &["journal-model"]),
    ("journal-mcp", &["journal-engine", "journal-model"]),
    ("journal-engine", &["journal-vault", "journal-index", "journal-coord", "journal-embed", "journal-model"]),
    ("journal-vault", &["journal-model"]),
    ("journal-index", &["journal-model"]),
    ("journal-coord", &["journal-model"]),
    ("journal-embed", &["journal-model", "ort-rten"]),
    ("journal-model", &[]),
    ("ort-rten", &[]),
    (
        "journal-testkit",
        &[
            "journal-mcp",
            "journal-engine",
            "journal-vault",
            "journal-index",
            "journal-coord",
            "journal-embed",
            "journal-model",
        ],
    ),
];

/// Outside crates that live in few of ours. `Tests::Free` ones may be a dev-dependency anywhere.
const FENCES: &[(&[&str], &[&str], Tests)] = &[
    (&["gray_matter", "pulldown-cmark"], &["journal-model"], Tests::Fenced),
    (&["*yaml*", "*saphyr*", "granit-parser"], &["journal-model"], Tests::Fenced),
    (&["notify"], &["journal-vault"], Tests::Fenced),
    (&["tempfile"], &["journal-vault", "journal-testkit"], Tests::Free),
    (&["rusqlite"], &["journal-index", "journal-coord"], Tests::Free),
    (&["sqlite-vec"], &["journal-index"], Tests::Fenced),
    (&["fastembed", "ort", "ureq", "tokenizers"], &["journal-embed"], Tests::Fenced),
    (&["rten", "rten-tensor", "ort-sys"], &["ort-rten"], Tests::Fenced),
    (&["rmcp", "hyper", "hyper-util", "http-body-util", "schemars"], &["journal-mcp"], Tests::Fenced),
    (&["tokio"], &["journal-mcp", "journal"], Tests::Fenced),
    (&["clap", "clap_complete", "clap_mangen", "tracing-subscriber", "anyhow"], &["journal"], Tests::Fenced),
    (&["insta", "proptest", "divan", "fastrand"], &["journal-testkit"], Tests::Free),
];

/// Whether a fence also holds for dev-dependencies.
#[derive(Clone, Copy, PartialEq)]
enum Tests {
    Fenced,
    Free,
}

/// One dependency as a manifest names it.
struct Dependency {
    name: String,
    for_tests: bool,
    from_workspace: bool,
}

/// Arrows between our crates are those of [`ARROWS`].
fn arrows(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (from, place, text) in tree.manifests() {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == from) else {
            breaches.push(Breach::new(
                place,
                format!("the crate `{from}` has no arrows"),
                "add it to `ARROWS` in tests/it/tidy/arrows.rs and to the table in docs/architecture.md",
            ));
            continue;
        };
        for dependency in dependencies(text).into_iter().filter(|dependency| is_ours(&dependency.name)) {
            let to = dependency.name.as_str();
            // The root package owns the integration tests and benches, which may look into every room.
            if allowed.contains(&to) || (from == "journal" && dependency.for_tests) {
                continue;
            }
            let comply = match to {
                "journal-testkit" => {
                    "name journal-testkit only under [dev-dependencies] of the root package".to_owned()
                }
                _ => format!(
                    "`{from}` may name {}; pass plain data through the crate that joins the two, or change the arrows \
                     in docs/architecture.md and tests/it/tidy/arrows.rs",
                    if allowed.is_empty() { "none of our crates".to_owned() } else { allowed.join(", ") }
                ),
            };
            breaches.push(Breach::new(place, format!("`{from}` names `{to}`"), comply));
        }
    }
    breaches
}

/// Outside crates stay where [`FENCES`] puts them.
fn fences(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (from, place, text) in tree.manifests() {
        for dependency in dependencies(text) {
            for (_, rooms, tests) in
                FENCES.iter().filter(|(names, ..)| names.iter().any(|name| fits(name, &dependency.name)))
            {
                if rooms.contains(&from) || (dependency.for_tests && *tests == Tests::Free) {
                    continue;
                }
                breaches.push(Breach::new(
                    place,
                    format!("`{from}` names `{}`", dependency.name),
                    format!("it lives in {} only: call that crate, or give it the missing function", rooms.join(", ")),
                ));
            }
        }
    }
    breaches
}

/// Every manifest takes its versions and lints from the workspace and is not published.
fn manifests(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (from, place, text) in tree.manifests() {
        for dependency in dependencies(text).into_iter().filter(|dependency| !dependency.from_workspace) {
            breaches.push(Breach::new(
                place,
                format!("`{}` has its own version", dependency.name),
                "put it under [workspace.dependencies] of the root manifest and write `workspace = true` here",
            ));
        }
        let manifest = parse(text);
        if !inherits(&manifest, &["lints", "workspace"]) {
            breaches.push(Breach::new(place, "no workspace lints", "add `[lints]` with `workspace = true`"));
        }
        let unpublished = manifest.get("package").and_then(|package| package.get("publish")?.as_bool()) == Some(false);
        if !unpublished && !inherits(&manifest, &["package", "publish", "workspace"]) {
            breaches.push(Breach::new(place, format!("`{from}` can be published"), "add `publish.workspace = true`"));
        }
    }
    breaches
}

fn is_ours(name: &str) -> bool {
    ARROWS.iter().any(|(ours, _)| *ours == name) || name.starts_with("journal")
}

/// Whether `name` is `pattern`, where a `*` at both ends means "contains".
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_prefix('*').and_then(|rest| rest.strip_suffix('*')) {
        Some(part) => name.contains(part),
        None => name == pattern,
    }
}

fn parse(text: &str) -> toml::Table {
    text.parse().unwrap_or_else(|error| panic!("a manifest is not TOML: {error}\n{text}"))
}

fn inherits(manifest: &toml::Table, keys: &[&str]) -> bool {
    let (first, rest) = keys.split_first().expect("keys are not empty");
    let value = rest.iter().try_fold(manifest.get(*first), |value, key| Some(value?.get(key)));
    value.flatten().and_then(toml::Value::as_bool) == Some(true)
}

/// The dependencies of a manifest, those of single targets too, by the name of the package.
fn dependencies(text: &str) -> Vec<Dependency> {
    let manifest = parse(text);
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    let tables = targets.into_iter().flat_map(toml::Table::values).filter_map(toml::Value::as_table);
    let mut found = Vec::new();
    for table in tables.chain([&manifest]) {
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for (key, value) in table.get(section).and_then(toml::Value::as_table).into_iter().flatten() {
                found.push(Dependency {
                    name: value.get("package").and_then(toml::Value::as_str).unwrap_or(key).to_owned(),
                    for_tests: section == "dev-dependencies",
                    from_workspace: value.get("workspace").and_then(toml::Value::as_bool) == Some(true),
                });
            }
        }
    }
    found
}

#[test]
fn arrows_between_crates_are_the_agreed_ones() {
    holds(arrows);
}

#[test]
fn outside_crates_stay_in_their_rooms() {
    holds(fences);
}

#[test]
fn manifests_take_versions_and_lints_from_the_workspace() {
    holds(manifests);
}

#[test]
fn a_wrong_arrow_is_found() {
    let place = "crates/journal-vault/Cargo.toml";
    let to = |section: &str| {
        format!("//- /{place}\n[{section}]\njournal-coord.workspace = true\njournal-model.workspace = true\n")
    };
    breaks(arrows, &to("dependencies"), &[place]);
    breaks(arrows, &to("dev-dependencies"), &[place]);
    breaks(arrows, &to("build-dependencies"), &[place]);
    breaks(arrows, &to("target.'cfg(unix)'.dependencies"), &[place]);
    let renamed =
        format!("//- /{place}\n[dependencies]\nlocks = {{ package = \"journal-coord\", workspace = true }}\n");
    breaks(arrows, &renamed, &[place]);
}

#[test]
fn a_crate_without_arrows_is_found() {
    breaks(arrows, "//- /crates/journal-attic/Cargo.toml\n[package]\n", &["crates/journal-attic/Cargo.toml"]);
}

#[test]
fn the_testkit_is_named_by_tests_of_the_root_package_only() {
    let testkit = |place: &str, section: &str| format!("//- /{place}\n[{section}]\njournal-testkit.workspace = true\n");
    breaks(arrows, &testkit("Cargo.toml", "dev-dependencies"), &[]);
    breaks(arrows, &testkit("Cargo.toml", "dependencies"), &["Cargo.toml"]);
    let engine = "crates/journal-engine/Cargo.toml";
    breaks(arrows, &testkit(engine, "dev-dependencies"), &[engine]);
}

#[test]
fn an_escaped_dependency_is_found() {
    let engine = "crates/journal-engine/Cargo.toml";
    for (names, ..) in FENCES {
        for name in names.iter().map(|name| name.replace('*', "serde_")) {
            breaks(fences, &format!("//- /{engine}\n[dependencies]\n{name}.workspace = true\n"), &[engine]);
        }
    }
    breaks(fences, &format!("//- /{engine}\n[dev-dependencies]\ntempfile.workspace = true\n"), &[]);
    breaks(fences, &format!("//- /{engine}\n[dev-dependencies]\nnotify.workspace = true\n"), &[engine]);
}

#[test]
fn a_manifest_of_its_own_mind_is_found() {
    let place = "crates/journal-model/Cargo.toml";
    let good = "[package]\npublish.workspace = true\n[lints]\nworkspace = true\n[dependencies]\n";
    breaks(manifests, &format!("//- /{place}\n{good}ulid.workspace = true\n"), &[]);
    breaks(manifests, &format!("//- /{place}\n{good}ulid = \"3\"\n"), &[place]);
    breaks(manifests, &format!("//- /{place}\n[package]\npublish = false\n"), &[place]);
    breaks(manifests, &format!("//- /{place}\n[lints]\nworkspace = true\n"), &[place]);
}
