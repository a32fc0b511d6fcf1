//! How far the index is from the vault, for whoever only wants to know: one walk, and a look into the notes that differ.

use journal_model::VaultPath;
use journal_vault::{ContentHash, ReadError};

use super::{Difference, ReindexError, scope::Scope, survey::Changed};
use crate::core::Core;

impl Core {
    /// Where the index differs from the vault, sorted by path; `None` when there is none. Writes nothing.
    pub(crate) fn freshness(&self) -> Result<Option<Vec<(VaultPath, Difference)>>, ReindexError> {
        let survey = match self.survey(&Scope::new(&self.vault, &[])?) {
            Ok(survey) => survey,
            Err(ReindexError::NoIndex) => return Ok(None),
            Err(error) => return Err(error),
        };
        let gone = survey.gone.into_iter().map(|row| row.path).chain(survey.left_out);
        let mut differences: Vec<_> = gone.map(|path| (path, Difference::Gone)).collect();
        for changed in survey.changed {
            let difference = self.difference(&changed);
            differences.extend(difference.map(|difference| (changed.path, difference)));
        }
        differences.sort();
        Ok(Some(differences))
    }

    /// How a note differs whose signature does. Times alone are no difference; a note that cannot be read is told elsewhere.
    fn difference(&self, changed: &Changed) -> Option<Difference> {
        match (changed.is_known, changed.hash) {
            (false, _) => Some(Difference::NotIndexed),
            (true, None) => Some(Difference::OtherRules),
            (true, Some(hash)) => match self.vault.read(&changed.path) {
                Ok(bytes) if ContentHash::of(&bytes).get() == hash => None,
                Ok(_) => Some(Difference::OtherContent),
                Err(ReadError::NotFound { .. }) => Some(Difference::Gone),
                Err(_) => None,
            },
        }
    }
}
