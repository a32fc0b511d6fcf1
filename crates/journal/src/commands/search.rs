//! `journal search`: find notes by what stands in them.

use std::{
    ffi::OsString,
    path::Path,
    process::{Command, Stdio},
};

use clap::ValueEnum as _;
use journal_engine::{Search, SearchMode, Searched, obsidian_link};

use crate::{
    failure::Failure,
    json::{self, versioned},
    place::{Place, World},
    rim::Exit,
    text::{
        Text, counted,
        found::{found, lines_of},
        quoted,
    },
};

/// Told below the options.
const EXAMPLES: &str = r#"Examples:
  journal search flaky login test
  journal search '"token expiry" -mobile'
  journal search 'retry OR backoff' project:api after:2026-11
  journal search 'type:session status:active' --limit 50
  journal search backup --files | xargs -d '\n' grep -l restore"#;

/// Find notes by what stands in them and by what it means
///
/// Words side by side must all be there; more than three are taken for a question, of which any will do. "a phrase" in
/// quotes of its own, -word without it, a OR b, begin* for any ending. Filters: tag:, path:, session:, type:, project:,
/// branch:, status:, agent:, after: and before: (2026, 2026-11 or 2026-11-21). What makes no sense is searched for as plain
/// words. Notes that say the same in other words are found as well, once `journal reindex` has made vectors of them.
///
/// On a terminal each hit shows its place, the part that fits, and what to type to open it. In a pipe it is a line: path,
/// line, id, title and snippet, with tabs between them, and what speaks for it where --explain asks. The index is built when there is none; exit 1 when nothing fits.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct SearchCommand {
    /// What to look for
    #[arg(value_name = "QUERY", required = true)]
    query: Vec<String>,

    /// The most hits
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,

    /// Go on behind a page that ended with this
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,

    /// What counts: the words, their meaning, or both
    #[arg(long, value_name = "MODE", value_enum, default_value_t = Mode::Hybrid)]
    mode: Mode,

    /// Tell what speaks for each hit
    #[arg(long)]
    explain: bool,

    /// Thoughts that a later one revises, too
    #[arg(long)]
    include_superseded: bool,

    /// Print paths and nothing else
    #[arg(long, conflicts_with_all = ["json", "open"])]
    files: bool,

    /// Print the link that opens the first hit in Obsidian; on a terminal, open it
    #[arg(long, conflicts_with = "json")]
    open: bool,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// What counts in a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Mode {
    /// Words and meaning together
    Hybrid,
    /// The words
    Text,
    /// The meaning
    Semantic,
}

impl From<Mode> for SearchMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Hybrid => Self::Hybrid,
            Mode::Text => Self::Text,
            Mode::Semantic => Self::Semantic,
        }
    }
}

impl SearchCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// When there is nothing to search for, or the index cannot be asked.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        let place = world.open_indexed()?;
        let searched = place.engine.search(&Search {
            query: self.query.join(" "),
            limit: usize::from(self.limit),
            cursor: self.cursor.clone(),
            include_superseded: self.include_superseded,
            mode: self.mode.into(),
        })?;
        let outcome = if searched.hits.is_empty() { Exit::NotFound } else { Exit::Ok };
        let vault = place.engine.vault().name();
        if self.json {
            world.output.json(&versioned(json::Found::new(&searched, &vault)))?;
            return Ok(outcome);
        }
        searched.notes.iter().for_each(|note| world.output.note(format!("Note: {note}.")));
        if let Some(why) = &searched.words_only {
            let told = format!("Note: searched by words only: {why}.");
            if self.mode == Mode::Semantic || searched.is_failure {
                world.output.note(told);
            } else {
                world.output.detail(told);
            }
        }
        if searched.relaxed && searched.hits.iter().any(|hit| hit.partial) {
            world.output.note("Note: too few notes have all the words; those with some of them follow.");
        }
        if searched.revised > 0 {
            world.output.note(revised(searched.revised));
        }
        if searched.hits.is_empty() {
            if searched.revised == 0 || !searched.gone.is_empty() {
                world.output.note(nothing(&searched));
            }
            return Ok(outcome);
        }
        if self.open {
            self.open_first(&searched, &place, world)?;
        } else if self.files {
            let mut text = Text::new();
            searched.hits.iter().for_each(|hit| _ = text.plain(hit.note.path.as_str()).end());
            world.output.answer(&text)?;
        } else if world.output.is_terminal() {
            let again = self.again(world.global.vault.as_deref());
            world.output.answer(&found(&searched, &world.clock, self.explain, &again))?;
        } else {
            world.output.answer(&lines_of(&searched, self.explain))?;
        }
        if !searched.gone.is_empty() {
            world.output.note(gone(&searched));
        }
        Ok(outcome)
    }

    fn open_first(&self, searched: &Searched, place: &Place, world: &World) -> Result<(), Failure> {
        let Some(hit) = searched.hits.first() else { return Ok(()) };
        let link = obsidian_link(&place.engine.vault().name(), &hit.note.path);
        let mut text = Text::new();
        world.output.answer(text.plain(link.as_str()).end())?;
        if world.output.is_terminal() && !launch(&link) {
            world.output.warn("no program could be started that opens links; open it yourself");
        }
        Ok(())
    }

    /// The command as it was typed, without its cursor.
    fn again(&self, vault: Option<&Path>) -> String {
        let query: Vec<String> = self.query.iter().map(|word| quoted(word)).collect();
        let mut again = format!("journal search {}", query.join(" "));
        if self.limit != 10 {
            again += &format!(" --limit {}", self.limit);
        }
        if self.mode != Mode::Hybrid {
            let mode = self.mode.to_possible_value();
            again += &mode.map_or_else(String::new, |mode| format!(" --mode {}", mode.get_name()));
        }
        if self.explain {
            again += " --explain";
        }
        if self.include_superseded {
            again += " --include-superseded";
        }
        if let Some(vault) = vault {
            again += &format!(" --vault {}", quoted(&vault.to_string_lossy()));
        }
        again
    }
}

