//! One table of a TOML file set, every other byte kept.

use serde_json::Value;
use toml_edit::{Array, DocumentMut, Item, Table, TableLike, value};

use super::entry::{Entry, OURS, with_additions};
use crate::failure::ConnectProblem;

/// What a person may have told Codex of a server that is a program.
const FOR_PROGRAMS: &[&str] = &["env", "env_vars", "cwd"];

/// And of one that has an address.
const FOR_ADDRESSES: &[&str] = &["http_headers", "env_http_headers", "oauth_resource", "scopes"];

/// The text with the table `group.name`; it is made where it is missing.
///
/// # Errors
/// When the text is no TOML, or holds something else where the table goes.
pub fn with_entry(text: &str, group: &str, name: &str, entry: &Entry) -> Result<String, ConnectProblem> {
    let mut document: DocumentMut = text.parse().map_err(|_| ConnectProblem::NotToml)?;
    let group = document.entry(group).or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    let group = group.as_table_like_mut().ok_or(ConnectProblem::Shape("its list of servers"))?;
    let server = group.entry(name).or_insert_with(|| Item::Table(Table::new()));
    let server = server.as_table_like_mut().ok_or(ConnectProblem::Shape("its entry for this server"))?;
    // Codex refuses a server with keys of both kinds, and with it its whole configuration.
    let by_address = entry.iter().any(|(key, _)| *key == "url");
    let others = if by_address { FOR_PROGRAMS } else { FOR_ADDRESSES };
    if let Some(key) = others.iter().find(|key| server.contains_key(key)) {
        return Err(ConnectProblem::OtherKind(key));
    }
    let entry = &with_additions(entry, &|key| {
        let texts = server.get(key)?.as_array()?.iter().map(|text| text.as_str().map(Value::from));
        texts.collect::<Option<Vec<_>>>().map(Value::Array)
    });
    for key in OURS.iter().filter(|key| !entry.iter().any(|(own, _)| own == *key)) {
        server.remove(key);
    }
    for (key, new) in entry {
        set(server, key, new);
    }
    Ok(document.to_string())
}

/// Sets a key, unless it has this value already, whose writing is kept.
fn set(table: &mut dyn TableLike, key: &str, new: &Value) {
    let item = match new {
        Value::Array(values) => value(values.iter().filter_map(Value::as_str).collect::<Array>()),
        text => value(text.as_str().unwrap_or_default()),
    };
    let plain = |item: &Item| match item {
        Item::Value(toml_edit::Value::Array(array)) => {
            array.iter().map(|value| value.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        }
        item => item.as_str().map(|text| vec![text.to_owned()]),
    };
    let old = table.get(key);
    let same = old.is_some_and(|old| old.is_array() == item.is_array() && plain(old) == plain(&item));
    if !same {
        table.insert(key, item);
    }
}
