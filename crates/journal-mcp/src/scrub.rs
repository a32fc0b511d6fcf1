//! Messages without absolute paths: a client may be elsewhere, and what lies where on this machine is none of its business.

use std::path::Path;

use journal_engine::Engine;

/// What stands in messages for folders of this machine.
#[derive(Debug, Clone)]
pub(crate) struct Scrub(Vec<(String, &'static str)>);

impl Scrub {
    /// For the messages of an engine.
    pub fn new(engine: &Engine) -> Self {
        let mut folders = vec![(told(engine.vault().root()), "<vault>")];
        if let Some(state) = engine.state_path() {
            folders.push((told(&state), "<state>"));
            // Where the states of other vaults lie, too.
            folders.extend(state.parent().map(|home| (told(home), "<data>")));
        }
        let models = engine.model_settings();
        folders.extend(models.folder.iter().map(|folder| (told(folder), "<models>")));
        folders.extend(models.runtime.iter().map(|library| (told(library), "<onnxruntime>")));
        // The deepest first, since one may lie in another.
        folders.retain(|(folder, _)| folder.len() > 1);
        folders.sort_by_key(|(folder, _)| std::cmp::Reverse(folder.len()));
        Self(folders)
    }

    /// The message without them.
    pub fn text(&self, message: &str) -> String {
        let mut message = message.to_owned();
        for (folder, name) in &self.0 {
            if message.contains(folder.as_str()) {
                message = message.replace(folder.as_str(), name);
            }
        }
        message
    }
}

fn told(folder: &Path) -> String {
    folder.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deepest_folder_is_named() {
        let scrub = Scrub(vec![("/home/me/vault".into(), "<vault>"), ("/home/me".into(), "<data>")]);
        assert_eq!(scrub.text("cannot read `/home/me/vault/a.md`: no"), "cannot read `<vault>/a.md`: no");
        assert_eq!(scrub.text("cannot open `/home/me/x`"), "cannot open `<data>/x`");
        assert_eq!(scrub.text("plain"), "plain");
    }
}
