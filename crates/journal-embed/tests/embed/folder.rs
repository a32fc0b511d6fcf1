//! Models in folders, whole and damaged.

use std::{fs, path::Path};

use journal_embed::{LoadError, Model, ModelFiles, Pooling, Runtime};

use super::{chain, cosine, start, tiny};

/// A copy of the tiny model, with some files replaced; empty content removes a file.
fn changed(changes: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in fs::read_dir(tiny()).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
    }
    for (name, content) in changes {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match *content {
            "" => fs::remove_file(path).unwrap(),
            content => fs::write(path, content).unwrap(),
        }
    }
    folder
}

fn refusal(folder: &Path) -> String {
    chain(&ModelFiles::in_folder(folder).unwrap_err()).replace(&folder.display().to_string(), "DIR")
}

#[test]
fn a_folder_is_a_model() {
    let mut model = start(ModelFiles::in_folder(&tiny()).unwrap());
    assert_eq!(model.dimensions(), 384);
    assert!(model.identity().starts_with("tiny@"), "{}", model.identity());
    let [alpha, beta, both] = ["alpha", "beta", "alpha beta"].map(|text| model.embed_passage(text).unwrap());
    // The vector of a text is the mean of those of its tokens, so the text of both words lies between them.
    assert!(cosine(&alpha, &both) > cosine(&alpha, &beta) && cosine(&beta, &both) > cosine(&alpha, &beta));
    assert_eq!(alpha, model.embed_query("alpha").unwrap());
}

#[test]
fn pooling_window_and_prefixes_are_read() {
    let folder = changed(&[
        ("1_Pooling/config.json", r#"{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}"#),
        ("sentence_bert_config.json", r#"{"max_seq_length": 10}"#),
        ("config_sentence_transformers.json", r#"{"prompts": {"query": "query ", "document": "passage "}}"#),
    ]);
    let files = ModelFiles::in_folder(folder.path()).unwrap();
    let manner = files.manner();
    assert_eq!((manner.pooling, manner.window), (Pooling::First, 10));
    assert_eq!((manner.query_prefix.as_ref(), manner.passage_prefix.as_ref()), ("query ", "passage "));

    // The first token is the same mark for every text, so this pooling cannot tell these texts apart.
    let mut model = start(files);
    assert_eq!(model.embed_query("alpha").unwrap(), model.embed_passage("beta").unwrap());
}

#[test]
fn prefixes_change_vectors_and_identity() {
    let plain = ModelFiles::in_folder(&tiny()).unwrap();
    let prefixed = plain.clone().with_prefixes("query ", "passage ");
    assert_ne!(plain.identity(), prefixed.identity());
    assert!(prefixed.identity().starts_with("tiny@"));
    assert_eq!(prefixed.identity(), plain.clone().with_prefixes("query ", "passage ").identity());
    let (mut plain, mut prefixed) = (start(plain), start(prefixed));
    assert_eq!(prefixed.embed_query("alpha").unwrap(), plain.embed_query("query alpha").unwrap());
    assert_eq!(prefixed.embed_passage("alpha").unwrap(), plain.embed_passage("passage alpha").unwrap());
}

#[test]
fn another_file_is_another_identity() {
    let same = changed(&[("README.md", "nothing that matters")]);
    let other = changed(&[("config.json", r#"{"pad_token_id": 1}"#)]);
    let hash = |folder: &Path| ModelFiles::in_folder(folder).unwrap().identity().split_once('@').unwrap().1.to_owned();
    assert_eq!(hash(same.path()), hash(&tiny()));
    assert_ne!(hash(other.path()), hash(&tiny()));
}

#[test]
fn weights_may_lie_beside_the_graph() {
    let folder = changed(&[]);
    let bridge = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ort-rten/tests");
    fs::copy(bridge.join("apart.onnx"), folder.path().join("model.onnx")).unwrap();
    // The graph says `apart.data`, so under this name the weights are not found.
    fs::copy(bridge.join("apart.data"), folder.path().join("model.onnx_data")).unwrap();
    let files = ModelFiles::in_folder(folder.path()).unwrap();
    let error = Model::load(files, &Runtime::built_in().unwrap(), None).unwrap_err();
    assert!(chain(&error).contains("apart.data"), "{}", chain(&error));
}

#[test]
fn what_is_missing_is_named() {
    for (file, said) in [
        ("model.onnx", "no model in `DIR`: `model.onnx` is missing"),
        ("tokenizer.json", "no model in `DIR`: `tokenizer.json` is missing"),
        ("config.json", "no model in `DIR`: `config.json` is missing"),
        ("tokenizer_config.json", "no model in `DIR`: `tokenizer_config.json` is missing"),
    ] {
        assert_eq!(refusal(changed(&[(file, "")]).path()), said);
    }
    assert_eq!(refusal(Path::new("/nowhere/at/all")), "no model in `DIR`: `model.onnx` is missing");
    start(ModelFiles::in_folder(changed(&[("special_tokens_map.json", "")]).path()).unwrap());
}

#[test]
fn what_is_damaged_is_named() {
    let refused = |changes: &[(&str, &str)]| refusal(changed(changes).path());
    let said = refused(&[("1_Pooling/config.json", "{")]);
    assert!(said.starts_with("`DIR/1_Pooling/config.json` is not JSON: "), "{said}");
    let said = refused(&[("1_Pooling/config.json", r#"{"pooling_mode_max_tokens": true}"#)]);
    assert_eq!(
        said,
        "`DIR/1_Pooling/config.json` asks for a pooling that is not supported: only mean and first token are"
    );
    let folder = changed(&[("tokenizer_config.json", r#"{"model_max_length": 1, "pad_token": "[PAD]"}"#)]);
    let files = ModelFiles::in_folder(folder.path()).unwrap();
    let error = Model::load(files, &Runtime::built_in().unwrap(), None).unwrap_err();
    assert!(matches!(error, LoadError::Window { .. }), "{}", chain(&error));
    for (name, content) in [
        ("model.onnx", "not a model"),
        ("tokenizer.json", "{}"),
        ("tokenizer_config.json", "{}"),
        ("config.json", "nothing"),
        ("special_tokens_map.json", "nothing"),
    ] {
        let folder = changed(&[(name, content)]);
        let files = ModelFiles::in_folder(folder.path()).unwrap();
        let error = Model::load(files, &Runtime::built_in().unwrap(), None).unwrap_err();
        assert!(matches!(error, LoadError::Refused { .. }), "{name}: {}", chain(&error));
    }
}
