//! How the last run of a schedule went, written down in the state directory for whoever asks.

use std::fmt::Write as _;

use crate::{Trouble, core::Core, facts::plain};

/// How a run of a schedule went. Times are Unix milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LastRun {
    /// When it began.
    pub begun: u64,
    /// When it ended.
    pub ended: u64,
    /// With which exit code.
    pub exit: u8,
    /// Notes that were new to the index.
    pub added: usize,
    /// Notes with another content.
    pub changed: usize,
    /// Notes that lay elsewhere.
    pub moved: usize,
    /// Notes that were gone.
    pub deleted: usize,
    /// Texts that got a vector.
    pub embedded: usize,
    /// Notes that could not be read, and texts that the model could not embed.
    pub failed: usize,
    /// Why it did not come to its end.
    pub error: Option<String>,
}

impl LastRun {
    /// One line a fact: its name, a tab, the fact.
    fn to_text(&self) -> String {
        let Self { begun, ended, exit, added, changed, moved, deleted, embedded, failed, error } = self;
        let mut text = format!(
            "begun\t{begun}\nended\t{ended}\nexit\t{exit}\nadded\t{added}\nchanged\t{changed}\nmoved\t{moved}\n\
             deleted\t{deleted}\nembedded\t{embedded}\nfailed\t{failed}\n"
        );
        if let Some(error) = error {
            writeln!(text, "error\t{}", plain(error)).expect("a string takes text");
        }
        text
    }

    /// What cannot be understood is left out: another version may have written it.
    fn of_text(text: &str) -> Self {
        let mut run = Self::default();
        for (key, value) in text.lines().filter_map(|line| line.split_once('\t')) {
            let count = || value.parse().unwrap_or_default();
            match key {
                "begun" => run.begun = value.parse().unwrap_or_default(),
                "ended" => run.ended = value.parse().unwrap_or_default(),
                "exit" => run.exit = value.parse().unwrap_or_default(),
                "added" => run.added = count(),
                "changed" => run.changed = count(),
                "moved" => run.moved = count(),
                "deleted" => run.deleted = count(),
                "embedded" => run.embedded = count(),
                "failed" => run.failed = count(),
                "error" => run.error = Some(value.to_owned()),
                _ => {}
            }
        }
        run
    }
}

impl Core {
    /// See [`Engine::last_run`](crate::Engine::last_run).
    pub(crate) fn last_run(&self) -> Result<Option<LastRun>, Trouble> {
        let Some(state) = &self.state else { return Ok(None) };
        Ok(state.last_run()?.map(|text| LastRun::of_text(&String::from_utf8_lossy(&text))))
    }

    /// See [`Engine::set_last_run`](crate::Engine::set_last_run).
    pub(crate) fn set_last_run(&self, run: &LastRun) -> Result<(), Trouble> {
        Ok(self.state()?.set_last_run(run.to_text().as_bytes())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_down_reads_back() {
        let full = LastRun {
            begun: 1,
            ended: 2,
            exit: 4,
            added: 3,
            changed: 4,
            moved: 5,
            deleted: 6,
            embedded: 7,
            failed: 8,
            error: Some("why".to_owned()),
        };
        for run in [full.clone(), LastRun::default()] {
            assert_eq!(LastRun::of_text(&run.to_text()), run);
        }
        let lines = LastRun { error: Some("two\n\tlines".to_owned()), ..full };
        assert_eq!(LastRun::of_text(&lines.to_text()).error.as_deref(), Some("two  lines"));
        assert_eq!(LastRun::of_text("begun\tx\nnew\t1\n\n"), LastRun::default());
    }
}
