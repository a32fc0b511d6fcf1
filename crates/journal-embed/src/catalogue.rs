//! The models that `fastembed` knows, and how each wants to be used.

use fastembed::{EmbeddingModel, ModelInfo, TextEmbedding};

use crate::{
    files::LONGEST,
    manner::{Manner, Pooling},
};

/// What stands before a query for models of several families that were trained alike.
const SEARCHING: &str = "Represent this sentence for searching relevant passages: ";

/// Prefix of a query, prefix of a passage and window in tokens, by how names begin; the first that fits counts. From the
/// cards of the models and their `sentence_bert_config.json`, with [`LONGEST`] where they could take more.
const FAMILIES: &[(&str, &str, &str, usize)] = &[
    ("all-minilm-l6-", "", "", 256),
    ("all-minilm-l12-", "", "", 128),
    ("all-mpnet-", "", "", 384),
    ("bge-m3", "", "", LONGEST),
    ("bge-small-zh-", "为这个句子生成表示以用于检索相关文章：", "", LONGEST),
    ("bge-large-zh-", "为这个句子生成表示以用于检索相关文章：", "", LONGEST),
    ("bge-", SEARCHING, "", LONGEST),
    ("clip-", "", "", 77),
    ("embeddinggemma-", "task: search result | query: ", "title: none | text: ", LONGEST),
    ("gte-", "", "", LONGEST),
    ("jina-embeddings-v2-", "", "", LONGEST),
    ("modernbert-embed-", "search_query: ", "search_document: ", LONGEST),
    ("multilingual-e5-", "query: ", "passage: ", LONGEST),
    ("mxbai-embed-", SEARCHING, "", LONGEST),
    ("nomic-embed-text-", "search_query: ", "search_document: ", LONGEST),
    ("paraphrase-multilingual-", "", "", 128),
    ("snowflake-arctic-embed-", SEARCHING, "", LONGEST),
];

/// A model of the catalogue. [`crate::Hub`] has its files.
#[derive(Clone, Debug)]
pub struct Entry {
    name: String,
    pub(crate) info: ModelInfo<EmbeddingModel>,
}

/// The models of the catalogue, by name.
pub fn catalogue() -> Vec<Entry> {
    let mut entries: Vec<Entry> = TextEmbedding::list_supported_models().into_iter().map(Entry::new).collect();
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    entries
}

impl Entry {
    /// The model of this name, in any case of letters.
    pub fn find(name: &str) -> Option<Self> {
        catalogue().into_iter().find(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    fn new(info: ModelInfo<EmbeddingModel>) -> Self {
        Self { name: name(&info), info }
    }

    /// Its name, such as `bge-small-en-v1.5` and, quantised, `bge-small-en-v1.5-q`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the hub has it, such as `Xenova/bge-small-en-v1.5`.
    pub fn repository(&self) -> &str {
        &self.info.model_code
    }

    /// What it is, by its authors.
    pub fn description(&self) -> &str {
        &self.info.description
    }

    /// Components of a vector.
    pub fn dimensions(&self) -> usize {
        self.info.dim
    }

    /// How the model wants to be used.
    pub fn manner(&self) -> Manner {
        let family = FAMILIES.iter().find(|(beginning, ..)| self.name.starts_with(beginning));
        let (_, query, passage, window) = family.unwrap_or(&("", "", "", LONGEST));
        let pooling = match TextEmbedding::get_default_pooling_method(&self.info.model) {
            Some(fastembed::Pooling::Mean) => Pooling::Mean,
            // What `fastembed` does where it knows no better.
            Some(fastembed::Pooling::Cls) | None => Pooling::First,
        };
        Manner { pooling, query_prefix: (*query).into(), passage_prefix: (*passage).into(), window: *window }
    }
}

/// The last part of the repository without what only says how it was packed, and what tells its variants apart.
fn name(info: &ModelInfo<EmbeddingModel>) -> String {
    let code = info.model_code.to_lowercase();
    let last = code.rsplit('/').next().unwrap_or(&code);
    let base = last.trim_end_matches("-q").trim_end_matches("-onnx");
    let variant = format!("{:?}", info.model);
    let ending = if variant.ends_with("Q4") {
        "-q4"
    } else if variant.ends_with('Q') {
        "-q"
    } else {
        ""
    };
    format!("{base}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_every_family_is_known() {
        let names: Vec<String> = catalogue().into_iter().map(|entry| entry.name).collect();
        assert!(names.len() > 40, "{names:?}");
        assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "{names:?}");
        let known = |name: &String| FAMILIES.iter().any(|(beginning, ..)| name.starts_with(beginning));
        let strangers: Vec<_> = names.iter().filter(|name| !known(name)).collect();
        assert!(strangers.is_empty(), "not in `FAMILIES`: {strangers:?}");
        for (beginning, ..) in FAMILIES {
            assert!(names.iter().any(|name| name.starts_with(beginning)), "no model begins with {beginning}");
        }
    }

    #[test]
    fn families_are_used_as_their_cards_say() {
        let manner = |name: &str| Entry::find(name).expect(name).manner();
        let e5 = manner("multilingual-e5-small");
        assert_eq!((e5.query_prefix.as_ref(), e5.passage_prefix.as_ref()), ("query: ", "passage: "));
        assert_eq!(e5.pooling, Pooling::Mean);
        let bge = manner("BGE-small-en-v1.5-Q");
        assert_eq!((bge.query_prefix.as_ref(), bge.passage_prefix.as_ref()), (SEARCHING, ""));
        assert_eq!(bge.pooling, Pooling::First);
        assert_eq!(manner("bge-m3").query_prefix, "");
        assert!(manner("bge-small-zh-v1.5").query_prefix.starts_with('为'));
        assert_eq!(manner("all-minilm-l6-v2").window, 256);
        assert!(Entry::find("all-minilm").is_none());
    }
}
