//! Models that are running.

use std::{borrow::Cow, fmt, num::NonZeroUsize};

use fastembed::{InitOptionsUserDefined, TextEmbedding, TokenizerFiles, UserDefinedEmbeddingModel};

use crate::{
    bert,
    files::{ModelFiles, SHORTEST, Tokenizer},
    manner::{Manner, Pooling},
    runtime::{Kind, Runtime},
};

/// Words are shorter than this, in bytes, so what is behind that many bytes a token of the window would be cut anyway. It
/// keeps a note of many megabytes from being split into tokens that nobody looks at.
const BYTES_A_TOKEN: usize = 512;

/// A passage is read in so many parts at most; the rest is cut.
const PARTS: usize = 8;

/// How far from one the length of a vector may be, by rounding.
const ROUNDING: f32 = 1e-3;

/// A running model.
///
/// It takes `&mut self` to embed because the runtimes promise no more; all that run the built-in model share its weights.
pub struct Model {
    identity: Cow<'static, str>,
    dimensions: usize,
    manner: Manner,
    embedding: TextEmbedding,
}

/// Why a model does not start.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The runtime or the tokenizer refuses its files.
    #[error("the model `{model}` does not load in {runtime}")]
    Refused {
        /// Identity of the model.
        model: String,
        /// What should have computed it.
        runtime: String,
        /// Why.
        #[source]
        source: fastembed::Error,
    },
    /// The tokenizer cuts texts too short to be of use.
    #[error("the model `{model}` takes texts of {window} tokens, and less than {SHORTEST} are none")]
    Window {
        /// Identity of the model.
        model: String,
        /// Tokens of the longest text, by `tokenizer_config.json`.
        window: f64,
    },
    /// The words of the built-in model do not make a tokenizer.
    #[error("the vocabulary of the model `{model}` is damaged")]
    Vocabulary {
        /// Identity of the model.
        model: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It loads, and embeds nothing.
    #[error("the model `{model}` loads but does not embed")]
    Mute {
        /// Identity of the model.
        model: String,
        /// Why.
        #[source]
        source: Box<EmbedError>,
    },
}

/// Why a text has no vector.
#[derive(Debug, thiserror::Error)]
pub enum EmbedError {
    /// The runtime or the tokenizer fails.
    #[error("the model `{model}` does not embed a text of {length} bytes")]
    Failed {
        /// Identity of the model.
        model: String,
        /// Length of the text.
        length: usize,
        /// Why.
        #[source]
        source: fastembed::Error,
    },
    /// What comes out is not a direction: a component is not a number, or all of them are zero.
    #[error("the model `{model}` answers a vector without a direction for a text of {length} bytes")]
    NoDirection {
        /// Identity of the model.
        model: String,
        /// Length of the text.
        length: usize,
    },
    /// What comes out has another size than the vectors of this model.
    #[error("the model `{model}` answers {found} components instead of {expected}")]
    Dimensions {
        /// Identity of the model.
        model: String,
        /// Components of its vectors.
        expected: usize,
        /// Components of this one.
        found: usize,
    },
}

impl Model {
    /// Starts a model with so many threads; without a number, with as many as the machine runs at once.
    ///
    /// # Errors
    /// The runtime refuses the files, or the first vector is not what it should be.
    pub fn load(files: ModelFiles, runtime: &Runtime, threads: Option<NonZeroUsize>) -> Result<Self, LoadError> {
        let ModelFiles { identity, dimensions, manner, graph, weights, tokenizer, output } = files;
        let (tokenizer_files, tokenizer) = match tokenizer {
            Tokenizer::Files { tokenizer, config, special_tokens, tokenizer_config } => {
                if let Some(window) = longest(&tokenizer_config).filter(|window| *window < SHORTEST as f64) {
                    return Err(LoadError::Window { model: identity.into_owned(), window });
                }
                let files = TokenizerFiles {
                    tokenizer_file: tokenizer,
                    config_file: config,
                    special_tokens_map_file: special_tokens,
                    tokenizer_config_file: tokenizer_config,
                };
                (files, None)
            }
            Tokenizer::Bert(words) => {
                let tokenizer = bert::tokenizer(words, manner.window)
                    .map_err(|source| LoadError::Vocabulary { model: identity.to_string(), source })?;
                (bert::of_no_words(), Some(tokenizer))
            }
        };
        let mut parts = UserDefinedEmbeddingModel::new(graph.into_owned(), tokenizer_files);
        parts.pooling = Some(match manner.pooling {
            Pooling::Mean => fastembed::Pooling::Mean,
            Pooling::First => fastembed::Pooling::Cls,
        });
        parts.output_key = output;
        for part in weights {
            match (part.bytes, &runtime.kind) {
                (Cow::Borrowed(bytes), Kind::BuiltIn) => ort_rten::lend_weights(&part.name, bytes),
                (bytes, _) => parts = parts.with_external_initializer(part.name, bytes.into_owned()),
            }
        }
        let mut options =
            InitOptionsUserDefined::new().with_environment(runtime.environment.clone()).with_max_length(manner.window);
        options.intra_threads = threads.map(NonZeroUsize::get);
        let mut embedding = TextEmbedding::try_new_from_user_defined(parts, options).map_err(|source| {
            LoadError::Refused { model: identity.to_string(), runtime: runtime.description(), source }
        })?;
        if let Some(tokenizer) = tokenizer {
            embedding.tokenizer = tokenizer;
        }
        let mut model = Self { identity, dimensions: dimensions.unwrap_or_default(), manner, embedding };
        if dimensions.is_none() {
            let first = model.vector(String::new());
            model.dimensions = first
                .map_err(|source| LoadError::Mute { model: model.identity.to_string(), source: Box::new(source) })?
                .len();
        }
        Ok(model)
    }

