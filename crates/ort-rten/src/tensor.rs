//! Tensors as the C interface sees them: an element type, a shape and elements in memory that the caller may write to.

use std::{cell::Cell, ffi::c_void};

use ort_sys::ONNXTensorElementDataType as ElementType;
use rten::Value;
use rten_tensor::Layout as _;

use crate::{failure::Failure, handle::Handle};

/// A tensor, made by the caller or by a run.
pub(crate) struct Tensor {
    shape: Vec<i64>,
    elements: Elements,
}

/// The elements are cells because the interface hands out a pointer through which they may be written.
enum Elements {
    Integers(Box<[Cell<i64>]>),
    Floats(Box<[Cell<f32>]>),
}

/// Type and shape of a tensor or of an input or output of a model, whose unknown sizes are -1.
pub(crate) struct TensorType {
    pub(crate) element: ElementType,
    pub(crate) shape: Vec<i64>,
}

impl Handle for Tensor {
    type Sys = ort_sys::OrtValue;
}

impl Handle for TensorType {
    type Sys = ort_sys::OrtTypeInfo;
}

impl Tensor {
    /// Copies the caller's bytes, in the byte order of the machine.
    pub(crate) fn from_bytes(element: ElementType, shape: &[i64], bytes: &[u8]) -> Result<Self, Failure> {
        let elements = match element {
            ElementType::ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 => Elements::Integers(cells(bytes, i64::from_ne_bytes)),
            ElementType::ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT => Elements::Floats(cells(bytes, f32::from_ne_bytes)),
            other => return Err(Failure::unsupported(format!("tensors of {other:?} are not supported"))),
        };
        let size = match elements {
            Elements::Integers(_) => size_of::<i64>(),
            Elements::Floats(_) => size_of::<f32>(),
        };
        let expected = length(shape).and_then(|count| count.checked_mul(size));
        if expected != Some(bytes.len()) {
            return Err(Failure::argument(format!("{} bytes do not fill the shape {shape:?}", bytes.len())));
        }
        Ok(Self { shape: shape.to_vec(), elements })
    }

    /// The element type.
    pub(crate) fn element(&self) -> ElementType {
        match self.elements {
            Elements::Integers(_) => ElementType::ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64,
            Elements::Floats(_) => ElementType::ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT,
        }
    }

    /// The sizes of its dimensions.
    pub(crate) fn shape(&self) -> &[i64] {
        &self.shape
    }

    /// Where the elements lie. They stay there for the life of the tensor and may be written to.
    pub(crate) fn data(&self) -> *mut c_void {
        match &self.elements {
            Elements::Integers(cells) => cells.as_ptr().cast::<i64>().cast_mut().cast(),
            Elements::Floats(cells) => cells.as_ptr().cast::<f32>().cast_mut().cast(),
        }
    }

    /// The tensor for rten, which counts with `i32`.
    pub(crate) fn to_value(&self) -> Result<Value, Failure> {
        // Dimensions were counted when the tensor was made, so they are not negative.
        let shape: Vec<usize> = self.shape.iter().map(|size| usize::try_from(*size).unwrap_or(0)).collect();
        match &self.elements {
            Elements::Integers(cells) => {
                let narrow = |cell: &Cell<i64>| {
                    let number = cell.get();
                    i32::try_from(number).map_err(|_| Failure::argument(format!("the input {number} is too large")))
                };
                let numbers: Vec<i32> = cells.iter().map(narrow).collect::<Result<_, _>>()?;
                Value::from_shape(shape, numbers).map_err(Failure::argument)
            }
            Elements::Floats(cells) => {
                Value::from_shape(shape, cells.iter().map(Cell::get).collect::<Vec<f32>>()).map_err(Failure::argument)
            }
        }
    }

    /// A tensor that a run has made.
    pub(crate) fn from_value(value: Value) -> Result<Self, Failure> {
        let sizes = |shape: &[usize]| -> Result<Vec<i64>, Failure> {
            shape.iter().map(|size| i64::try_from(*size).map_err(Failure::argument)).collect()
        };
        match value {
            Value::FloatTensor(tensor) => Ok(Self {
                shape: sizes(tensor.shape())?,
                elements: Elements::Floats(tensor.into_data().into_iter().map(Cell::new).collect()),
            }),
            Value::Int32Tensor(tensor) => Ok(Self {
                shape: sizes(tensor.shape())?,
                elements: Elements::Integers(
                    tensor.into_data().into_iter().map(|number| Cell::new(i64::from(number))).collect(),
                ),
            }),
            other => Err(Failure::unsupported(format!("outputs of {} are not supported", other.dtype()))),
        }
    }
}

/// How many elements a shape holds; nothing if it is no shape.
fn length(shape: &[i64]) -> Option<usize> {
    shape.iter().try_fold(1usize, |count, size| count.checked_mul(usize::try_from(*size).ok()?))
}

fn cells<T, const N: usize>(bytes: &[u8], read: impl Fn([u8; N]) -> T) -> Box<[Cell<T>]> {
    bytes.as_chunks::<N>().0.iter().map(|chunk| Cell::new(read(*chunk))).collect()
}
