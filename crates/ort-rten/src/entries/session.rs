//! Entries about the environment, sessions and runs.
//!
//! The SAFETY comments say "of the caller" where the contract of the interface, told in `handle.rs`, is all there is.

use std::ffi::{c_char, c_int, c_void};

use ort_sys::{
    GraphOptimizationLevel, OrtAllocator, OrtEnv, OrtLoggingLevel, OrtMemoryInfo, OrtRunOptions, OrtSession,
    OrtSessionOptions, OrtStatusPtr, OrtTypeInfo, OrtValue, os_char,
};

use super::memory::{give_text, processor};
use crate::{
    failure::{Failure, answer},
    handle::{Handle, array, put, text},
    session::{Port, Session, Settings},
    tensor::Tensor,
};

/// The environment of a process has nothing to remember.
struct Environment;

impl Handle for Environment {
    type Sys = OrtEnv;
}

pub(super) unsafe extern "system" fn create_env(
    _: OrtLoggingLevel,
    _: *const c_char,
    out: *mut *mut OrtEnv,
) -> OrtStatusPtr {
    // SAFETY: `out` is the caller's place for the answer.
    answer(|| unsafe { Environment.give(out) })
}

pub(super) unsafe extern "system" fn release_env(env: *mut OrtEnv) {
    // SAFETY: the caller gives the handle up.
    unsafe { Environment::release(env) }
}

pub(super) unsafe extern "system" fn create_session_options(out: *mut *mut OrtSessionOptions) -> OrtStatusPtr {
    // SAFETY: `out` is the caller's place for the answer.
    answer(|| unsafe { Settings::default().give(out) })
}

pub(super) unsafe extern "system" fn clone_session_options(
    options: *const OrtSessionOptions,
    out: *mut *mut OrtSessionOptions,
) -> OrtStatusPtr {
    answer(|| {
        // SAFETY: a handle of the caller.
        let settings = unsafe { Settings::look(options) }?.clone();
        // SAFETY: `out` is the caller's place for the answer.
        unsafe { settings.give(out) }
    })
}

pub(super) unsafe extern "system" fn release_session_options(options: *mut OrtSessionOptions) {
    // SAFETY: the caller gives the handle up.
    unsafe { Settings::release(options) }
}

pub(super) unsafe extern "system" fn set_graph_optimization_level(
    options: *mut OrtSessionOptions,
    level: GraphOptimizationLevel,
) -> OrtStatusPtr {
    answer(|| {
        // SAFETY: a handle of the caller, who changes it in one place at a time.
        let settings = unsafe { Settings::look_mut(options) }?;
        settings.optimize = level != GraphOptimizationLevel::ORT_DISABLE_ALL;
        Ok(())
    })
}

pub(super) unsafe extern "system" fn set_intra_op_num_threads(
    options: *mut OrtSessionOptions,
    threads: c_int,
) -> OrtStatusPtr {
    answer(|| {
        // SAFETY: a handle of the caller, who changes it in one place at a time.
        let settings = unsafe { Settings::look_mut(options) }?;
        settings.threads = usize::try_from(threads).map_err(|_| Failure::argument("a negative number of threads"))?;
        Ok(())
    })
}

/// Copies the files; `ort` keeps the caller's bytes only as long as its builder and session.
pub(super) unsafe extern "system" fn add_external_initializers_from_memory(
    options: *mut OrtSessionOptions,
    names: *const *const os_char,
    files: *const *mut c_char,
    lengths: *const usize,
    count: usize,
) -> OrtStatusPtr {
    answer(|| {
        // SAFETY: a handle of the caller, who changes it in one place at a time.
        let settings = unsafe { Settings::look_mut(options) }?;
        // SAFETY: an array of the caller.
        let names = unsafe { array(names, count) }?;
        // SAFETY: an array of the caller.
        let files = unsafe { array(files, count) }?;
        // SAFETY: an array of the caller.
        let lengths = unsafe { array(lengths, count) }?;
        for ((name, file), length) in names.iter().zip(files).zip(lengths) {
            // SAFETY: a string of the caller.
            let name = unsafe { file_name(*name) }?;
            // SAFETY: an array of the caller.
            let bytes = unsafe { array(file.cast_const().cast::<u8>(), *length) }?;
            settings.weights.push((name, bytes.to_vec()));
        }
        Ok(())
    })
}

