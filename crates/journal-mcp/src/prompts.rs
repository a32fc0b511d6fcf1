//! Prompts: what a person says to have an agent resume or conclude a session.

use rmcp::{
    ErrorData,
    model::{GetPromptResult, JsonObject, Prompt, PromptArgument, PromptMessage, Role},
};
use serde_json::Value;

use crate::{resources, serving::Serving};

/// The argument of both.
pub(crate) const SESSION: &str = "session";

/// The prompts.
pub(crate) fn all() -> Vec<Prompt> {
    let session = |about: &str| PromptArgument::new(SESSION).with_title("Session").with_description(about);
    vec![
        Prompt::new(
            "resume",
            Some("Go on with a thinking session where it stopped"),
            Some(vec![session("Its id; without it, the newest that is open").with_required(false)]),
        )
        .with_title("Resume a session"),
        Prompt::new(
            "conclude",
            Some("Bring a thinking session to its end: a last thought and a summary"),
            Some(vec![session("Its id").with_required(true)]),
        )
        .with_title("Conclude a session"),
    ]
}

/// The text of a prompt. The session comes with it.
///
/// # Errors
/// When there is no such prompt, or nothing has the session's id.
pub(crate) async fn get(serving: &Serving, name: &str, arguments: JsonObject) -> Result<GetPromptResult, ErrorData> {
    if let Some(other) = arguments.keys().find(|key| *key != SESSION) {
        let message = format!("the prompt `{name}` has no argument `{other}`; it has `{SESSION}`");
        return Err(ErrorData::invalid_params(message, None));
    }
    let session = arguments.get(SESSION).and_then(Value::as_str).map(str::trim).filter(|id| !id.is_empty());
    let (about, text) = match (name, session) {
        ("resume", None) => (
            "Resume the newest open session",
            "Call list_sessions with status [\"active\", \"paused\"], take the newest session that fits what we work on, \
             load it with sequentialthinking_hydrate, tell me in two sentences where it stands, and go on with it by \
             sequentialthinking, with its session_note_id and the next number."
                .to_owned(),
        ),
        ("resume", Some(id)) => (
            "Resume a session",
            format!(
                "Go on with the thinking session `{id}`, which follows. Tell me in two sentences where it stands, then go \
                 on by sequentialthinking with session_note_id \"{id}\" and the next number. For what is left out here: \
                 sequentialthinking_hydrate."
            ),
        ),
        ("conclude", Some(id)) => (
            "Conclude a session",
            format!(
                "Bring the thinking session `{id}`, which follows, to its end. Append one last thought by \
                 sequentialthinking with session_note_id \"{id}\", the next number and nextThoughtNeeded false, which \
                 says what came of it and what stays open. Then call update_session with status \"done\" and a summary of \
                 one or two sentences."
            ),
        ),
        ("conclude", None) => {
            return Err(ErrorData::invalid_params("the prompt `conclude` needs the argument `session`", None));
        }
        (other, _) => {
            let message = format!("there is no prompt `{other}`; there are `resume` and `conclude`");
            return Err(ErrorData::invalid_params(message, None));
        }
    };
    let mut messages = vec![PromptMessage::new_text(Role::User, text)];
    if let Some(id) = session {
        messages.push(PromptMessage::new_text(Role::User, resources::session_text(serving, id).await?));
    }
    Ok(GetPromptResult::new(messages).with_description(about))
}
