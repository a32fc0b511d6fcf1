//! Programs of the system, run to their end.

use std::{
    io::{self, Write},
    process::{Command, Stdio},
};

use super::{ScheduleError, typed};

/// What a program said, and whether it was content.
pub struct Ran {
    /// Whether it ended with 0.
    pub is_ok: bool,
    /// Its answer.
    pub stdout: Vec<u8>,
    /// What else it said.
    pub stderr: String,
}

/// Runs a program, with this on its standard input.
///
/// # Errors
/// When it cannot be run.
pub fn run(program: &'static str, arguments: &[&str], input: &[u8]) -> Result<Ran, ScheduleError> {
    let failed = |source| ScheduleError::Tool { program, source };
    // Its words are looked at, so they are to be English.
    let mut command = Command::new(program);
    command.args(arguments).env("LC_ALL", "C").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        match stdin.write_all(input) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(failed(error)),
            _ => {}
        }
    }
    let output = child.wait_with_output().map_err(failed)?;
    let stderr = String::from_utf8_lossy(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(Ran { is_ok: output.status.success(), stdout: output.stdout, stderr })
}

/// Runs a program that has to be content.
///
/// # Errors
/// When it is not.
pub fn must(program: &'static str, arguments: &[&str], input: &[u8]) -> Result<Vec<u8>, ScheduleError> {
    let ran = run(program, arguments, input)?;
    if ran.is_ok {
        return Ok(ran.stdout);
    }
    Err(ScheduleError::Said { command: typed(&[&[program], arguments].concat()), said: ran.stderr })
}
