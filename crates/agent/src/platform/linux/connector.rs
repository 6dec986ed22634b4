//! The process events connector of the kernel (`Documentation/driver-api/connector.rst`): the socket, and a filter that keeps
//! from it what nobody wants to read.

use nix::libc;
use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::path::Path;

/// Bytes that may wait to be read: some seconds of a busy machine.
const WAITING: libc::c_int = 4 * 1024 * 1024;

/// `CN_IDX_PROC` and `CN_VAL_PROC` of the connector.
pub(super) const PROCESSES: [u8; 8] = [1, 0, 0, 0, 1, 0, 0, 0];
/// Bytes before the event: the headers of netlink (16) and of the connector (20).
pub(super) const HEAD: usize = 36;
/// Takes a number of four bytes out of the message, as the network has them.
pub(super) const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
/// Puts it aside.
pub(super) const KEEP: u16 = (libc::BPF_MISC | libc::BPF_TAX) as u16;
/// Goes on by whether it is this number.
pub(super) const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
/// Goes on by whether it is the one that was put aside.
pub(super) const SAME: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_X) as u16;
/// Ends with so many bytes of the message passed on.
pub(super) const ANSWER: u16 = (libc::BPF_RET | libc::BPF_K) as u16;

/// The number of the first namespace of processes (`PROC_PID_INIT_INO`).
const FIRST_NAMESPACE: &str = "pid:[4026531836]";

/// Opens the connector and asks for the events of processes. In a container the kernel would take the question and never
/// answer: it tells only the first namespace of processes.
#[expect(unsafe_code, reason = "nix knows no socket of NETLINK_CONNECTOR; each call gets a buffer of its own size")]
pub(super) fn subscribe() -> io::Result<File> {
    if std::fs::read_link("/proc/self/ns/pid").is_ok_and(|own| own != Path::new(FIRST_NAMESPACE)) {
        return Err(io::Error::new(
            ErrorKind::Unsupported,
            "this is a container, and the kernel tells only outside of it",
        ));
    }
    let kind = libc::SOCK_DGRAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
    // SAFETY: no pointer is passed, and the descriptor is owned by nobody else.
    let socket = unsafe {
        let number = libc::socket(libc::AF_NETLINK, kind, libc::NETLINK_CONNECTOR);
        if number < 0 {
            return Err(io::Error::last_os_error());
        }
        OwnedFd::from_raw_fd(number)
    };
    // SAFETY: all zeros are a valid address of netlink.
    let mut address: libc::sockaddr_nl = unsafe { std::mem::zeroed() };
    address.nl_family = libc::AF_NETLINK as libc::sa_family_t;
    address.nl_groups = 1;
    let length = size_of_val(&address) as libc::socklen_t;
    // SAFETY: the pointer and the length are those of one local value, which the call only reads.
    if unsafe { libc::bind(socket.as_raw_fd(), (&raw const address).cast(), length) } < 0 {
        return Err(io::Error::last_os_error());
    }
    let room = WAITING;
    // SAFETY: the pointer and the length are those of one local value, which the call only reads. A refusal leaves less room.
    unsafe {
        let size = size_of_val(&room) as libc::socklen_t;
        libc::setsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, libc::SO_RCVBUFFORCE, (&raw const room).cast(), size);
    }
    let mut events = File::from(socket);
    events.write_all(&listen_message())?;
    Ok(events)
}

/// `PROC_CN_MCAST_LISTEN` in its two headers.
fn listen_message() -> Vec<u8> {
    let mut message = Vec::with_capacity(40);
    message.extend(40_u32.to_ne_bytes());
    message.extend((libc::NLMSG_DONE as u16).to_ne_bytes());
    // Flags, sequence and sender of netlink: none, 0, the kernel fills it in.
    message.extend([0; 10]);
    message.extend(PROCESSES);
    // Sequence and acknowledgement of the connector.
    message.extend([0; 8]);
    message.extend(4_u16.to_ne_bytes());
    message.extend(0_u16.to_ne_bytes());
    message.extend(1_u32.to_ne_bytes());
    message
}

/// One step of a filter: what to do, how many steps to pass over if so and if not, and a number.
pub(super) fn step(code: u16, jt: u8, jf: u8, k: u32) -> libc::sock_filter {
    libc::sock_filter { code, jt, jf, k }
}

/// A number of a message, as a filter sees it: a filter reads as the network writes, the message is as this machine writes.
pub(super) fn in_filter(number: u32) -> u32 {
    u32::from_be_bytes(number.to_ne_bytes())
}

/// Lets the kernel pass on only what this filter says.
///
/// # Errors
/// Those of `setsockopt(2)`; then all is passed on.
#[expect(unsafe_code, reason = "nix knows no filters of sockets; the kernel copies what is passed")]
pub(super) fn pass_on(events: &File, steps: &mut [libc::sock_filter]) -> io::Result<()> {
    let filter = libc::sock_fprog { len: steps.len() as u16, filter: steps.as_mut_ptr() };
    let size = size_of_val(&filter) as libc::socklen_t;
    // SAFETY: the pointers are to values that live until the call returns, which copies them.
    let done = unsafe {
        let option = libc::SO_ATTACH_FILTER;
        libc::setsockopt(events.as_raw_fd(), libc::SOL_SOCKET, option, (&raw const filter).cast(), size)
    };
    if done < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