pub(super) unsafe extern "system" fn create_session_from_array(
    _: *const OrtEnv,
    model: *const c_void,
    length: usize,
    options: *const OrtSessionOptions,
    out: *mut *mut OrtSession,
) -> OrtStatusPtr {
    answer(|| {
        // SAFETY: an array of the caller.
        let bytes = unsafe { array(model.cast::<u8>(), length) }?;
        // SAFETY: a handle of the caller.
        let settings = unsafe { Settings::look(options) }?;
        // SAFETY: `out` is the caller's place for the answer.
        unsafe { Session::load(bytes, settings)?.give(out) }
    })
}

pub(super) unsafe extern "system" fn release_session(session: *mut OrtSession) {
    // SAFETY: the caller gives the handle up.
    unsafe { Session::release(session) }
}

pub(super) unsafe extern "system" fn get_input_count(session: *const OrtSession, out: *mut usize) -> OrtStatusPtr {
    // SAFETY: the caller's arguments as they came.
    unsafe { count(session, |session| &session.inputs, out) }
}

pub(super) unsafe extern "system" fn get_output_count(session: *const OrtSession, out: *mut usize) -> OrtStatusPtr {
    // SAFETY: the caller's arguments as they came.
    unsafe { count(session, |session| &session.outputs, out) }
}

pub(super) unsafe extern "system" fn get_input_name(
    session: *const OrtSession,
    index: usize,
    _: *mut OrtAllocator,
    out: *mut *mut c_char,
) -> OrtStatusPtr {
    // SAFETY: the caller's arguments as they came.
    unsafe { name(session, |session| &session.inputs, index, out) }
}

pub(super) unsafe extern "system" fn get_output_name(
    session: *const OrtSession,
    index: usize,
    _: *mut OrtAllocator,
    out: *mut *mut c_char,
) -> OrtStatusPtr {
    // SAFETY: the caller's arguments as they came.
    unsafe { name(session, |session| &session.outputs, index, out) }
}

pub(super) unsafe extern "system" fn get_input_type_info(
    session: *const OrtSession,
    index: usize,
    out: *mut *mut OrtTypeInfo,
) -> OrtStatusPtr {
    // SAFETY: the caller's arguments as they came.
    unsafe { tensor_type(session, |session| &session.inputs, index, out) }
}

pub(super) unsafe extern "system" fn get_output_type_info(
    session: *const OrtSession,
    index: usize,
    out: *mut *mut OrtTypeInfo,
) -> OrtStatusPtr {
    // SAFETY: the caller's arguments as they came.
    unsafe { tensor_type(session, |session| &session.outputs, index, out) }
}

/// For inputs as for outputs: all of them are in the memory of the processor.
pub(super) unsafe extern "system" fn get_memory_info_for_ports(
    _: *const OrtSession,
    out: *mut *const OrtMemoryInfo,
    ports: usize,
) -> OrtStatusPtr {
    answer(|| {
        for index in 0..ports {
            // SAFETY: `out` is the caller's array of `ports` places for the answer.
            unsafe { put(processor(), out.wrapping_add(index)) }?;
        }
        Ok(())
    })
}

