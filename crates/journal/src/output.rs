//! The one module that prints. Standard output is the answer; everything else goes to standard error.
//!
//! A note may hold anything, an escape sequence for the terminal included. What goes to a terminal goes without control
//! characters, but for line breaks and tabs; what goes to a file or a pipe goes as it is.

use std::{
    borrow::Cow,
    cell::Cell,
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

use journal_engine::{Phase, Progress};

use serde::Serialize;

use crate::{
    global::ColorChoice,
    text::{Style, Text, progress::progress_line},
};

/// Standard output and standard error, and how to set text on them.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    answer: Sheet,
    notes: Sheet,
    quiet: bool,
    verbose: bool,
}

/// How text is set on one stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sheet {
    /// Whether somebody's terminal is on the other side.
    terminal: bool,
    color: bool,
}

/// The answer could not be printed.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to standard output")]
pub struct OutputError(#[from] io::Error);

impl Output {
    /// The streams of this process.
    pub fn of_process(color: ColorChoice, quiet: bool, verbose: bool) -> Self {
        let sheet = |terminal| Sheet {
            terminal,
            color: match color {
                ColorChoice::Auto => terminal,
                ColorChoice::Always => true,
                ColorChoice::Never => false,
            },
        };
        Self { answer: sheet(io::stdout().is_terminal()), notes: sheet(io::stderr().is_terminal()), quiet, verbose }
    }

    /// How many columns the answer has, on a terminal.
    pub fn width(&self) -> Option<usize> {
        let (width, _) = terminal_size::terminal_size().filter(|_| self.answer.terminal)?;
        Some(usize::from(width.0))
    }

    /// Whether a person reads the answer on a terminal.
    pub fn is_terminal(&self) -> bool {
        self.answer.terminal
    }

    /// A line on standard error that tells how far something has come; silent unless a person sees it.
    pub fn progress(&self) -> ProgressLine {
        let width = terminal_size::terminal_size_of(io::stderr()).map(|(width, _)| usize::from(width.0));
        let width = width.filter(|_| self.notes.terminal && !self.quiet);
        ProgressLine { width, begun: Cell::new((None, Instant::now())), shown: Cell::new(None) }
    }

    /// Whether to say nothing but the answer.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Prints an answer.
    ///
    /// # Errors
    /// When standard output does not take it.
    pub fn answer(&self, text: &Text) -> Result<(), OutputError> {
        self.bytes(self.answer.set(text).as_bytes())
    }

    /// Prints an answer as one JSON object on a line.
    ///
    /// # Errors
    /// As [`Self::answer`].
    pub fn json(&self, value: &impl Serialize) -> Result<(), OutputError> {
        let mut line = serde_json::to_vec(value).map_err(io::Error::from)?;
        line.push(b'\n');
        self.bytes(&line)
    }

    /// Prints an answer that is not text in spans: a script, a page of the manual.
    ///
    /// # Errors
    /// As [`Self::answer`].
    pub fn bytes(&self, bytes: &[u8]) -> Result<(), OutputError> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        Ok(stdout.flush()?)
    }

    /// Prints an answer that is a list of plain lines.
    ///
    /// # Errors
    /// As [`Self::answer`].
    pub fn lines(&self, lines: &[String]) -> Result<(), OutputError> {
        let mut text = Text::new();
        for line in lines {
            text.paragraph(line);
        }
        self.answer(&text)
    }

    /// Says something beside the answer, unless told to be quiet.
    pub fn note(&self, text: impl Into<String>) {
        if !self.quiet {
            self.beside(Text::new().plain(text).end());
        }
    }

    /// Says something that only the curious want to know.
    pub fn detail(&self, text: impl Into<String>) {
        if self.verbose {
            self.beside(Text::new().faint(text).end());
        }
    }

    /// Warns.
    pub fn warn(&self, text: impl Into<String>) {
        self.beside(Text::new().add(Style::Notice, "warning: ").plain(text).end());
    }

    /// Tells why the command failed.
    pub fn error(&self, text: &Text) {
        self.beside(text);
    }

    /// Tells a client, or git, what went wrong, without a word more.
    pub fn plain_error(&self, text: &str) {
        self.beside(Text::new().paragraph(text));
    }

    /// Tells why the command failed, as one JSON object on a line of standard error.
    pub fn json_error(&self, value: &impl Serialize) {
        let line = serde_json::to_string(value).unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"));
        self.beside(Text::new().plain(line).end());
    }

    fn beside(&self, text: &Text) {
        // What standard error does not take cannot be told anywhere.
        drop(io::stderr().lock().write_all(self.notes.set(text).as_bytes()));
    }
}

