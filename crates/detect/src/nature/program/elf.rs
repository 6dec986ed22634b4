//! A Linux program as numbers: its headers, segments, sections, what it asks of the system, what its texts speak of.
//! (Tool Interface Standard, Executable and Linking Format.) For which processor it was made counts for nothing.

use super::Feature;
use super::bytes::{Reader, entropy, flag, number, piece};
use super::mentions::mentions;

/// The features, in the order of the model file.
pub const ELF_FEATURES: &[Feature] = &[
    ("size", "elf_size"),
    ("entropy", "elf_entropy"),
    ("shared", "elf_layout"),
    ("segments", "elf_layout"),
    ("sections", "elf_sections"),
    ("no_sections", "elf_sections"),
    ("sections_broken", "elf_broken"),
    ("write_and_run", "elf_write_and_run"),
    ("interpreter", "elf_static"),
    ("dynamic", "elf_static"),
    ("stack_runs", "elf_stack_runs"),
    ("protected_after_start", "elf_hardening"),
    ("note", "elf_no_build_note"),
    ("grows", "elf_unpacks_itself"),
    ("appended", "elf_appended"),
    ("segment_entropy", "elf_entropy"),
    ("entry_share", "elf_layout"),
    ("symbols", "elf_symbols"),
    ("dynamic_symbols", "elf_symbols"),
    ("debug", "elf_debug"),
    ("comment", "elf_no_build_note"),
    ("code_entropy", "elf_entropy"),
    ("code_share", "elf_layout"),
    ("text_share", "elf_layout"),
    ("go", "elf_go"),
    ("ask_run", "elf_asks_run"),
    ("ask_net", "elf_asks_net"),
    ("ask_watch", "elf_asks_watch"),
    ("mention0", "text_requests"),
    ("mention1", "text_programs"),
    ("mention2", "text_staying"),
    ("mention3", "text_devices"),
    ("mention4", "text_mining"),
    ("mention5", "text_memory"),
    ("mention6", "text_keys"),
    ("mention7", "text_fetching"),
    ("mention8", "text_watching"),
    ("mention9", "text_ransom"),
    ("mention10", "text_flooding"),
    ("mention11", "text_packer"),
];

/// Segments and sections read.
const MOST: usize = 200;

/// Names in the table of dynamic symbols, by what they are for.
const ASKS: [&[&[u8]]; 3] = [
    &[b"execve", b"execl", b"execvp", b"system", b"popen", b"fork", b"daemon", b"setsid", b"kill"],
    &[b"socket", b"connect", b"inet_addr", b"gethostbyname", b"getaddrinfo", b"bind", b"listen", b"sendto"],
    &[b"ptrace", b"prctl", b"dlsym", b"readdir", b"unlink", b"accept", b"getspnam", b"pam_authenticate"],
];

/// What the segments show.
#[derive(Debug, Default)]
struct Segments {
    count: usize,
    write_and_run: bool,
    interpreter: bool,
    dynamic: bool,
    stack_runs: bool,
    relro: bool,
    note: bool,
    grows: bool,
    end: usize,
    entropy: f32,
}

/// What the sections show.
#[derive(Debug, Default)]
struct Sections {
    count: usize,
    symbols: usize,
    dynamic_symbols: usize,
    debug: bool,
    comment: bool,
    code: usize,
    code_entropy: f32,
    readonly: usize,
    go: bool,
    broken: bool,
    names: Vec<u8>,
}

/// The values of [`ELF_FEATURES`]; nothing when the bytes are no ELF program or library (objects that are still to be linked
/// and core files are none).
#[must_use]
pub fn elf_values(bytes: &[u8]) -> Option<Vec<f32>> {
    if !bytes.starts_with(b"\x7FELF") {
        return None;
    }
    let wide = *bytes.get(4)? == 2;
    let reader = Reader { bytes, big: *bytes.get(5)? == 2 };
    let kind = reader.u16(16)?;
    if kind != 2 && kind != 3 {
        return None;
    }
    let segments = segments(reader, wide);
    let sections = sections(reader, wide);
    let all = number(bytes.len());
    let entry = reader.word(24, wide).unwrap_or_default();
    let mut values = vec![
        all,
        entropy(bytes),
        flag(kind == 3),
        number(segments.count),
        number(sections.count),
        flag(sections.count == 0),
        flag(sections.broken),
        flag(segments.write_and_run),
        flag(segments.interpreter),
        flag(segments.dynamic),
        flag(segments.stack_runs),
        flag(segments.relro),
        flag(segments.note),
        flag(segments.grows),
        number(bytes.len().saturating_sub(segments.end.max(sections_end(reader, wide)))) / all,
        segments.entropy,
        number(entry & 0xF_FFFF) / all,
        number(sections.symbols),
        number(sections.dynamic_symbols),
        flag(sections.debug),
        flag(sections.comment),
        sections.code_entropy,
        number(sections.code) / all,
        number(sections.readonly) / all,
        flag(sections.go),
    ];
    values.extend(ASKS.map(|asks| {
        let asked = |name: &&&[u8]| sections.names.split(|byte| *byte == 0).any(|each| each == **name);
        number(asks.iter().filter(asked).count())
    }));
    values.extend(mentions(bytes));
    Some(values)
}

