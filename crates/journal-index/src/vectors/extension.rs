//! sqlite-vec, made known to the SQLite that is compiled in.

use std::{
    ffi::{c_char, c_int},
    sync::OnceLock,
};

use rusqlite::{
    auto_extension::register_auto_extension,
    ffi::{sqlite3, sqlite3_api_routines},
};

/// What SQLite calls on every connection that is opened.
type Entry = unsafe extern "C" fn(*mut sqlite3, *mut *mut c_char, *const sqlite3_api_routines) -> c_int;

/// Has every connection that is opened from now on know sqlite-vec's functions. Calling it again changes nothing.
#[expect(unsafe_code, reason = "sqlite-vec is C, and SQLite takes an extension as a pointer to a function")]
pub(crate) fn register_sqlite_vec() -> rusqlite::Result<()> {
    static REGISTERED: OnceLock<()> = OnceLock::new();
    if REGISTERED.get().is_some() {
        return Ok(());
    }
    // SAFETY: the crate declares `sqlite3_vec_init` without its parameters; in C it is
    // `int sqlite3_vec_init(sqlite3 *, char **, const sqlite3_api_routines *)`, which is `Entry`. It is compiled with
    // `SQLITE_CORE` against the SQLite that rusqlite links, so it calls that one directly and lives as long as the process.
    // SQLite guards its list of extensions by a lock of its own and keeps each entry once.
    unsafe {
        let entry = std::mem::transmute::<*const (), Entry>(sqlite_vec::sqlite3_vec_init as *const ());
        register_auto_extension(entry)?;
    }
    let _ = REGISTERED.set(());
    Ok(())
}
