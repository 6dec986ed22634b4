//! DEFLATE with a bound on what is written out.

use super::room::Room;
use miniz_oxide::inflate::stream::{InflateState, inflate as step};
use miniz_oxide::{DataFormat, MZFlush, MZStatus};

/// How much is written out between two looks at the limits, in bytes.
const STEP: usize = 256 * 1024;

/// What came out.
#[derive(Debug)]
pub(super) struct Inflated {
    /// The bytes, or their beginning.
    pub(super) bytes: Vec<u8>,
    /// How many compressed bytes were used.
    pub(super) used: usize,
    /// Whether the stream came to its end.
    pub(super) ended: bool,
}

/// Raw DEFLATE.
pub(super) fn raw(packed: &[u8], room: &mut Room<'_>) -> Inflated {
    run(packed, DataFormat::Raw, room)
}

/// DEFLATE in zlib's wrapping.
pub(super) fn zlib(packed: &[u8], room: &mut Room<'_>) -> Inflated {
    run(packed, DataFormat::Zlib, room)
}

/// Writes out as much as the room lets. Damaged streams give what stands before the damage.
fn run(packed: &[u8], format: DataFormat, room: &mut Room<'_>) -> Inflated {
    let mut state = InflateState::new_boxed(format);
    let most = room.part_most();
    let mut out = Inflated { bytes: Vec::new(), used: 0, ended: false };
    let mut piece = vec![0; STEP];
    // One byte more than the part may have tells a part that just fits from a longer one.
    while out.bytes.len() <= most && !room.is_closed() {
        let rest = packed.get(out.used..).unwrap_or_default();
        let wanted = STEP.min(most.saturating_add(1).saturating_sub(out.bytes.len()));
        let done = step(&mut state, rest, piece.get_mut(..wanted).unwrap_or_default(), MZFlush::None);
        out.used += done.bytes_consumed;
        out.bytes.extend_from_slice(piece.get(..done.bytes_written).unwrap_or_default());
        let go_on = room.count(done.bytes_written) && room.holds(out.bytes.len(), out.used);
        match done.status {
            Ok(MZStatus::StreamEnd) => {
                out.ended = true;
                break;
            }
            Ok(_) if done.bytes_written + done.bytes_consumed > 0 && go_on => {}
            _ => break,
        }
    }
    if out.bytes.len() > most {
        out.bytes.truncate(most);
        out.ended = false;
        room.refuse("part_too_large", &format!("only the first {most} bytes of a part were looked at"), true);
    }
    out
}