fn segments(reader: Reader<'_>, wide: bool) -> Segments {
    let mut found = Segments { stack_runs: true, ..Segments::default() };
    let (at, size, count) = if wide { (32, 54, 56) } else { (28, 42, 44) };
    let table = reader.word(at, wide).unwrap_or_default();
    let size = reader.u16(size).map_or(0, usize::from);
    let count = reader.u16(count).map_or(0, usize::from).min(MOST);
    for number in 0..count {
        let at = table.saturating_add(number * size);
        let Some(kind) = reader.u32(at) else { break };
        let rights = reader.u32(at.saturating_add(if wide { 4 } else { 24 })).unwrap_or_default();
        let step = if wide { 8 } else { 4 };
        let place = reader.word(at.saturating_add(step), wide).unwrap_or_default();
        let in_file = reader.word(at.saturating_add(if wide { 32 } else { 16 }), wide).unwrap_or_default();
        let in_memory = reader.word(at.saturating_add(if wide { 40 } else { 20 }), wide).unwrap_or_default();
        found.count += 1;
        match kind {
            1 => {
                found.write_and_run |= rights & 3 == 3;
                found.end = found.end.max(place.saturating_add(in_file));
                found.grows |= rights & 1 == 1 && in_memory > in_file.saturating_mul(2).saturating_add(65_536);
                found.entropy = found.entropy.max(entropy(piece(reader.bytes, place, in_file)));
            }
            2 => found.dynamic = true,
            3 => found.interpreter = true,
            4 => found.note = true,
            0x6474_E551 => found.stack_runs = rights & 1 == 1,
            0x6474_E552 => found.relro = true,
            _ => {}
        }
    }
    found
}

fn sections_table(reader: Reader<'_>, wide: bool) -> (usize, usize, usize) {
    let (at, size, count) = if wide { (40, 58, 60) } else { (32, 46, 48) };
    let short = |at| reader.u16(at).map_or(0, usize::from);
    (reader.word(at, wide).unwrap_or_default(), short(size), short(count).min(MOST))
}

fn sections_end(reader: Reader<'_>, wide: bool) -> usize {
    let (table, size, count) = sections_table(reader, wide);
    if count == 0 { 0 } else { table.saturating_add(size * count) }
}

fn sections(reader: Reader<'_>, wide: bool) -> Sections {
    let mut found = Sections::default();
    let (table, size, count) = sections_table(reader, wide);
    found.broken = count > 0 && table.saturating_add(size * count) > reader.bytes.len();
    if found.broken || size == 0 {
        return found;
    }
    let field = |number: usize, narrow: usize, far: usize| {
        reader.word(table.saturating_add(number * size).saturating_add(if wide { far } else { narrow }), wide)
    };
    let names = usize::from(reader.u16(if wide { 62 } else { 50 }).unwrap_or_default());
    let names = field(names, 16, 24).unwrap_or_default();
    for number in 0..count {
        let head = table.saturating_add(number * size);
        let (Some(name), Some(kind)) = (reader.word(head, false), reader.u32(head.saturating_add(4))) else { break };
        let name = piece(reader.bytes, names.saturating_add(name), 24).split(|byte| *byte == 0).next();
        let (Some(place), Some(length)) = (field(number, 16, 24), field(number, 20, 32)) else { break };
        let content = if kind == 8 { &[] } else { piece(reader.bytes, place, length) };
        found.count += 1;
        note(&mut found, name.unwrap_or_default(), content, wide);
    }
    found
}

fn note(found: &mut Sections, name: &[u8], content: &[u8], wide: bool) {
    let symbol = if wide { 24 } else { 16 };
    match name {
        b".text" => {
            found.code = content.len();
            found.code_entropy = entropy(content);
        }
        b".rodata" => found.readonly = content.len(),
        b".symtab" => found.symbols = content.len() / symbol,
        b".dynsym" => found.dynamic_symbols = content.len() / symbol,
        b".dynstr" => found.names = piece(content, 0, 1 << 18).to_vec(),
        b".comment" => found.comment = true,
        b".gopclntab" | b".note.go.buildid" | b".go.buildinfo" => found.go = true,
        _ if name.starts_with(b".debug") || name == b".gnu_debuglink" => found.debug = true,
        _ => {}
    }
}
