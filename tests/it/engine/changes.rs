//! What an action changed in a vault, as a text for snapshots.

use std::collections::BTreeSet;

use journal_testkit::Snapshot;

/// Each changed file: `+ path` with its whole text, `- path` for one that is gone, `~ path` with the lines that differ. Line
/// endings other than LF and a missing one at the end show.
pub(super) fn between(before: &Snapshot, after: &Snapshot) -> String {
    let paths: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let mut text = String::new();
    for path in paths {
        match (before.get(path), after.get(path)) {
            (None, Some(new)) => text += &format!("+ {path}\n{}", lines("    ", &shown(new))),
            (Some(_), None) => text += &format!("- {path}\n"),
            (Some(old), Some(new)) if old != new => text += &format!("~ {path}\n{}", diff(&shown(old), &shown(new))),
            _ => {}
        }
    }
    text
}

/// Where each changed file lies, without texts.
pub(super) fn paths(changes: &str) -> Vec<&str> {
    changes.lines().filter(|line| line.starts_with(['+', '-', '~'])).collect()
}

fn shown(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let mut lines: Vec<_> = text
        .split_inclusive('\n')
        .map(|line| match line.strip_suffix('\n') {
            Some(line) => line.replace('\r', "␍").replace('\u{feff}', "[BOM]"),
            None => format!("{line}[no newline]"),
        })
        .collect();
    if text.is_empty() {
        lines.push("[empty]".to_owned());
    }
    lines
}

fn lines(before: &str, lines: &[String]) -> String {
    lines.iter().map(|line| format!("{}\n", format!("{before}{line}").trim_end())).collect()
}

/// The lines that only one side has, by the longest common subsequence.
fn diff(old: &[String], new: &[String]) -> String {
    let mut common = vec![vec![0; new.len() + 1]; old.len() + 1];
    for (i, a) in old.iter().enumerate().rev() {
        for (j, b) in new.iter().enumerate().rev() {
            common[i][j] = if a == b { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
        }
    }
    let (mut i, mut j, mut text) = (0, 0, String::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || i < old.len() && common[i + 1][j] >= common[i][j + 1] {
            text += &lines("    - ", &old[i..=i]);
            i += 1;
        } else {
            text += &lines("    + ", &new[j..=j]);
            j += 1;
        }
    }
    text
}
