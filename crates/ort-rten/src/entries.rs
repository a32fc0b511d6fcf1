//! The table of entries.

mod memory;
mod session;
mod value;

use ort_sys::{OrtApi, stub};

/// The table for `ort::set_api`. What is not named here answers "not implemented" or, where that is an answer, nothing.
pub const fn api() -> OrtApi {
    OrtApi {
        CreateEnv: session::create_env,
        ReleaseEnv: session::release_env,
        CreateSessionOptions: session::create_session_options,
        CloneSessionOptions: session::clone_session_options,
        ReleaseSessionOptions: session::release_session_options,
        SetSessionGraphOptimizationLevel: session::set_graph_optimization_level,
        SetIntraOpNumThreads: session::set_intra_op_num_threads,
        AddExternalInitializersFromMemory: session::add_external_initializers_from_memory,
        CreateSessionFromArray: session::create_session_from_array,
        ReleaseSession: session::release_session,
        SessionGetInputCount: session::get_input_count,
        SessionGetOutputCount: session::get_output_count,
        SessionGetInputName: session::get_input_name,
        SessionGetOutputName: session::get_output_name,
        SessionGetInputTypeInfo: session::get_input_type_info,
        SessionGetOutputTypeInfo: session::get_output_type_info,
        SessionGetMemoryInfoForInputs: session::get_memory_info_for_ports,
        SessionGetMemoryInfoForOutputs: session::get_memory_info_for_ports,
        Run: session::run,
        GetBuildInfoString: session::get_build_info_string,
        CreateTensorWithDataAsOrtValue: value::create_tensor_with_data,
        ReleaseValue: value::release_value,
        IsTensor: value::is_tensor,
        GetTensorMutableData: value::get_tensor_mutable_data,
        GetTensorElementTypeAndShapeDataReference: value::get_tensor_element_type_and_shape,
        GetTensorMemoryInfo: value::get_tensor_memory_info,
        GetOnnxTypeFromTypeInfo: value::get_onnx_type_from_type_info,
        CastTypeInfoToTensorInfo: value::cast_type_info_to_tensor_info,
        CreateTensorTypeAndShapeInfo: value::create_tensor_info,
        SetTensorElementType: value::set_tensor_element_type,
        SetDimensions: value::set_dimensions,
        SetSymbolicDimensions: value::set_symbolic_dimensions,
        ReleaseTensorTypeAndShapeInfo: value::release_tensor_info,
        GetTensorElementType: value::get_tensor_element_type,
        GetDimensionsCount: value::get_dimensions_count,
        GetDimensions: value::get_dimensions,
        GetSymbolicDimensions: value::get_symbolic_dimensions,
        ReleaseTypeInfo: value::release_type_info,
        CreateMemoryInfo: memory::create_memory_info,
        GetAllocatorWithDefaultOptions: memory::get_default_allocator,
        CreateAllocator: memory::create_allocator,
        AllocatorGetInfo: memory::allocator_get_info,
        AllocatorFree: memory::allocator_free,
        ..stub::api()
    }
}
