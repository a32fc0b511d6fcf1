//! The programs in which agents run, and how much of a hook's text each takes.

use std::{fmt, str::FromStr};

use journal_model::{cut_to_tokens, estimate_tokens};

/// A program in which agents run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Client {
    /// Claude Code.
    ClaudeCode,
    /// Codex.
    Codex,
}

/// A text that names no client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a client: `claude-code` or `codex`")]
pub struct UnknownClient(String);

impl Client {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::ClaudeCode, Self::Codex];

    /// Its name, as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClaudeCode => "claude-code",
            Self::Codex => "codex",
        }
    }

    /// Its name, as people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClaudeCode => "Claude Code",
            Self::Codex => "Codex",
        }
    }

    /// Whether it takes `text` from a hook whole.
    ///
    /// Claude Code takes 10,000 characters (<https://code.claude.com/docs/en/hooks>), which its runtime counts in UTF-16.
    /// Codex takes 2,500 tokens of four bytes each (`HOOK_OUTPUT_TOKEN_LIMIT` in `codex-rs/hooks/src/output_spill.rs`); ours
    /// count as well, since theirs is an estimate too.
    pub fn takes(self, text: &str) -> bool {
        match self {
            Self::ClaudeCode => text.encode_utf16().count() <= 10_000,
            Self::Codex => text.len() <= 10_000 && estimate_tokens(text) <= 2_500,
        }
    }

    /// As much of `text` as it takes, in whole lines, and `rest` where something is left out.
    pub fn cut(self, text: &str, rest: &str) -> String {
        if self.takes(text) {
            return text.to_owned();
        }
        let mut cut = match self {
            Self::ClaudeCode => at_most(text, 10_000, char::len_utf16),
            Self::Codex => cut_to_tokens(at_most(text, 10_000, char::len_utf8), 2_500),
        };
        loop {
            cut = cut.rfind('\n').map_or("", |end| &cut[..end]);
            let told = if cut.is_empty() { rest.to_owned() } else { format!("{cut}\n{rest}") };
            if cut.is_empty() || self.takes(&told) {
                return told;
            }
        }
    }
}

/// The longest beginning of `text` whose characters cost `max` or less.
fn at_most(text: &str, max: usize, cost: fn(char) -> usize) -> &str {
    let mut spent = 0;
    let end = text.char_indices().find(|(_, char)| {
        spent += cost(*char);
        spent > max
    });
    end.map_or(text, |(at, _)| &text[..at])
}

impl FromStr for Client {
    type Err = UnknownClient;

    fn from_str(text: &str) -> Result<Self, UnknownClient> {
        Self::ALL.into_iter().find(|client| client.as_str() == text).ok_or_else(|| UnknownClient(text.to_owned()))
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_text_fits_and_ends_with_a_line() {
        for line in ["the quick brown fox\n", "01KAJ3V8QK7X\n", "생각한다 🦀🦀\n", "思考思考思考\n"] {
            for client in Client::ALL {
                let short = line.repeat(10);
                assert_eq!(client.cut(&short, "[more]"), short);
                let long = line.repeat(3_000);
                assert!(!client.takes(&long));
                let cut = client.cut(&long, "[more]");
                assert!(client.takes(&cut), "{client}, {line}");
                let kept = cut.strip_suffix("[more]").unwrap();
                assert!(kept.len() > 2_000 && long.starts_with(kept) && kept.ends_with('\n'), "{client}, {line}");
            }
        }
        assert_eq!(Client::Codex.cut(&"x".repeat(20_000), "[more]"), "[more]");
    }

    #[test]
    fn names_go_there_and_back() {
        for client in Client::ALL {
            assert_eq!(client.as_str().parse(), Ok(client));
        }
        assert_eq!("vim".parse::<Client>().unwrap_err().to_string(), "`vim` is not a client: `claude-code` or `codex`");
    }
}
