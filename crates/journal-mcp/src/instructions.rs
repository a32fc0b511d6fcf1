//! What the model is told of the whole, once: how the tools that are served are used together. The rule of use comes first.

/// What is told where all of these tools are served.
type Part = (&'static [&'static str], &'static str);

/// By paragraphs.
const PARTS: [&[Part]; 5] = [
    &[(
        &["sequentialthinking"],
        "Think step by step with `sequentialthinking`: every thought is kept as a note in the person's Obsidian vault, on disk before the \
         call answers. Begin with thoughtNumber 1 (a session opens and answers `session_note_id`), then send that `session_note_id` with \
         every further thought. Set nextThoughtNeeded false on the last.",
    )],
    &[
        (
            &["search", "sequentialthinking_hydrate"],
            "Before you begin, look whether it was thought about: `search`, then `sequentialthinking_hydrate` with the session's id.",
        ),
        (
            &["sequentialthinking", "sequentialthinking_hydrate"],
            "Go on with a session with the number that hydrating it says is next.",
        ),
        (&["list_sessions", "sequentialthinking_hydrate"], "After a context was lost: `list_sessions`, then hydrate."),
    ],
    &[(
        &["sequentialthinking"],
        "Correct an earlier thought with isRevision and revisesThought, explore beside the line with branchId and branchFromThought; nothing \
         is ever overwritten. Sending the same thought again with its `session_note_id` is safe: it is answered as the first time \
         (`replayed`). Another agent may hold a line: then branch, or take it over with `takeover` and a reason.",
    )],
    &[
        (&["list_agents"], "Beside other agents: `list_agents` says who is here, `journal://events` what they did."),
        (&["claim_paths"], "`claim_paths` before you edit."),
        (&["acquire_lock"], "`acquire_lock` for what one at a time may do."),
    ],
    &[(
        &[],
        "Notes are named by id, by the beginning or end of one (4 characters or more), by path in the vault, or by name. Long answers say \
         `truncated` and give a `cursor`. A refused call answers {code, message, hint}; do what the hint says.",
    )],
];

/// What is told where these tools are served.
pub(crate) fn instructions(read_only: bool, is_served: impl Fn(&str) -> bool) -> String {
    let told = |part: &[Part]| {
        let parts = part.iter().filter(|(tools, _)| tools.iter().all(|tool| is_served(tool)));
        parts.map(|(_, text)| *text).collect::<Vec<_>>().join(" ")
    };
    let only = read_only.then(|| "This server only reads: nothing can be written through it.".to_owned());
    let paragraphs = only.into_iter().chain(PARTS.into_iter().map(told)).filter(|paragraph| !paragraph.is_empty());
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools;

    #[test]
    fn no_tool_is_named_that_is_not_served() {
        let all: Vec<_> = tools::all().iter().map(tools::Entry::name).collect();
        let whole = instructions(false, |_| true);
        assert!(whole.starts_with("Think step by step") && whole.len() < 2_000, "{}", whole.len());
        for served in
            [&["search", "reindex"][..], &["sequentialthinking"], &["list_agents", "search", "list_sessions"], &[]]
        {
            let text = instructions(served.is_empty(), |tool| served.contains(&tool));
            for tool in all.iter().filter(|tool| !served.contains(tool)) {
                assert!(!text.contains(&format!("`{tool}`")), "{tool} in:\n{text}");
            }
            assert_eq!(text.starts_with("This server only reads"), served.is_empty());
        }
        assert!(
            PARTS
                .iter()
                .flat_map(|part| part.iter())
                .flat_map(|(tools, _)| tools.iter())
                .all(|tool| all.contains(tool))
        );
    }
}
