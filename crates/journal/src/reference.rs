//! The reference in `docs/`, rendered from what the program itself knows, so that it cannot drift.

use std::fmt::Write as _;

use journal_engine::Mode;

use crate::{
    config::{KEYS, Key, Places},
    environment,
    rim::Exit,
};

/// The width that help texts are wrapped to.
const WIDTH: usize = 100;

/// What the objects of `--json` hold at their top.
const OBJECTS: &[(&str, &str)] = &[
    (
        "journal",
        "`vault` (absolute), `vault_id`, `state`, `index` (`notes`, `generation`: how often it was written, `texts`, `with_vector` of \
         `model`: the chosen one, `serving`: the one that search asks, `embedding_trouble`: why whoever watches makes none), `index_trouble`, `open`, and what `journal sessions` holds",
    ),
    (
        "journal status",
        "the same, and `load` (`writing`, `indexing`, `watching`, `embedding`: `null` or `holder`, `embedding_paused`, `last_run` as of `journal schedule status`, `agents` that are here, \
         `agents_of_one_project`: the most, `agents_per_project`: the bound, `locks`, `claims`, `lines` that are held, \
         `leases_of_one_agent`, `leases_per_agent`, `queue_length`, `index_bytes`, `index_log_bytes`, `state_bytes`, `state_log_bytes`, \
         `model_bytes`) or `load_trouble`: why it is not known",
    ),
    (
        "journal think",
        "`session` (`id`, `title`, `path`, `is_new`), `thought` (`id`, `path`, `number`, `total`, `next_needed`, `title`, \
         `created`, `agent`, `tags`, `branch`, `branch_from`, `revises`), `dry_run`, `replayed`, `next_number` of its line, \
         `thoughts`, `branches`, `gap_from`, `agent` (`id`, `name`, `source`, `client`), `taken_over_from`, \
         `taken_from_you_by`, `written` (`path`, `created`; of a dry run `before` and `after` too), `similar_thoughts` (`id`, \
         `path`, `session`, `number`, `title`, `score`: 0 to 1, `by`: `words` or `meaning`), `similar_sessions` of a first thought \
         (`id`, `path`, `title`, `status`, `score`, `by`) and `open_sessions` of its project (`id`, `path`, `title`, `status`), `diagnostics`",
    ),
    (
        "journal hydrate",
        "`id`, `path`, `title`, `status`, `project`, `created`, `updated`, `summary`, `body`, `found_by`, `next_number` \
         and `next_needed` (of the line asked for, else of the main line), `total`, `omitted`, `tokens`, `thoughts` (as above, with `superseded_by`, `belongs_by`, `shown`: \
         `whole`, `cut` or `title`, and `text`), `branches` (`name`, `from`, `thoughts`, `next_number`, `open`), `owners` \
         (`line`, `agent`, `name`, `since`, `until`), `linked`, `unresolved_targets`, `ambiguous_targets`, `diagnostics`",
    ),
    (
        "journal sessions",
        "`sessions` (`id`, `path`, `title`, `status`, `project`, `updated`, `thoughts`, `branches`, `next_number`, \
         `diagnostics`), `notes`, `skipped` (`path`, `reason`)",
    ),
    ("journal show", "`id`, `path`, `title`, `found_by`, `text`, `body_start` (in bytes), `diagnostics`"),
    ("journal session …", "`id`, `path`, `title`, `was`, `status`, `changed`, `caller` (`id`, `source`)"),
    (
        "journal search",
        "`hits` (`id`, `path`, `title`, `kind`: `session`, `thought` or `note`, `why`: `id`, `title`, `words`, `meaning`, `both` or `filter`, \
         `partial`, `score`, `words` and `meaning`: what each adds, `parts` (`text`, `score`), `headings`, `lines`: first and \
         last, `snippet`, `highlights`: from and to in bytes, `changed`, `tags`, `status`, `project`, `agent`, `session`, `number`, `branch`, `superseded`, `open`: a \
         link into Obsidian), `by_meaning`, `words_only`: why not, `total`, \
         `total_is_exact`, `relaxed`, `revised`: how many thoughts fit that later ones revise, where nothing else does, `cursor`, `notes`, `gone` and `changed` (paths), `indexed`",
    ),
    (
        "journal links REF",
        "`id`, `path`, `title`, `changed`, `out_total`, `out`, `in_total`, `in`; a link is `from`, `line`, `kind`: `wiki`, \
         `embed`, `markdown` or `property`, `property`, `target`, `fragment`, `alias`, `leads`: `to-note`, `to-file`, \
         `ambiguous` or `nowhere`, `to`, `candidates`",
    ),
    ("journal links --broken", "`total`, `links` (as above); `--ambiguous` likewise; `--orphans`: `total`, `paths`"),
    (
        "journal related",
        "`id`, `path`, `title`, `session`, `notes` (`id`, `path`, `title`, `kind`, `score`: 0 to 1, `linked`, `same_session`, \
         `more`: notes of its session that are alike, too, `headings`, `lines`, `snippet`, `changed`, `status`, `project`, `agent`, `session`, \
         `number`, `branch`, `open`), `by_meaning`, `words_only`: why not, `gone`",
    ),
    ("journal tags", "`total`, `tags` (`tag`, `notes`)"),
    (
        "journal model status",
        "`chosen`, `serving`: the model that search asks, `runtime`: the library of an installed one, `vectors` (`model`, `name`, \
         `with_vector`, `texts`), `with_vector` and `texts` of the chosen one, `trouble`: why whoever watches makes none, `paused`; `pause` and \
         `resume` likewise, `use` with `manner` (`pooling`: `mean` or `first`, `window` in tokens, `query_prefix`, `passage_prefix`)",
    ),
    ("journal model list", "`chosen`, `models` (`name`, `repository`, `dimensions`, `about`, `fetched`)"),
    (
        "journal model fetch",
        "`name`, `vectors`: the name of its vectors; `rm`: `name`, `removed`, `with`: those that shared its files",
    ),
    (
        "journal reindex",
        "`fresh`: `up-to-date`, `built`, `outdated` or `damaged`, `aside`, `seen`, `unchanged`, `added`, `changed`, `touched` \
         (other times, same content), `moved` (`from`, `to`), `deleted`, `excluded`, `skipped` (`path`, `reason`, \
         `is_failure`), `diagnostics`, `indexed`, `vectors_kept` of an index before, `vectors_lost`: why \
         not all, `embedded` (`new`, `failed`, `why`, `with_vector`, `texts`), `embedding_trouble`: why there are no vectors",
    ),
    (
        "journal reindex --check",
        "`right`, `seen`, `indexed`, `differences` (`path`, `difference`: `not-indexed`, `other-content`, `other-rules` or \
         `gone`), `damage`, `skipped`",
    ),
    (
        "journal watch",
        "an object a line: `at`, `what` (`waits`: `holder`; `leads`, `watches`, `recovered`; `compared`: `compared` (`seen`, `added`, `changed`, \
         `moved`, `deleted`); `followed`: `changed`; `polls`, `away`, `failed`: `message`, `hint`; `embedding-failed`: `message`; \
         `embedding-recovered`)",
    ),
    (
        "journal schedule status",
        "`schedules` (`job`: `reindex` or `serve`, `when`: `every 1h` or `at 03:00`, `kind`: `systemd`, `launchd`, `cron` or \
         `task-scheduler`, `edited`: by hand, `active`: whether it is switched on, \
         `stopped`: how it is called where it is switched on and does not run, `places`, `next`), `last_run` (`begun`, \
         `ended`, `exit`, `added`, `changed`, `moved`, `deleted`, `embedded`, `failed`, `error`)",
    ),
    (
        "journal scratch",
        "`path`, `agent`: the id of whose it is; `list`: `files`, `agent`; `sweep`: `swept`, the ids of those whose \
         belongings are gone",
    ),
    ("journal marker …", "`name`, `text` (`null` when it is gone), `agent`; `list`: `markers`, `agent`"),
    (
        "journal transcript plan",
        "`session`, `client`, `slug`, `path`, `text`, `malformed`: lines that could not be read",
    ),
    (
        "journal transcript list",
        "`session`, `logs` (`client`, `path`, `agent`, `directory`, `begun`, `last`, `asked`, `slug`, `lines`, `malformed`, \
         `foreign`: lines of other conversations); `agents` likewise",
    ),
    ("journal transcript digest", "`session`, `client`, `path`, `digest`: markdown, `malformed`"),
    (
        "journal doctor",
        "`well`, `notes`, `index` (`notes`, `sessions`, `thoughts`, `words`, `chunks`, `links`, `broken_links`, \
         `ambiguous_links`, `diagnostics`, `bytes`, `free_bytes`, `log_bytes`, `layout`, `generation`, `sqlite`), `state_bytes`, \
         `disks` (`vault` and `state`: `file_system`, `network`, `syncer`, `free_bytes`, `writable`, `open_mode`), `watch` (`pid` of who \
         watches, `since`, `polling`: why, `compared`, `read_whole`: when all notes were, `trouble` (`at`, `over`, `message`, \
         `hint`)), `model` (`chosen`, `trouble`, `with_vector`, `texts`, `asked_instead`: the one that search asks until the chosen one has all, `paused`), `agents` (`here`, `inactive`, `gone`, `held`), \
         `schedules` and `last_run` (as `journal schedule status` tells them), `server` (as `journal serve --status` tells it), `findings` and `mended` (`code`, `severity`: `error`, `warning` or `note`, `message`, `paths`, `mend`), `new_ids` \
         (`path`, `was`, `id`)",
    ),
    (
        "journal serve --status",
        "`running`, and of the server of now or the last one: `address`, `pid`, `since`, `connections`, `calls`, `at`: when it last \
         said so",
    ),
    (
        "journal agents",
        "`project` (yours), `agents` (`id`, `name`, `client`, `process`, `directory`, `project`, `worktree`, `branch`, `session`, \
         `task`, `status`, `started`, `last_active`, `presence`: `active`, `waiting`, `paused`, `inactive`, `gone` or `ended`, \
         `you`, `holds` (`resource`, `agent`, `name`, `token`, `since`, `until`, `note`); with `--files` also `files` (`path`, `at`))",
    ),
    ("journal agent", "`agent` (as above, as far as it is of the agent itself), `source`; `set` and `end` likewise"),
    (
        "journal lock acquire",
        "`lock`, `token`, `until`, `how`: `fresh`, `renewed`, `after-release`, `after-expiry`, `holder-gone` or `taken-over`, \
         `former` (an agent), `waited`, `agent`; `renew` and `steal` likewise; `release`: `released`",
    ),
    ("journal lock status", "`locks` (as `holds` above)"),
    (
        "journal claim add",
        "`claims` (`glob`, `shared`, `agent`, `name`, `project`, `worktree`: `null` for all, `since`, `until`, `reason`), \
         `conflicts` (`asked`, `path`: one that both mean, `claim`); `list` likewise; `release`: `released`",
    ),
    ("journal claim check", "`free`, `conflicts` (as above)"),
    (
        "journal overlap",
        "`free`, `paths` (`path`, `one`, `other`: `agent`, `name`, `worktree`, `branch`, `claimed`: a glob, `touched`: when), \
         `merges` (`files`, `one`, `other`: `worktree`, `branch`, `agents`: names, `uncommitted`), `unknown`: why not all is known",
    ),
    (
        "journal events",
        "`events` (`seq`, `at`, `kind`, `agent`, `name`, `project`, `subject`, `detail`); with `--follow` an object a line",
    ),
    ("journal relocate", "`moved` (`from`, `to`), `rewritten` (`path`, `links`), `diagnostics`"),
    (
        "journal import",
        "`dry_run`, `sessions` (`id`, `title`, `path`, `written` and `here_already`: how many notes, `differing`: paths of those that say \
         something else here, `new_ids` (`was`, `id`), `renamed` (`was`, `path`)), `written`: all paths, `diagnostics`",
    ),
    ("journal views install", "`path`, `done`: `made`, `updated`, `same`, `removed` or `absent`; `remove` likewise"),
    ("journal views graph", "`id`, `path`, `changed`, `diagnostics`"),
    ("journal config list", "`settings` (`key`, `value`, `origin`)"),
    ("journal config path", "`user`, `vault`"),
    (
        "what `journal transcript` does not find",
        "`error`: `no_session`, `no_transcript_found`, `no_plan_found` or `no_agents_found`, `session`, `message`",
    ),
    (
        "an error",
        "`error`: `code`, `message`, `hints`; where they apply `candidates` (`id`, `path`, `title`), `paths`, `next_number`, \
         `held` (`agent`, `name`, `since`, `until`), `conflicts` (as `journal claim add` has them)",
    ),
];

