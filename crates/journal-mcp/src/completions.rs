//! Completions: the ids of sessions for prompts and for the template of session resources.

use journal_engine::SessionFilter;
use rmcp::{
    ErrorData,
    model::{CompleteRequestParams, CompleteResult, CompletionInfo, Reference},
};

use crate::{prompts, serving::Serving};

/// The ids of sessions that begin or end with what was typed, or whose title has it; newest first.
///
/// # Errors
/// When the vault cannot be walked.
pub(crate) async fn complete(serving: &Serving, request: &CompleteRequestParams) -> Result<CompleteResult, ErrorData> {
    let wants_session = match &request.r#ref {
        Reference::Prompt(prompt) => {
            prompts::all().iter().any(|known| known.name == prompt.name) && request.argument.name == prompts::SESSION
        }
        Reference::Resource(resource) => {
            resource.uri.starts_with("journal://session/") && request.argument.name == "id"
        }
        _ => false,
    };
    if !wants_session {
        return Ok(CompleteResult::default());
    }
    let typed = request.argument.value.trim().to_lowercase();
    let listed = serving.blocking(|engine| engine.sessions(&SessionFilter::default())).await;
    let Ok(Ok(listed)) = listed else {
        return Err(ErrorData::internal_error("the sessions cannot be listed", None));
    };
    let fits = |id: &str, title: &str| {
        let id = id.to_lowercase();
        id.starts_with(&typed) || id.ends_with(&typed) || title.to_lowercase().contains(&typed)
    };
    let ids: Vec<String> = listed
        .sessions
        .iter()
        .filter(|session| fits(session.id.as_str(), &session.title))
        .map(|session| session.id.to_string())
        .collect();
    let total = u32::try_from(ids.len()).unwrap_or(u32::MAX);
    let has_more = ids.len() > CompletionInfo::MAX_VALUES;
    let page: Vec<String> = ids.into_iter().take(CompletionInfo::MAX_VALUES).collect();
    let info = CompletionInfo::with_pagination(page, Some(total), has_more);
    Ok(CompleteResult::new(info.map_err(|error| ErrorData::internal_error(error, None))?))
}