    /// See [`ModelFiles::identity`].
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// Components of a vector.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// How the model is used.
    pub fn manner(&self) -> &Manner {
        &self.manner
    }

    /// Whether the model knows more of a text than not, by the characters of the words that its tokenizer has. It makes a vector
    /// of any text, but one that it cannot read is a row of the same mark, and the vectors of two such texts are equal.
    pub fn reads(&self, text: &str) -> bool {
        /// What tokenizers put in place of what they do not know.
        const UNKNOWN: [&str; 2] = ["[UNK]", "<unk>"];
        let text = &text[..text.floor_char_boundary(self.manner.window * BYTES_A_TOKEN)];
        let tokenizer = &self.embedding.tokenizer;
        // What is wrong with a text that cannot be cut into tokens says whoever embeds it.
        let Ok(tokens) = tokenizer.encode(text, false) else { return true };
        let unknown = UNKNOWN.map(|mark| tokenizer.token_to_id(mark));
        let (mut known, mut not) = (0, 0);
        for (token, (start, end)) in tokens.get_ids().iter().zip(tokens.get_offsets()) {
            let characters = text.get(*start..*end).map_or(0, |own| own.chars().count());
            *if unknown.contains(&Some(*token)) { &mut not } else { &mut known } += characters;
        }
        known > not
    }

    /// The vector of a question, of length one.
    ///
    /// # Errors
    /// The runtime fails, or what it answers is no direction.
    pub fn embed_query(&mut self, text: &str) -> Result<Vec<f32>, EmbedError> {
        let text = prefixed(&self.manner.query_prefix, text, self.manner.window);
        self.checked(text)
    }

    /// The vector of a passage, of length one.
    ///
    /// # Errors
    /// As [`Model::embed_query`].
    pub fn embed_passage(&mut self, text: &str) -> Result<Vec<f32>, EmbedError> {
        let (prefix, window) = (self.manner.passage_prefix.clone(), self.manner.window);
        let (first, mut left) = self.part(&prefix, text);
        let vector = self.checked(prefixed(&prefix, first, window))?;
        if left.is_empty() {
            return Ok(vector);
        }
        let mut sum: Vec<f32> = vector.iter().map(|component| component * first.len() as f32).collect();
        for _ in 1..PARTS {
            let (part, rest) = self.part(&prefix, left);
            let own = self.checked(prefixed(&prefix, part, window))?;
            sum.iter_mut().zip(own).for_each(|(sum, component)| *sum += component * part.len() as f32);
            left = rest;
            if left.is_empty() {
                break;
            }
        }
        let norm = sum.iter().map(|component| component * component).sum::<f32>().sqrt();
        // Parts that say the opposite of one another have no direction together: the first stands for all.
        Ok(if norm < ROUNDING { vector } else { sum.into_iter().map(|component| component / norm).collect() })
    }

    /// As much from the beginning of a passage as is read at once, and the rest; all of it where the model reads as much at once
    /// as a passage has.
    fn part<'a>(&self, prefix: &str, text: &'a str) -> (&'a str, &'a str) {
        let whole = (text, "");
        if !self.manner.reads_in_parts() {
            return whole;
        }
        // What the tokenizer cannot read is told when the model is asked.
        let Ok(tokens) = self.embedding.tokenizer.encode(prefixed(prefix, text, self.manner.window), true) else {
            return whole;
        };
        if tokens.get_overflowing().is_empty() {
            return whole;
        }
        let end = tokens.get_offsets().iter().map(|(_, end)| *end).max().unwrap_or_default();
        let fits = text.floor_char_boundary(end.saturating_sub(prefix.len()));
        // Between two words, where there are several.
        let between = text[..fits].rfind(char::is_whitespace).filter(|at| *at > fits / 2);
        let at = if text[fits..].starts_with(char::is_whitespace) { fits } else { between.unwrap_or(fits) };
        if at == 0 { whole } else { text.split_at(at) }
    }

    fn checked(&mut self, text: String) -> Result<Vec<f32>, EmbedError> {
        let vector = self.vector(text)?;
        if vector.len() != self.dimensions {
            let (model, expected) = (self.identity.to_string(), self.dimensions);
            return Err(EmbedError::Dimensions { model, expected, found: vector.len() });
        }
        Ok(vector)
    }

    fn vector(&mut self, text: String) -> Result<Vec<f32>, EmbedError> {
        let length = text.len();
        let model = || self.identity.to_string();
        let vectors = self.embedding.embed([text], None);
        let mut vectors = vectors.map_err(|source| EmbedError::Failed { model: model(), length, source })?;
        let vector = vectors.pop().unwrap_or_default();
        let norm = vector.iter().map(|component| component * component).sum::<f32>().sqrt();
        // A sum with something infinite or not a number in it is neither, so one comparison sees them all.
        if (norm - 1.0).abs() < ROUNDING { Ok(vector) } else { Err(EmbedError::NoDirection { model: model(), length }) }
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model").field("identity", &self.identity).finish_non_exhaustive()
    }
}

/// The text with its prefix, cut to what a window can hold.
fn prefixed(prefix: &str, text: &str, window: usize) -> String {
    let end = text.floor_char_boundary(window * BYTES_A_TOKEN);
    format!("{prefix}{}", &text[..end])
}

/// The longest text that a tokenizer takes, if it tells.
fn longest(tokenizer_config: &[u8]) -> Option<f64> {
    serde_json::from_slice::<serde_json::Value>(tokenizer_config).ok()?["model_max_length"].as_f64()
}
