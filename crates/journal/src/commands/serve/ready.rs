//! Telling the systemd that began this server that it can be called.

use std::io;

use crate::environment::{self, Environment};

/// Tells it, where one wants to know.
///
/// # Errors
/// When it cannot be told.
pub fn tell(environment: &Environment) -> io::Result<()> {
    environment.path(&environment::NOTIFY_SOCKET).map_or(Ok(()), |socket| send(&socket))
}

/// As `sd_notify(3)` has it.
#[cfg(unix)]
fn send(socket: &std::path::Path) -> io::Result<()> {
    std::os::unix::net::UnixDatagram::unbound()?.send_to(b"READY=1", socket).map(drop)
}

#[cfg(not(unix))]
fn send(_socket: &std::path::Path) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::net::UnixDatagram;

    use super::*;

    #[test]
    fn whoever_wants_to_know_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let of = |path: &str| Environment::of(&[("NOTIFY_SOCKET", path)]);
        let asked = of(path.to_str().unwrap());
        assert!(tell(&asked).is_err(), "nobody listens");
        let socket = UnixDatagram::bind(&path).unwrap();
        tell(&asked).unwrap();
        let mut said = [0; 16];
        let count = socket.recv(&mut said).unwrap();
        assert_eq!(&said[..count], b"READY=1");
        tell(&of("")).unwrap();
    }
}