fn nothing(searched: &Searched) -> String {
    if !searched.gone.is_empty() {
        return gone(searched);
    }
    match usize::try_from(searched.indexed).unwrap_or(usize::MAX) {
        0 => "Nothing found: the index is empty. Bring it up to date: journal reindex".to_owned(),
        notes => format!(
            "Nothing found in {}. Try fewer words, or bring the index up to date: journal reindex",
            counted(notes, "note")
        ),
    }
}

fn revised(count: u64) -> String {
    match count {
        1 => "Note: 1 thought that a later one revises fits: --include-superseded".to_owned(),
        count => format!("Note: {count} thoughts that later ones revise fit: --include-superseded"),
    }
}

fn gone(searched: &Searched) -> String {
    let notes = counted(searched.gone.len(), "note");
    format!("Left out {notes}, gone from the place that the index knows. If moved: journal reindex")
}

/// Hands a link to what opens links on this platform. Does not wait for it.
fn launch(link: &str) -> bool {
    let (opener, before): (&str, &[&str]) = if cfg!(windows) {
        ("rundll32", &["url.dll,FileProtocolHandler"])
    } else if cfg!(target_os = "macos") {
        ("open", &[])
    } else {
        ("xdg-open", &[])
    };
    let mut command = Command::new(opener);
    command.args(before).arg(link).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().is_ok()
}

/// A command line in which `-word` stands as `NOT word`, which says the same in a search.
pub fn negated(arguments: &[OsString]) -> Vec<OsString> {
    let mut line = Vec::with_capacity(arguments.len() + 1);
    let mut options = true;
    for argument in arguments {
        options &= argument != "--";
        match argument.to_str().and_then(|text| text.strip_prefix('-')) {
            Some(word) if options && !word.is_empty() && !word.starts_with('-') && !is_cluster(word) => {
                let word = if word.contains(char::is_whitespace) && !word.contains('"') {
                    format!("\"{word}\"")
                } else {
                    word.to_owned()
                };
                line.extend(["NOT".into(), word.into()]);
            }
            _ => line.push(argument.clone()),
        }
    }
    line
}

/// Whether these are the short options that every command takes.
fn is_cluster(word: &str) -> bool {
    word.chars().all(|option| "qvh".contains(option))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Line {
        #[command(flatten)]
        search: SearchCommand,
        #[arg(long)]
        vault: Option<std::path::PathBuf>,
    }

    #[test]
    fn the_next_page_is_asked_for_in_the_same_way() {
        let typed = "journal search flaky NOT test --limit 3 --mode semantic --explain --include-superseded --vault v";
        let parse = |line: &str| <Line as clap::Parser>::parse_from(line.split(' ').skip(1));
        let line = parse(typed);
        let again = line.search.again(line.vault.as_deref());
        assert_eq!(again, typed);
        assert_eq!(format!("{:?}", parse(&again)), format!("{line:?}"));
        assert_eq!(parse("journal search flaky").search.again(None), "journal search flaky");
    }

    #[test]
    fn words_that_must_not_be_there() {
        let line = |words: &[&str]| {
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            negated(&words).iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(line(&["journal", "search", "a", "-b", "--limit", "3"]), "journal search a NOT b --limit 3");
        assert_eq!(line(&["search", "-b c", "-tag:x", "-v"]), r#"search NOT "b c" NOT tag:x -v"#);
        assert_eq!(line(&["search", "-q", "--", "-b", "-"]), "search -q -- -b -");
    }
}
