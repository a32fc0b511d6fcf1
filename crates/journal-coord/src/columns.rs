//! Our types in columns: text through the one door each type has, numbers within what SQLite can hold.

use std::{error::Error, str::FromStr};

use rusqlite::{Row, types::Type};

/// Text as the type that parses it.
pub(crate) fn parsed<T: FromStr<Err: Error + Send + Sync + 'static>>(
    row: &Row<'_>,
    column: &str,
) -> rusqlite::Result<T> {
    let index = row.as_ref().column_index(column)?;
    let text: String = row.get(index)?;
    text.parse().map_err(|error| rusqlite::Error::FromSqlConversionFailure(index, Type::Text, Box::new(error)))
}

/// Text as the type that parses it. `None` for NULL, and for what only a newer program understands: one such row is no reason
/// to answer nothing.
pub(crate) fn understood<T: FromStr>(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<T>> {
    Ok(row.get::<_, Option<String>>(column)?.and_then(|text| text.parse().ok()))
}

/// A value as the text that [`parsed`] reads.
pub(crate) fn sql(value: &impl ToString) -> String {
    value.to_string()
}

/// A time, span or token as SQLite's signed integer; what is greater than that can hold becomes its greatest.
pub(crate) fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
