//! Being asked to stop.

use std::{
    future::Future,
    io,
    process::{Child, ExitStatus},
};

/// Waits to be asked to stop. Listens from the call on.
///
/// # Errors
/// When the system does not let it listen.
#[cfg(unix)]
pub fn asked_to_stop() -> io::Result<impl Future<Output = io::Result<()>>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        Ok(())
    })
}

/// As above, where Ctrl-C is all there is.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn asked_to_stop() -> io::Result<impl Future<Output = io::Result<()>>> {
    Ok(tokio::signal::ctrl_c())
}

/// Passes on to a child what asks this process to stop, and outlives it.
#[cfg(unix)]
pub struct Relay {
    runtime: tokio::runtime::Runtime,
    terminate: tokio::signal::unix::Signal,
    ended: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Relay {
    /// Listens from now on: to be called before the child begins.
    ///
    /// # Errors
    /// When the system does not let it listen.
    pub fn begin() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let entered = runtime.enter();
        let (terminate, ended) = (signal(SignalKind::terminate())?, signal(SignalKind::child())?);
        drop(entered);
        Ok(Self { runtime, terminate, ended })
    }

    /// Waits for the child, which hears of what this process is told.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub fn wait(self, child: &mut Child) -> io::Result<ExitStatus> {
        use rustix::process::Signal;
        use std::io::IsTerminal;
        use tokio::signal::unix::{SignalKind, signal};
        let Self { runtime, mut terminate, mut ended } = self;
        // A terminal interrupts all that run in its foreground, and a command that is told twice may take it for haste.
        let interrupts = !io::stdin().is_terminal();
        runtime.block_on(async {
            // Not before the child began: what this process was told to ignore (`nohup`) the child ignores too, and a signal
            // that is listened for is ignored by nobody.
            let (mut interrupt, mut hangup) = (signal(SignalKind::interrupt())?, signal(SignalKind::hangup())?);
            loop {
                if let Some(status) = child.try_wait()? {
                    return Ok(status);
                }
                let told = tokio::select! {
                    _ = ended.recv() => None,
                    _ = interrupt.recv() => interrupts.then_some(Signal::INT),
                    _ = hangup.recv() => Some(Signal::HUP),
                    _ = terminate.recv() => Some(Signal::TERM),
                };
                if let Some(told) = told {
                    pass_on(child, told)?;
                }
            }
        })
    }
}

/// Sends a signal to a child that was not waited for to its end: its id is no other's.
#[cfg(unix)]
fn pass_on(child: &Child, told: rustix::process::Signal) -> io::Result<()> {
    use rustix::{io::Errno, process};
    let Some(pid) = i32::try_from(child.id()).ok().and_then(process::Pid::from_raw) else { return Ok(()) };
    match process::kill_process(pid, told) {
        // One that runs as somebody else now hears nothing from us, and is waited for all the same.
        Err(Errno::PERM | Errno::SRCH) => Ok(()),
        done => Ok(done?),
    }
}

/// As above, where nothing can be passed on.
#[cfg(not(unix))]
pub struct Relay;

#[cfg(not(unix))]
impl Relay {
    /// Nothing to listen to.
    ///
    /// # Errors
    /// None.
    pub fn begin() -> io::Result<Self> {
        Ok(Self)
    }

    /// Waits for the child.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub fn wait(self, child: &mut Child) -> io::Result<ExitStatus> {
        child.wait()
    }
}
