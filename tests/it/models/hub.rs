//! Fetching, from a server of our own that speaks the hub's protocol.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    time::Duration,
};

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
    assert!(!asked.last().unwrap().ends_with(" 0"), "not from the beginning: {asked:?}");
}

#[test]
fn a_hub_without_the_model_says_so() {
    let (server, folder) = (LocalHub::of(&tiny()), tempfile::tempdir().unwrap());
    server.set(Mood::Refusing(404));
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
    assert!(matches!(error, FetchError::Folder { .. }), "{}", chain(&error));
}

/// Every file below a folder, but those of the folder with this name.
fn outside(folder: &Path, name: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
        match entry.file_type().unwrap().is_dir() {
            true if entry.file_name() == name => {}
            true => found.extend(outside(&entry.path(), name)),
            false => found.push(entry.path()),
        }
    }
    found
}

#[test]
fn nothing_that_a_hub_says_is_a_path() {
    let world = tempfile::tempdir().unwrap();
    let folder = world.path().join("data/models");
    fs::create_dir_all(&folder).unwrap();
    fs::create_dir(world.path().join("victim")).unwrap();
    let victim = world.path().join("victim/model.onnx");
    fs::write(&victim, "precious").unwrap();
    let absolute = victim.display().to_string();
    for name in [absolute.as_str(), "../../../../../victim/model.onnx", "..", "/", "", "\"\"", "a/../../b"] {
        for commit in [absolute.as_str(), "../../..", "/"] {
            let server = LocalHub::of(&tiny());
            let quoted = format!("\"{name}\"");
            server.say(&[("etag", name), ("x-linked-etag", &quoted), ("x-repo-commit", commit)]);
            let hub = hub(&server, &folder);
            start(hub.fetch(&entry(), &mut |_| {}).unwrap());
            assert_eq!(
                outside(world.path(), "models--Qdrant--all-MiniLM-L6-v2-onnx"),
                [victim.as_path()],
                "{name} {commit}"
            );
            assert_eq!(fs::read(&victim).unwrap(), b"precious");
            assert!(hub.forget(&entry()).unwrap());
        }
    }
}

/// The SHA-256 of the tiny model.
const DIGEST: &str = "926965ff182d11e5159af4fa4090bbd47d2c7d2b8fc6db9b2e09b531436e5256";

#[test]
fn a_store_of_another_host_gets_no_token_and_has_no_say() {
    let (server, store, folder) = (LocalHub::of(&tiny()), LocalHub::of(&tiny()), tempfile::tempdir().unwrap());
    let hub = hub(&server, folder.path()).with_token("secret");
    server.lead_to(&store);
    server.say(&[("x-linked-etag", DIGEST)]);
    store.say(&[("x-linked-etag", &"0".repeat(64))]);
    store.set(Mood::Garbling);
    let error = hub.fetch(&entry(), &mut |_| {}).unwrap_err();
    assert!(matches!(error, FetchError::Damaged { .. }), "{}", chain(&error));
    assert!(chain(&error).contains("`model.onnx`") && chain(&error).contains("SHA-256"), "{}", chain(&error));
    assert!(hub.kept(&entry()).unwrap().is_none());

    // It is asked for again, and what was wrong is not gone on with.
    store.set(Mood::Well);
    start(hub.fetch(&entry(), &mut |_| {}).unwrap());
    let (asked, of_store) = (server.asked(), store.asked());
    assert!(asked.iter().all(|path| path.ends_with(" bearer secret")), "{asked:?}");
    assert_eq!(of_store, ["/Qdrant/all-MiniLM-L6-v2-onnx/resolve/main/model.onnx 0"; 2]);
}

#[test]
fn a_hub_that_falls_silent_is_given_up_and_what_came_stays() {
    let (server, folder) = (LocalHub::of(&tiny()), tempfile::tempdir().unwrap());
    server.set(Mood::Stalling);
    server.say(&[("x-linked-etag", DIGEST)]);
    let hasty = hub(&server, folder.path()).with_patience(Duration::from_millis(300));
    // A slow machine may have no patience with the small files either.
    let error = hasty.fetch(&entry(), &mut |_| {}).unwrap_err();
    assert!(chain(&error).contains("timeout"), "{}", chain(&error));
    assert!(hasty.kept(&entry()).unwrap().is_none());
    server.set(Mood::Well);
    start(hub(&server, folder.path()).fetch(&entry(), &mut |_| {}).unwrap());
}

#[test]
fn a_page_for_people_is_no_model() {
    let (server, folder) = (LocalHub::of(&tiny()), tempfile::tempdir().unwrap());
    server.set(Mood::Captive);
    let error = hub(&server, folder.path()).fetch(&entry(), &mut |_| {}).unwrap_err();
    assert_eq!(
        error.to_string().replace(server.address(), "HUB"),
        "what `HUB` sends as `tokenizer.json` of the model `all-minilm-l6-v2` is not that file: it is not JSON"
    );
    // The same when the model itself is all that is missing.
    server.set(Mood::Breaking);
    hub(&server, folder.path()).fetch(&entry(), &mut |_| {}).unwrap_err();
    server.set(Mood::Captive);
    let error = hub(&server, folder.path()).fetch(&entry(), &mut |_| {}).unwrap_err();
    assert!(error.to_string().ends_with("`model.onnx` of the model `all-minilm-l6-v2` is not that file: it is a page"));
    assert!(hub(&server, folder.path()).kept(&entry()).unwrap().is_none());
}

#[test]
fn a_hub_that_leads_in_circles_is_left() {
    let (server, folder) = (LocalHub::of(&tiny()), tempfile::tempdir().unwrap());
    server.lead_to(&server);
    let error = hub(&server, folder.path()).fetch(&entry(), &mut |_| {}).unwrap_err();
    assert!(chain(&error).contains("without end"), "{}", chain(&error));
}
