//! Being asked to stop.

use std::{future::Future, io};

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
