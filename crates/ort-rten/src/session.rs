//! Models ready to run, and the settings they are loaded with.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use ort_sys::{ONNXTensorElementDataType as ElementType, OrtErrorCode};
use rten::{DataType, Dimension, Model, ModelOptions, NodeId, RunOptions, ThreadPool, ValueType};

use crate::{
    failure::Failure,
    handle::Handle,
    tensor::{Tensor, TensorType},
};

/// Weights for every session of the process.
static LENT: Mutex<Vec<Lent>> = Mutex::new(Vec::new());

/// Weights that were lent, behind the name that models know their file by.
type Lent = (String, &'static [u8]);

/// The models of the sessions there are whose weights were lent.
static SHARED: Mutex<Vec<Weak<Loaded>>> = Mutex::new(Vec::new());

/// A graph longer than this, in bytes, has weights in it, and is not kept to be compared.
const GRAPH: usize = 4 << 20;

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

/// A model, and what it was loaded from.
struct Loaded {
    model: Model,
    /// Empty where no other session shares it.
    graph: Vec<u8>,
    lent: Vec<Lent>,
    optimize: bool,
}

/// A model that is ready to run. Sessions of one graph with weights that were lent share it, and the weights as they were packed.
pub(crate) struct Session {
    loaded: Arc<Loaded>,
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
        let lent = LENT.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let is_shared = settings.weights.is_empty() && bytes.len() <= GRAPH;
        let shared = || {
            let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
            shared.retain(|known| known.strong_count() > 0);
            shared.iter().filter_map(Weak::upgrade).find(|known| known.is_of(bytes, &lent, settings.optimize))
        };
        let loaded = match is_shared.then(shared).flatten() {
            Some(loaded) => loaded,
            None => {
                let model = load(bytes, &lent, settings)?;
                let graph = if is_shared { bytes.to_vec() } else { Vec::new() };
                let loaded = Arc::new(Loaded { model, graph, lent, optimize: settings.optimize });
                if is_shared {
                    SHARED.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&loaded));
                }
                loaded
            }
        };
        let model = &loaded.model;
        let ports = |ids: &[NodeId]| ids.iter().map(|id| port(model, *id)).collect::<Result<Vec<_>, _>>();
        let (inputs, outputs) = (ports(model.input_ids())?, ports(model.output_ids())?);
        let pool = (settings.threads > 0).then(|| Arc::new(ThreadPool::with_num_threads(settings.threads)));
        Ok(Self { loaded, pool, inputs, outputs })
    }

    #[cfg(test)]
    pub(crate) fn shares_its_model_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.loaded, &other.loaded)
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
            .loaded
            .model
            .run(inputs, &outputs, Some(options))
            .map_err(|error| Failure::new(OrtErrorCode::ORT_FAIL, format!("the model does not run: {error}")))?;
        values.into_iter().map(Tensor::from_value).collect()
    }
}

impl Loaded {
    /// Whether it is what would be loaded from these. Lent bytes are the same where they lie at the same place.
    fn is_of(&self, graph: &[u8], lent: &[Lent], optimize: bool) -> bool {
        let places = |lent: &[Lent]| lent.iter().map(|(name, bytes)| (name.clone(), bytes.as_ptr_range())).collect();
        let (own, others): (Vec<_>, Vec<_>) = (places(&self.lent), places(lent));
        self.optimize == optimize && self.graph == graph && own == others
    }
}

fn load(bytes: &[u8], lent: &[Lent], settings: &Settings) -> Result<Model, Failure> {
    let mut options = ModelOptions::with_all_ops();
    // Packed weights cost a tenth of the load time and halve the time of a short query.
    options.enable_optimization(settings.optimize).prepack_weights(true);
    for (name, weights) in lent {
        options.external_data_static(name, weights);
    }
    for (name, weights) in &settings.weights {
        options.external_data(name, weights.clone());
    }
    options
        .load(bytes.to_vec())
        .map_err(|error| Failure::new(OrtErrorCode::ORT_INVALID_GRAPH, format!("the model does not load: {error}")))
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
