//! Two lines of the user's crontab: by which ours are known, and what is run. Every other byte of it stays.

use super::{Job, Piece, Plan, When, seal};

/// The two lines.
pub(super) fn piece(plan: &Plan) -> Piece {
    let mut words: Vec<String> = Vec::new();
    match plan.job {
        Job::Reindex(_) => {
            words.extend(["nice", "-n", "19"].map(str::to_owned));
            // Part of every Linux, and of no other system.
            if cfg!(target_os = "linux") {
                words.extend(["ionice", "-c", "3"].map(str::to_owned));
            }
        }
        Job::Serve => {}
    }
    if !plan.environment.is_empty() {
        words.push("env".to_owned());
        words.extend(plan.environment.iter().map(|(name, value)| format!("{name}={}", quoted(value))));
    }
    words.push(quoted(&plan.program));
    words.extend(plan.arguments.iter().map(|word| quoted(word)));
    let when = match plan.job {
        Job::Reindex(when) => fields(when),
        Job::Serve => "@reboot".to_owned(),
    };
    let text = format!("{}\n{when} {}\n", mark(plan.job, &plan.key), words.join(" "));
    Piece { name: "crontab".to_owned(), text: seal::sealed(&text) }
}

/// Our lines in a crontab, with where they begin and end; whole or not.
pub fn find(crontab: &[u8], job: Job, key: &str) -> Option<(usize, usize, String)> {
    let mut at = 0;
    let mut lines = crontab.split_inclusive(|byte| *byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        let text = String::from_utf8_lossy(line);
        if is_mark(&text, job, key) {
            let below = lines.peek().filter(|below| !below.starts_with(b"#")).copied().unwrap_or_default();
            let end = at + line.len() + below.len();
            return Some((at, end, String::from_utf8_lossy(&crontab[at..end]).into_owned()));
        }
        at += line.len();
    }
    None
}

/// The crontab with our lines, in place of those it has or at its end.
pub fn with(crontab: &[u8], job: Job, key: &str, lines: &str) -> Vec<u8> {
    let mut changed = crontab.to_vec();
    match find(crontab, job, key) {
        Some((from, to, _)) => _ = changed.splice(from..to, lines.bytes()),
        None => {
            if !changed.is_empty() && !changed.ends_with(b"\n") {
                changed.push(b'\n');
            }
            changed.extend_from_slice(lines.as_bytes());
        }
    }
    changed
}

/// The crontab without our lines.
pub fn without(crontab: &[u8], job: Job, key: &str) -> Vec<u8> {
    let mut changed = crontab.to_vec();
    if let Some((from, to, _)) = find(crontab, job, key) {
        changed.drain(from..to);
    }
    changed
}

fn mark(job: Job, key: &str) -> String {
    format!("# {} {key}; edit it and `journal schedule` leaves it alone", seal::line(job))
}

/// Whatever its hash and its times are.
fn is_mark(line: &str, job: Job, key: &str) -> bool {
    let read = || {
        let rest = line.strip_prefix("# ")?.strip_prefix(seal::WORD)?.trim_start();
        let (_, rest) = rest.split_once(' ')?;
        let mut parts = rest.split(';');
        Some((parts.next()?.split(' ').next()?.to_owned(), parts.next()?.trim().to_owned()))
    };
    read().is_some_and(|(word, own)| word == job.word() && own == key)
}

/// The five fields of `crontab(5)`.
fn fields(when: When) -> String {
    match when {
        When::At(time) => format!("{} {} * * *", time.minute, time.hour),
        When::Every(every) => match every.minutes() {
            60 => "0 * * * *".to_owned(),
            minutes @ ..60 => format!("*/{minutes} * * * *"),
            1440 => "0 0 * * *".to_owned(),
            minutes => format!("0 */{} * * *", minutes / 60),
        },
    }
}

/// A word as the shell takes it after cron has had its way: to cron a percent sign is the end of the line, unless a backslash
/// stands before it, and that backslash must have none before itself.
pub(super) fn quoted(word: &str) -> String {
    let quoted = crate::text::quoted(word);
    let percent = if quoted == word { r"\%" } else { r"'\%'" };
    quoted.replace('%', percent)
}