pub(super) unsafe extern "system" fn run(
    session: *mut OrtSession,
    _: *const OrtRunOptions,
    input_names: *const *const c_char,
    inputs: *const *const OrtValue,
    input_count: usize,
    output_names: *const *const c_char,
    output_count: usize,
    outputs: *mut *mut OrtValue,
) -> OrtStatusPtr {
    answer(|| {
        // SAFETY: a handle of the caller; a run does not change the session.
        let session = unsafe { Session::look(session) }?;
        // SAFETY: arrays of the caller.
        let input_names = unsafe { names(input_names, input_count) }?;
        // SAFETY: an array of the caller.
        let inputs = unsafe { array(inputs, input_count) }?;
        // SAFETY: handles of the caller, who does not write to inputs during a run.
        let inputs = inputs.iter().map(|input| unsafe { Tensor::look(*input) }).collect::<Result<Vec<_>, _>>()?;
        // SAFETY: arrays of the caller.
        let output_names = unsafe { names(output_names, output_count) }?;
        // SAFETY: an array of the caller.
        let places = unsafe { array(outputs.cast_const(), output_count) }?;
        if places.iter().any(|place| !place.is_null()) {
            return Err(Failure::unsupported("outputs that the caller has made are not supported"));
        }
        let inputs: Vec<_> = input_names.into_iter().zip(inputs).collect();
        for (index, tensor) in session.run(&inputs, &output_names)?.into_iter().enumerate() {
            // SAFETY: one answer a name, and `outputs` is the caller's array of that many places.
            unsafe { tensor.give(outputs.wrapping_add(index)) }?;
        }
        Ok(())
    })
}

pub(super) unsafe extern "system" fn get_build_info_string() -> *const c_char {
    c"rten 0.27 through ort-rten".as_ptr()
}

/// # Safety
/// The arguments are a handle and a place for the answer.
unsafe fn count(session: *const OrtSession, ports: fn(&Session) -> &Vec<Port>, out: *mut usize) -> OrtStatusPtr {
    answer(|| {
        // SAFETY: a handle of the caller.
        let session = unsafe { Session::look(session) }?;
        // SAFETY: `out` is the caller's place for the answer.
        unsafe { put(ports(session).len(), out) }
    })
}

/// # Safety
/// The arguments are a handle and a place for the answer.
unsafe fn name(
    session: *const OrtSession,
    ports: fn(&Session) -> &Vec<Port>,
    index: usize,
    out: *mut *mut c_char,
) -> OrtStatusPtr {
    answer(|| {
        // SAFETY: a handle of the caller.
        let session = unsafe { Session::look(session) }?;
        // SAFETY: `out` is the caller's place for the answer.
        unsafe { give_text(&at(ports(session), index)?.name, out) }
    })
}

/// # Safety
/// The arguments are a handle and a place for the answer.
unsafe fn tensor_type(
    session: *const OrtSession,
    ports: fn(&Session) -> &Vec<Port>,
    index: usize,
    out: *mut *mut OrtTypeInfo,
) -> OrtStatusPtr {
    answer(|| {
        // SAFETY: a handle of the caller.
        let session = unsafe { Session::look(session) }?;
        // SAFETY: `out` is the caller's place for the answer.
        unsafe { at(ports(session), index)?.tensor_type().give(out) }
    })
}

fn at(ports: &[Port], index: usize) -> Result<&Port, Failure> {
    ports.get(index).ok_or_else(|| Failure::argument(format!("the model has no input or output {index}")))
}

/// # Safety
/// `names` is an array of `count` strings of the caller.
unsafe fn names<'a>(names: *const *const c_char, count: usize) -> Result<Vec<&'a str>, Failure> {
    // SAFETY: an array of the caller.
    let names = unsafe { array(names, count) }?;
    // SAFETY: strings of the caller.
    names.iter().map(|name| unsafe { text(*name) }).collect()
}

/// The name of a file, in the platform's characters.
///
/// # Safety
/// `name` is null or ends with NUL.
#[cfg(not(windows))]
unsafe fn file_name(name: *const os_char) -> Result<String, Failure> {
    // SAFETY: a string of the caller.
    unsafe { text(name) }.map(str::to_owned)
}

/// The name of a file, in the platform's characters.
///
/// # Safety
/// `name` is null or ends with NUL.
#[cfg(windows)]
unsafe fn file_name(name: *const os_char) -> Result<String, Failure> {
    if name.is_null() {
        return Err(Failure::argument("the name of a file is null"));
    }
    let mut length = 0;
    // SAFETY: not null, and the string goes on up to its NUL.
    while unsafe { *name.wrapping_add(length) } != 0 {
        length += 1;
    }
    // SAFETY: these characters were just read.
    String::from_utf16(unsafe { array(name, length) }?).map_err(|_| Failure::argument("a name is not Unicode"))
}
