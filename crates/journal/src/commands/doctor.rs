//! `journal doctor`: what is not in order, what mends it, and mending what is safe to mend.

use std::collections::BTreeMap;

use journal_engine::{Examined, Finding, FindingCode, NewId, Severity};
use journal_model::VaultPath;

use super::exit;
use crate::{
    failure::Failure,
    json::{self, versioned},
    place::{Need, Place, World},
    rim::Exit,
    text::{
        Style, Text, bytes, counted,
        diagnostics::{self, mending},
    },
};

/// The most findings of a kind that are told.
const NAMED: usize = 5;

/// Look for what is not in order, and mend what is safe to mend
///
/// Looks at the notes (ids that stand twice, conflict copies, what cannot be read, broken properties, links that lead
/// nowhere, temporary files of killed processes) and at the databases (whether the index is there, sound and up to date;
/// sizes; the SQLite in use). Each finding says what mends it. Looking writes nothing.
///
/// Exit 0 when all is well, 4 when an error or a warning remains; what is only noted does not count.
#[derive(Debug, clap::Args)]
pub struct DoctorCommand {
    /// Mend what is safe: the index, temporary files of killed processes; no note is touched
    #[arg(long)]
    fix: bool,

    /// Give this note an id of its own, in place of one that another note has too; nothing else in it changes
    #[arg(long, value_name = "PATH")]
    new_id: Vec<VaultPath>,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

impl DoctorCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// When the vault or a database cannot be looked at, or what was asked for cannot be mended.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        let writes = self.fix || !self.new_id.is_empty();
        let place = world.open(if writes { Need::Writing } else { Need::Reading })?;
        let new_ids = self.new_id.iter().map(|path| place.engine.give_new_id(path)).collect::<Result<Vec<_>, _>>()?;
        let mut examined = place.engine.examine()?;
        let mut mended = Vec::new();
        if self.fix {
            let before = examined;
            let progress = world.output.progress();
            place.engine.mend(&before, &|done| progress.show(done))?;
            drop(progress);
            examined = place.engine.examine()?;
            mended = before.findings;
            mended.retain(|finding| !examined.findings.contains(finding));
        }
        if self.json {
            world.output.json(&versioned(json::Examined::new(&examined, &mended, &new_ids)))?;
        } else {
            world.output.answer(&told(&place, &examined, &mended, &new_ids))?;
        }
        Ok(exit(!examined.is_well()))
    }
}

fn told(place: &Place, examined: &Examined, mended: &[Finding], new_ids: &[NewId]) -> Text {
    let mut text = Text::new();
    text.field("vault", format!("{} ({})", place.engine.vault().root().display(), counted(examined.notes, "note")));
    if let Some(index) = &examined.index {
        let status = &index.status;
        let notes = counted(usize::try_from(status.notes).unwrap_or(usize::MAX), "note");
        let (size, log) = (bytes(status.bytes), bytes(index.log_bytes));
        text.field("index", format!("{notes} · {size}, log {log} · SQLite {}", status.sqlite));
    }
    if let Some(size) = examined.state_bytes {
        text.field("state", bytes(size));
    }
    for NewId { path, was, id, diagnostics } in new_ids {
        text.field("new id", format!("{path}: {id} (was {was})"));
        diagnostics::told(diagnostics, &mut text);
    }
    for finding in mended {
        text.field("mended", &finding.message);
    }
    let mut by_code: BTreeMap<FindingCode, Vec<&Finding>> = BTreeMap::new();
    for finding in &examined.findings {
        by_code.entry(finding.code).or_default().push(finding);
    }
    for (code, findings) in by_code {
        for finding in findings.iter().take(NAMED) {
            tell_finding(finding, &mut text);
        }
        if findings.len() > NAMED {
            let more = findings.len() - NAMED;
            text.plain(format!("{:9}and {more} more like that ({}): journal doctor --json\n", "", code.as_str()));
        }
    }
    let well = if examined.findings.is_empty() {
        "nothing is wrong"
    } else if examined.is_well() {
        "nothing is wrong; what is noted may well be as it should"
    } else {
        "not all is well"
    };
    text.field("result", well);
    text
}

fn tell_finding(finding: &Finding, text: &mut Text) {
    let severity = finding.code.severity();
    let style = match severity {
        Severity::Error => Style::Alert,
        Severity::Warning => Style::Notice,
        Severity::Note => Style::Faint,
    };
    text.add(style, format!("{:<8}", severity.as_str())).plain(format!(" {}", finding.message)).end();
    text.faint(format!("{:9}{}", "", mending(&finding.mend))).end();
}
