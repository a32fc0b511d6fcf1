//! `update_session`: close, pause, resume, rename or sum up a session.

use journal_engine::{Engine, UpdateSession as Request};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answered, Call, Tool, list_sessions::StatusName, read_note::reference, sequentialthinking::takeover};
use crate::{
    annotations::Nature,
    budget,
    refusal::Refusal,
    wire::{AgentObject, DiagnosticObject, none},
};

pub(crate) struct UpdateSession;

#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// The session
    session_note_id: Option<String>,
    status: Option<StatusName>,
    /// New title; files keep their names
    title: Option<String>,
    /// What came of it, in a line or two
    summary: Option<String>,
    /// Take it from the agent that holds it: why
    takeover: Option<String>,
    agent: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    session_note_id: String,
    title: String,
    was: &'static str,
    status: &'static str,
    changed: bool,
    session_path: String,
    #[serde(skip_serializing_if = "none")]
    diagnostics: Vec<DiagnosticObject>,
    vault: String,
    agent: AgentObject,
}

impl Tool for UpdateSession {
    const NAME: &'static str = "update_session";
    const TITLE: &'static str = "Update a session";
    const DESCRIPTION: &'static str = "\
Change a session's status (done closes it, active resumes it), title or summary. Close what is finished, with a summary: it is what search and people see first.";
    const NATURE: Nature = Nature::Replaces;
    const ORDERED: bool = true;
    const REQUIRED: &'static [&'static str] = &["session_note_id"];
    const ALIASES: &'static [(&'static str, &'static str)] =
        &[("session_id", "session_note_id"), ("session", "session_note_id"), ("id", "session_note_id")];
    type Arguments = Arguments;
    type Answer = Answer;

    async fn run(call: Call, arguments: Arguments) -> Result<Answered<Answer>, Refusal> {
        let who = call.who(arguments.agent.as_deref())?;
        let serving = call.serving.clone();
        let reference = reference(arguments.session_note_id.as_deref()).map_err(|refusal| Refusal {
            message: refusal.message.replace("`note`", "`session_note_id`"),
            ..refusal
        })?;
        if arguments.status.is_none() && arguments.title.is_none() && arguments.summary.is_none() {
            return Err(Refusal::arguments(
                "nothing to change was sent".to_owned(),
                "send `status`, `title` or `summary`".to_owned(),
            ));
        }
        let request = Request {
            caller: who.caller(serving.options(), serving.options().project.as_deref()),
            reference,
            status: arguments.status.map(Into::into),
            title: arguments.title,
            summary: arguments.summary,
            takeover: arguments.takeover.map(takeover),
        };
        call.turn().await?;
        // The place is kept until it is done: a thought that follows is to meet the session as it is then.
        let updated =
            serving.blocking(move |engine: &Engine| engine.update_session(&request).map_err(Refusal::from)).await??;
        Ok(Answer {
            session_note_id: updated.id.to_string(),
            title: budget::cut_to_bytes(&updated.title, 300),
            was: updated.was.as_str(),
            status: updated.status.as_str(),
            changed: updated.changed,
            session_path: updated.path.to_string(),
            diagnostics: DiagnosticObject::list(&updated.diagnostics, serving.scrub()),
            vault: serving.vault(),
            agent: who.object(),
        }
        .into())
    }
}
