//! Locks that outlive a thread.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, also after a thread died with the lock: what the locks of this crate guard is valid between any two statements.
pub(crate) fn locked<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
