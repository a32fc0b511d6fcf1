//! A digest of a conversation: how it began and what came last, within a budget, in bounded memory.

use std::collections::VecDeque;

use journal_model::{cut_to_tokens, estimate_tokens};

use crate::Said;

/// The most that one thing said keeps, as a share of the budget.
const SHARE: usize = 4;

/// Collects what is said, and forgets the oldest of it beyond the budget.
#[derive(Debug)]
pub(crate) struct Digest {
    max_tokens: usize,
    first: Option<String>,
    recent: VecDeque<(String, usize)>,
    tokens: usize,
    forgotten: usize,
}

impl Digest {
    /// A digest that keeps within `max_tokens` with its headings.
    pub fn new(max_tokens: usize) -> Self {
        Self { max_tokens, first: None, recent: VecDeque::new(), tokens: 0, forgotten: 0 }
    }

    /// Takes in something that was said.
    pub fn add(&mut self, said: &Said, at: Option<&str>) {
        let told = self.told(said, at);
        if self.first.is_none() && matches!(said, Said::Person(_)) {
            self.first = Some(told);
            return;
        }
        let cost = estimate_tokens(&told) + 1;
        self.recent.push_back((told, cost));
        self.tokens += cost;
        while self.tokens > self.max_tokens {
            let Some((_, cost)) = self.recent.pop_front() else { break };
            self.tokens -= cost;
            self.forgotten += 1;
        }
    }

    /// The digest under `head`, within the budget.
    pub fn markdown(&self, head: &str) -> String {
        let first = self.first.as_ref().map(|first| format!("\n## Asked first\n\n{first}\n")).unwrap_or_default();
        let mut left = self.max_tokens.saturating_sub(estimate_tokens(&format!("{head}{first}")) + HEADINGS);
        let mut kept = 0;
        for (_, cost) in self.recent.iter().rev() {
            if *cost > left {
                break;
            }
            left -= cost;
            kept += 1;
        }
        let left_out = self.forgotten + self.recent.len() - kept;
        let mut text = format!("{head}{first}");
        if kept > 0 {
            text.push_str("\n## Most recent\n\n");
        }
        if left_out > 0 {
            text.push_str(&format!("[{left_out} earlier left out]\n\n"));
        }
        for (told, _) in self.recent.iter().skip(self.recent.len() - kept) {
            text.push_str(told);
            text.push('\n');
        }
        cut_to_tokens(&text, self.max_tokens).to_owned()
    }

    fn told(&self, said: &Said, at: Option<&str>) -> String {
        let at = at.map(|at| format!(" · {}", at.get(..16).unwrap_or(at))).unwrap_or_default();
        let cut = |text: &str| {
            let text = text.trim();
            let cut = cut_to_tokens(text, self.max_tokens / SHARE);
            if cut.len() < text.len() { format!("{cut} […]") } else { text.to_owned() }
        };
        match said {
            Said::Person(text) => format!("**Person**{at}\n\n{}\n", cut(text)),
            Said::Model(text) => format!("**Agent**{at}\n\n{}\n", cut(text)),
            Said::Plan(text) => format!("**Plan**{at}\n\n{}\n", cut(text)),
            Said::Summary(text) => format!("**Summary of what was before**{at}\n\n{}\n", cut(text)),
            Said::Tool(name, about) => format!("- {name}: {}\n", cut_to_tokens(about, 40)),
        }
    }
}

/// What the headings and the line of what was left out cost at most.
const HEADINGS: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_and_the_end_within_the_budget() {
        for max in [0, 1, 60, 100, 400, 2_000] {
            let mut digest = Digest::new(max);
            digest.add(&Said::Person("Why is it slow?".into()), Some("2026-11-21T10:00:00.000Z"));
            for number in 0..500 {
                digest.add(&Said::Model(format!("Step {number} 생각한다 {}", "long ".repeat(number))), None);
                digest.add(&Said::Tool("Bash".into(), "cargo test".into()), None);
                assert!(digest.tokens <= max, "kept no more than may be told");
            }
            digest.add(&Said::Model("It is fast now.".into()), None);
            let text = digest.markdown("# Head\n");
            assert!(estimate_tokens(&text) <= max, "{max}: {}", estimate_tokens(&text));
            if max >= 400 {
                assert!(text.contains("**Person** · 2026-11-21T10:00\n\nWhy is it slow?"), "{text}");
                assert!(text.contains("It is fast now.") && text.contains("earlier left out]"), "{text}");
            }
        }
    }

    #[test]
    fn nothing_is_left_out_that_fits() {
        let mut digest = Digest::new(2_000);
        digest.add(&Said::Person("Hi".into()), None);
        digest.add(&Said::Tool("Read".into(), "a.rs".into()), None);
        digest.add(&Said::Person("Thanks".into()), None);
        assert_eq!(
            digest.markdown("# Head\n"),
            "# Head\n\n## Asked first\n\n**Person**\n\nHi\n\n\n## Most recent\n\n- Read: a.rs\n\n**Person**\n\nThanks\n\n"
        );
    }
}
