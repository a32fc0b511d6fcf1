//! The table from the caller's side, with a model of twelve weights: token ids in, rows of 0..12 out.

use std::{
    ffi::{CStr, c_char, c_void},
    ptr::{null, null_mut},
};

use ort_sys::{
    ONNXTensorElementDataType as ElementType, OrtApi, OrtErrorCode, OrtSession, OrtSessionOptions, OrtStatusPtr,
    OrtValue,
};

use crate::session::{Session, Settings};

const API: OrtApi = crate::api();
const GRAPH: &[u8] = include_bytes!("../tests/apart.onnx");

/// Bytes at an address that floats may have.
#[repr(align(8))]
struct Aligned<const N: usize>([u8; N]);

static WEIGHTS: Aligned<48> = Aligned(*include_bytes!("../tests/apart.data"));

/// What a status says, if it is an error.
fn said(status: OrtStatusPtr) -> Result<(), (OrtErrorCode, String)> {
    if status.0.is_null() {
        return Ok(());
    }
    // SAFETY: a status of this table that is not released before the last line.
    let code = unsafe { (API.GetErrorCode)(status.0) };
    // SAFETY: as above.
    let message = unsafe { (API.GetErrorMessage)(status.0) };
    // SAFETY: the message lives as long as its status.
    let message = unsafe { CStr::from_ptr(message) }.to_str().unwrap().to_owned();
    // SAFETY: nobody uses the status from here on.
    unsafe { (API.ReleaseStatus)(status.0) };
    Err((code, message))
}

/// Loads a model with the weights that are handed over, by name.
fn load(graph: &[u8], weights: &[(&str, &[u8])]) -> Result<*mut OrtSession, (OrtErrorCode, String)> {
    let mut options: *mut OrtSessionOptions = null_mut();
    // SAFETY: a place for the answer.
    said(unsafe { (API.CreateSessionOptions)(&raw mut options) })?;
    for (name, bytes) in weights {
        #[cfg(windows)]
        let name: Vec<u16> = name.encode_utf16().chain([0]).collect();
        #[cfg(not(windows))]
        let name = std::ffi::CString::new(*name).unwrap();
        let bytes_of = bytes.as_ptr().cast::<c_char>().cast_mut();
        // SAFETY: a handle and arrays of one element.
        said(unsafe {
            (API.AddExternalInitializersFromMemory)(options, &name.as_ptr(), &raw const bytes_of, &bytes.len(), 1)
        })?;
    }
    let mut session = null_mut();
    // SAFETY: bytes with their length, a handle, and a place for the answer.
    let loaded = said(unsafe {
        (API.CreateSessionFromArray)(null(), graph.as_ptr().cast(), graph.len(), options, &raw mut session)
    });
    // SAFETY: the last use of the handle.
    unsafe { (API.ReleaseSessionOptions)(options) };
    loaded.map(|()| session)
}

fn tensor(element: ElementType, shape: &[i64], bytes: &[u8]) -> Result<*mut OrtValue, (OrtErrorCode, String)> {
    let mut value = null_mut();
    let data = bytes.as_ptr().cast::<c_void>().cast_mut();
    // SAFETY: arrays with their lengths and a place for the answer.
    said(unsafe {
        (API.CreateTensorWithDataAsOrtValue)(
            null(),
            data,
            bytes.len(),
            shape.as_ptr(),
            shape.len(),
            element,
            &raw mut value,
        )
    })?;
    Ok(value)
}

fn ids(ids: &[i64]) -> *mut OrtValue {
    let bytes: Vec<u8> = ids.iter().flat_map(|id| id.to_ne_bytes()).collect();
    let shape = [1, i64::try_from(ids.len()).unwrap()];
    tensor(ElementType::ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64, &shape, &bytes).unwrap()
}

/// Runs the model and answers shape and elements of its output.
fn run(session: *mut OrtSession, input: *mut OrtValue) -> Result<(Vec<i64>, Vec<f32>), (OrtErrorCode, String)> {
    run_named(session, c"last_hidden_state", input)
}

