//! Thoughts that never were notes become notes, as if they had been appended one after the other.

use std::collections::HashMap;

use journal_model::{
    Change, Gathered, Line, NewSession, NewThought, Note, Placement, Session, Style, Thought, ThoughtNumber, VaultPath,
    Written, edit, first_sentence, session_changes,
};

use super::{ForeignNote, ForeignNotes, ForeignThought, Import, ImportError, ids::following_from};
use crate::{AppendThought, Moment};

/// The sessions that a history holds: the sequential-thinking server tells all thoughts of its life as one, and number 1 of
/// the main line begins another session.
pub(super) fn split(history: &[ForeignThought]) -> Vec<&[ForeignThought]> {
    let begins = |thought: &ForeignThought| {
        thought.number == ThoughtNumber::FIRST && thought.line == Line::Main && thought.revises.is_none()
    };
    let mut starts: Vec<_> = (1..history.len()).filter(|at| begins(&history[*at])).collect();
    starts.push(history.len());
    let mut from = 0;
    let mut sessions = Vec::new();
    for to in starts {
        if from < to {
            sessions.push(&history[from..to]);
        }
        from = to;
    }
    sessions
}

/// One session as notes. What they say and their ids follow from the thoughts alone.
pub(super) fn notes(
    thoughts: &[ForeignThought],
    request: &Import,
    folder: &str,
    now: &Moment,
) -> Result<Option<ForeignNotes>, ImportError> {
    let Some(first) = thoughts.first() else { return Ok(None) };
    let key: String = thoughts.iter().map(said).collect();
    let id = following_from("session", &key);
    let style = Style::own(&id, Style::TAIL_CHARS);
    let title = first_sentence(&first.text, NewThought::TITLE_CHARS);
    let stem = style.session_stem(now.date(), &title);
    let in_folder = |name: &str| {
        VaultPath::in_folder(folder, &format!("{}/{stem}/{name}", now.year()))
            .map_err(|source| ImportError::Folder { folder: folder.to_owned(), source })
    };
    let path = in_folder(&format!("{stem}.md"))?;
    let agent = request.caller.agent.id.as_str();
    let mut made: Vec<Thought> = Vec::with_capacity(thoughts.len());
    // The first with a number on a line, and how many there are.
    let mut places: HashMap<(&Line, ThoughtNumber), (usize, u32)> = HashMap::new();
    let mut newest: HashMap<&Line, usize> = HashMap::new();
    let mut foreign = Vec::with_capacity(thoughts.len());
    for (index, thought) in thoughts.iter().enumerate() {
        check(thought, &path)?;
        let at = |line, number| places.get(&(line, number)).map(|(at, _)| &made[*at]);
        let meant = |number| at(&thought.line, number).or_else(|| at(&Line::Main, number));
        let placement = Placement {
            line: thought.line.clone(),
            number: thought.number,
            total: thought.total.max(thought.number.get()),
            next_needed: thought.next_needed,
            branch_from: thought.branch_from,
            opens_branch: thought.line != Line::Main && !newest.contains_key(&thought.line),
            follows: newest.get(&thought.line).map(|at| &made[*at]).or_else(|| at(&Line::Main, thought.branch_from?)),
            revises: thought.revises.and_then(meant),
            gap_from: None,
        };
        let thought_id = following_from(&format!("thought {index}"), &key);
        let new = NewThought {
            id: &thought_id,
            session: &id,
            session_stem: Some(&stem),
            placement: &placement,
            agent,
            now: &now.local,
            tags: &[],
            confidence: None,
            related_files: &[],
            text: &thought.text,
        };
        let again = places.get(&(&thought.line, thought.number)).map_or(0, |(_, count)| *count);
        let name = style.thought_file_name(thought.number, &new.title(), &thought.line, 1 + again);
        let written = new.as_thought(in_folder(&name)?, &style);
        let text = with_revision(new.to_note(&written, &style), thought, placement.revises.is_none());
        foreign.push(ForeignNote { path: written.path.clone(), text });
        made.push(written);
        places.entry((&thought.line, thought.number)).or_insert((index, 0)).1 += 1;
        newest.insert(&thought.line, index);
    }
    let project = request.project.as_deref();
    let new = NewSession { id: &id, title: &title, project, agent, now: &now.local, tags: &[] };
    let Some((begun, ended)) = made.first().zip(made.last().cloned()) else { return Ok(None) };
    let begun = new.text(begun);
    let session = Session::read(id.clone(), path.clone(), &Note::parse(&begun).properties);
    let gathered = Gathered::new(id.clone(), Some(session.clone()), made);
    let changes = session_changes(&session, &gathered, &ended, agent, &now.local, &style);
    let text = edit(&begun, &changes).map_err(|source| ImportError::NotEditable {
        path: path.clone(),
        id: id.clone(),
        source,
    })?;
    Ok(Some(ForeignNotes { session: id, own: Some(ForeignNote { path, text }), thoughts: foreign }))
}

/// All that a thought says, with nothing between two of them that could be in one.
fn said(thought: &ForeignThought) -> String {
    let ForeignThought { text, number, total, next_needed, line, branch_from, revises } = thought;
    let plain = |number: &Option<ThoughtNumber>| number.map_or(0, ThoughtNumber::get);
    let (from, revises) = (plain(branch_from), plain(revises));
    format!("{number} {total} {next_needed} {from} {revises} {} {line} {} {text}\n", line.to_string().len(), text.len())
}

/// A revision of a thought that nobody exported is a revision all the same.
fn with_revision(text: String, thought: &ForeignThought, is_unknown: bool) -> String {
    let Some(number) = thought.revises.filter(|_| is_unknown) else { return text };
    let plain = |value: String| Change::Set(Written::Plain(value));
    let changes = [("is_revision", plain("true".to_owned())), ("revises_thought", plain(number.to_string()))];
    edit(&text, &changes).unwrap_or(text)
}

fn check(thought: &ForeignThought, path: &VaultPath) -> Result<(), ImportError> {
    if thought.text.trim().is_empty() {
        return Err(ImportError::Empty { number: thought.number, line: thought.line.clone() });
    }
    if thought.text.len() > AppendThought::MAX_BYTES {
        return Err(ImportError::TooLarge {
            path: path.clone(),
            bytes: thought.text.len(),
            max: AppendThought::MAX_BYTES as u64,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thought(number: u32, line: &str, revises: Option<u32>) -> ForeignThought {
        ForeignThought {
            text: format!("{line} {number}"),
            number: ThoughtNumber::new(number).unwrap(),
            total: 1,
            next_needed: true,
            line: line.parse().unwrap(),
            branch_from: None,
            revises: revises.and_then(ThoughtNumber::new),
        }
    }

    #[test]
    fn number_one_of_the_main_line_begins_a_session() {
        let spec = [(1, "main", None), (2, "main", None), (1, "b", None), (1, "main", Some(1)), (1, "main", None)];
        let history: Vec<_> = spec.into_iter().map(|(number, line, revises)| thought(number, line, revises)).collect();
        let sessions: Vec<_> = split(&history).into_iter().map(<[_]>::len).collect();
        assert_eq!(sessions, [4, 1]);
        assert!(split(&[]).is_empty());
    }
}