/// A line that is written over, and gone in the end.
pub struct ProgressLine {
    /// Columns of the terminal; `None` for silence.
    width: Option<usize>,
    /// What is being done, and since when.
    begun: Cell<(Option<Phase>, Instant)>,
    /// When it was last written.
    shown: Cell<Option<Instant>>,
}

/// What is done sooner needs no line, and nobody reads faster than that.
const PAUSE: Duration = Duration::from_millis(200);

impl ProgressLine {
    /// Tells how far it has come.
    pub fn show(&self, progress: Progress) {
        let Some(width) = self.width else { return };
        let now = Instant::now();
        if self.begun.get().0 != Some(progress.phase) {
            self.begun.set((Some(progress.phase), now));
        }
        let begun = self.begun.get().1;
        self.write(now, &|| progress_line(progress, now - begun, width.saturating_sub(1)));
    }

    /// Tells it in these words.
    pub fn tell(&self, line: &str) {
        let Some(width) = self.width else { return };
        self.write(Instant::now(), &|| line.chars().take(width.saturating_sub(1)).collect());
    }

    fn write(&self, now: Instant, line: &dyn Fn() -> String) {
        if now - self.shown.get().unwrap_or(self.begun.get().1) < PAUSE {
            return;
        }
        self.shown.set(Some(now));
        drop(write!(io::stderr().lock(), "\r{}\x1b[K", line()));
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        if self.shown.get().is_some() {
            drop(write!(io::stderr().lock(), "\r\x1b[K"));
        }
    }
}

/// Tells that `journal` itself is wrong; in one line where a client reads it.
pub fn bug(panic: &str, in_a_line: bool) {
    if in_a_line {
        let line = panic.split_whitespace().collect::<Vec<_>>().join(" ");
        return Output::of_process(ColorChoice::Never, false, false).plain_error(&format!("journal: a bug: {line}"));
    }
    let mut text = Text::new();
    text.add(Style::Alert, "error: ").plain("this is a bug in journal; what was acknowledged before is safe").end();
    text.faint("  hint: ").plain("report what you typed, and this:").end().plain(format!("  {panic}")).end();
    Output::of_process(ColorChoice::Never, false, false).beside(&text);
}

impl OutputError {
    /// Whether the reader went away, as `head` does: it has what it wanted.
    pub fn is_broken_pipe(&self) -> bool {
        self.0.kind() == io::ErrorKind::BrokenPipe
    }
}

impl Sheet {
    fn set(self, text: &Text) -> String {
        let mut set = String::new();
        for (style, span) in text.spans() {
            let span = if self.terminal { without_controls(span) } else { Cow::Borrowed(span.as_str()) };
            match style.escape().filter(|_| self.color) {
                Some(escape) => set.extend([escape, span.as_ref(), "\x1b[0m"]),
                None => set.push_str(&span),
            }
        }
        set
    }
}

impl Style {
    fn escape(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Strong => Some("\x1b[1m"),
            Self::Faint => Some("\x1b[2m"),
            Self::Alert => Some("\x1b[1;31m"),
            Self::Notice => Some("\x1b[33m"),
        }
    }
}

fn without_controls(text: &str) -> Cow<'_, str> {
    let is_unsafe = |c: char| c.is_control() && c != '\n' && c != '\t';
    if text.contains(is_unsafe) { text.replace(is_unsafe, "").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(terminal: bool, color: bool) -> String {
        let mut text = Text::new();
        text.strong("head").plain(" \x1b]0;title\x07\x1b[31mred\u{9b}2J\tä\r\n");
        Sheet { terminal, color }.set(&text)
    }

    #[test]
    fn a_terminal_gets_no_control_characters_of_notes() {
        assert_eq!(set(true, false), "head ]0;title[31mred2J\tä\n");
        assert_eq!(set(true, true), "\x1b[1mhead\x1b[0m ]0;title[31mred2J\tä\n");
    }

    #[test]
    fn a_file_gets_the_text_as_it_is() {
        assert_eq!(set(false, false), "head \x1b]0;title\x07\x1b[31mred\u{9b}2J\tä\r\n");
    }
}
