//! The tokenizer of uncased BERT, made from its vocabulary.
//!
//! The same tokenizer as a file of JSON takes longer to read than the model takes to load, and half of that again because
//! `fastembed` copies it. So `fastembed` gets a tokenizer of no words, which is then replaced.

use fastembed::TokenizerFiles;
use tokenizers::{
    AddedToken, Result, Tokenizer, TruncationParams, models::wordpiece::WordPiece, normalizers::BertNormalizer,
    pre_tokenizers::bert::BertPreTokenizer, processors::template::TemplateProcessing,
};

/// Marks with their places in the vocabulary of every uncased BERT.
const MARKS: [(&str, u32); 5] = [("[PAD]", 0), ("[UNK]", 100), ("[CLS]", 101), ("[SEP]", 102), ("[MASK]", 103)];

/// The tokenizer with these words, one a line, that cuts texts at so many tokens.
pub(crate) fn tokenizer(vocabulary: &[u8], window: usize) -> Result<Tokenizer> {
    let words = WordPiece::builder().vocab(WordPiece::read_bytes(vocabulary)?).build()?;
    let template = TemplateProcessing::builder()
        .try_single("[CLS] $A [SEP]")?
        .special_tokens(MARKS[2..4].iter().map(|(mark, id)| ((*mark).to_owned(), *id)).collect::<Vec<_>>())
        .build()?;
    let mut tokenizer = Tokenizer::new(words);
    tokenizer.with_normalizer(Some(BertNormalizer::default()))?;
    tokenizer.with_pre_tokenizer(Some(BertPreTokenizer));
    tokenizer.with_post_processor(Some(template));
    tokenizer.with_truncation(Some(TruncationParams { max_length: window, ..TruncationParams::default() }))?;
    tokenizer.add_special_tokens(MARKS.map(|(mark, _)| AddedToken::from(mark, true)))?;
    Ok(tokenizer)
}

/// What `fastembed` is satisfied with until the real one takes its place.
pub(crate) fn of_no_words() -> TokenizerFiles {
    let tokenizer =
        r#"{"version": "1.0", "added_tokens": [], "model": {"type": "WordLevel", "vocab": {}, "unk_token": ""}}"#;
    TokenizerFiles {
        tokenizer_file: tokenizer.into(),
        config_file: r#"{"pad_token_id": 0}"#.into(),
        special_tokens_map_file: "{}".into(),
        tokenizer_config_file: r#"{"model_max_length": 512, "pad_token": "[PAD]"}"#.into(),
    }
}
