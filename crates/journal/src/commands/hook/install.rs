//! `journal hook install`: how a client, or git, is told to call the hooks.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use journal_engine::{read_text_file, rename_file_durably, write_file_durably};
use serde_json::{Value, json};

use super::{
    edits::git,
    settings::{LeftAlone, with_hooks},
};
use crate::{
    environment,
    failure::{Failure, HookError},
    place::{Need, World},
    rim::Exit,
    text::{Text, diff, quoted},
};

/// Show how a client is told to call the hooks, or tell it
///
/// Without `--write` this shows what would change in the client's file and changes nothing. Everything else in the file stays as
/// it is; hooks of others stay beside these. For git it is the `pre-commit` of the repository in the working directory, which
/// calls the one that was there first.
#[derive(Debug, clap::Args)]
pub struct Install {
    /// The client
    #[arg(long, value_name = "CLIENT")]
    client: InstallClient,

    /// For all your projects, or for the one in the working directory; git knows only the latter
    #[arg(long, value_name = "SCOPE", default_value = "user")]
    scope: InstallScope,

    /// Refuse edits and commits of what another agent has claimed, instead of only saying so
    #[arg(long)]
    strict: bool,

    /// Make the change
    #[arg(long)]
    write: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum InstallClient {
    /// Claude Code
    Claude,
    /// Codex
    Codex,
    /// Git
    Git,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum InstallScope {
    /// All projects
    User,
    /// The one in the working directory
    Project,
}

/// Name of the hook that git had before.
const BEFORE: &str = "pre-commit.before-journal";

/// By which our hook of git is known.
const MARK: &str = "# journal: who has claimed what is committed";

/// A file as it is to be.
struct Change {
    path: PathBuf,
    before: Option<String>,
    after: String,
    mode: Option<u32>,
    /// The name that what is there gets first.
    aside: Option<PathBuf>,
}

impl Install {
    /// Runs the command.
    ///
    /// # Errors
    /// When there is no vault, or the client's file cannot be changed without a loss.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        let vault = world.open(Need::Reading)?.engine.vault().root().display().to_string();
        let change = match self.client {
            InstallClient::Claude | InstallClient::Codex => self.settings(&vault, world)?,
            InstallClient::Git => self.pre_commit(&vault, world)?,
        };
        let Change { path, before, after, mode, aside } = &change;
        if before.as_ref() == Some(after) {
            world.output.note("The hooks are there already; nothing is to be changed.");
            return Ok(Exit::Ok);
        }
        let mut text = Text::new();
        if aside.is_some() {
            let verb = if self.write { "renamed" } else { "would rename" };
            text.plain(format!("{verb} {} to {BEFORE}, which is called first", path.display())).end();
        }
        let verb = if self.write { "changed" } else { "would change" };
        let before = before.as_deref().filter(|_| aside.is_none());
        diff::lines(&format!("{verb} {}", path.display()), before, after, &mut text);
        if self.write {
            // What was there keeps its mode, and where it is a link it stays one.
            let aside = aside.as_ref().map_or(Ok(()), |aside| rename_file_durably(path, aside));
            let written = aside.and_then(|()| write_file_durably(path, after.as_bytes(), *mode));
            written.map_err(|source| Failure::File { attempted: "write", path: path.clone(), source })?;
        }
        world.output.answer(&text)?;
        if !self.write {
            world.output.note("Nothing was changed. The same with `--write` makes the change.");
        } else if self.client == InstallClient::Codex {
            world.output.note("Codex asks once whether it may run them. Versions of early 2026 need `codex_hooks = true` under `[features]`.");
        }
        Ok(Exit::Ok)
    }

    /// The settings of Claude Code, or the hooks of Codex, with ours.
    fn settings(&self, vault: &str, world: &World) -> Result<Change, Failure> {
        let (folder, own, file, typed, tools) = match self.client {
            InstallClient::Codex => (".codex", &environment::CODEX_HOME, "hooks.json", "codex", "apply_patch"),
            _ => {
                let own = &environment::CLAUDE_CONFIG_DIR;
                (".claude", own, "settings.json", "claude", "Edit|MultiEdit|Write|NotebookEdit")
            }
        };
        let home = match self.scope {
            InstallScope::Project => Some(world.environment.folder.join(folder)),
            InstallScope::User => {
                world.environment.path(own).or_else(|| Some(world.environment.path(&environment::HOME)?.join(folder)))
            }
        };
        let path = home.ok_or(HookError::NoHome)?.join(file);
        let read = read_text_file(&path);
        let before = read.map_err(|source| Failure::File { attempted: "read", path: path.clone(), source })?;
        let strict = if self.strict { " --strict" } else { "" };
        // A file of a project is for everybody who has the project, and their programs lie elsewhere.
        let program = if self.scope == InstallScope::User { program(world) } else { "journal".to_owned() };
        let hook = |verb: &str, matcher: Option<&str>| {
            let strict = if verb == "pre-edit" { strict } else { "" };
            let command = format!("{program} --vault {} hook {verb} --client {typed}{strict}", quoted(vault));
            let group = json!({ "hooks": [{ "type": "command", "command": command, "timeout": 10 }] });
            with_matcher(group, matcher)
        };
        let mut hooks = vec![
            ("SessionStart", "session-start", None),
            ("UserPromptSubmit", "user-prompt", None),
            ("PreToolUse", "pre-edit", Some(tools)),
            ("PostToolUse", "post-edit", Some(tools)),
            ("PreCompact", "pre-compact", None),
            ("Stop", "stop", None),
        ];
        // Codex tells nobody that a conversation ends; its process does.
        if self.client == InstallClient::Claude {
            hooks.push(("SessionEnd", "session-end", None));
        }
        let hooks: Vec<_> =
            hooks.into_iter().map(|(event, verb, matcher)| (event, verb, hook(verb, matcher))).collect();
        let after = with_hooks(before.as_deref().unwrap_or_default(), &hooks);
        let after = after.map_err(|why| HookError::Left { path: path.clone(), why })?;
        Ok(Change { path, before, after, mode: None, aside: None })
    }

    /// Git's hook, and under another name the one it had before.
    fn pre_commit(&self, vault: &str, world: &World) -> Result<Change, Failure> {
        let folder = &world.environment.folder;
        // Which knows of `core.hooksPath` and of worktrees.
        let asked = PathBuf::from(git(folder, &["rev-parse", "--git-path", "hooks"])?.trim_end_matches('\n'));
        let hooks = folder.join(&asked);
        // With a `core.hooksPath` for all repositories, a hook in there is none of this one.
        let own = [&["rev-parse", "--git-common-dir"][..], &["rev-parse", "--show-toplevel"]];
        let own = own.iter().map(|asked| Ok(PathBuf::from(git(folder, asked)?.trim_end_matches('\n'))));
        let own = own.collect::<Result<Vec<_>, HookError>>()?;
        if asked.is_absolute() && !own.iter().any(|own| asked.starts_with(own)) {
            return Err(HookError::Left { path: hooks, why: LeftAlone::EveryRepository }.into());
        }
        let path = hooks.join("pre-commit");
        let read = |path: &Path| {
            let text = read_text_file(path);
            text.map_err(|source| Failure::File { attempted: "read", path: path.to_owned(), source })
        };
        let before = read(&path)?;
        let strict = if self.strict { " --strict" } else { "" };
        let program = program(world);
        let after = format!(
            "#!/bin/sh\n{MARK}\nbefore=\"$(dirname \"$0\")/{BEFORE}\"\nif [ -x \"$before\" ]; then\n  \"$before\" \"$@\" || exit $?\n\
             fi\nif ! command -v {program} >/dev/null 2>&1; then\n  \
             echo 'journal is gone, so nobody was asked who has claimed this: journal hook install --client git --write' >&2\n  \
             exit 0\nfi\nexec {program} --vault {} hook pre-commit{strict}\n",
            quoted(vault)
        );
        let is_theirs = before.as_ref().is_some_and(|text| !text.contains(MARK));
        let aside = is_theirs.then(|| hooks.join(BEFORE));
        if let Some(aside) = &aside
            && let Some(there) = read(aside)?
        {
            return Err(HookError::Taken { path: aside.clone(), lines: there.lines().count() }.into());
        }
        Ok(Change { path, before, after, mode: Some(0o755), aside })
    }
}

fn with_matcher(mut group: Value, matcher: Option<&str>) -> Value {
    if let (Some(matcher), Some(group)) = (matcher, group.as_object_mut()) {
        group.insert("matcher".to_owned(), json!(matcher));
    }
    group
}

/// How hooks call this program: whole, since clients and git have a search path of their own. As a shell takes it.
fn program(world: &World) -> String {
    let whole = world.environment.program.as_deref().and_then(Path::to_str);
    quoted(whole.unwrap_or("journal"))
}
