//! Entries about memory. There is one device, the processor, and one allocator; neither has anything to remember.

use std::ffi::{CString, c_char, c_int, c_void};

use ort_sys::{OrtAllocator, OrtAllocatorType, OrtMemType, OrtMemoryInfo, OrtSession, OrtStatusPtr};

use crate::{
    failure::{Failure, answer},
    handle::{put, text},
};

/// What every memory info points to. Nobody reads it: `ort` asks the table about it, and the stubs say "processor".
static PROCESSOR: u8 = 0;

/// What every allocator points to. `ort` calls it through the table, never through fields of its own.
// SAFETY: the function is unsafe because such an allocator can do nothing by itself, and nobody asks that of it.
static STRINGS: OrtAllocator = unsafe { OrtAllocator::default() };

/// The memory info of everything.
pub(super) const fn processor() -> *const OrtMemoryInfo {
    (&raw const PROCESSOR).cast()
}

/// Gives a string to the caller, who frees it with [`allocator_free`].
///
/// # Safety
/// `out` is null or can be written to.
pub(super) unsafe fn give_text(text: &str, out: *mut *mut c_char) -> Result<(), Failure> {
    let chars = CString::new(text).map_err(|_| Failure::argument("a name of the model contains NUL"))?.into_raw();
    // SAFETY: the caller vouches for `out`.
    let given = unsafe { put(chars, out) };
    if given.is_err() {
        // SAFETY: it was made above, and nobody else knows of it.
        drop(unsafe { CString::from_raw(chars) });
    }
    given
}

pub(super) unsafe extern "system" fn create_memory_info(
    name: *const c_char,
    _: OrtAllocatorType,
    _: c_int,
    _: OrtMemType,
    out: *mut *mut OrtMemoryInfo,
) -> OrtStatusPtr {
    answer(|| {
        // SAFETY: `name` is a string of the caller.
        match unsafe { text(name) }? {
            // SAFETY: `out` is the caller's place for the answer.
            "Cpu" => unsafe { put(processor().cast_mut(), out) },
            other => Err(Failure::unsupported(format!("the device `{other}` is not supported"))),
        }
    })
}

pub(super) unsafe extern "system" fn get_default_allocator(out: *mut *mut OrtAllocator) -> OrtStatusPtr {
    // SAFETY: `out` is the caller's place for the answer.
    answer(|| unsafe { put((&raw const STRINGS).cast_mut(), out) })
}

pub(super) unsafe extern "system" fn create_allocator(
    _: *const OrtSession,
    _: *const OrtMemoryInfo,
    out: *mut *mut OrtAllocator,
) -> OrtStatusPtr {
    // SAFETY: `out` is the caller's place for the answer. Releasing an allocator is the stub's, which does nothing.
    answer(|| unsafe { put((&raw const STRINGS).cast_mut(), out) })
}

pub(super) unsafe extern "system" fn allocator_get_info(
    _: *const OrtAllocator,
    out: *mut *const OrtMemoryInfo,
) -> OrtStatusPtr {
    // SAFETY: `out` is the caller's place for the answer.
    answer(|| unsafe { put(processor(), out) })
}

pub(super) unsafe extern "system" fn allocator_free(_: *mut OrtAllocator, memory: *mut c_void) -> OrtStatusPtr {
    answer(|| {
        if !memory.is_null() {
            // SAFETY: `give_text` is the only entry that gives memory to be freed here, and makes it from a `CString`.
            drop(unsafe { CString::from_raw(memory.cast()) });
        }
        Ok(())
    })
}
