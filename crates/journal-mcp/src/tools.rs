//! The tools: one file each, with its arguments, its answer and what it does; and what all of them have in common.

mod acquire_lock;
mod claim_paths;
mod find_links;
mod list_agents;
mod list_sessions;
mod read_note;
mod reindex;
mod release_lock;
mod release_paths;
mod relocate_note;
mod resolve_note;
mod search;
mod sequentialthinking;
mod sequentialthinking_hydrate;
mod similar;
mod status;
mod update_agent;
mod update_session;

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use journal_engine::{AgentId, Engine, IndexError, Reindex, SearchError, Trouble};

use rmcp::{
    RoleServer,
    model::{CallToolResult, ContentBlock, JsonObject, Resource, Tool as Listed},
    service::RequestContext,
};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    annotations::Nature, budget, caller::Who, lenient, order::Place, pulse::Beat, refusal::Refusal, schema,
    serving::Serving, wire::DiagnosticObject,
};

/// A tool.
pub(crate) trait Tool: 'static {
    /// Its name, `[a-z_]`.
    const NAME: &'static str;
    /// Its name for people.
    const TITLE: &'static str;
    /// What it does and when to use it, for the model.
    const DESCRIPTION: &'static str;
    /// What it does to the world.
    const NATURE: Nature;
    /// Whether calls are done in the order in which they came.
    const ORDERED: bool = false;
    /// Whether the heartbeat comes before the work and not beside it.
    const BEATS_FIRST: bool = false;
    /// Arguments that the schema demands. What is missing all the same is judged by the tool.
    const REQUIRED: &'static [&'static str] = &[];
    /// Other names of arguments, each with the right one.
    const ALIASES: &'static [(&'static str, &'static str)] = &[];
    /// What it is called with.
    type Arguments: DeserializeOwned + JsonSchema + Send;
    /// What it answers.
    type Answer: Serialize + JsonSchema + Send;

    /// Does it.
    fn run(
        call: Call,
        arguments: Self::Arguments,
    ) -> impl Future<Output = Result<Answered<Self::Answer>, Refusal>> + Send;
}

/// A call of a tool.
pub(crate) struct Call {
    pub serving: Serving,
    pub context: RequestContext<RoleServer>,
    /// When it is this call's turn to write.
    pub place: Option<Place>,
}

impl Call {
    /// Who calls.
    ///
    /// # Errors
    /// When the first source that says something says what cannot be an id.
    pub fn who(&self, argument: Option<&str>) -> Result<Who, Refusal> {
        Who::of(argument, &self.context, self.serving.options(), self.serving.engine())
    }

    /// Waits for this call's turn to write.
    ///
    /// # Errors
    /// When the client took the call back meanwhile: nothing is written then.
    pub async fn turn(&self) -> Result<(), Refusal> {
        if let Some(place) = &self.place {
            place.turn().await;
        }
        if self.context.ct.is_cancelled() {
            return Err(Refusal::new("cancelled", "the call was taken back before it began"));
        }
        Ok(())
    }
}

/// An answer, with links for those who want to read on.
pub(crate) struct Answered<T> {
    pub answer: T,
    pub links: Vec<Resource>,
}

impl<T> From<T> for Answered<T> {
    fn from(answer: T) -> Self {
        Self { answer, links: Vec::new() }
    }
}

type Running = Pin<Box<dyn Future<Output = CallToolResult> + Send>>;

/// A tool among others.
#[derive(Clone)]
pub(crate) struct Entry {
    listed: Arc<Listed>,
    nature: Nature,
    is_ordered: bool,
    may_answer: fn() -> Vec<String>,
    run: fn(Call, JsonObject, Arc<Listed>) -> Running,
}

