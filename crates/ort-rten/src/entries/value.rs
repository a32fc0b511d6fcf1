//! Entries about tensors and their types.
//!
//! The SAFETY comments say "of the caller" where the contract of the interface, told in `handle.rs`, is all there is.

use std::ffi::{c_char, c_int, c_void};

use ort_sys::{
    ONNXTensorElementDataType, ONNXType, OrtMemoryInfo, OrtStatusPtr, OrtTensorTypeAndShapeInfo, OrtTypeInfo, OrtValue,
};

use super::memory::processor;
use crate::{
    failure::{Failure, answer},
    handle::{Handle, array, put},
    tensor::{Tensor, TensorType},
};

pub(super) unsafe extern "system" fn create_tensor_with_data(
    _: *const OrtMemoryInfo,
    data: *mut c_void,
    length: usize,
    shape: *const i64,
    dimensions: usize,
    element: ONNXTensorElementDataType,
    out: *mut *mut OrtValue,
) -> OrtStatusPtr {
    answer(|| {
        // SAFETY: an array of the caller, read as bytes.
        let bytes = unsafe { array(data.cast_const().cast::<u8>(), length) }?;
        // SAFETY: an array of the caller.
        let shape = unsafe { array(shape, dimensions) }?;
        // SAFETY: `out` is the caller's place for the answer.
        unsafe { Tensor::from_bytes(element, shape, bytes)?.give(out) }
    })
}

pub(super) unsafe extern "system" fn release_value(value: *mut OrtValue) {
    // SAFETY: the caller gives the handle up.
    unsafe { Tensor::release(value) }
}

pub(super) unsafe extern "system" fn is_tensor(_: *const OrtValue, out: *mut c_int) -> OrtStatusPtr {
    // SAFETY: `out` is the caller's place for the answer.
    answer(|| unsafe { put(1, out) })
}

pub(super) unsafe extern "system" fn get_tensor_mutable_data(
    value: *mut OrtValue,
    out: *mut *mut c_void,
) -> OrtStatusPtr {
    answer(|| {
        // SAFETY: a handle of the caller. Its elements are cells, so the pointer may be written through.
        let tensor = unsafe { Tensor::look(value) }?;
        // SAFETY: `out` is the caller's place for the answer.
        unsafe { put(tensor.data(), out) }
    })
}

/// The shape stays where it is for the life of the tensor.
pub(super) unsafe extern "system" fn get_tensor_element_type_and_shape(
    value: *const OrtValue,
    element: *mut ONNXTensorElementDataType,
    shape: *mut *const i64,
    dimensions: *mut usize,
) -> OrtStatusPtr {
    answer(|| {
        // SAFETY: a handle of the caller.
        let tensor = unsafe { Tensor::look(value) }?;
        // SAFETY: the caller's place for an answer.
        unsafe { put(tensor.element(), element) }?;
        // SAFETY: the caller's place for an answer.
        unsafe { put(tensor.shape().as_ptr(), shape) }?;
        // SAFETY: the caller's place for an answer.
        unsafe { put(tensor.shape().len(), dimensions) }
    })
}

pub(super) unsafe extern "system" fn get_tensor_memory_info(
    _: *const OrtValue,
    out: *mut *const OrtMemoryInfo,
) -> OrtStatusPtr {
    // SAFETY: `out` is the caller's place for the answer.
    answer(|| unsafe { put(processor(), out) })
}

pub(super) unsafe extern "system" fn get_onnx_type_from_type_info(
    _: *const OrtTypeInfo,
    out: *mut ONNXType,
) -> OrtStatusPtr {
    // SAFETY: `out` is the caller's place for the answer.
    answer(|| unsafe { put(ONNXType::ONNX_TYPE_TENSOR, out) })
}

/// Every type is that of a tensor, so both handles are the same. Only the first is released.
pub(super) unsafe extern "system" fn cast_type_info_to_tensor_info(
    info: *const OrtTypeInfo,
    out: *mut *const OrtTensorTypeAndShapeInfo,
) -> OrtStatusPtr {
    // SAFETY: `out` is the caller's place for the answer.
    answer(|| unsafe { put(info.cast(), out) })
}