fn run_named(
    session: *mut OrtSession,
    output: &CStr,
    input: *mut OrtValue,
) -> Result<(Vec<i64>, Vec<f32>), (OrtErrorCode, String)> {
    let names = [c"input_ids".as_ptr(), c"attention_mask".as_ptr()];
    let mask = ids(&[1]);
    let inputs = [input.cast_const(), mask.cast_const()];
    let mut value: *mut OrtValue = null_mut();
    // SAFETY: handles, arrays with their lengths, and one place for the one answer.
    let ran = said(unsafe {
        (API.Run)(session, null(), names.as_ptr(), inputs.as_ptr(), inputs.len(), &output.as_ptr(), 1, &raw mut value)
    });
    // SAFETY: the last use of the handle.
    unsafe { (API.ReleaseValue)(mask) };
    ran?;
    let (mut element, mut shape, mut count) = (ElementType::ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED, null(), 0);
    // SAFETY: a handle and places for the answers.
    said(unsafe {
        (API.GetTensorElementTypeAndShapeDataReference)(value, &raw mut element, &raw mut shape, &raw mut count)
    })?;
    assert_eq!(element, ElementType::ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT);
    // SAFETY: the table says that there are so many.
    let shape = unsafe { std::slice::from_raw_parts(shape, count) }.to_vec();
    let mut data = null_mut();
    // SAFETY: a handle and a place for the answer.
    said(unsafe { (API.GetTensorMutableData)(value, &raw mut data) })?;
    let length = usize::try_from(shape.iter().product::<i64>()).unwrap();
    // SAFETY: the shape says that there are so many.
    let elements = unsafe { std::slice::from_raw_parts(data.cast::<f32>(), length) }.to_vec();
    // SAFETY: the last use of the handle.
    unsafe { (API.ReleaseValue)(value) };
    Ok((shape, elements))
}

#[test]
fn a_model_with_weights_of_its_own_runs() {
    let session = load(GRAPH, &[("apart.data", &WEIGHTS.0)]).unwrap();
    let input = ids(&[2, 0, 3]);
    let (shape, elements) = run(session, input).unwrap();
    assert_eq!(shape, [1, 3, 3]);
    assert_eq!(elements, [6., 7., 8., 0., 1., 2., 9., 10., 11.]);
    // Inputs stay the caller's: the same one may be used again, and a run leaves nothing behind.
    assert_eq!(run(session, input).unwrap().1, elements);
    // SAFETY: the last use of both handles.
    unsafe { (API.ReleaseValue)(input) };
    // SAFETY: as above.
    unsafe { (API.ReleaseSession)(session) };
}

#[test]
fn lent_weights_are_found_and_own_ones_come_first() {
    let (code, message) = load(GRAPH, &[]).unwrap_err();
    assert_eq!(code, OrtErrorCode::ORT_INVALID_GRAPH);
    assert!(message.contains("apart.data"), "{message}");

    crate::lend_weights("apart.data", &WEIGHTS.0);
    let input = ids(&[1]);
    let lent = load(GRAPH, &[]).unwrap();
    assert_eq!(run(lent, input).unwrap().1, [3., 4., 5.]);
    let nothing = [0; 48];
    let shared = [(); 2].map(|()| Session::load(GRAPH, &Settings::default()).unwrap());
    assert!(shared[0].shares_its_model_with(&shared[1]));
    let own = load(GRAPH, &[("apart.data", &nothing)]).unwrap();
    assert_eq!(run(own, input).unwrap().1, [0.; 3]);
    for session in [lent, own] {
        // SAFETY: the last use of the handle.
        unsafe { (API.ReleaseSession)(session) };
    }
    // SAFETY: the last use of the handle.
    unsafe { (API.ReleaseValue)(input) };
    crate::lend_weights("apart.data", b"too short");
    assert!(load(GRAPH, &[]).unwrap_err().1.contains("too short"));
}

#[test]
fn a_model_tells_its_inputs_and_outputs() {
    let session = load(GRAPH, &[("apart.data", &WEIGHTS.0)]).unwrap();
    let mut count = 0;
    // SAFETY: a handle and a place for the answer.
    said(unsafe { (API.SessionGetInputCount)(session, &raw mut count) }).unwrap();
    assert_eq!(count, 2);
    // SAFETY: a handle and a place for the answer.
    said(unsafe { (API.SessionGetOutputCount)(session, &raw mut count) }).unwrap();
    assert_eq!(count, 1);

    let mut name: *mut c_char = null_mut();
    // SAFETY: a handle and a place for the answer.
    said(unsafe { (API.SessionGetInputName)(session, 1, null_mut(), &raw mut name) }).unwrap();
    // SAFETY: the string that was just given.
    assert_eq!(unsafe { CStr::from_ptr(name) }, c"attention_mask");
    // SAFETY: strings are given back to the allocator, this one for the last time.
    said(unsafe { (API.AllocatorFree)(null_mut(), name.cast()) }).unwrap();
    // SAFETY: a handle and a place for the answer.
    let (code, _) = said(unsafe { (API.SessionGetInputName)(session, 2, null_mut(), &raw mut name) }).unwrap_err();
    assert_eq!(code, OrtErrorCode::ORT_INVALID_ARGUMENT);

    let mut info = null_mut();
    // SAFETY: a handle and a place for the answer.
    said(unsafe { (API.SessionGetOutputTypeInfo)(session, 0, &raw mut info) }).unwrap();
    let mut tensor_info = null();
    // SAFETY: a handle and a place for the answer.
    said(unsafe { (API.CastTypeInfoToTensorInfo)(info, &raw mut tensor_info) }).unwrap();
    let mut sizes = [0; 3];
    // SAFETY: a handle and places for three answers.
    said(unsafe { (API.GetDimensions)(tensor_info, sizes.as_mut_ptr(), 3) }).unwrap();
    assert_eq!(sizes, [-1, -1, 3]);
    // SAFETY: a handle and places for two answers.
    said(unsafe { (API.GetDimensions)(tensor_info, sizes.as_mut_ptr(), 2) }).unwrap_err();
    // SAFETY: the last use of both handles.
    unsafe { (API.ReleaseTypeInfo)(info) };
    // SAFETY: as above.
    unsafe { (API.ReleaseSession)(session) };
}

