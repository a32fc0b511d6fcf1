//! Models ready to run, and the settings they are loaded with.

use std::sync::{Arc, Mutex, PoisonError};

use ort_sys::{ONNXTensorElementDataType as ElementType, OrtErrorCode};
use rten::{DataType, Dimension, Model, ModelOptions, NodeId, RunOptions, ThreadPool, ValueType};

use crate::{
    failure::Failure,
    handle::Handle,
    tensor::{Tensor, TensorType},
};

/// Weights for every session of the process, by the name that models know their file by.
static LENT: Mutex<Vec<(String, &'static [u8])>> = Mutex::new(Vec::new());

/// Lets every model that is loaded from now on find the file `name` of its weights in `bytes`, without copying them.
///
/// ONNX models may keep their weights in files of their own. rten uses such bytes where they lie, so weights that are
/// compiled into a program cost no memory besides the pages that are touched. `bytes` should be aligned to eight bytes, or
/// rten copies what is not. The same name replaces what was lent before; a session's own file of that name comes first.
pub fn lend_weights(name: &str, bytes: &'static [u8]) {
    // A list of names is whole after every step, so a panic elsewhere cannot have spoilt it.
    let mut lent = LENT.lock().unwrap_or_else(PoisonError::into_inner);
    lent.retain(|(known, _)| known != name);
    lent.push((name.to_owned(), bytes));
}

/// How a session is to be loaded and run.
#[derive(Clone)]
pub(crate) struct Settings {
    /// Whether the graph is optimised.
    pub(crate) optimize: bool,
    /// Threads of a pool of its own; 0 for the pool that sessions share.
    pub(crate) threads: usize,
    /// Weights that the model keeps in files of their own, by file name.
    pub(crate) weights: Vec<(String, Vec<u8>)>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { optimize: true, threads: 0, weights: Vec::new() }
    }
}

impl Handle for Settings {
    type Sys = ort_sys::OrtSessionOptions;
}

/// A loaded model.
pub(crate) struct Session {
    model: Model,
    pool: Option<Arc<ThreadPool>>,
    pub(crate) inputs: Vec<Port>,
    pub(crate) outputs: Vec<Port>,
}

/// An input or output of a model.
pub(crate) struct Port {
    id: NodeId,
    pub(crate) name: String,
    element: ElementType,
    shape: Vec<i64>,
}

impl Handle for Session {
    type Sys = ort_sys::OrtSession;
}

impl Port {
    pub(crate) fn tensor_type(&self) -> TensorType {
        TensorType { element: self.element, shape: self.shape.clone() }
    }
}

impl Session {
    /// Loads a model in ONNX format.
    pub(crate) fn load(bytes: &[u8], settings: &Settings) -> Result<Self, Failure> {
        let mut options = ModelOptions::with_all_ops();
        // Packed weights cost a tenth of the load time and halve the time of a short query.
        options.enable_optimization(settings.optimize).prepack_weights(true);
        for (name, weights) in LENT.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            options.external_data_static(name, weights);
        }
        for (name, weights) in &settings.weights {
            options.external_data(name, weights.clone());
        }
        let model = options.load(bytes.to_vec()).map_err(|error| {
            Failure::new(OrtErrorCode::ORT_INVALID_GRAPH, format!("the model does not load: {error}"))
        })?;
        let ports = |ids: &[NodeId]| ids.iter().map(|id| port(&model, *id)).collect::<Result<Vec<_>, _>>();
        let (inputs, outputs) = (ports(model.input_ids())?, ports(model.output_ids())?);
        let pool = (settings.threads > 0).then(|| Arc::new(ThreadPool::with_num_threads(settings.threads)));
        Ok(Self { model, pool, inputs, outputs })
    }

    /// Runs the model and answers the outputs in the order of their names.
    pub(crate) fn run(&self, inputs: &[(&str, &Tensor)], outputs: &[&str]) -> Result<Vec<Tensor>, Failure> {
        let inputs = inputs
            .iter()
            .map(|(name, tensor)| Ok((find(&self.inputs, name)?, tensor.to_value()?.into())))
            .collect::<Result<Vec<_>, Failure>>()?;
        let outputs = outputs.iter().map(|name| find(&self.outputs, name)).collect::<Result<Vec<_>, _>>()?;
        let options = RunOptions::default().with_thread_pool(self.pool.clone());
        let values = self
            .model
            .run(inputs, &outputs, Some(options))
            .map_err(|error| Failure::new(OrtErrorCode::ORT_FAIL, format!("the model does not run: {error}")))?;
        values.into_iter().map(Tensor::from_value).collect()
    }
}

fn find(ports: &[Port], name: &str) -> Result<NodeId, Failure> {
    let port = ports.iter().find(|port| port.name == name);
    port.map(|port| port.id).ok_or_else(|| Failure::argument(format!("the model has no input or output `{name}`")))
}

fn port(model: &Model, id: NodeId) -> Result<Port, Failure> {
    let info = model.node_info(id);
    let name = info.as_ref().and_then(|info| info.name()).unwrap_or_default().to_owned();
    let element = match info.as_ref().and_then(|info| info.dtype()) {
        // rten says `i32` for what the model declares as `i64`; tensors of ours are `i64`.
        Some(ValueType::Tensor(DataType::Int32)) => ElementType::ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64,
        Some(ValueType::Tensor(DataType::Float)) => ElementType::ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT,
        _ => return Err(Failure::unsupported(format!("the type of `{name}` is not supported"))),
    };
    let size = |dimension: Dimension| match dimension {
        Dimension::Fixed(size) => i64::try_from(size).unwrap_or(-1),
        Dimension::Symbolic(_) => -1,
    };
    let shape = info.and_then(|info| info.shape()).unwrap_or_default().into_iter().map(size).collect();
    Ok(Port { id, name, element, shape })
}
