//! `journal hydrate` as a process, from its start to the first byte of its answer, against a process that only says its version
//! and locating an id in a process that runs already.

use std::{
    io::Read,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    locate::locate,
    pairs::{Bound, Pairs},
    world::World,
};

pub fn run() {
    let world = World::large();
    let session = world.session(50).to_string();
    let subject = || first_byte(world, &["hydrate", &session]);
    let floor = || first_byte(world, &["--version"]) + locate(world, &session);
    let bound = Bound::Above(Duration::from_millis(10));
    Pairs::measure(50, subject, floor).print("process hydrate, 10,000 notes", bound);
}

/// From the start of the command to its first byte on standard output.
pub fn first_byte(world: &World, arguments: &[&str]) -> Duration {
    let mut command = command(world, arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::inherit());
    let start = Instant::now();
    let mut child = command.spawn().expect("the command was built with this bench");
    let mut answer = child.stdout.take().expect("it is piped");
    let mut first = [0];
    let read = answer.read(&mut first).expect("the pipe can be read");
    let taken = start.elapsed();
    let mut rest = Vec::new();
    answer.read_to_end(&mut rest).expect("the pipe can be read");
    let status = child.wait().expect("the command ends");
    assert!(read == 1 && status.success(), "`journal {}` gave no answer", arguments.join(" "));
    taken
}

/// The command as somebody else's process on this vault.
pub fn command(world: &World, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_journal"));
    command.args(arguments).current_dir(world.vault());
    command.env_clear().env("JOURNAL_DATA_DIR", world.data_home()).env("JOURNAL_VAULT", world.vault()).env("TZ", "UTC");
    command.stdin(Stdio::null());
    command
}
