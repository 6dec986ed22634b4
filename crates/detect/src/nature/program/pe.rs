//! A Windows program as numbers: the columns of `ClaMP`'s header set (Kumar, Kuppusamy, Aghila: "A learning model to detect
//! maliciousness of portable executable using integrated feature set", 2017), and what else its structure shows.

use super::bytes::{Reader, entropy, flag, number, piece};
use super::mentions::mentions;
use super::pe_header::{Outline, Section};
pub use super::pe_names::PE_FEATURES;

/// Libraries and imported functions read.
const IMPORTS: usize = 2_000;

/// Names of sections that compilers give.
const USUAL: [&[u8]; 9] = [b".text", b".data", b".rdata", b".idata", b".edata", b".rsrc", b".bss", b".crt", b".tls"];

/// Beginnings of imported functions, by what they are for.
const GROUPS: [&[&str]; 6] = [
    &[
        "VirtualAlloc",
        "VirtualProtect",
        "WriteProcessMemory",
        "CreateRemoteThread",
        "SetThreadContext",
        "ZwUnmap",
        "NtUnmap",
        "ReadProcessMemory",
    ],
    &["WinExec", "ShellExecute", "CreateProcess", "LoadLibrary", "GetProcAddress"],
    &["WSA", "socket", "connect", "Internet", "Http", "WinHttp", "URLDownload", "gethostby", "recv", "send"],
    &["RegSetValue", "RegCreateKey", "CreateService", "StartService", "OpenSCManager", "RegDelete"],
    &[
        "IsDebuggerPresent",
        "CheckRemoteDebugger",
        "SetWindowsHook",
        "GetAsyncKeyState",
        "CreateToolhelp32",
        "Process32",
        "OutputDebugString",
        "FindWindow",
    ],
    &["Crypt", "BCrypt", "RtlDecompress", "AdjustTokenPrivileges", "LookupPrivilege"],
];

/// The values of [`PE_FEATURES`]; nothing when the bytes are no Windows program.
#[must_use]
pub fn pe_values(bytes: &[u8]) -> Option<Vec<f32>> {
    let outline = Outline::read(bytes)?;
    let mut values = Vec::with_capacity(PE_FEATURES.len());
    headers(&outline, &mut values);
    derived(&outline, &mut values);
    structure(&outline, &mut values);
    imports(&outline, &mut values);
    let rich = piece(bytes, 0x40, outline.file.saturating_sub(0x44)).windows(4).any(|four| four == b"Rich");
    values.push(flag(rich));
    values.extend(mentions(bytes));
    Some(values)
}

/// What the headers say; numbers that lie behind the end of the file are not known.
fn headers(outline: &Outline<'_>, values: &mut Vec<f32>) {
    let Outline { reader, file, optional, wide, .. } = outline;
    let short = |at: usize| reader.u16(at).map_or(f32::NAN, f32::from);
    let long = |at: usize| reader.word(at, false).map_or(f32::NAN, number);
    let bits = |at: usize, values: &mut Vec<f32>, wanted: &mut dyn Iterator<Item = u32>| {
        let word = reader.u16(at).unwrap_or_default();
        values.extend(wanted.map(|bit| flag(word >> bit & 1 == 1)));
    };
    values.extend([2, 4, 8, 12, 16].map(short));
    values.push(long(0x3C));
    values.push(short(file + 2));
    // ClaMP asks whether the year is one from 1980 to 2015, in years of 365 days.
    values
        .push(reader.u32(file + 4).map_or(f32::NAN, |time| flag((1980..2016).contains(&(1970 + time / 86_400 / 365)))));
    bits(file + 18, values, &mut [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15].into_iter());
    values.extend([2, 3].map(|at| reader.bytes.get(optional + at).map_or(f32::NAN, |byte| f32::from(*byte))));
    values.extend([4, 8, 12, 16, 20].map(|at| long(optional + at)));
    let base = if *wide { reader.u64(optional + 24) } else { reader.u32(optional + 28).map(u64::from) };
    values.push(base.map_or(f32::NAN, |base| flag([0x1000_0000, 0x1_0000, 0x40_0000].contains(&base))));
    let (section, in_file) = (reader.u32(optional + 32).unwrap_or(1), reader.u32(optional + 36).unwrap_or(1));
    values.push(flag(section >= in_file));
    values.push(flag(if section >= 512 {
        in_file % 2 == 0 && (512..=65_536).contains(&in_file)
    } else {
        in_file == section
    }));
    values.extend([40, 42, 44, 46, 48, 50].map(|at| short(optional + at)));
    let multiple = |at: usize, of: u32| flag(reader.u32(optional + at).unwrap_or(1).checked_rem(of) == Some(0));
    values.push(multiple(56, section));
    values.push(multiple(60, in_file));
    values.push(long(optional + 64));
    values.push(short(optional + 68));
    bits(optional + 70, values, &mut [6, 7, 8, 9, 10, 11, 13, 15, 5, 12, 14].into_iter());
    let sizes: [usize; 4] = if *wide { [72, 80, 88, 96] } else { [72, 76, 80, 84] };
    values.extend(sizes.map(|at| reader.word(optional + at, *wide).map_or(f32::NAN, number)));
    values.push(flag(outline.optional_u32(if *wide { 104 } else { 88 }) == Some(0)));
}

