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

    let runtime = Runtime::built_in().unwrap();
    assert_eq!(runtime.description(), "the built-in runtime");
    Runtime::built_in().unwrap();

    let error = Runtime::installed(&missing).unwrap_err();
    assert_eq!(
        error.to_string().replace(&missing.display().to_string(), "LIB"),
        "this process computes with the built-in runtime already and cannot change to the ONNX Runtime `LIB`"
    );
}
