//! Names of folders as the kernel tells them in fanotify events: file system and file handle.

use nix::errno::Errno;
use nix::libc;
use nix::sys::statvfs::statvfs;
use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// File system id (8 bytes), handle type (4) and handle, one after the other: equal for the same folder in a mark and in
/// an event.
pub(super) type FolderKey = Vec<u8>;

/// Longest handle that any file system gives (`MAX_HANDLE_SZ`).
const MAX_HANDLE: usize = 128;

#[repr(C)]
struct Handle {
    bytes: libc::c_uint,
    kind: libc::c_int,
    handle: [u8; MAX_HANDLE],
}

/// The key of the folder at `path`.
///
/// # Errors
/// Those of `name_to_handle_at(2)`: among them `EOPNOTSUPP` where the file system has no handles.
pub(super) fn key_of(path: &Path) -> io::Result<FolderKey> {
    let name = CString::new(path.as_os_str().as_bytes())?;
    let mut handle = Handle { bytes: MAX_HANDLE as libc::c_uint, kind: 0, handle: [0; MAX_HANDLE] };
    ask(&name, &mut handle)?;
    let used = usize::try_from(handle.bytes).unwrap_or(0).min(MAX_HANDLE);
    let mut key = statvfs(path)?.filesystem_id().to_ne_bytes().to_vec();
    key.extend(handle.kind.to_ne_bytes());
    key.extend(handle.handle.iter().take(used));
    Ok(key)
}

#[expect(unsafe_code, reason = "nix has no name_to_handle_at; the buffer is as long as the kernel is told")]
fn ask(name: &CString, handle: &mut Handle) -> io::Result<()> {
    let mut mount = 0;
    let to = std::ptr::from_mut(handle).cast();
    let answer = unsafe { libc::name_to_handle_at(libc::AT_FDCWD, name.as_ptr(), to, &raw mut mount, 0) };
    Errno::result(answer)?;
    Ok(())
}