/// `ClaMP`'s derived columns.
fn derived(outline: &Outline<'_>, values: &mut Vec<f32>) {
    let bytes = outline.reader.bytes;
    let mut usual: Vec<&[u8]> =
        outline.sections.iter().map(|section| section.name).filter(|name| USUAL.contains(name)).collect();
    usual.sort_unstable();
    usual.dedup();
    values.push(number(outline.sections.len().saturating_sub(usual.len())));
    values.push(number(usual.len()));
    let last = |name: &[u8]| {
        let found = outline.sections.iter().rev().find(|section| section.name == name);
        found.map_or(0.0, |section| entropy(section.bytes))
    };
    values.push(last(b".text"));
    values.push(last(b".data"));
    values.push(number(bytes.len()));
    values.push(entropy(bytes));
    let wide_text = b"C\0o\0m\0p\0a\0n\0y\0N\0a\0m\0e\0";
    let resources =
        outline.sections.iter().find(|section| section.name == b".rsrc").map_or(&[][..], |found| found.bytes);
    let tail = piece(resources, resources.len().saturating_sub(1 << 19), 1 << 19);
    let versions = piece(resources, 0, 1 << 16).windows(22).any(|window| window == wide_text)
        || tail.windows(22).any(|window| window == wide_text);
    values.push(flag(versions));
}

/// Sections' rights, what is appended, and which directories there are.
fn structure(outline: &Outline<'_>, values: &mut Vec<f32>) {
    let sections = &outline.sections;
    let bytes = outline.reader.bytes;
    values.push(flag(outline.wide));
    let entropies = sections.iter().filter(|section| section.bytes.len() >= 256).map(|section| entropy(section.bytes));
    values.push(entropies.fold(0.0, f32::max));
    let both = |section: &&Section<'_>| section.rights & 0xA000_0000 == 0xA000_0000;
    values.push(number(sections.iter().filter(both).count()));
    let empty = |section: &&Section<'_>| section.raw == 0 && section.size > 0x4000 && section.rights & 0x2000_0000 != 0;
    values.push(flag(sections.iter().any(|section| empty(&section))));
    let entry = outline.reader.word(outline.optional + 16, false).unwrap_or_default();
    let at =
        sections.iter().position(|section| entry >= section.address && entry - section.address < section.size.max(1));
    values.push(at.map_or(-1.0, number));
    let writable = at.and_then(|at| sections.get(at)).is_some_and(|section| section.rights & 0x8000_0000 != 0);
    values.push(flag(writable));
    let end = sections.iter().map(|section| section.place.saturating_add(section.raw)).max().unwrap_or_default();
    let signature = outline.directory(4);
    let signed = signature.map_or(0, |(_, length)| length);
    let appended = piece(bytes, end, bytes.len().saturating_sub(end).saturating_sub(signed));
    values.push(number(appended.len()) / number(bytes.len()));
    values.push(if appended.len() >= 256 { entropy(appended) } else { 0.0 });
    values.push(flag(signature.is_some()));
    values.push(flag(outline.directory(6).is_some()));
    let resources = sections.iter().find(|section| section.name == b".rsrc");
    values.push(resources.map_or(0.0, |section| number(section.raw) / number(bytes.len())));
    values.push(resources.map_or(0.0, |section| entropy(section.bytes)));
    values.push(flag(outline.directory(5).is_some()));
    values.push(flag(outline.directory(9).is_some()));
    values.push(flag(outline.directory(0).is_some()));
    values.push(flag(outline.directory(14).is_some()));
}

/// How many libraries and functions are imported, and what for.
fn imports(outline: &Outline<'_>, values: &mut Vec<f32>) {
    let mut groups = [0_usize; GROUPS.len()];
    let (mut libraries, mut functions, mut by_number) = (0_usize, 0_usize, 0_usize);
    let mut table = outline.directory(1).and_then(|(address, _)| outline.place(address));
    while let Some(at) = table {
        let reader = outline.reader;
        let (Some(name), Some(first), Some(bound)) =
            (reader.word(at + 12, false), reader.word(at, false), reader.word(at + 16, false))
        else {
            break;
        };
        if name == 0 || libraries >= IMPORTS || functions >= IMPORTS {
            break;
        }
        libraries += 1;
        let thunks = outline.place(if first == 0 { bound } else { first });
        each_import(outline, reader, thunks, &mut |name| {
            functions += 1;
            by_number += usize::from(name.is_none());
            let name = name.unwrap_or_default();
            for (count, group) in groups.iter_mut().zip(GROUPS) {
                *count += usize::from(group.iter().any(|begin| name.starts_with(begin.as_bytes())));
            }
            functions < IMPORTS
        });
        table = at.checked_add(20);
    }
    values.extend([libraries, functions, by_number].map(number));
    values.extend(groups.map(number));
}

/// Shows the functions of one library, or nothing for one that is imported by number, until `show` has enough.
fn each_import(
    outline: &Outline<'_>,
    reader: Reader<'_>,
    thunks: Option<usize>,
    show: &mut dyn FnMut(Option<&[u8]>) -> bool,
) {
    let step = if outline.wide { 8 } else { 4 };
    let mut next = thunks;
    while let Some(at) = next {
        let Some(thunk) = reader.word(at, outline.wide).filter(|thunk| *thunk != 0) else { return };
        let by_number = thunk >> (step * 8 - 1) & 1 == 1;
        let name = outline.place(thunk).map(|place| outline.name(place.saturating_add(2)));
        if !show(if by_number { None } else { Some(name.unwrap_or_default()) }) {
            return;
        }
        next = at.checked_add(step);
    }
}
