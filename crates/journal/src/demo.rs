//! The vault of `journal init --demo`: a few notes, and a session with a revision and a branch, thought through the engine.

use std::{path::Path, time::Duration};

use journal_engine::{AppendThought, Hydrate, NewSessionChoice, SessionChoice, Trouble};
use journal_model::{Asked, AskedLine, NoteId, NoteRef, ThoughtNumber, VaultPath};

use crate::{
    failure::Failure,
    place::{Place, World},
    rim::Exit,
    text::{
        Text,
        hydrated::{Telling, hydrated},
        quoted, short,
    },
};

/// Notes as a person may have them.
const NOTES: &[(&str, &str)] = &[
    (
        "Backups.md",
        "---\ntags: [home/server]\n---\n# Backups\n\nThe photos live on the home server; a nightly job copies them to a \
         second disk.\n\n- [ ] write down how to restore, see [[Restore drill]]\n",
    ),
    (
        "Projects/Restore drill.md",
        "---\nstatus: open\n---\n# Restore drill\n\nOnce a quarter: take an empty disk, restore from the newest backup of \
         [[Backups]], compare.\n",
    ),
    ("Daily/2026-11-20.md", "# Friday\n\nThe nightly copy takes 6 hours now. It took 40 minutes in spring. Why?\n"),
];

/// A thought of the demonstration.
struct Step {
    text: &'static str,
    branch: Option<(&'static str, u32)>,
    revises: Option<u32>,
}

const fn on_main(text: &'static str) -> Step {
    Step { text, branch: None, revises: None }
}

const STEPS: &[Step] = &[
    on_main(
        "The nightly copy takes six hours instead of forty minutes.\n\nIt has grown with the number of photos, not with their \
         size: 4 % more bytes since spring, 12 times the files. So the time goes into looking at files, not into copying them.",
    ),
    on_main(
        "The job reads every file to see whether it changed.\n\nIts log says `checksum: on` since the update in May. Without \
         it, size and time would be compared, which is one look at each file.",
    ),
    Step {
        text: "The job reads every file, and twice.\n\nCounted with `iostat`: the disk delivers 2 × the size of the library in \
               a night. Checksums are made on both disks, so thought 2 had it half right.",
        branch: None,
        revises: Some(2),
    },
    Step {
        text: "What if the copy were a snapshot of the file system instead?\n\nThen nothing is compared at all. Needs both disks \
               on a file system that has snapshots; the second one is not.",
        branch: Some(("snapshots", 3)),
        revises: None,
    },
    on_main(
        "Compare by size and time every night, by checksum once a month.\n\nA night takes 31 minutes again (measured twice). The \
         monthly run finds what silently rots, see [[Restore drill]].",
    ),
    Step {
        text: "Snapshots would need a new disk: about 140 € and an evening.\n\nNot now; worth it when the second disk is due \
               anyway.",
        branch: Some(("snapshots", 3)),
        revises: None,
    },
];

/// Fills a new vault and shows its session. `folder` is as typed.
///
/// # Errors
/// When something cannot be written.
pub fn fill(place: &Place, folder: &Path, world: &World) -> Result<Exit, Failure> {
    for (path, text) in NOTES {
        let path: VaultPath = path.parse().expect("the paths of the demonstration are paths");
        place.engine.vault().create(&path, text.as_bytes()).map_err(Trouble::from)?;
    }
    let session = think(place, world)?;
    // So that the first search is as fast as every other.
    world.build_index(place)?;
    world.embed(place, Duration::ZERO)?;
    let request = Hydrate {
        reference: NoteRef::from(&session),
        line: None,
        include_superseded: false,
        max_tokens: Some(Hydrate::MAX_TOKENS),
        max_thoughts: None,
    };
    let folder = quoted(&folder.display().to_string());
    let hydrated_session = place.engine.hydrate(&request)?;
    let vault = format!(" --vault {folder}");
    let telling = Telling { clock: &world.clock, line: None, reader: None, vault: &vault };
    world.output.answer(&hydrated(&hydrated_session, &telling))?;
    let mut text = Text::new();
    text.end().faint(format!("{folder} holds {} notes and this session, as plain markdown. Next:", NOTES.len())).end();
    text.plain(format!("  cd {folder}")).end();
    text.plain(format!("  journal hydrate {}", short(&session))).end();
    text.plain("  journal search checksum").end();
    world.output.answer(&text)?;
    Ok(Exit::Ok)
}

fn think(place: &Place, world: &World) -> Result<NoteId, Failure> {
    let caller = world.caller()?;
    let number = |number: u32| ThoughtNumber::new(number).expect("the numbers of the demonstration are numbers");
    let mut session: Option<NoteId> = None;
    for step in STEPS {
        let choice = match &session {
            Some(id) => SessionChoice::Existing(NoteRef::from(id)),
            None => SessionChoice::New(NewSessionChoice {
                title: Some("Why the nightly backup is slow".to_owned()),
                project: Some("home-server".to_owned()),
                folder: None,
            }),
        };
        let line = step.branch.map_or(AskedLine::Main, |(name, from)| AskedLine::Branch {
            name: name.parse().expect("the branch of the demonstration has a name"),
            from: Some(number(from)),
        });
        let appended = place.engine.append(&AppendThought {
            caller: caller.clone(),
            session: choice,
            asked: Asked { line, number: None, total: Some(4), next_needed: true, revises: step.revises.map(number) },
            text: format!("{}\n", step.text),
            tags: Vec::new(),
            confidence: None,
            related_files: Vec::new(),
            takeover: None,
        })?;
        session = Some(appended.session_id);
    }
    Ok(session.expect("the demonstration has thoughts"))
}
