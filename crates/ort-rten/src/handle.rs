//! Raw pointers of the C interface, and all that is done with them.
//!
//! The contract of ONNX Runtime's interface, which its callers have to keep and we rely on: a handle is null or was made
//! by the entry of its kind and not yet released, a place for an answer can be written to, an array has as many elements
//! as its length says, and a string ends with NUL. What is null is refused here.

use std::ffi::{CStr, c_char};

use crate::failure::Failure;

/// A value of ours behind an opaque pointer of the C interface.
pub(crate) trait Handle: Sized {
    /// The type that the interface points to.
    type Sys;

    /// Hands the value to the caller, who gives it back to [`Handle::release`].
    ///
    /// # Safety
    /// `out` is null or can be written to.
    unsafe fn give(self, out: *mut *mut Self::Sys) -> Result<(), Failure> {
        let handle = Box::into_raw(Box::new(self));
        // SAFETY: the caller vouches for `out`.
        let given = unsafe { put(handle.cast(), out) };
        if given.is_err() {
            // SAFETY: the box was made above and nobody else knows of it.
            drop(unsafe { Box::from_raw(handle) });
        }
        given
    }

    /// The value behind a handle.
    ///
    /// # Safety
    /// `handle` is null, or came from [`Handle::give`] of the same type, is not released while the reference lives, and is
    /// not changed meanwhile.
    unsafe fn look<'a>(handle: *const Self::Sys) -> Result<&'a Self, Failure> {
        // SAFETY: `give` made the pointer from a box of `Self`; the caller vouches for the rest.
        unsafe { handle.cast::<Self>().as_ref() }.ok_or_else(null)
    }

    /// The value behind a handle, to change it.
    ///
    /// # Safety
    /// As [`Handle::look`], and nothing else looks at the value while the reference lives.
    unsafe fn look_mut<'a>(handle: *mut Self::Sys) -> Result<&'a mut Self, Failure> {
        // SAFETY: `give` made the pointer from a box of `Self`; the caller vouches for the rest.
        unsafe { handle.cast::<Self>().as_mut() }.ok_or_else(null)
    }

    /// Takes a handle back and drops its value. Null is nothing to take back.
    ///
    /// # Safety
    /// `handle` is null, or came from [`Handle::give`] of the same type and is used by nobody from now on.
    unsafe fn release(handle: *mut Self::Sys) {
        if !handle.is_null() {
            // SAFETY: `give` made the pointer from a box of `Self`, and the caller gives it up.
            drop(unsafe { Box::from_raw(handle.cast::<Self>()) });
        }
    }
}

/// Writes an answer.
///
/// # Safety
/// `out` is null or can be written to.
pub(crate) unsafe fn put<T>(value: T, out: *mut T) -> Result<(), Failure> {
    if out.is_null() {
        return Err(null());
    }
    // SAFETY: not null, and the caller vouches that it can be written to.
    unsafe { out.write(value) };
    Ok(())
}

/// An array of the caller. Null is fine where there are no elements.
///
/// # Safety
/// `data` is null or points to `len` elements that are not changed while the slice lives.
pub(crate) unsafe fn array<'a, T>(data: *const T, len: usize) -> Result<&'a [T], Failure> {
    if len == 0 {
        return Ok(&[]);
    }
    if data.is_null() || !data.is_aligned() {
        return Err(null());
    }
    // SAFETY: not null, aligned, and the caller vouches for the elements.
    Ok(unsafe { std::slice::from_raw_parts(data, len) })
}

/// A string of the caller.
///
/// # Safety
/// `chars` is null or points to a string that ends with NUL and is not changed while the reference lives.
pub(crate) unsafe fn text<'a>(chars: *const c_char) -> Result<&'a str, Failure> {
    if chars.is_null() {
        return Err(null());
    }
    // SAFETY: not null, and the caller vouches that it ends.
    let chars = unsafe { CStr::from_ptr(chars) };
    chars.to_str().map_err(|_| Failure::argument("a name is not UTF-8"))
}

fn null() -> Failure {
    Failure::argument("a pointer that is needed is null or misaligned")
}
