//! `journal doctor`: what is not in order, what mends it, and mending what is safe to mend.

mod facts;
mod report;
mod schedules;

use std::{collections::BTreeMap, path::PathBuf};

use journal_engine::{Examined, Finding, FindingCode, NewId, Severity};
use journal_model::VaultPath;

use super::{
    exit,
    schedule::{self, Found},
};
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
/// nowhere, times in the future, temporary files of killed processes), at the databases (whether the index is there, sound
/// and up to date; sizes; the SQLite in use), and at what is around them: who watches, whether the model starts, what gone
/// processes hold, schedules and how they ran, disks, clock, syncers, permissions. Each finding says what mends it. Looking
/// writes nothing.
///
/// Exit 0 when all is well, 4 when an error or a warning remains; what is only noted does not count.
#[derive(Debug, clap::Args)]
pub struct DoctorCommand {
    /// Mend what is safe: the index, temporary files of killed processes, who may read the databases; no note is touched
    #[arg(long)]
    fix: bool,

    /// Give this note an id of its own, in place of one that another note has too; nothing else in it changes
    #[arg(long, value_name = "PATH")]
    new_id: Vec<VaultPath>,

    /// Write a file for a bug report instead: versions, settings, counts and findings, without anything that you wrote or named
    #[arg(
        long,
        value_name = "FILE",
        num_args = 0..=1,
        default_missing_value = report::NAME,
        conflicts_with_all = ["fix", "new_id", "json"]
    )]
    report: Option<PathBuf>,

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
        // Whatever keeps them from being seen, the rest can be looked at.
        let (installed, unseen) = match schedule::installed(&place, world) {
            Ok(installed) => (installed, None),
            Err(error) => (Vec::new(), Some(schedules::unseen(&error))),
        };
        if let Some(path) = &self.report {
            let examined = place.engine.examine().map(|mut examined| {
                let judged = schedules::judged(&installed, &examined.around, place.engine.vault().root());
                examined.add(judged.into_iter().chain(unseen).chain(place.state_trouble()));
                examined
            });
            let text = report::text(world, &place, &examined, &installed);
            report::write(&world.environment.folder.join(path), &text)?;
            world.output.answer(Text::new().field("report", path.display().to_string()))?;
            world.output.note("Read it before you send it.");
            return Ok(Exit::Ok);
        }
        let examine = || -> Result<Examined, Failure> {
            let mut examined = place.engine.examine()?;
            examined.add(unseen.clone().into_iter().chain(place.state_trouble()));
            let judged = schedules::judged(&installed, &examined.around, place.engine.vault().root());
            examined.add(judged);
            Ok(examined)
        };
        let mut examined = examine()?;
        let mut mended = Vec::new();
        if self.fix {
            let before = examined;
            let progress = world.output.progress();
            place.engine.mend(&before, &|done| progress.show(done))?;
            drop(progress);
            examined = examine()?;
            mended = before.findings;
            mended.retain(|finding| !examined.findings.contains(finding));
        }
        if self.json {
            world.output.json(&versioned(json::Examined::new(&examined, &installed, &mended, &new_ids)))?;
        } else {
            world.output.answer(&told(&place, world, &examined, &installed, &mended, &new_ids))?;
        }
        Ok(exit(!examined.is_well()))
    }
}

fn told(
    place: &Place,
    world: &World,
    examined: &Examined,
    installed: &[Found],
    mended: &[Finding],
    new_ids: &[NewId],
) -> Text {
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
    facts::tell(&examined.around, installed, world, &mut text);
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