/// All tools, in the order in which they are listed.
pub(crate) fn all() -> Vec<Entry> {
    vec![
        Entry::of::<sequentialthinking::SequentialThinking>(),
        Entry::of::<sequentialthinking_hydrate::SequentialThinkingHydrate>(),
        Entry::of::<search::Search>(),
        Entry::of::<read_note::ReadNote>(),
        Entry::of::<resolve_note::ResolveNote>(),
        Entry::of::<list_sessions::ListSessions>(),
        Entry::of::<update_session::UpdateSession>(),
        Entry::of::<relocate_note::RelocateNote>(),
        Entry::of::<find_links::FindLinks>(),
        Entry::of::<list_agents::ListAgents>(),
        Entry::of::<update_agent::UpdateAgent>(),
        Entry::of::<acquire_lock::AcquireLock>(),
        Entry::of::<release_lock::ReleaseLock>(),
        Entry::of::<claim_paths::ClaimPaths>(),
        Entry::of::<release_paths::ReleasePaths>(),
        Entry::of::<reindex::Reindex>(),
        Entry::of::<status::Status>(),
    ]
}

impl Entry {
    fn of<T: Tool>() -> Self {
        let listed = Listed::new(T::NAME, T::DESCRIPTION, schema::of_arguments::<T::Arguments>(T::REQUIRED))
            .with_raw_output_schema(Arc::new(schema::of_answer::<T::Answer>()))
            .with_annotations(T::NATURE.annotations(T::TITLE));
        Self {
            listed: Arc::new(listed),
            nature: T::NATURE,
            is_ordered: T::ORDERED,
            may_answer: schema::optional_of_answer::<T::Answer>,
            run: |call, arguments, listed| Box::pin(run::<T>(call, arguments, listed)),
        }
    }

    /// The tool as it is listed.
    pub fn tool(&self) -> &Listed {
        &self.listed
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        match &self.listed.name {
            std::borrow::Cow::Borrowed(name) => name,
            std::borrow::Cow::Owned(_) => unreachable!("the name of a tool is a constant"),
        }
    }

    /// What it does to the world.
    pub fn nature(&self) -> Nature {
        self.nature
    }

    /// Whether calls are done in the order in which they came.
    pub fn is_ordered(&self) -> bool {
        self.is_ordered
    }

    /// What its answers hold only where it applies, which is not in the schema.
    pub fn may_answer(&self) -> Vec<String> {
        (self.may_answer)()
    }

    /// Runs it.
    pub fn run(&self, call: Call, arguments: JsonObject) -> Running {
        (self.run)(call, arguments, Arc::clone(&self.listed))
    }
}

/// Asks the index, which is built first where there is none, or where it is old or damaged. `ask` gives `None` for no index.
///
/// # Errors
/// When it cannot be built, or a server that only reads may not.
async fn indexed<T: Send + 'static>(
    serving: &Serving,
    ask: impl Fn(&Engine) -> Result<Option<T>, Trouble> + Send + Sync + 'static,
) -> Result<T, Refusal> {
    /// How long another process may take to build it: a hundred thousand notes take some seconds.
    const BUILD_WAIT: Duration = Duration::from_secs(600);
    let ask = Arc::new(ask);
    let asked = Arc::clone(&ask);
    let error = match serving.blocking(move |engine| asked(engine)).await? {
        Ok(Some(answer)) => return Ok(answer),
        Ok(None) => None,
        Err(
            trouble @ Trouble::Index(
                IndexError::Missing { .. } | IndexError::Outdated { .. } | IndexError::Damaged { .. },
            ),
        ) => Some(trouble),
        Err(trouble) => return Err(Refusal::from(&trouble)),
    };
    let without = || match &error {
        Some(trouble) => Refusal::from(trouble),
        None => Refusal::from(SearchError::NoIndex),
    };
    if serving.options().read_only {
        return Err(Refusal { hint: "ask the person to type: journal reindex".to_owned(), ..without() });
    }
    let answer = serving.blocking_long(move |engine| {
        let request = Reindex { wait: BUILD_WAIT, ..Reindex::default() };
        engine.reindex(&request, &|_| ()).map_err(Refusal::from)?;
        ask(engine).map_err(|trouble| Refusal::from(&trouble))
    });
    answer.await??.ok_or_else(without)
}

