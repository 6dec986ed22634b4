//! Reads events from files: JSON, lines of JSON, and Windows event logs.

use crate::scan::{escape, read, walk};
use anyhow::{Context as _, bail};
use baluardo_detect::evtx;
use serde_json::Value;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

/// Longest line of JSON, in bytes.
const LONGEST_LINE: u64 = 16 * 1024 * 1024;

/// A file of events.
#[derive(Debug)]
pub(super) struct EventFile {
    pub(super) path: PathBuf,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Evtx,
    Json,
    Lines,
}

impl Form {
    /// The form that a name's ending says.
    fn of(path: &Path) -> Option<Self> {
        let end = path.extension()?.to_str()?.to_ascii_lowercase();
        Some(match end.as_str() {
            "evtx" => Self::Evtx,
            "json" => Self::Json,
            "jsonl" | "ndjson" => Self::Lines,
            _ => return None,
        })
    }
}

/// The files that the paths name, and those with a known ending in folders.
///
/// # Errors
/// When a path is not there, is of no known form, or a folder has no events.
pub(super) fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<EventFile>> {
    let mut all = Vec::new();
    for path in paths {
        let meta = std::fs::metadata(path).with_context(|| format!("{} cannot be reached", escape::shown(path)))?;
        if !meta.is_dir() {
            let Some(form) = Form::of(path) else {
                bail!("{} ends in none of .evtx, .json and .jsonl: its name says how it is read", escape::shown(path));
            };
            all.push(EventFile { path: path.clone(), form });
            continue;
        }
        let before = all.len();
        walk::walk(std::slice::from_ref(path), &mut |item| {
            all.extend(Form::of(&item.path).map(|form| EventFile { path: item.path, form }));
            true
        });
        if all.len() == before {
            bail!("{} has no file that ends in .evtx, .json or .jsonl", escape::shown(path));
        }
        if let Some(new) = all.get_mut(before..) {
            new.sort_by(|a, b| a.path.cmp(&b.path));
        }
    }
    Ok(all)
}

/// Gives each event of a file, or why it is none, until `with` answers false.
pub(super) fn read(file: &EventFile, with: &mut dyn FnMut(Result<Value, String>) -> bool) {
    let opened = read::open(&file.path).map_err(|error| error.to_string());
    let done = opened.and_then(|(opened, _)| match file.form {
        Form::Evtx => log(opened, with),
        Form::Json => whole(opened, with),
        Form::Lines => lines(opened, with),
    });
    if let Err(error) = done {
        with(Err(error));
    }
}

/// A Windows event log, chunk by chunk.
fn log(mut file: File, with: &mut dyn FnMut(Result<Value, String>) -> bool) -> Result<(), String> {
    let mut head = vec![0; evtx::HEADER];
    fill(&mut file, &mut head).map_err(|error| error.to_string())?;
    evtx::check_header(&head).map_err(|error| error.to_string())?;
    let mut chunk = vec![0; evtx::CHUNK];
    while fill(&mut file, &mut chunk).map_err(|error| error.to_string())? > 0 {
        for record in evtx::records(&chunk) {
            if !with(record.map_err(|error| error.to_string())) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Reads as much as there is, and zeroes the rest.
fn fill(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while let Some(rest) = buffer.get_mut(got..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(more) => got += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    buffer.get_mut(got..).unwrap_or_default().fill(0);
    Ok(got)
}

/// One event, a list of them, or several after one another.
fn whole(file: File, with: &mut dyn FnMut(Result<Value, String>) -> bool) -> Result<(), String> {
    for value in serde_json::Deserializer::from_reader(BufReader::new(file)).into_iter::<Value>() {
        let events = match value.map_err(|error| format!("this is not JSON: {error}"))? {
            Value::Array(events) => events,
            event => vec![event],
        };
        for event in events {
            if !with(object(event)) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// One event a line. A bad line is told, and the rest is read.
fn lines(file: File, with: &mut dyn FnMut(Result<Value, String>) -> bool) -> Result<(), String> {
    let mut file = BufReader::with_capacity(1 << 20, file);
    let mut line = Vec::new();
    loop {
        line.clear();
        let got = file.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(|error| error.to_string())?;
        if got == 0 {
            return Ok(());
        }
        if got as u64 == LONGEST_LINE {
            return Err(format!("it has a line of more than {LONGEST_LINE} bytes; what follows is not read"));
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let value = serde_json::from_slice(&line).map_err(|error| format!("this line is not JSON: {error}"));
        if !with(value.and_then(object)) {
            return Ok(());
        }
    }
}

fn object(value: Value) -> Result<Value, String> {
    if value.is_object() { Ok(value) } else { Err(String::from("this is JSON, but no event: an event is an object")) }
}
