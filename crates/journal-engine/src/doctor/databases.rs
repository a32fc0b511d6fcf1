//! The databases: whether the index is there, sound and up to date, and whether `state.db` is sound.

use std::collections::BTreeMap;

use journal_coord::CoordError;
use journal_index::{IndexError, LinkRow, Status};
use journal_model::VaultPath;

use super::{Finding, FindingCode, IndexFacts, Mend};
use crate::{
    Difference, ReindexError, Trouble,
    coordination::STATE,
    core::Core,
    index_file::{DAMAGED, INDEX},
    trouble::with_causes,
};

/// A log that is longer has been held open by a reader for long, in bytes.
const LONG_LOG: u64 = 64 * 1024 * 1024;

/// The most broken links that are looked at; how many there are stands in the index's own count.
const LINKS: usize = 10_000;

/// The most links of a note that are named.
const NAMED: usize = 5;

/// What one look into the index found.
struct Looked {
    status: Status,
    damage: Vec<String>,
    broken: Vec<LinkRow>,
}

impl Core {
    pub(super) fn examine_index(&self, findings: &mut Vec<Finding>) -> Result<Option<IndexFacts>, ReindexError> {
        let Some(state) = &self.state else {
            findings.push(no_index());
            return Ok(None);
        };
        if state.identity(DAMAGED).map_err(Trouble::from)?.is_some() {
            let message = format!("a damaged index was set aside as `{DAMAGED}` in the state folder");
            findings.push(Finding::new(FindingCode::IndexSetAside, message, Vec::new(), Mend::Fix));
        }
        let read = self.read_index(|index| {
            let damage = index.integrity_check()?;
            Ok(Looked { status: index.status()?, broken: index.broken_links(LINKS)?, damage })
        });
        let looked = match read {
            Ok(Some(looked)) => looked,
            Ok(None) => {
                findings.push(no_index());
                return Ok(None);
            }
            Err(Trouble::Index(error @ IndexError::Damaged { .. })) => {
                findings.push(damaged_index(&error.to_string()));
                return Ok(None);
            }
            Err(Trouble::Index(error @ IndexError::Newer { .. })) => {
                let mend = Mend::ByHand("use the newer journal".to_owned());
                findings.push(Finding::new(FindingCode::NewerIndex, error.to_string(), Vec::new(), mend));
                return Ok(None);
            }
            Err(error) => {
                let path = state.path().join(INDEX);
                let hint =
                    format!("let it be read and written, or remove it, and it is built anew: {}", path.display());
                findings.push(unreadable(FindingCode::UnreadableIndex, &error, hint));
                return Ok(None);
            }
        };
        let log_bytes = state.size(&format!("{INDEX}-wal")).map_err(Trouble::from)?;
        if log_bytes > LONG_LOG {
            let message = format!("the log of the index has grown to {} MB", log_bytes / 1_000_000);
            let hint = "end the process that has been reading for so long; the next write cuts the log back";
            findings.push(Finding::new(FindingCode::LongLog, message, Vec::new(), Mend::ByHand(hint.to_owned())));
        }
        if let Some(first) = looked.damage.first() {
            findings.push(damaged_index(&format!("the index is damaged: {first}")));
        } else {
            findings.extend(broken_links(&looked.broken));
            let mut differences = self.freshness()?.unwrap_or_default();
            // That one cannot be read was told, and is not mended by indexing it.
            let is_unreadable = |path: &VaultPath| {
                let unreadable = findings.iter().filter(|finding| finding.code == FindingCode::Unreadable);
                unreadable.flat_map(|finding| &finding.paths).any(|own| own == path.as_str())
            };
            differences.retain(|(path, _)| !is_unreadable(path));
            findings.extend(stale_index(&differences));
        }
        Ok(Some(IndexFacts { status: looked.status, log_bytes }))
    }

    pub(super) fn examine_state(&self, findings: &mut Vec<Finding>) -> Result<Option<u64>, Trouble> {
        let Some(state) = &self.state else { return Ok(None) };
        // Looking makes no database.
        if state.identity(STATE)?.is_none() {
            return Ok(None);
        }
        let checked = self.coord().and_then(|coord| Ok(coord.lock().integrity_check()?));
        let damage = match checked {
            Ok(damage) => damage.into_iter().next(),
            Err(Trouble::Coord(error @ CoordError::Damaged { .. })) => Some(error.to_string()),
            Err(error) => {
                let path = state.path().join(STATE);
                let hint =
                    format!("let it be read and written (chown, chmod u+rw), or move it away: {}", path.display());
                findings.push(unreadable(FindingCode::UnreadableState, &error, hint));
                return Ok(None);
            }
        };
        if let Some(damage) = damage {
            let message = format!("`{STATE}`, which says who is here, is damaged: {damage}");
            findings.push(Finding::new(FindingCode::DamagedState, message, Vec::new(), Mend::Fix));
        }
        Ok(Some(state.size(STATE)?))
    }
}

/// Something that cannot be read, and keeps nobody from looking at the rest.
pub(super) fn unreadable(code: FindingCode, error: &Trouble, hint: String) -> Finding {
    Finding::new(code, with_causes(error), Vec::new(), Mend::ByHand(hint))
}

fn no_index() -> Finding {
    Finding::new(FindingCode::NoIndex, "there is no index yet; the first search builds it", Vec::new(), Mend::Fix)
}

fn damaged_index(message: &str) -> Finding {
    Finding::new(FindingCode::DamagedIndex, message, Vec::new(), Mend::Fix)
}

fn stale_index(differences: &[(VaultPath, Difference)]) -> Option<Finding> {
    if differences.is_empty() {
        return None;
    }
    let kinds = [
        (Difference::NotIndexed, "not in it"),
        (Difference::OtherContent, "changed since"),
        (Difference::OtherRules, "read by another version's rules"),
        (Difference::Gone, "gone from the vault"),
    ];
    let counted = kinds.iter().filter_map(|(kind, told)| {
        let count = differences.iter().filter(|(_, own)| own == kind).count();
        (count > 0).then(|| format!("{count} {told}"))
    });
    let message = format!("the index is not up to date: {}", counted.collect::<Vec<_>>().join(", "));
    let paths = differences.iter().map(|(path, _)| path.to_string()).collect();
    Some(Finding::new(FindingCode::StaleIndex, message, paths, Mend::Fix))
}

/// One finding a note.
fn broken_links(links: &[LinkRow]) -> Vec<Finding> {
    let mut by_note: BTreeMap<String, Vec<&LinkRow>> = BTreeMap::new();
    for link in links {
        by_note.entry(link.from.to_string()).or_default().push(link);
    }
    let finding = |(path, links): (String, Vec<&LinkRow>)| {
        let mut named: Vec<_> =
            links.iter().take(NAMED).map(|link| format!("`{}` (line {})", link.target, link.line)).collect();
        if links.len() > NAMED {
            named.push(format!("{} more", links.len() - NAMED));
        }
        let message = format!("`{path}` links to what is not there: {}", named.join(", "));
        let hint = "write the note, or correct the link; all of them: journal links --broken";
        Finding::new(FindingCode::BrokenLinks, message, vec![path], Mend::ByHand(hint.to_owned()))
    };
    by_note.into_iter().map(finding).collect()
}