/// `docs/cli.md`.
pub fn cli(command: clap::Command) -> String {
    let mut page = String::from(
        "# Command line\n\nRendered from the program by `journal reference cli`; a test holds it to that.\n\n\
         Standard output is the answer, standard error everything else. `REF` names a note by its id, the first or last four \
         or more characters of it, its path in the vault, or its name.\n\n## Exit codes\n\n| Code | Means |\n| --- | --- |\n",
    );
    for exit in [Exit::Ok, Exit::NotFound, Exit::Usage, Exit::Conflict, Exit::Partial, Exit::Bug] {
        line(&mut page, format_args!("| {} | {} |", exit.code(), exit.about()));
    }
    page.push_str(
        "\n`journal lock run` ends as its command does. A reader that goes away (`journal sessions | head -1`) is no error.\n\n## JSON\n\n`--json` prints one object on a \
         line, with `schema_version` 1: it grows when a field goes or changes its meaning, not when one is added. An error is \
         an object on standard error, with the same exit code. Times of notes are as they stand there (local); instants \
         (`since`, `until`) are UTC. What depends on who calls has `caller` (`id`, `source`: `explicit`, `variable` or `generated`), where it \
         has no `source` of its own. What is not known is `null`. A diagnostic is `code`, `line`, `message`, `hint`.\n\n\
         | Of | Fields |\n| --- | --- |\n",
    );
    for (of, fields) in OBJECTS {
        let name = if of.starts_with("journal") { format!("`{of}`") } else { (*of).to_owned() };
        line(&mut page, format_args!("| {name} | {fields} |"));
    }
    let mut root = command.term_width(WIDTH);
    root.build();
    describe(&mut root, &mut page);
    page
}

