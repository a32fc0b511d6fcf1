//! The choice of a runtime. One test, because a process has one runtime and the order matters.

#![cfg(test)]

use std::{fs, path::Path};

use journal_embed::{Runtime, RuntimeError};

#[test]
fn a_runtime_that_is_not_there_leaves_the_choice_open() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("libonnxruntime.so");
    assert!(matches!(Runtime::installed(&missing), Err(RuntimeError::Missing { .. })));
    assert!(matches!(Runtime::installed(Path::new("libonnxruntime.so")), Err(RuntimeError::Missing { .. })));
    assert!(matches!(Runtime::installed(Path::new("")), Err(RuntimeError::Missing { .. })));
    fs::write(&missing, "not a library").unwrap();
    let error = Runtime::installed(&missing).unwrap_err();
    assert!(error.to_string().contains("is not an ONNX Runtime that can be loaded: "), "{error}");
    #[cfg(target_os = "linux")]
    {
        let other = library_of_this_process();
        assert_eq!(
            Runtime::installed(&other).unwrap_err().to_string(),
            format!("`{}` is not an ONNX Runtime that can be loaded: it has no `OrtGetApiBase`", other.display())
        );
    }

    let runtime = Runtime::built_in().unwrap();
    assert_eq!(runtime.description(), "the built-in runtime");
    Runtime::built_in().unwrap();

    let error = Runtime::installed(&missing).unwrap_err();
    assert_eq!(
        error.to_string().replace(&missing.display().to_string(), "LIB"),
        "this process computes with the built-in runtime already and cannot change to the ONNX Runtime `LIB`"
    );
}

/// A library that is no ONNX Runtime.
#[cfg(target_os = "linux")]
fn library_of_this_process() -> std::path::PathBuf {
    let mapped = fs::read_to_string("/proc/self/maps").unwrap();
    let libraries = mapped.lines().filter_map(|line| Some(&line[line.find('/')?..]));
    libraries.map(Path::new).find(|path| path.to_string_lossy().contains("/libc")).unwrap().to_owned()
}
