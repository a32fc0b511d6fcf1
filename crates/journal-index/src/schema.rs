//! The tables of `index.db`.
//!
//! What each costs was measured when it was made (see `docs/performance.md`): indexes are built after the rows of a bulk
//! build, values that only ever come with their note are columns of it, and nothing is stored twice that can be had by a
//! row number.

/// The layout this program knows; `PRAGMA user_version`. A database with an older one is emptied: the vault has everything.
pub(crate) const LAYOUT: i64 = 3;

/// The tables but for [`SEARCH`]. `about` keeps its name and columns in every layout: an older program reads `made_by` from it to say who is
/// newer.
///
/// In `notes`, `title` is null where the file's name serves, `title_key` also where it equals `stem_key`; lists have a line
/// an item; `changed` is `updated`, `created` or the file's time, in seconds, as the clock on the wall showed them.
/// In `vectors`, `hash` is that of a chunk, and `floats` are little-endian; `sketches` are the same vectors as bits (see
/// [`crate::vectors`]). A text that a model cannot read is a row without floats under the model's number with a minus.
pub(crate) const TABLES: &str = "
CREATE TABLE about (key TEXT PRIMARY KEY NOT NULL, value ANY NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE notes (
    note        INTEGER PRIMARY KEY,
    path        TEXT NOT NULL,
    path_key    TEXT NOT NULL,
    stem_key    TEXT NOT NULL,
    id          TEXT,
    id_key      TEXT,
    id_tail     TEXT,
    kind        INTEGER NOT NULL,
    type        TEXT,
    title       TEXT,
    title_key   TEXT,
    aliases     TEXT,
    tags        TEXT,
    created     TEXT,
    updated     TEXT,
    changed     INTEGER NOT NULL,
    size        INTEGER NOT NULL,
    mtime_ns    INTEGER NOT NULL,
    changed_ns  INTEGER NOT NULL,
    inode       INTEGER NOT NULL,
    hash        BLOB NOT NULL,
    parser      INTEGER NOT NULL,
    words       INTEGER NOT NULL,
    session     TEXT,
    number      INTEGER,
    branch      TEXT,
    branch_from INTEGER,
    revises     INTEGER,
    next_needed INTEGER,
    superseded  INTEGER NOT NULL DEFAULT 0,
    status      TEXT,
    project     TEXT,
    agent       TEXT,
    summary     TEXT
) STRICT;

CREATE TABLE texts (note INTEGER PRIMARY KEY, head TEXT, body TEXT NOT NULL, headings TEXT NOT NULL) STRICT;

CREATE TABLE chunks (
    note     INTEGER NOT NULL,
    place    INTEGER NOT NULL,
    start    INTEGER NOT NULL,
    length   INTEGER NOT NULL,
    line     INTEGER NOT NULL,
    lines    INTEGER NOT NULL,
    headings TEXT NOT NULL,
    lead     INTEGER NOT NULL,
    hash     BLOB NOT NULL,
    PRIMARY KEY (note, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE aliases (key TEXT NOT NULL, note INTEGER NOT NULL, PRIMARY KEY (key, note)) STRICT, WITHOUT ROWID;

CREATE TABLE properties (
    note  INTEGER NOT NULL,
    place INTEGER NOT NULL,
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (note, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE links (
    note       INTEGER NOT NULL,
    place      INTEGER NOT NULL,
    kind       INTEGER NOT NULL,
    target     TEXT NOT NULL,
    target_key TEXT NOT NULL,
    fragment   TEXT,
    alias      TEXT,
    line       INTEGER NOT NULL,
    property   TEXT,
    state      INTEGER NOT NULL,
    resolved   INTEGER,
    PRIMARY KEY (note, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE diagnostics (
    note    INTEGER NOT NULL,
    place   INTEGER NOT NULL,
    code    TEXT NOT NULL,
    line    INTEGER,
    message TEXT NOT NULL,
    hint    TEXT NOT NULL,
    PRIMARY KEY (note, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE models (
    model INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, source TEXT NOT NULL, dimensions INTEGER NOT NULL
) STRICT;

CREATE TABLE vectors (
    vector INTEGER PRIMARY KEY,
    model  INTEGER NOT NULL,
    hash   BLOB NOT NULL,
    floats BLOB NOT NULL,
    UNIQUE (model, hash)
) STRICT;

CREATE TABLE sketches (sketch INTEGER PRIMARY KEY, entries BLOB NOT NULL) STRICT;

INSERT INTO about (key, value) VALUES ('notes', 0), ('words', 0), ('generation', 0);
";

/// Full-text search: the words of the notes, and none of their texts.
pub(crate) const SEARCH: &str = "
CREATE VIRTUAL TABLE search USING fts5(
    body, title, headings, tags, content = '', contentless_delete = 1, tokenize = \"ascii tokenchars '_'\"
);
CREATE VIRTUAL TABLE vocabulary USING fts5vocab(search, row);
CREATE VIRTUAL TABLE instances USING fts5vocab(search, instance);
";

/// The tables in which FTS5 keeps the words.
pub(crate) const SEARCH_TABLES: [&str; 3] = ["search_data", "search_idx", "search_docsize"];

/// How FTS5 keeps its segments. By itself it merges sixteen of a level in one go, now and then: a second at 100,000 notes for
/// whoever wrote one note. So it merges nothing of itself, and every batch merges a little (see [`MERGE`]).
pub(crate) const SEGMENTS: &str = "
INSERT INTO search (search, rank) VALUES ('automerge', 0), ('usermerge', 8), ('crisismerge', 256), ('hashsize', 16777216);
";

/// Merges segments, up to `?1` pages' worth of work, where a level has eight of them.
pub(crate) const MERGE: &str = "INSERT INTO search (search, rank) VALUES ('merge', ?1)";

/// A bulk build writes a segment about every 8,000 notes of 2 KB; larger ones took more processor time.
pub(crate) const BULK_BEGINS: &str = "
INSERT INTO search (search, rank) VALUES ('automerge', 0), ('crisismerge', 256), ('hashsize', 16777216);
";

/// What a bulk build wrote becomes one segment, above those that later batches add, where the next merges do not reach it.
pub(crate) const BULK_ENDS: &str = "INSERT INTO search (search) VALUES ('optimize');";

/// The indexes, made at once in a new database and after the rows in a bulk build.
pub(crate) const INDEXES: &str = "
CREATE UNIQUE INDEX notes_path ON notes (path_key, path);
CREATE INDEX notes_stem ON notes (stem_key);
CREATE INDEX notes_title ON notes (title_key) WHERE title_key IS NOT NULL;
CREATE INDEX notes_id ON notes (id_key) WHERE id_key IS NOT NULL;
CREATE INDEX notes_id_tail ON notes (id_tail) WHERE id_tail IS NOT NULL;
CREATE INDEX notes_session ON notes (session) WHERE session IS NOT NULL;
CREATE INDEX notes_changed ON notes (changed);
CREATE INDEX notes_superseded ON notes (superseded) WHERE superseded = 1;
CREATE INDEX chunks_hash ON chunks (hash);
CREATE INDEX links_target ON links (target_key);
CREATE INDEX links_resolved ON links (resolved) WHERE resolved IS NOT NULL;
CREATE INDEX links_unresolved ON links (state) WHERE state IN (0, 2);
";

/// How a link stands; `links.state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i64)]
pub(crate) enum LinkState {
    Broken = 0,
    Resolved = 1,
    Ambiguous = 2,
    /// It leads to a file that is no note, of which the index knows nothing.
    File = 3,
}
