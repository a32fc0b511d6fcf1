//! The tables of `state.db`, as a list of steps that is only ever appended to.

/// Step `n` brings a database from layout `n` to layout `n + 1`; `PRAGMA user_version` is the layout.
///
/// `about` keeps its name and columns in every layout: an older program reads `made_by` from it to say who is newer.
pub(crate) const STEPS: &[&str] = &[
    "
CREATE TABLE about (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE agents (
    id          TEXT PRIMARY KEY NOT NULL,
    name        TEXT NOT NULL UNIQUE,
    client      TEXT,
    process     TEXT,
    directory   TEXT,
    project     TEXT,
    task        TEXT,
    status      TEXT NOT NULL,
    started     INTEGER NOT NULL,
    last_active INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row: the last token given, whatever it was for. Kept apart from `leases` so that no row that goes takes it along.
CREATE TABLE tokens (one INTEGER PRIMARY KEY CHECK (one = 1), last INTEGER NOT NULL) STRICT;
INSERT INTO tokens (one, last) VALUES (1, 0);

CREATE TABLE leases (
    resource        TEXT PRIMARY KEY NOT NULL,
    holder          TEXT NOT NULL REFERENCES agents (id),
    token           INTEGER NOT NULL UNIQUE,
    process         TEXT,
    acquired        INTEGER NOT NULL,
    renewed         INTEGER NOT NULL,
    ttl             INTEGER NOT NULL,
    note            TEXT,
    released        INTEGER NOT NULL,
    previous_holder TEXT REFERENCES agents (id),
    taken_reason    TEXT
) STRICT, WITHOUT ROWID;
",
    "
ALTER TABLE agents ADD COLUMN worktree TEXT;
ALTER TABLE agents ADD COLUMN branch TEXT;
ALTER TABLE agents ADD COLUMN session TEXT;
-- How far the agent has read the events, and how far it was told of those that are addressed to it.
ALTER TABLE agents ADD COLUMN read_to INTEGER NOT NULL DEFAULT 0;
ALTER TABLE agents ADD COLUMN told_to INTEGER NOT NULL DEFAULT 0;

CREATE INDEX leases_by_holder ON leases (holder);

-- What a lease on `path/…` covers. A worktree of NULL means all of the project's.
CREATE TABLE claims (
    resource TEXT PRIMARY KEY NOT NULL REFERENCES leases (resource) ON DELETE CASCADE,
    project  TEXT NOT NULL,
    worktree TEXT,
    glob     TEXT NOT NULL,
    shared   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX claims_by_project ON claims (project);

-- Names stand here as they were, so that agents may be forgotten before what they did.
CREATE TABLE events (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT,
    at        INTEGER NOT NULL,
    kind      TEXT NOT NULL,
    agent     TEXT NOT NULL,
    name      TEXT NOT NULL,
    project   TEXT,
    subject   TEXT,
    detail    TEXT,
    recipient TEXT
) STRICT;
CREATE INDEX events_by_recipient ON events (recipient, seq) WHERE recipient IS NOT NULL;

CREATE TABLE touched (
    agent TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    path  TEXT NOT NULL,
    at    INTEGER NOT NULL,
    PRIMARY KEY (agent, path)
) STRICT, WITHOUT ROWID;
",
];
