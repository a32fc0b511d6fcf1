//! `claim_paths`: which paths an agent works on, told to others and held against theirs.

use std::path::{Component, PathBuf};

use journal_engine::{ClaimRequest, Engine, Glob, typed_glob};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answered, Call, Tool};
use crate::{
    annotations::Nature,
    refusal::Refusal,
    serving::{Serving, WorkingPlace},
    wire::{AgentObject, ClaimObject, ConflictObject, none},
};

pub(crate) struct ClaimPaths;

#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// Globs, relative to your working directory
    paths: Option<Vec<String>>,
    /// Others may share it
    shared: Option<bool>,
    /// Why; told to others
    reason: Option<String>,
    /// Also what others hold, who are told
    anyway: Option<bool>,
    /// Your working directory, over HTTP
    directory: Option<String>,
    agent: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    claims: Vec<ClaimObject>,
    #[serde(skip_serializing_if = "none")]
    conflicts: Vec<ConflictObject>,
    /// What was noticed about the directory.
    #[serde(skip_serializing_if = "none")]
    warnings: Vec<String>,
    #[schemars(skip)]
    project: String,
    #[schemars(skip)]
    agent: AgentObject,
}

impl Tool for ClaimPaths {
    const NAME: &'static str = "claim_paths";
    const TITLE: &'static str = "Claim paths";
    const DESCRIPTION: &'static str = "\
Say which paths you are about to edit, for an hour, all or none. Refused, with the holder, where another agent has claimed them.";
    const NATURE: Nature = Nature::Refreshes;
    const ORDERED: bool = true;
    const REQUIRED: &'static [&'static str] = &["paths"];
    const ALIASES: &'static [(&'static str, &'static str)] = NAMES;
    type Arguments = Arguments;
    type Answer = Answer;

    async fn run(call: Call, arguments: Arguments) -> Result<Answered<Answer>, Refusal> {
        let who = call.who(arguments.agent.as_deref())?;
        let serving = call.serving.clone();
        let (place, warnings) = working_place(&serving, arguments.directory, Folder::IsThere).await?;
        let globs = globs(&place, arguments.paths.as_deref().unwrap_or_default())?;
        if globs.is_empty() {
            return Err(Refusal::arguments(
                "`paths` is missing".to_owned(),
                "send paths or globs: paths: [\"src/auth/**\"]".to_owned(),
            ));
        }
        let request = ClaimRequest {
            caller: who.caller_at(Some(&place)),
            scope: place.scope(),
            globs,
            shared: arguments.shared.unwrap_or(false),
            ttl_ms: None,
            reason: arguments.reason,
            anyway: arguments.anyway.unwrap_or(false),
        };
        call.turn().await?;
        let claimed =
            serving.blocking(move |engine: &Engine| engine.claim_paths(&request).map_err(Refusal::from)).await??;
        Ok(Answer {
            claims: claimed.claims.iter().map(ClaimObject::from).collect(),
            conflicts: claimed.conflicts.iter().map(ConflictObject::from).collect(),
            warnings: warnings.iter().map(|warning| serving.scrub().text(warning)).collect(),
            project: place.project,
            agent: who.object(),
        }
        .into())
    }
}

/// Other names under which clients send paths and where they are.
pub(super) const NAMES: &[(&str, &str)] = &[("path", "paths"), ("globs", "paths"), ("cwd", "directory")];

/// What is known of a directory that a caller names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Folder {
    /// It is there: nobody works in one that is not.
    IsThere,
    /// It may be gone since, and what was claimed in it can be given back.
    MayBeGone,
}

/// Where the caller works, with what was noticed: the directory that it names, else the one in which this process was started.
///
/// # Errors
/// When nothing says it, or it cannot be found out.
pub(super) async fn working_place(
    serving: &Serving,
    directory: Option<String>,
    known: Folder,
) -> Result<(WorkingPlace, Vec<String>), Refusal> {
    let hint = || "send your working directory, whole: directory: \"/home/ann/project\"".to_owned();
    let Some(directory) = directory else {
        let missing = || Refusal::arguments("this server does not know where you work".to_owned(), hint());
        return serving.options().place.clone().map(|place| (place, Vec::new())).ok_or_else(missing);
    };
    let folder = PathBuf::from(&directory);
    if !folder.is_absolute() || folder.components().any(|part| part == Component::ParentDir) {
        return Err(Refusal::arguments(format!("`{directory}` is not a whole path of a folder"), hint()));
    }
    let locate = serving.options().locate;
    let located = serving.blocking(move |_| {
        let is_there = known == Folder::MayBeGone || folder.is_dir();
        is_there.then(|| locate(&folder))
    });
    let missing = || Refusal::arguments(format!("there is no folder `{directory}`"), hint());
    let located = located.await?.ok_or_else(missing)?;
    located.map_err(|why| Refusal::arguments(format!("it cannot be found out where you work: {why}"), hint()))
}

/// Paths as sent, relative to the top of the worktree.
///
/// # Errors
/// When one is no glob, or leaves the worktree.
pub(super) fn globs(place: &WorkingPlace, typed: &[String]) -> Result<Vec<Glob>, Refusal> {
    let glob = |typed: &String| typed_glob(&place.top, &place.directory, typed).map_err(Refusal::from);
    typed.iter().map(glob).collect()
}