fn describe(command: &mut clap::Command, page: &mut String) {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name()).to_owned();
    let help = command.render_long_help().to_string();
    let help: Vec<&str> = help.trim_end().lines().map(str::trim_end).collect();
    line(page, format_args!("\n## {name}\n\n```text\n{}\n```", help.join("\n")));
    for sub in command.get_subcommands_mut().filter(|sub| sub.get_name() != "help" && !sub.is_hide_set()) {
        // Told once, above.
        let told = |arg: &clap::Arg| arg.is_global_set() && arg.get_help_heading().is_some() || arg.get_id() == "help";
        *sub = sub.clone().mut_args(|arg| if told(&arg) { arg.hide(true) } else { arg });
        describe(sub, page);
    }
}

/// `docs/configuration.md`.
pub fn configuration() -> String {
    let mut page = String::from(
        "# Configuration\n\nRendered from the program by `journal reference configuration`; a test holds it to that.\n\n\
         Nothing has to be configured. What says something first counts: an option, an environment variable, the vault's \
         `.journal/config.toml`, your own `journal/config.toml` (`journal config path` says where), the default. \
         `journal config list` shows every value and where it comes from.\n\n\
         Both files are TOML with keys at the top. An unknown key is a warning; a file that cannot be read as TOML, or a value \
         that cannot be one, stops every command with exit code 2 and its line.\n\n## Keys\n\n\
         | Key | Holds | Default | File | Option | Variable | For |\n| --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for Key { name, about, kind, default, flag, variable, places, .. } in KEYS {
        let code = |text: &str| if text.is_empty() { "–".to_owned() } else { format!("`{text}`") };
        let default = if default.contains(' ') { (*default).to_owned() } else { code(default) };
        let place = match places {
            Places::Vault => "vault",
            Places::User => "yours",
            Places::Both => "either",
        };
        let (flag, variable) = (code(flag.unwrap_or_default()), code(variable.map_or("", |variable| variable.name)));
        line(&mut page, format_args!("| `{name}` | {kind} | {default} | {place} | {flag} | {variable} | {about} |"));
    }
    page.push_str("\n## Environment variables\n\nEmpty counts as unset.\n\n| Variable | For |\n| --- | --- |\n");
    for variable in environment::ALL {
        line(&mut page, format_args!("| `{}` | {} |", variable.name, variable.about));
    }
    page.push_str(
        "\nWithout `--agent` and `JOURNAL_AGENT`, these say who is calling, the first that is set:\n\n\
         | Variable | Set by |\n| --- | --- |\n",
    );
    for (name, client) in Mode::Cli.variables() {
        line(&mut page, format_args!("| `{name}` | {client} |"));
    }
    page
}

fn line(page: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(page, "{text}").expect("writing to a string cannot fail");
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::args::Cli;

    #[test]
    fn the_docs_are_what_the_program_says() {
        for (name, said) in [("cli", cli(Cli::command())), ("configuration", configuration())] {
            let path = format!("{}/docs/{name}.md", env!("CARGO_MANIFEST_DIR"));
            let written = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(
                written == said,
                "docs/{name}.md is not what the program says; run: cargo run -- reference {name} > docs/{name}.md"
            );
        }
    }
}
