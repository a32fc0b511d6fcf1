//! A log of a conversation, read line by line.

use crate::{Client, Entry, Said, digest::Digest};

/// What a log tells of the conversation it was opened for. Lines of another one, which a log that was resumed or forked may
/// hold, are counted and tell nothing.
#[derive(Debug)]
pub struct Transcript {
    client: Client,
    session: String,
    /// Codex names the conversation in the first line only.
    owner: Option<(Option<String>, Option<String>)>,
    digest: Digest,
    /// How many lines were read.
    pub lines: usize,
    /// How many of them are no JSON objects.
    pub malformed: usize,
    /// How many belong to another conversation.
    pub foreign: usize,
    /// The agent that worked for the conversation, where this is its log.
    pub agent: Option<String>,
    /// When its first line was written.
    pub begun: Option<String>,
    /// When its last one was.
    pub last: Option<String>,
    /// The directory it began in.
    pub directory: Option<String>,
    /// The name of its plan: the last that is told, since a conversation may begin another one.
    pub slug: Option<String>,
    /// The last plan that stands in the log itself.
    pub plan: Option<String>,
    /// What was asked first, in a line.
    pub asked: Option<String>,
}

impl Transcript {
    /// A log of `client` that is read for the conversation `session`, and whose digest may have `max_tokens`.
    pub fn new(client: Client, session: &str, max_tokens: usize) -> Self {
        Self {
            client,
            session: session.to_owned(),
            owner: None,
            digest: Digest::new(max_tokens),
            lines: 0,
            malformed: 0,
            foreign: 0,
            agent: None,
            begun: None,
            last: None,
            directory: None,
            slug: None,
            plan: None,
            asked: None,
        }
    }

    /// Takes in the next line. `None` stands for one that was too long to be read.
    pub fn line(&mut self, line: Option<&[u8]>) {
        if line.is_some_and(|line| line.trim_ascii().is_empty()) {
            return;
        }
        self.lines += 1;
        let Some(entry) = line.and_then(|line| Entry::read(self.client, line)) else {
            self.malformed += 1;
            return;
        };
        match self.whose(&entry) {
            Some((session, agent)) if session.as_deref() == Some(self.session.as_str()) => {
                self.agent = self.agent.take().or(agent);
            }
            // Some lines of Claude Code, such as a title, name no conversation and say nothing of it either.
            Some((None, _)) if entry.said.is_empty() => return,
            _ => {
                self.foreign += 1;
                return;
            }
        }
        self.begun = self.begun.take().or_else(|| entry.at.clone());
        self.directory = self.directory.take().or(entry.directory);
        self.slug = entry.slug.or(self.slug.take());
        for said in &entry.said {
            match said {
                Said::Plan(plan) => self.plan = Some(plan.clone()),
                Said::Person(text) if self.asked.is_none() => {
                    self.asked = text.trim().lines().next().map(|line| line.chars().take(120).collect());
                }
                _ => {}
            }
            self.digest.add(said, entry.at.as_deref());
        }
        self.last = entry.at.or(self.last.take());
    }

    /// Whether any line belongs to the conversation.
    pub fn is_of_session(&self) -> bool {
        self.begun.is_some() || self.directory.is_some() || self.asked.is_some() || self.slug.is_some()
    }

    /// The digest as markdown, within its budget.
    pub fn digest(&self) -> String {
        let row =
            |name: &str, value: Option<&str>| value.map(|value| format!("- {name}: {value}\n")).unwrap_or_default();
        let skipped = (self.malformed > 0).then(|| format!("{} lines", self.malformed));
        let head = [
            format!("# A conversation in {}\n\n", self.client.name()),
            row("session", Some(&self.session)),
            row("agent", self.agent.as_deref()),
            row("directory", self.directory.as_deref()),
            row("begun", self.begun.as_deref()),
            row("last", self.last.as_deref()),
            row("not readable", skipped.as_deref()),
        ];
        self.digest.markdown(&head.concat())
    }

