//! Opening: fresh, again, by many at once, damaged, from the future, on an old SQLite.

use super::*;
use crate::{AcquireLease, AgentSeen};

fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    (folder, path)
}

fn request(resource: &str) -> AcquireLease {
    AcquireLease {
        resource: resource.to_owned(),
        agent: AgentSeen::new("a".parse().unwrap()),
        process: None,
        ttl_ms: 60_000,
        note: None,
        takeover: None,
    }
}

#[test]
fn a_fresh_database_has_its_settings_and_keeps_what_is_written() {
    let (_folder, path) = place();
    let mut coord = Coord::open(&path).unwrap();
    let pragma = |coord: &Coord, name: &str| -> String {
        coord
            .connection
            .query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, rusqlite::types::Value>(0))
            .map(|value| match value {
                rusqlite::types::Value::Integer(number) => number.to_string(),
                rusqlite::types::Value::Text(text) => text,
                other => format!("{other:?}"),
            })
            .unwrap()
    };
    assert_eq!(pragma(&coord, "journal_mode"), "wal");
    assert_eq!(pragma(&coord, "synchronous"), "2");
    assert_eq!(pragma(&coord, "foreign_keys"), "1");
    let token = coord.acquire(&request("r"), 1_000).unwrap().lease.token;
    coord.settle("r", token, &crate::Process::current()).unwrap();
    assert_eq!(pragma(&coord, "synchronous"), "2", "only the settling itself is lazy");
    drop(coord);

    let coord = Coord::open(&path).unwrap();
    assert_eq!(pragma(&coord, "journal_mode"), "wal");
    assert_eq!(coord.lease("r", 1_000).unwrap().unwrap().lease.token, token);
}

#[test]
fn a_fresh_database_is_opened_by_many_at_once() {
    for _round in 0..5 {
        let (_folder, path) = place();
        let start = std::sync::Barrier::new(8);
        std::thread::scope(|scope| {
            for n in 0..8 {
                let (path, start) = (&path, &start);
                scope.spawn(move || {
                    start.wait();
                    let mut coord = Coord::open(path).unwrap();
                    coord.acquire(&request(&format!("r/{n}")), 1_000).unwrap();
                });
            }
        });
        assert_eq!(Coord::open(&path).unwrap().leases("r/", 1_000).unwrap().len(), 8);
    }
}

#[test]
fn a_database_from_the_future_is_refused_and_left_alone() {
    let (_folder, path) = place();
    let coord = Coord::open(&path).unwrap();
    coord.connection.execute_batch("PRAGMA user_version = 1000; UPDATE about SET value = '9.1.0'").unwrap();
    drop(coord);
    let error = Coord::open(&path).unwrap_err();
    assert!(matches!(&error, CoordError::Newer { found: 1000, made_by, .. } if made_by == "9.1.0"), "{error:?}");
    let text = error.to_string();
    assert!(
        text.contains("was made by `journal` 9.1.0 (layout 1000)") && text.contains(env!("CARGO_PKG_VERSION")),
        "{text}"
    );
}

#[test]
fn a_damaged_file_is_reported_as_such() {
    let (_folder, path) = place();
    std::fs::write(&path, "this was never a database, but it is long enough to have a header".repeat(100)).unwrap();
    let error = Coord::open(&path).unwrap_err();
    assert!(matches!(&error, CoordError::Damaged { path: at, .. } if *at == path), "{error:?}");

    // A good header over ruined pages is found at the first use.
    std::fs::remove_file(&path).unwrap();
    let coord = Coord::open(&path).unwrap();
    coord.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(coord);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[100..].fill(0xA5);
    std::fs::write(&path, bytes).unwrap();
    let used = Coord::open(&path).and_then(|coord| coord.lease("r", 1_000));
    assert!(matches!(used, Err(CoordError::Damaged { .. })), "{used:?}");
}

#[test]
fn a_database_that_follows_another_counts_above_it() {
    let (folder, path) = place();
    let mut old = Coord::open_above(&path, 1_000).unwrap();
    let number = |coord: &mut Coord| {
        let token = coord.acquire(&request("lock/x"), 5).unwrap().lease.token;
        (token, coord.last_number().unwrap())
    };
    assert_eq!(number(&mut old).0, 1_001);
    let last = old.last_number().unwrap();
    assert!(last > 1_001, "agent and lock are two events: {last}");
    drop(old);
    assert_eq!(Coord::open_above(&path, 9_000).unwrap().last_number(), Some(last), "only a new one begins there");
    let mut new = Coord::open_above(&folder.path().join("next.db"), last).unwrap();
    assert_eq!(number(&mut new).0, last + 1);
    new.connection.execute_batch("UPDATE tokens SET last = 9223372036854775807; DELETE FROM sqlite_sequence").unwrap();
    assert_eq!(new.last_number(), None, "damage is not believed");
}

#[test]
fn a_missing_folder_is_an_error_with_its_path() {
    let (folder, _) = place();
    let error = Coord::open(&folder.path().join("gone/state.db")).unwrap_err();
    assert!(matches!(error, CoordError::Sqlite { .. }) && error.to_string().contains("gone/state.db"), "{error:?}");
}

#[test]
fn an_old_sqlite_is_refused() {
    let error = check_sqlite(3_051_002).unwrap_err();
    assert!(matches!(&error, CoordError::OldSqlite { found, needed: "3.51.3" } if found == "3.51.2"), "{error}");
    check_sqlite(3_051_003).unwrap();
    check_sqlite(rusqlite::version_number()).unwrap();
}

#[test]
fn a_lock_that_never_goes_is_reported_as_busy() {
    let (_folder, path) = place();
    let mut coord = Coord::open(&path).unwrap();
    let mut wait = FairWait::new(Duration::from_millis(20));
    coord.connection.busy_handler(Some(move |attempt| wait.pause(attempt))).unwrap();
    let holder = Coord::open(&path).unwrap();
    holder.connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = coord.touch_agent(&AgentSeen::new("a".parse().unwrap()), 1).unwrap_err();
    assert!(matches!(error, CoordError::Busy { doing: "register the agent", .. }), "{error:?}");
    assert_eq!(coord.agent(&"a".parse().unwrap()).unwrap(), None, "reads do not wait for the writer");
}

#[test]
fn an_older_layout_is_brought_up_to_date_with_what_is_in_it() {
    let (_folder, path) = place();
    let old = Connection::open(&path).unwrap();
    old.execute_batch(STEPS[0]).unwrap();
    old.execute_batch(
        "PRAGMA user_version = 1; UPDATE tokens SET last = 41;
         INSERT INTO about (key, value) VALUES ('made_by', '0.1.0');
         INSERT INTO agents (id, name, status, started, last_active) VALUES ('a', 'old-otter', 'active', 1, 2);
         INSERT INTO leases (resource, holder, token, acquired, renewed, ttl, released)
             VALUES ('thinking/s/main', 'a', 41, 900, 900, 60000, 0);",
    )
    .unwrap();
    drop(old);
    let mut coord = Coord::open(&path).unwrap();
    assert_eq!(layout(&coord.connection).unwrap(), KNOWN_LAYOUT);
    assert_eq!(coord.integrity_check().unwrap(), [""; 0]);
    let held = coord.lease("thinking/s/main", 1_000).unwrap().unwrap();
    assert_eq!((held.lease.token, held.holder_name.as_str()), (41, "old-otter"));
    assert_eq!(coord.acquire(&request("r"), 1_000).unwrap().lease.token, 42);
    assert_eq!(coord.agents(1_000).unwrap()[0].agent.name, "old-otter");
}