async fn run<T: Tool>(call: Call, arguments: JsonObject, listed: Arc<Listed>) -> CallToolResult {
    let serving = call.serving.clone();
    let answered = match lenient::fit(arguments, &listed.input_schema, T::ALIASES) {
        Ok(fitted) => work::<T>(call, fitted).await,
        Err(refusal) => Err(refusal),
    };
    match answered {
        Ok(result) => result,
        Err(refusal) => refusal.into_result(serving.scrub()),
    }
}

/// Does the work of a call, beside its heartbeat, whose news the answer tells. A refusal leaves them to the next answer.
async fn work<T: Tool>(call: Call, fitted: JsonObject) -> Result<CallToolResult, Refusal> {
    let serving = call.serving.clone();
    let who = call.who(fitted.get("agent").and_then(Value::as_str));
    let arguments = serde_json::from_value(Value::Object(fitted)).map_err(|error| {
        Refusal::arguments(format!("the arguments make no sense: {error}"), format!("see the schema of {}", T::NAME))
    })?;
    let mut news = Vec::new();
    let mut beat = match who {
        // One whom nothing tells apart is not here.
        Ok(who) if !who.is_lasting() => None,
        Ok(who) => Some(Beat::begin(&serving, who.caller(serving.options(), serving.options().project.as_deref()))),
        Err(refusal) => {
            news.push(DiagnosticObject::said(refusal.code, &refusal.message, &refusal.hint, serving.scrub()));
            None
        }
    };
    if let Some(beat) = beat.as_mut().filter(|_| T::BEATS_FIRST) {
        beat.done().await;
    }
    let answered = T::run(call, arguments).await?;
    let mut name = None;
    if let Some(beat) = beat {
        let agent = beat.agent().clone();
        news.extend(beat.news(&serving).await);
        name = serving.pulse().name(&agent).map(|name| (agent, name));
    }
    result(&answered, &news, name.as_ref())
}

/// The answer as it is sent: with the name that its agent has, and the news.
fn result<T: Serialize>(
    answered: &Answered<T>,
    news: &[DiagnosticObject],
    name: Option<&(AgentId, String)>,
) -> Result<CallToolResult, Refusal> {
    let bug = |error: serde_json::Error| Refusal::bug(format!("the answer cannot be written down: {error}"));
    let mut value = serde_json::to_value(&answered.answer).map_err(bug)?;
    let is_called_otherwise = name.is_some_and(|(id, name)| {
        let agent = value.get_mut("agent").and_then(Value::as_object_mut).filter(|agent| agent["id"] == *id.as_str());
        agent.is_some_and(|agent| agent.insert("name".to_owned(), name.clone().into()) != Some(name.clone().into()))
    });
    let text = if news.is_empty() && !is_called_otherwise {
        serde_json::to_string(&answered.answer).map_err(bug)?
    } else {
        let said =
            value.as_object_mut().map(|answer| answer.entry("diagnostics").or_insert_with(|| Value::Array(vec![])));
        if let Some(Value::Array(diagnostics)) = said {
            for news in news {
                diagnostics.push(serde_json::to_value(news).map_err(bug)?);
            }
        }
        serde_json::to_string(&value).map_err(bug)?
    };
    let tokens = journal_model::estimate_tokens(&text);
    if tokens > budget::MOST {
        let message = format!("the answer has {tokens} tokens, and more than {} are never sent", budget::MOST);
        return Err(Refusal::new("answer_too_large", message).hint("ask for less at once"));
    }
    let mut content = vec![ContentBlock::text(text)];
    content.extend(answered.links.iter().cloned().map(ContentBlock::resource_link));
    let mut result = CallToolResult::success(content);
    result.structured_content = Some(value);
    Ok(result)
}