/// `ort` describes inputs and outputs back to the runtime when it loads a model, and uses it for nothing here.
pub(super) unsafe extern "system" fn create_tensor_info(out: *mut *mut OrtTensorTypeAndShapeInfo) -> OrtStatusPtr {
    let undefined = ONNXTensorElementDataType::ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
    // SAFETY: `out` is the caller's place for the answer; both kinds of handle are the same.
    answer(|| unsafe { TensorType { element: undefined, shape: Vec::new() }.give(out.cast()) })
}

pub(super) unsafe extern "system" fn set_tensor_element_type(
    info: *mut OrtTensorTypeAndShapeInfo,
    element: ONNXTensorElementDataType,
) -> OrtStatusPtr {
    answer(|| {
        // SAFETY: a handle of the caller, who changes it in one place at a time.
        unsafe { TensorType::look_mut(info.cast()) }?.element = element;
        Ok(())
    })
}

pub(super) unsafe extern "system" fn set_dimensions(
    info: *mut OrtTensorTypeAndShapeInfo,
    shape: *const i64,
    dimensions: usize,
) -> OrtStatusPtr {
    answer(|| {
        // SAFETY: an array of the caller.
        let shape = unsafe { array(shape, dimensions) }?;
        // SAFETY: a handle of the caller, who changes it in one place at a time.
        unsafe { TensorType::look_mut(info.cast()) }?.shape = shape.to_vec();
        Ok(())
    })
}

/// Sizes that are not known have no names here.
pub(super) unsafe extern "system" fn set_symbolic_dimensions(
    _: *mut OrtTensorTypeAndShapeInfo,
    _: *mut *const c_char,
    _: usize,
) -> OrtStatusPtr {
    OrtStatusPtr::default()
}

pub(super) unsafe extern "system" fn release_tensor_info(info: *mut OrtTensorTypeAndShapeInfo) {
    // SAFETY: the caller gives the handle up. Handles that were cast are not released by themselves.
    unsafe { TensorType::release(info.cast()) }
}

pub(super) unsafe extern "system" fn get_tensor_element_type(
    info: *const OrtTensorTypeAndShapeInfo,
    out: *mut ONNXTensorElementDataType,
) -> OrtStatusPtr {
    answer(|| {
        // SAFETY: a handle of the caller, cast above.
        let tensor_type = unsafe { TensorType::look(info.cast()) }?;
        // SAFETY: `out` is the caller's place for the answer.
        unsafe { put(tensor_type.element, out) }
    })
}

pub(super) unsafe extern "system" fn get_dimensions_count(
    info: *const OrtTensorTypeAndShapeInfo,
    out: *mut usize,
) -> OrtStatusPtr {
    answer(|| {
        // SAFETY: a handle of the caller, cast above.
        let tensor_type = unsafe { TensorType::look(info.cast()) }?;
        // SAFETY: `out` is the caller's place for the answer.
        unsafe { put(tensor_type.shape.len(), out) }
    })
}

pub(super) unsafe extern "system" fn get_dimensions(
    info: *const OrtTensorTypeAndShapeInfo,
    out: *mut i64,
    places: usize,
) -> OrtStatusPtr {
    answer(|| {
        // SAFETY: a handle of the caller, cast above.
        let tensor_type = unsafe { TensorType::look(info.cast()) }?;
        if places < tensor_type.shape.len() {
            return Err(Failure::argument("not all dimensions fit"));
        }
        for (index, size) in tensor_type.shape.iter().enumerate() {
            // SAFETY: `out` is the caller's array of at least that many places for the answer.
            unsafe { put(*size, out.wrapping_add(index)) }?;
        }
        Ok(())
    })
}

/// Sizes that are not known have no names here.
pub(super) unsafe extern "system" fn get_symbolic_dimensions(
    _: *const OrtTensorTypeAndShapeInfo,
    out: *mut *const c_char,
    places: usize,
) -> OrtStatusPtr {
    answer(|| {
        for index in 0..places {
            // SAFETY: `out` is the caller's array of `places` places for the answer.
            unsafe { put(c"".as_ptr(), out.wrapping_add(index)) }?;
        }
        Ok(())
    })
}

pub(super) unsafe extern "system" fn release_type_info(info: *mut OrtTypeInfo) {
    // SAFETY: the caller gives the handle up.
    unsafe { TensorType::release(info) }
}