#[test]
fn what_is_wrong_is_said_and_nothing_unwinds() {
    let session = load(GRAPH, &[("apart.data", &WEIGHTS.0)]).unwrap();
    for (wrong, expected) in [(4, "does not run"), (i64::MAX, "is too large"), (-9, "does not run")] {
        let input = ids(&[wrong]);
        let (_, message) = run(session, input).unwrap_err();
        assert!(message.contains(expected), "{wrong}: {message}");
        // SAFETY: the last use of the handle.
        unsafe { (API.ReleaseValue)(input) };
    }
    let input = ids(&[1]);
    assert!(run_named(session, c"elsewhere", input).unwrap_err().1.contains("`elsewhere`"));
    // SAFETY: the last use of both handles.
    unsafe { (API.ReleaseValue)(input) };
    // SAFETY: as above.
    unsafe { (API.ReleaseSession)(session) };

    for bytes in [&b""[..], b"not a model", &GRAPH[..GRAPH.len() / 2]] {
        assert_eq!(load(bytes, &[]).unwrap_err().0, OrtErrorCode::ORT_INVALID_GRAPH);
    }
    let float = ElementType::ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
    for shape in [&[2][..], &[-1], &[i64::MAX, i64::MAX], &[]] {
        let (code, message) = tensor(float, shape, &[0; 12]).unwrap_err();
        assert_eq!(code, OrtErrorCode::ORT_INVALID_ARGUMENT, "{message}");
    }
    let (code, _) = tensor(ElementType::ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING, &[0], &[]).unwrap_err();
    assert_eq!(code, OrtErrorCode::ORT_NOT_IMPLEMENTED);
    for shape in [&[0][..], &[3, 0]] {
        // SAFETY: the only use of the handle.
        unsafe { (API.ReleaseValue)(tensor(float, shape, &[]).unwrap()) };
    }
}

#[test]
fn null_is_refused() {
    let refused = |status| assert_eq!(said(status).unwrap_err().0, OrtErrorCode::ORT_INVALID_ARGUMENT);
    // SAFETY: null is what this is about, here and below, and the table refuses it.
    refused(unsafe { (API.CreateSessionOptions)(null_mut()) });
    // SAFETY: null.
    refused(unsafe { (API.SetIntraOpNumThreads)(null_mut(), 1) });
    // SAFETY: null.
    refused(unsafe { (API.CreateSessionFromArray)(null(), null(), 1, null(), null_mut()) });
    // SAFETY: null.
    refused(unsafe { (API.SessionGetInputCount)(null(), null_mut()) });
    // SAFETY: null.
    refused(unsafe { (API.GetTensorMutableData)(null_mut(), null_mut()) });
    // SAFETY: null.
    refused(unsafe { (API.GetDimensionsCount)(null(), null_mut()) });
    // SAFETY: null.
    refused(unsafe { (API.GetAllocatorWithDefaultOptions)(null_mut()) });
    // SAFETY: releasing null does nothing.
    unsafe { (API.ReleaseSession)(null_mut()) };
}

#[test]
fn what_fastembed_does_not_call_is_not_implemented() {
    let mut value = null_mut();
    // SAFETY: the stub does not look at its arguments.
    let status = unsafe { (API.CreateSession)(null(), null(), null(), &raw mut value) };
    assert_eq!(said(status).unwrap_err().0, OrtErrorCode::ORT_NOT_IMPLEMENTED);
}
