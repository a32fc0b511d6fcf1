//! Fetching, from a server of our own that speaks the hub's protocol.

use std::{fs, net::TcpListener, path::Path};

use journal_embed::{Entry, FetchError, Hub, Model, ModelFiles, Runtime};
use journal_testkit::{LocalHub, Mood};

use super::tiny;

fn hub(server: &LocalHub, folder: &Path) -> Hub {
    Hub::new(folder).at(server.address())
}

/// Starts a model on the built-in runtime.
fn start(files: ModelFiles) -> Model {
    Model::load(files, &Runtime::built_in().unwrap(), None).unwrap()
}

/// An error with all that stands behind it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

fn entry() -> Entry {
    Entry::find("all-minilm-l6-v2").unwrap()
}

#[test]
fn a_model_is_fetched_once_and_then_kept() {
    let (server, folder) = (LocalHub::of(&tiny()), tempfile::tempdir().unwrap());
    let hub = hub(&server, folder.path());
    assert!(hub.kept(&entry()).unwrap().is_none());

    let mut told = Vec::new();
    let files =
        hub.fetch(&entry(), &mut |progress| told.push((progress.file.to_owned(), progress.done, progress.total)));
    let files = files.unwrap();
    assert!(files.identity().starts_with("all-minilm-l6-v2@"), "{}", files.identity());
    let size = fs::metadata(tiny().join("model.onnx")).unwrap().len();
    assert!(told.contains(&("model.onnx".to_owned(), size, size)), "{told:?}");
    assert!(told.iter().all(|(_, done, total)| done <= total), "{told:?}");
    assert_eq!(told.first().unwrap().0, "tokenizer.json");

    // It is used in the manner of its entry.
    assert_eq!(files.manner().window, 256);
    let mut model = start(files.clone());
    assert_eq!(model.embed_query("alpha").unwrap().len(), entry().dimensions());

    server.asked();
    let again = hub.fetch(&entry(), &mut |_| panic!("nothing is fetched twice")).unwrap();
    assert_eq!(again.identity(), files.identity());
    assert_eq!(hub.kept(&entry()).unwrap().unwrap().identity(), files.identity());
    assert_eq!(server.asked(), Vec::<String>::new());

    // Nothing was put anywhere but into the folder of this model.
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names, ["models--Qdrant--all-MiniLM-L6-v2-onnx"]);
    assert!(hub.forget(&entry()).unwrap());
    assert!(!hub.forget(&entry()).unwrap());
    assert!(hub.kept(&entry()).unwrap().is_none());
}

#[test]
fn what_was_cut_off_is_continued() {
    let (server, folder) = (LocalHub::of(&tiny()), tempfile::tempdir().unwrap());
    let hub = hub(&server, folder.path());
    server.set(Mood::Breaking);
    let error = hub.fetch(&entry(), &mut |_| {}).unwrap_err();
    assert!(matches!(error, FetchError::Broken { .. } | FetchError::Short { .. }), "{}", chain(&error));
    assert!(chain(&error).contains("model.onnx"), "{}", chain(&error));
    assert!(hub.kept(&entry()).unwrap().is_none());

    server.set(Mood::Well);
    server.asked();
    start(hub.fetch(&entry(), &mut |_| {}).unwrap());
    let asked = server.asked();
    assert!(asked.iter().all(|path| path.contains("/model.onnx ")), "only what was missing: {asked:?}");
}

#[test]
fn a_hub_without_the_model_says_so() {
    let (server, folder) = (LocalHub::of(&tiny()), tempfile::tempdir().unwrap());
    server.set(Mood::Empty);
    let error = hub(&server, folder.path()).fetch(&entry(), &mut |_| {}).unwrap_err();
    assert_eq!(
        error.to_string().replace(server.address(), "HUB"),
        "the hub `HUB` answers 404 for `tokenizer.json` of the model `all-minilm-l6-v2`"
    );
}

#[test]
fn without_a_network_the_hub_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let error = Hub::new(folder.path()).at(&format!("{address}/")).fetch(&entry(), &mut |_| {}).unwrap_err();
    assert!(matches!(error, FetchError::Offline { .. }), "{}", chain(&error));
    assert_eq!(
        error.to_string().replace(&address, "HUB"),
        "the hub `HUB` does not answer: the model `all-minilm-l6-v2` stays unfetched"
    );
}

#[test]
fn an_address_that_is_none_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    for address in ["", "hub", "http://", "ftp://127.0.0.1", "http://[::1"] {
        let error = Hub::new(folder.path()).at(address).fetch(&entry(), &mut |_| {}).unwrap_err();
        assert!(
            matches!(error, FetchError::Offline { .. } | FetchError::Broken { .. }),
            "{address}: {}",
            chain(&error)
        );
    }
}

#[test]
fn a_folder_that_cannot_be_one_is_an_error() {
    let server = LocalHub::of(&tiny());
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = hub(&server, file.path()).fetch(&entry(), &mut |_| {}).unwrap_err();
    assert!(matches!(error, FetchError::Broken { .. }), "{}", chain(&error));
}
