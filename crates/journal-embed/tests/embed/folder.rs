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
    let folder =
        changed(&[("config_sentence_transformers.json", r#"{"prompts": {"query": "query ", "passage": "passage "}}"#)]);
    let prefixed = ModelFiles::in_folder(folder.path()).unwrap();
    let hash = |files: &ModelFiles| files.identity().split_once('@').unwrap().1.to_owned();
    assert_ne!(hash(&plain), hash(&prefixed));
    let (mut plain, mut prefixed) = (start(plain), start(prefixed));
    assert_eq!(prefixed.embed_query("alpha").unwrap(), plain.embed_query("query alpha").unwrap());
    assert_eq!(prefixed.embed_passage("alpha").unwrap(), plain.embed_passage("passage alpha").unwrap());
}

#[test]
fn a_small_window_reads_a_passage_in_parts() {
    let folder = changed(&[("sentence_bert_config.json", r#"{"max_seq_length": 10}"#)]);
    let files = ModelFiles::in_folder(folder.path()).unwrap();
    assert!(files.manner().reads_in_parts() && !ModelFiles::in_folder(&tiny()).unwrap().manner().reads_in_parts());
    let mut model = start(files);
    // Ten tokens are eight words and the marks around them.
    let (alpha, beta) = ("alpha ".repeat(8), "beta ".repeat(8));
    let both = model.embed_passage(&format!("{alpha}{beta}")).unwrap();
    let [first, second] = [&alpha, &beta].map(|text| model.embed_passage(text).unwrap());
    assert!(cosine(&first, &second) < 0.99, "the parts differ");
    let mean: Vec<f32> = first.iter().zip(&second).map(|(one, other)| one * 47.0 + other * 41.0).collect();
    let length = cosine(&mean, &mean).sqrt();
    let mean: Vec<f32> = mean.into_iter().map(|component| component / length).collect();
    assert!(cosine(&both, &mean) > 0.9999, "{}", cosine(&both, &mean));
    assert!((cosine(&both, &both) - 1.0).abs() < 1e-4);
    // What fits is read at once, as before; a question is cut.
    assert_eq!(model.embed_passage("alpha beta").unwrap(), model.embed_query("alpha beta").unwrap());
    for text in ["", " ", &"\u{e9}".repeat(300), &"alpha\n".repeat(1000)] {
        assert_eq!(model.embed_passage(text).unwrap().len(), 384);
    }
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
    assert_eq!(refusal(Path::new("/nowhere/at/all")), "there is no folder `DIR`");
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

/// The first components of vectors made in Python 3 with `tokenizers`, `onnxruntime` 1.31.1 and numpy from the tiny model: prefix and
/// text through the tokenizer, the mean of the output's rows or the first of them, divided by its length.
#[test]
fn prefixes_and_pooling_are_those_of_the_original_libraries() {
    let e5 = changed(&[(
        "config_sentence_transformers.json",
        r#"{"prompts": {"query": "query: ", "passage": "passage: "}}"#,
    )]);
    let bge = changed(&[
        ("1_Pooling/config.json", r#"{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}"#),
        (
            "config_sentence_transformers.json",
            r#"{"prompts": {"query": "Represent this sentence for searching relevant passages: "}}"#,
        ),
    ]);
    let [mut e5, mut bge] = [e5, bge].map(|folder| start(ModelFiles::in_folder(folder.path()).unwrap()));
    let text = "alpha delta";
    for (vector, expected) in [
        (e5.embed_query(text), [-0.023926, -0.067599, -0.017424, -0.004004, -0.04187, -0.105815]),
        (e5.embed_passage(text), [-0.021162, -0.079879, -0.026267, -0.020852, -0.024738, -0.100735]),
        (bge.embed_query(text), [0.006883, -0.073042, -0.011196, -0.070314, -0.110682, -0.127792]),
        (bge.embed_passage(text), [0.006883, -0.073042, -0.011196, -0.070314, -0.110682, -0.127792]),
    ] {
        let vector = vector.unwrap();
        let is_near = vector.iter().zip(expected).all(|(found, expected): (&f32, f32)| (found - expected).abs() < 1e-4);
        assert!(is_near, "{:?} instead of {expected:?}", &vector[..6]);
    }
}
