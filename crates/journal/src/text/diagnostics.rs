//! What is wrong in notes, as lines; and whether it makes a command's answer incomplete.

use journal_engine::{Mend, Skipped};
use journal_model::{Diagnostic, DiagnosticCode};

use super::{Style, Text, quoted};

/// Adds a line or two for each: what is wrong, and what to do.
pub fn told(diagnostics: &[Diagnostic], text: &mut Text) {
    for diagnostic in diagnostics {
        text.plain("- ").plain(problem(diagnostic)).end();
        text.plain("  ").add(Style::Faint, diagnostic.hint.clone()).end();
    }
}

/// What is wrong, with its line.
pub fn problem(diagnostic: &Diagnostic) -> String {
    let line = diagnostic.line.map(|line| format!(" (line {line})")).unwrap_or_default();
    format!("{}{line}", diagnostic.message)
}

/// Whether a note could not be read or written that should have been: the command finished without it.
pub fn is_failure(diagnostics: &[Diagnostic]) -> bool {
    let failed = [DiagnosticCode::Unreadable, DiagnosticCode::NotWritten];
    diagnostics.iter().any(|diagnostic| failed.contains(&diagnostic.code))
}

/// Whether a walk could not read something that may be a note.
pub fn is_unread(skipped: &[Skipped]) -> bool {
    skipped.iter().any(|skipped| skipped.reason.is_failure())
}

/// What mends a finding: a command, or what to do.
pub fn mending(mend: &Mend) -> String {
    match mend {
        Mend::Fix => "journal doctor --fix".to_owned(),
        Mend::NewId(path) => format!("journal doctor --new-id {}", quoted(path.as_str())),
        Mend::ByHand(what) => what.clone(),
    }
}
