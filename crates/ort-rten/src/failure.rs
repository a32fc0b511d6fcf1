//! What an entry answers when it cannot do what it was asked.

use std::{
    fmt::Display,
    panic::{AssertUnwindSafe, catch_unwind},
};

use ort_sys::{OrtErrorCode, OrtStatusPtr, stub};

/// A refusal with the code and the message that `ort` shows.
#[derive(Debug)]
pub(crate) struct Failure {
    code: OrtErrorCode,
    message: String,
}

impl Failure {
    pub(crate) fn new(code: OrtErrorCode, message: impl Display) -> Self {
        Self { code, message: message.to_string() }
    }

    pub(crate) fn argument(message: impl Display) -> Self {
        Self::new(OrtErrorCode::ORT_INVALID_ARGUMENT, message)
    }

    pub(crate) fn unsupported(message: impl Display) -> Self {
        Self::new(OrtErrorCode::ORT_NOT_IMPLEMENTED, message)
    }

    /// The status for the caller, who releases it. `ort-sys` makes and releases statuses for us.
    pub(crate) fn into_status(self) -> OrtStatusPtr {
        // A NUL would end the message early, and `ort-sys` panics on it.
        stub::Error::new_sys(self.code, self.message.replace('\0', " "))
    }
}

/// Runs the body of an entry. Nothing unwinds into the caller: a panic is a failure like others.
pub(crate) fn answer(body: impl FnOnce() -> Result<(), Failure>) -> OrtStatusPtr {
    // What a body was changing when it panicked is either dropped with it or a handle that its caller gives up.
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => OrtStatusPtr::default(),
        Ok(Err(failure)) => failure.into_status(),
        Err(_) => Failure::new(OrtErrorCode::ORT_RUNTIME_EXCEPTION, "the runtime panicked").into_status(),
    }
}
