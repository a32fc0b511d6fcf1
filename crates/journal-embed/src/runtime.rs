//! What computes.

use std::{
    path::{Path, PathBuf, absolute},
    sync::{Mutex, PoisonError},
};

use ort::environment::Environment;

/// The oldest ONNX Runtime that is accepted. The interface that `fastembed` is built on came with it.
const OLDEST: &str = "1.24";

/// Name of the environment in the runtime's own log.
const NAME: &str = "journal";

/// The one runtime of the process. It lives as long as the process: the interface below has no way to change it.
static STARTED: Mutex<Option<Runtime>> = Mutex::new(None);

/// What computes. A process has one, chosen by whoever starts it first.
#[derive(Clone, Debug)]
pub struct Runtime {
    pub(crate) kind: Kind,
    pub(crate) environment: Environment,
}

/// Which runtime it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    BuiltIn,
    Installed(PathBuf),
}

/// Why a runtime does not start. After [`RuntimeError::Missing`] and [`RuntimeError::TooOld`] another one can be started.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// There is no such library, or it is not an ONNX Runtime.
    #[error("`{}` is not an ONNX Runtime that can be loaded: {reason}", path.display())]
    Missing {
        /// The library.
        path: PathBuf,
        /// Why, by the loader.
        reason: String,
    },
    /// The library is an ONNX Runtime that is too old.
    #[error("`{}` is ONNX Runtime {version}, and {OLDEST} is the oldest that works", path.display())]
    TooOld {
        /// The library.
        path: PathBuf,
        /// Its version, by itself.
        version: String,
    },
    /// The process computes with another runtime already.
    #[error("this process computes with {started} already and cannot change to {asked}")]
    AlreadyStarted {
        /// What it computes with.
        started: String,
        /// What was asked for.
        asked: String,
    },
    /// The runtime refuses to start.
    #[error("{asked} does not start")]
    Refused {
        /// What was asked for.
        asked: String,
        /// Why.
        #[source]
        source: ort::Error,
    },
}

impl Runtime {
    /// The runtime that is compiled in. It needs nothing installed.
    ///
    /// # Errors
    /// The process computes with an installed one already.
    pub fn built_in() -> Result<Self, RuntimeError> {
        start(Kind::BuiltIn)
    }

    /// An installed ONNX Runtime: the path of its shared library (`libonnxruntime.so`, `onnxruntime.dll`,
    /// `libonnxruntime.dylib`). The code in it is run.
    ///
    /// # Errors
    /// The library is missing, is no ONNX Runtime or too old a one, or the process computes with another already.
    pub fn installed(library: &Path) -> Result<Self, RuntimeError> {
        let path = absolute(library).unwrap_or_else(|_| library.to_owned());
        start(Kind::Installed(path))
    }

    /// What computes, for people.
    pub fn description(&self) -> String {
        self.kind.to_string()
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("the built-in runtime"),
            Self::Installed(path) => write!(f, "the ONNX Runtime `{}`", path.display()),
        }
    }
}

fn start(kind: Kind) -> Result<Runtime, RuntimeError> {
    // The lock is held to the end, so that nobody uses the interface while it is chosen: it panics when it was not. What it
    // guards is set last and whole, so poison means nothing.
    let mut started = STARTED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = started.as_ref() {
        return match runtime.kind == kind {
            true => Ok(runtime.clone()),
            false => Err(RuntimeError::AlreadyStarted { started: runtime.description(), asked: kind.to_string() }),
        };
    }
    let environment = match &kind {
        Kind::BuiltIn => {
            if !ort::set_api(ort_rten::api()) {
                let started = "a runtime that somebody else started".to_owned();
                return Err(RuntimeError::AlreadyStarted { started, asked: kind.to_string() });
            }
            ort::init()
        }
        Kind::Installed(path) => ort::init_from(path).map_err(|error| refused(path, error))?,
    };
    let environment = environment
        .with_name(NAME)
        .with_telemetry(false)
        .build()
        .map_err(|source| RuntimeError::Refused { asked: kind.to_string(), source })?;
    Ok(started.insert(Runtime { kind, environment }).clone())
}

fn refused(path: &Path, error: ort::LoadDynamicError) -> RuntimeError {
    let path = path.to_owned();
    match error {
        ort::LoadDynamicError::BadVersion { version_str, .. } => RuntimeError::TooOld { path, version: version_str },
        ort::LoadDynamicError::Dlopen { error, .. } => RuntimeError::Missing { path, reason: error.to_string() },
        ort::LoadDynamicError::MissingApi { .. } => {
            RuntimeError::Missing { path, reason: "it has no `OrtGetApiBase`".to_owned() }
        }
        ort::LoadDynamicError::InvalidVersionString => {
            RuntimeError::Missing { path, reason: "it does not tell its version".to_owned() }
        }
    }
}
