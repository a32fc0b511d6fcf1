//! `reindex`: bring the index up to date with the notes. It tells how far it is, and ends when it is taken back.

use std::time::Duration;

use journal_engine::{EmbedNotesError, Embedded, Engine, Fresh, Phase, Progress, Reindex as Request, Reindexed, Stop};
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use super::{Answered, Call, Tool};
use crate::{
    annotations::Nature,
    budget,
    refusal::Refusal,
    serving::Serving,
    stdio::gate::Late,
    wire::{MovedObject, none},
};

/// How long another process, or the background of this one, may take to make the vectors that are missing.
const WAIT: Duration = Duration::from_secs(3600);

/// How long whoever watches the notes, this process perhaps, may take to compare them all.
const MOMENT: Duration = Duration::from_secs(10);

pub(crate) struct Reindex;

#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// Only these notes and folders
    paths: Option<Vec<String>>,
    /// Read every note again
    full: Option<bool>,
    /// Forget notes that are gone, however many
    allow_prune: Option<bool>,
    /// Make no vectors
    words_only: Option<bool>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    vault: String,
    fresh: &'static str,
    indexed: u64,
    seen: usize,
    unchanged: usize,
    added: usize,
    changed: usize,
    touched: usize,
    moved_total: usize,
    #[serde(skip_serializing_if = "none")]
    moved: Vec<MovedObject>,
    deleted: usize,
    excluded: usize,
    skipped_total: usize,
    #[serde(skip_serializing_if = "none")]
    skipped: Vec<SkippedObject>,
    diagnostics: u64,
    semantic: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct SkippedObject {
    path: String,
    reason: String,
}

impl Tool for Reindex {
    const NAME: &'static str = "reindex";
    const TITLE: &'static str = "Bring the index up to date";
    const DESCRIPTION: &'static str = "\
Bring the search index up to date after notes were changed by others, and make vectors for search by meaning. Notes are never written. \
Your own thoughts are indexed at once; this is not needed for them. May take minutes on a large vault; other tools work meanwhile.";
    const NATURE: Nature = Nature::Refreshes;
    type Arguments = Arguments;
    type Answer = Answer;

    async fn run(call: Call, arguments: Arguments) -> Result<Answered<Answer>, Refusal> {
        let serving = call.serving.clone();
        let stop = Stop::default();
        let request = Request {
            paths: arguments.paths.unwrap_or_default(),
            full: arguments.full.unwrap_or(false),
            allow_prune: arguments.allow_prune.unwrap_or(false),
            wait: MOMENT,
            stop: stop.clone(),
            ..Request::default()
        };
        let words_only = arguments.words_only.unwrap_or(false);
        let (told, mut heard) = mpsc::channel(1);
        let work = work(&serving, request, words_only, told);
        tokio::pin!(work);
        let token = call.context.meta.get_progress_token();
        let late = call.context.extensions.get::<Late>().cloned().unwrap_or_default().0;
        let mut reporter = Reporter::default();
        let done = loop {
            tokio::select! {
                done = &mut work => break done,
                Some(progress) = heard.recv() => {
                    if let Some(token) = &token {
                        // A client that does not take it is gone, which its transport sees.
                        drop(call.context.peer.notify_progress(reporter.report(token, progress)).await);
                    }
                }
                () = call.context.ct.cancelled(), if !stop.is_stopped() => stop.stop(),
                () = late.cancelled(), if !stop.is_stopped() => stop.stop(),
            }
        };
        let (reindexed, embedded) = done?;
        Ok(answer(&reindexed, &embedded, &serving).into())
    }
}

/// What was indexed, and what came of the vectors where they were asked for.
type Done = (Reindexed, Result<Option<Embedded>, EmbedNotesError>);

/// Does it, and tells how far it is now and then. Vectors have a lane of their own, since who makes them may be somebody else.
async fn work(
    serving: &Serving,
    request: Request,
    words_only: bool,
    told: mpsc::Sender<Progress>,
) -> Result<Done, Refusal> {
    let (stop, told_too) = (request.stop.clone(), told.clone());
    // Whoever is slow to listen hears less of it.
    let reindexed = serving.blocking_long(move |engine: &Engine| {
        engine.reindex(&request, &|progress| _ = told.try_send(progress)).map_err(Refusal::from)
    });
    let reindexed = reindexed.await??;
    if words_only {
        return Ok((reindexed, Ok(None)));
    }
    let embedded = serving.blocking_patiently(move |engine: &Engine| {
        engine.embed(WAIT, &stop, &|progress| _ = told_too.try_send(progress)).map(Some)
    });
    match embedded.await? {
        Err(EmbedNotesError::Stopped) => Err(EmbedNotesError::Stopped.into()),
        embedded => Ok((reindexed, embedded)),
    }
}

/// Makes of steps in several phases one number that only grows, as the protocol wants it.
#[derive(Debug, Default)]
struct Reporter {
    phase: Option<Phase>,
    /// What had been told when the phase began.
    base: u64,
    told: u64,
}

impl Reporter {
    fn report(&mut self, token: &ProgressToken, progress: Progress) -> ProgressNotificationParam {
        let whole = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        if self.phase.replace(progress.phase) != Some(progress.phase) {
            self.base = self.told;
        }
        self.told = self.base.saturating_add(whole(progress.done)).max(self.told + 1);
        let total = self.base.saturating_add(whole(progress.total)).max(self.told);
        let what = match progress.phase {
            Phase::Building => "indexing notes",
            Phase::Reading => "reading what changed",
            Phase::Checking => "comparing notes",
            Phase::Embedding => "making vectors",
        };
        let mut param = ProgressNotificationParam::new(token.clone(), self.told as f64);
        param.total = Some(total as f64);
        param.message = Some(format!("{what}: {} of {}", progress.done, progress.total));
        param
    }
}

fn answer(done: &Reindexed, embedded: &Result<Option<Embedded>, EmbedNotesError>, serving: &Serving) -> Answer {
    const NAMED: usize = 20;
    let skipped = done.skipped.iter().take(NAMED).map(|one| SkippedObject {
        path: budget::cut_to_bytes(&one.path, 200),
        reason: budget::cut_to_bytes(&serving.scrub().text(&one.reason), 200),
    });
    let semantic = match embedded {
        Ok(Some(known)) => format!("{} of {} texts have a vector, {} new", known.with_vector, known.texts, known.new),
        Ok(None) => "not asked for".to_owned(),
        Err(error) => format!("off: {}", serving.scrub().text(&crate::refusal::told(error))),
    };
    Answer {
        vault: serving.vault(),
        fresh: match &done.fresh {
            Fresh::UpToDate => "up-to-date",
            Fresh::Built => "built",
            Fresh::Outdated => "outdated",
            Fresh::Damaged { .. } => "damaged",
        },
        indexed: done.indexed,
        seen: done.seen,
        unchanged: done.unchanged,
        added: done.added,
        changed: done.changed,
        touched: done.touched,
        moved_total: done.moved.len(),
        moved: done.moved.iter().take(NAMED).map(MovedObject::from).collect(),
        deleted: done.deleted,
        excluded: done.excluded,
        skipped_total: done.skipped.len(),
        skipped: skipped.collect(),
        diagnostics: done.diagnostics,
        semantic,
    }
}
