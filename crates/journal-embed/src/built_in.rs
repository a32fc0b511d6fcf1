//! The built-in model: all-MiniLM-L6-v2, quantised to eight bits. `model/ORIGIN.md` says how it was made.

use std::borrow::Cow;

use crate::{
    files::{ModelFiles, Tokenizer, Weights},
    manner::{Manner, Pooling},
};

/// What the hash of the files below comes to; a test holds it. Computing it would touch every page of the weights, and a
/// process that embeds one query touches half of them.
const IDENTITY: &str = "all-minilm-l6-v2-int8@d24985eb80309affe392ce48be11ee5e";

/// Components of a vector.
const DIMENSIONS: usize = 384;

/// The window that the authors of the model recommend; it was trained on no more than 128 tokens.
const MANNER: Manner = Manner::plain(Pooling::Mean, 256);

/// Bytes at an address that numbers of any size may have, so that the runtime uses the weights where they lie.
#[repr(C, align(64))]
struct Aligned<Bytes: ?Sized>(Bytes);

static WEIGHTS: &Aligned<[u8]> = &Aligned(*include_bytes!("../model/all-minilm-l6-v2-int8.data"));

/// The built-in model. Nothing is copied but its graph and tokenizer.
pub(crate) fn files() -> ModelFiles {
    ModelFiles {
        identity: Cow::Borrowed(IDENTITY),
        dimensions: Some(DIMENSIONS),
        manner: MANNER,
        graph: Cow::Borrowed(include_bytes!("../model/all-minilm-l6-v2-int8.onnx")),
        weights: vec![Weights { name: "all-minilm-l6-v2-int8.data".to_owned(), bytes: Cow::Borrowed(&WEIGHTS.0) }],
        tokenizer: Tokenizer::Bert(include_bytes!("../model/vocab.txt")),
        output: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_identity_is_that_of_the_files() {
        assert_eq!(files().identity(), files().computed_identity("all-minilm-l6-v2-int8"));
    }
}
