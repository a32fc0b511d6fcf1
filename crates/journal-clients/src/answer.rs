//! What a client wants to hear from a hook.

use serde_json::json;

/// A moment at which a client calls a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookEvent {
    /// A conversation begins, is resumed, was cleared, or was compacted.
    SessionStart,
    /// A file is about to be edited.
    PreEdit,
    /// A file was edited.
    PostEdit,
    /// A conversation is about to be compacted.
    PreCompact,
    /// A conversation ends.
    SessionEnd,
    /// A person has answered.
    UserPrompt,
    /// The agent is done and waits for a person.
    Stop,
}

impl HookEvent {
    /// All of them, in the order of a conversation.
    pub const ALL: [Self; 7] = [
        Self::SessionStart,
        Self::UserPrompt,
        Self::PreEdit,
        Self::PostEdit,
        Self::PreCompact,
        Self::Stop,
        Self::SessionEnd,
    ];

    /// The name that both clients give it.
    pub fn client_name(self) -> &'static str {
        match self {
            Self::SessionStart => "SessionStart",
            Self::PreEdit => "PreToolUse",
            Self::PostEdit => "PostToolUse",
            Self::PreCompact => "PreCompact",
            Self::SessionEnd => "SessionEnd",
            Self::UserPrompt => "UserPromptSubmit",
            Self::Stop => "Stop",
        }
    }

    /// Whether a text for the model may be given in answer.
    pub fn takes_context(self) -> bool {
        match self {
            Self::SessionStart | Self::PreEdit | Self::PostEdit | Self::UserPrompt => true,
            Self::PreCompact | Self::SessionEnd | Self::Stop => false,
        }
    }
}

/// The answer that gives the model a text: one JSON object, the same for both clients. `None` where there is nothing to say,
/// or nobody to hear it; a hook then prints nothing.
pub fn answer(event: HookEvent, context: &str) -> Option<String> {
    let is_told = event.takes_context() && !context.trim().is_empty();
    is_told.then(|| {
        let specific = json!({ "hookEventName": event.client_name(), "additionalContext": context });
        json!({ "hookSpecificOutput": specific }).to_string()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_objects_or_nothing() {
        let said = answer(HookEvent::SessionStart, "a \"b\"\n").unwrap();
        assert_eq!(said, r#"{"hookSpecificOutput":{"additionalContext":"a \"b\"\n","hookEventName":"SessionStart"}}"#);
        assert_eq!(answer(HookEvent::SessionStart, " \n"), None);
        assert_eq!(answer(HookEvent::SessionEnd, "text"), None);
    }
}