    /// The conversation a line belongs to, and the agent that worked for it. In Claude Code every line says it; in Codex the
    /// first one does, and what it copied from another log stands behind that.
    fn whose(&mut self, entry: &Entry) -> Option<(Option<String>, Option<String>)> {
        let told = (entry.session.clone(), entry.agent.clone());
        match self.client {
            Client::ClaudeCode => Some(told),
            Client::Codex => {
                if self.owner.is_none() && told.0.is_some() {
                    self.owner = Some(told);
                }
                self.owner.clone()
            }
        }
    }
}

/// Whether a log of this file name is the one that `client` keeps of the conversation `session` itself.
pub fn is_log_name(client: Client, session: &str, file_name: &str) -> bool {
    let Some(stem) = file_name.strip_suffix(".jsonl") else { return false };
    match client {
        Client::ClaudeCode => stem == session,
        Client::Codex => stem
            .strip_prefix("rollout-")
            .and_then(|rest| rest.strip_suffix(session))
            .is_some_and(|time| time.ends_with('-')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(client: Client, session: &str, log: &str) -> Transcript {
        let mut transcript = Transcript::new(client, session, 500);
        log.lines().for_each(|line| transcript.line(Some(line.as_bytes())));
        transcript
    }

    fn claude(session: &str, said: &str, slug: &str) -> String {
        format!(
            "{{\"type\":\"user\",\"sessionId\":\"{session}\",\"slug\":\"{slug}\",\"timestamp\":\"2026-11-21T10:00:00.000Z\",\
             \"message\":{{\"content\":\"{said}\"}}}}\n"
        )
    }

    #[test]
    fn lines_of_another_conversation_tell_nothing() {
        let log = [
            claude("other", "Their question", "their-plan"),
            "{\"type\":\"summary\",\"summary\":\"A title\"}\n{broken\n\n".to_owned(),
            claude("mine", "My question", "my-plan"),
            claude("other", "Again", "their-newer-plan"),
        ]
        .concat();
        let mine = read(Client::ClaudeCode, "mine", &log);
        assert_eq!((mine.lines, mine.malformed, mine.foreign), (5, 1, 2));
        assert_eq!((mine.slug.as_deref(), mine.asked.as_deref()), (Some("my-plan"), Some("My question")));
        let digest = mine.digest();
        assert!(
            digest.contains("My question") && !digest.contains("Their") && digest.contains("not readable: 1 lines")
        );
        assert!(!read(Client::ClaudeCode, "third", &log).is_of_session());
    }

    #[test]
    fn a_log_of_codex_belongs_to_its_first_line() {
        let head =
            |id: &str| format!("{{\"timestamp\":\"t\",\"type\":\"session_meta\",\"payload\":{{\"id\":\"{id}\"}}}}\n");
        let item = "{\"timestamp\":\"u\",\"type\":\"response_item\",\"payload\":{\"type\":\"message\",\"role\":\"user\",\
                    \"content\":[{\"type\":\"input_text\",\"text\":\"Fork it\"}]}}\n";
        let forked = [&head("fork"), &head("root"), item].concat();
        let fork = read(Client::Codex, "fork", &forked);
        assert_eq!((fork.foreign, fork.asked.as_deref(), fork.begun.as_deref()), (0, Some("Fork it"), Some("t")));
        assert!(!read(Client::Codex, "root", &forked).is_of_session());
        assert!(!read(Client::Codex, "fork", item).is_of_session(), "a log without a head is nobody's");
    }

    #[test]
    fn logs_are_named_by_the_whole_id() {
        for (client, session, name, expected) in [
            (Client::ClaudeCode, "ab-1", "ab-1.jsonl", true),
            (Client::ClaudeCode, "ab-1", "xab-1.jsonl", false),
            (Client::Codex, "ab-1", "rollout-2026-11-21T10-00-00-ab-1.jsonl", true),
            (Client::Codex, "b-1", "rollout-2026-11-21T10-00-00-ab-1.jsonl", false),
            (Client::Codex, "ab-1", "ab-1.jsonl", false),
            (Client::Codex, "ab-1", "rollout-2026-11-21T10-00-00-ab-1.json", false),
        ] {
            assert_eq!(is_log_name(client, session, name), expected, "{client} {session} {name}");
        }
    }
}
