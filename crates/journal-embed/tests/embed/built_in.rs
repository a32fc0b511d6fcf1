//! Vectors of the built-in model against those that `model/fixtures.py` made in Python: with the original weights in fp32,
//! and with the same quantised weights under ONNX Runtime.

use std::{num::NonZeroUsize, path::Path, sync::Mutex};

use journal_embed::{Model, ModelFiles, Runtime, Team};

use super::{cosine, start};

/// Built once for all tests of this file.
static MODEL: Mutex<Option<Model>> = Mutex::new(None);

/// Components of a vector.
const WIDTH: usize = 384;

struct Reference {
    text: String,
    fp32: Vec<f32>,
    int8: Vec<f32>,
}

fn with_model<T>(body: impl FnOnce(&mut Model) -> T) -> T {
    let mut model = MODEL.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    body(model.get_or_insert_with(|| start(ModelFiles::built_in())))
}

fn references() -> Vec<Reference> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let texts = std::fs::read_to_string(folder.join("reference.json")).unwrap();
    let texts: Vec<serde_json::Value> = serde_json::from_str(&texts).unwrap();
    let bytes = std::fs::read(folder.join("reference.f32")).unwrap();
    let numbers: Vec<f32> = bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    let (fp32, int8) = numbers.split_at(texts.len() * WIDTH);
    assert_eq!(fp32.len(), int8.len());
    let rows = fp32.chunks(WIDTH).zip(int8.chunks(WIDTH));
    let repeated = |text: &serde_json::Value| {
        text["text"].as_str().unwrap().repeat(usize::try_from(text["times"].as_u64().unwrap()).unwrap())
    };
    texts
        .iter()
        .zip(rows)
        .map(|(text, (fp32, int8))| Reference { text: repeated(text), fp32: fp32.to_vec(), int8: int8.to_vec() })
        .collect()
}

#[test]
fn vectors_are_those_of_python() {
    with_model(|model| {
        for Reference { text, fp32, int8 } in references() {
            let vector = model.embed_passage(&text).unwrap();
            let shown: String = text.chars().take(40).collect();
            assert!(cosine(&vector, &int8) > 0.995, "{shown:?}: {}", cosine(&vector, &int8));
            assert!(cosine(&vector, &fp32) > 0.97, "{shown:?}: {}", cosine(&vector, &fp32));
        }
    });
}

#[test]
fn a_text_is_read_where_most_of_it_is_known() {
    let blob = "0123456789abcdef".repeat(20);
    with_model(|model| {
        for text in
            ["What did we think?", "flaky ฝน upload", "오늘은 비가 많이 온다", "Привет, мир", "naïve café 🎉", "--"]
        {
            assert!(model.reads(text), "{text}");
        }
        for text in ["", " \n\t", "ฝน", "วันนี้ฝนตกหนักมาก", "ភ្លៀង", "🎉🚀", "ዝናብ", "ci: วันนี้ฝนตกหนักมาก", &blob]
        {
            assert!(!model.reads(text), "{text}");
        }
    });
}

#[test]
fn every_text_has_a_vector_of_length_one() {
    let megabyte = "word \u{0}\u{301}🚀漢".repeat(70_000);
    let mut texts: Vec<String> = references().into_iter().map(|reference| reference.text).collect();
    texts.extend([megabyte, "\u{feff}".repeat(9_000), "\n".repeat(9_000), "é".repeat(200_000), "-".repeat(9_000)]);
    with_model(|model| {
        for text in &texts {
            for vector in [model.embed_query(text).unwrap(), model.embed_passage(text).unwrap()] {
                assert_eq!(vector.len(), model.dimensions());
                assert!(vector.iter().all(|component| component.is_finite()));
                assert!((cosine(&vector, &vector) - 1.0).abs() < 1e-4);
            }
        }
    });
}

#[test]
fn a_text_has_one_vector_whatever_stands_beside_it() {
    let references = references();
    let texts: Vec<&str> = references.iter().map(|reference| reference.text.as_str()).collect();
    let mut backwards = texts.clone();
    backwards.reverse();
    let embed = |team: &mut Team, texts: &[&str]| {
        team.embed_passages(texts).into_iter().map(Result::unwrap).collect::<Vec<Vec<f32>>>()
    };
    let runtime = Runtime::built_in().unwrap();
    let team = |threads| Team::load(ModelFiles::built_in(), &runtime, NonZeroUsize::new(threads)).unwrap();
    let mut team_of_three = team(3);
    let together = embed(&mut team_of_three, &texts);
    assert_eq!(together.len(), texts.len());
    assert!(together.iter().eq(embed(&mut team_of_three, &backwards).iter().rev()));
    assert_eq!(together, embed(&mut team(1), &texts));
    assert!(team_of_three.embed_passages(&[""; 0]).is_empty());
    with_model(|model| {
        for (text, vector) in texts.iter().zip(&together) {
            assert_eq!(model.embed_passage(text).unwrap(), *vector, "{text:?}");
        }
        assert_eq!(model.embed_query(texts[9]).unwrap(), together[9]);
    });
}

#[test]
fn near_meanings_are_nearer_than_others() {
    with_model(|model| {
        let question = model.embed_query("What did we think about the flaky upload?").unwrap();
        let passages = [
            "Sending files sometimes breaks off halfway; the test passes on the second try.",
            "Lunch menu for the offsite: soup, bread and apples.",
        ];
        let [near, far] = passages.map(|passage| cosine(&question, &model.embed_passage(passage).unwrap()));
        assert!(near > far + 0.1, "{near} {far}");
    });
}

#[test]
fn what_is_cut_is_the_end() {
    with_model(|model| {
        let long = "cache first, then ask the server. ".repeat(100);
        let longer = format!("{long} and something else altogether");
        assert_eq!(model.embed_passage(&long).unwrap(), model.embed_passage(&longer).unwrap());
    });
}

#[test]
fn a_model_may_move_to_the_thread_that_embeds() {
    let mut model = start(ModelFiles::built_in());
    let vector = std::thread::spawn(move || model.embed_query("upload").unwrap()).join().unwrap();
    with_model(|model| assert_eq!(vector, model.embed_query("upload").unwrap()));
}

#[test]
fn the_built_in_model_tells_what_it_is() {
    let files = ModelFiles::built_in();
    assert!(files.identity().starts_with("all-minilm-l6-v2-int8@"));
    assert_eq!(files.manner().window, 256);
    with_model(|model| {
        assert_eq!(model.identity(), files.identity());
        assert_eq!(model.dimensions(), WIDTH);
    });
}
