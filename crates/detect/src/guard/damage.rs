//! From an event to signals: what did it do to the documents?

use super::actor::ActorState;
use super::event::{CanaryHarm, FileEvent, FileOp};
use super::names;
use super::pairs::sizes_fit;
use super::settings::GuardSettings;
use super::signal::Signal;
use crate::content::{ContentKind, Features, Shape};
use baluardo_model::Timestamp;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// By how many bits a byte the entropy must rise to be a jump.
const JUMP: f32 = 1.0;

/// By how much the share of random blocks must rise.
const PARTS: f32 = 0.25;

/// A document cut to less than one part of so many, and so long before, lost its content.
const CUT: u64 = 8;
const CUT_FROM: u64 = 512;

/// The same for a document that is still whole in itself.
const CUT_SOUND: u64 = 64;

/// An archive from this size on may hold other documents, so many times as long as itself.
const CONTAINER_FROM: u64 = 4_096;
const CONTAINER_HOLDS: u64 = 20;

/// Text above this entropy is no language: base64 has 6.0, prose 4 to 5.
const ARMOUR: f32 = 5.8;

/// From this share of blanks and marks on a text is language, or a table.
const LANGUAGE: f32 = 0.06;

/// From how many files on a new extension counts double.
const EXTENSION_HABIT: u32 = 3;

/// A file is nobody's document yet for so long after its maker made it: programs save under passing names, and take them away.
pub const NEWBORN: Duration = Duration::from_secs(2);

/// How many folders of one note are remembered; more would not change the points.
const FOLDERS_COUNTED: usize = 16;

/// Takes one event into the actor's state.
pub(super) fn take_in(state: &mut ActorState, event: &FileEvent, settings: &GuardSettings) {
    let at = event.at;
    match &event.op {
        FileOp::Written { path, before, after } => written(state, &shared(path), *before, *after, at),
        FileOp::Created { path, after } => created(state, &shared(path), *after, at),
        FileOp::Renamed { from, to, replaced } => renamed(state, &shared(from), &shared(to), *replaced, at),
        FileOp::Deleted { path, before } => deleted(state, &shared(path), *before, at),
        FileOp::Cleared { path } => {
            let path = shared(path);
            state.touch(&path, at);
            state.add(Signal::Cleared, &path, f64::from(settings.threshold).max(1.0), at);
        }
        FileOp::CanaryTouched { path, how: CanaryHarm::Changed | CanaryHarm::Renamed | CanaryHarm::Deleted } => {
            let path = shared(path);
            state.touch(&path, at);
            state.add(Signal::Canary, &path, f64::from(settings.threshold).max(1.0), at);
        }
    }
}

/// One allocation for all the places that remember a path.
fn shared(path: &Path) -> Arc<Path> {
    Arc::from(path)
}

/// A file was written to.
fn written(state: &mut ActorState, path: &Arc<Path>, before: Option<Features>, after: Option<Features>, at: Timestamp) {
    let file = state.touch(path, at);
    if file.original.is_none_or(|known| !known.kind.is_known()) {
        // What the actor itself made a document of is one from then on: copies of documents get encrypted too.
        let made = file.current.filter(|features| features.kind.is_document());
        file.original = before.filter(|features| features.kind != ContentKind::Empty).or(made).or(file.original);
    }
    let Some(after) = after else { return };
    file.current = Some(after);
    let (original, made_here, came_from) = (file.original, file.created, file.came_from.clone());
    if made_here.is_some() && original.is_none() && came_from.is_none() {
        return appeared(state, path, after, at);
    }
    // A file that was renamed first is judged by the name it came with.
    let promise = came_from.as_ref().unwrap_or(path);
    let copied = original.is_some_and(|original| state.copies.get(&original.len).is_some());
    match damage(promise, original.as_ref(), &after) {
        // Whoever copies a log and empties it takes nothing away.
        Some(Signal::Emptied) if copied => {}
        Some(signal) => state.add(signal, path, signal.points(), at),
        None if after.kind.is_known() && is_as_whole(&after, original.as_ref()) => state.heal(path, at),
        None => {}
    }
}

/// Whether a file is not broken, or was before.
fn is_as_whole(after: &Features, original: Option<&Features>) -> bool {
    after.shape != Shape::Broken || original.is_some_and(|original| original.shape == Shape::Broken)
}

/// A file came into being.
fn created(state: &mut ActorState, path: &Arc<Path>, after: Option<Features>, at: Timestamp) {
    let file = state.touch(path, at);
    file.created = Some(at);
    file.current = after.or(file.current);
    if let Some(name) = names::note_name(path) {
        noted(state, path, name, at);
    }
    if let Some(after) = after {
        appeared(state, path, after, at);
    }
}

/// A file that the actor made has content now.
fn appeared(state: &mut ActorState, path: &Arc<Path>, after: Features, at: Timestamp) {
    if !after.may_be_locked() {
        state.fresh.forget(path);
        state.heal(path, at);
        if after.kind.is_known() && after.shape != Shape::Broken {
            state.copies.touch(after.len, || ());
        }
        return;
    }
    if after.len >= CONTAINER_FROM
        && state.container.as_ref().is_none_or(|(_, room)| *room < after.len * CONTAINER_HOLDS)
    {
        state.container = Some((Arc::clone(path), after.len * CONTAINER_HOLDS));
    }
    let by_size = |original: u64| sizes_fit(original, after.len);
    let partner = state.lost.take_by_name(path).or_else(|| state.lost.take_by_size(path, by_size));
    match partner.filter(|original| state.remembers(original)) {
        Some(original) => pair(state, &original, path, at),
        None => {
            state.fresh.add(path, Some(after.len));
            if is_opaque(&after) {
                state.add(Signal::RandomCreated, path, Signal::RandomCreated.points(), at);
            }
        }
    }
}

/// A deleted document and its encrypted copy found each other.
fn pair(state: &mut ActorState, original: &Arc<Path>, copy: &Arc<Path>, at: Timestamp) {
    state.add(Signal::WriteThenUnlink, original, Signal::WriteThenUnlink.points(), at);
    // The copy is named in the alarm; its points, if it had any, stay as they are.
    state.touch(copy, at).suspect = true;
}

/// A file got another name.
fn renamed(state: &mut ActorState, from: &Arc<Path>, to: &Arc<Path>, replaced: Option<Features>, at: Timestamp) {
    let source = state.touch(from, at);
    let (current, original, made_here) = (source.current.take(), source.original.take(), source.created);
    let came_from = source.came_from.take().or_else(|| Some(Arc::clone(from)).filter(|_| made_here.is_none()));
    // The points go along, so that one document is not counted under two names.
    let (given, suspect) = (std::mem::take(&mut source.given), source.suspect);
    source.created = None;
    state.fresh.forget(from);
    let target = state.touch(to, at);
    target.current = current;
    target.created = made_here;
    target.came_from = came_from;
    target.given.extend(given);
    target.suspect |= suspect;
    target.original = replaced.filter(|features| features.kind.is_known()).or(original);
    // Who saves under one passing name after the other has emptied it again by the time it is looked at: what lies under the
    // new name is weighed right after this.
    if let Some(current) = current.filter(|features| features.kind != ContentKind::Empty) {
        match replaced.filter(|features| features.kind.is_known()) {
            Some(replaced) => {
                if let Some(signal) = damage(to, Some(&replaced), &current) {
                    let over = if is_opaque(&current) { Signal::RenamedOver } else { signal };
                    state.add(over, to, over.points(), at);
                }
            }
            None if made_here.is_some() => appeared(state, to, current, at),
            None => {}
        }
    }
    if let Some(extension) = names::strange_extension(from, to).filter(|_| !is_newborn(made_here, at)) {
        let seen = state.extensions.touch(extension, || 0);
        *seen = seen.saturating_add(1);
        let weight = if *seen >= EXTENSION_HABIT { 2.0 } else { 1.0 };
        state.touch(from, at).suspect = true;
        state.add(Signal::NewExtension, to, Signal::NewExtension.points() * weight, at);
    }
}

/// A file was deleted.
fn deleted(state: &mut ActorState, path: &Arc<Path>, before: Option<Features>, at: Timestamp) {
    let file = state.touch(path, at);
    let current = file.current.take();
    let made_here = file.created.take();
    let is_document = current.is_some_and(|features| features.kind.is_document());
    if is_newborn(made_here, at) || (made_here.is_some() && !is_document) {
        // Its own temporary file.
        state.fresh.forget(path);
        state.container.take_if(|(container, _)| container == path);
        return;
    }
    let known = file.original.or(before).or(current);
    file.original = known;
    if !known.map_or_else(|| names::is_document(path), |features| features.kind.is_document()) {
        return;
    }
    let len = known.map(|features| features.len);
    let by_size = |copy: u64| len.is_some_and(|original| sizes_fit(original, copy));
    let partner = state.fresh.take_by_name(path).or_else(|| state.fresh.take_by_size(path, by_size));
    match partner.filter(|copy| state.remembers(copy)) {
        Some(copy) => pair(state, path, &copy, at),
        None => {
            state.lost.add(path, len);
            locked_away(state, path, len, at);
            state.add(Signal::Deletes, path, Signal::Deletes.points(), at);
        }
    }
}

fn is_newborn(made: Option<Timestamp>, now: Timestamp) -> bool {
    made.is_some_and(|made| now.since(made) < NEWBORN)
}

/// A document went after a file was made that may hold it.
fn locked_away(state: &mut ActorState, path: &Arc<Path>, len: Option<u64>, at: Timestamp) {
    let Some(len) = len.filter(|len| *len > 0 && state.copies.get(len).is_none()) else { return };
    let Some((_, room)) = state.container.as_mut().filter(|(_, room)| *room >= len) else { return };
    *room -= len;
    state.add(Signal::LockedAway, path, Signal::LockedAway.points(), at);
}

/// Whether a document was harmed between two looks at it: what any program but a destroyer leaves alone.
#[must_use]
pub fn harmed(path: &Path, before: &Features, after: &Features) -> bool {
    damage(path, Some(before), after).is_some()
}

/// A note to the victim, perhaps: from the second folder on it counts.
fn noted(state: &mut ActorState, path: &Arc<Path>, name: String, at: Timestamp) {
    let Some(folder) = path.parent() else { return };
    let folders = state.notes.touch(name, Default::default);
    if folders.len() >= FOLDERS_COUNTED || !folders.insert(folder.to_path_buf()) || folders.len() < 2 {
        return;
    }
    state.add(Signal::Note, path, Signal::Note.points(), at);
}

/// Whether the content tells nothing to anyone without a key.
fn is_opaque(features: &Features) -> bool {
    features.kind == ContentKind::Unknown && (features.looks_random() || features.looks_dense())
}

/// What harm lies between two states of a file, if any.
fn damage(path: &Path, before: Option<&Features>, after: &Features) -> Option<Signal> {
    let Some(before) = before else {
        return (is_opaque(after) && names::keeps_promise(path, after.kind) == Some(false))
            .then_some(Signal::ExtensionBelied);
    };
    let cut = after.len < before.len / CUT && before.len >= CUT_FROM;
    if after.kind == ContentKind::Empty {
        // Programs empty a file before they write it anew: what they write takes the points back.
        return (cut && before.kind.is_document()).then_some(Signal::Emptied);
    }
    if after.looks_wiped() && !before.looks_wiped() && before.kind.is_document() {
        return Some(Signal::Wiped);
    }
    match (before.kind.is_known(), after.kind.is_known()) {
        (true, false) => lost_kind(path, before, after),
        (false, false) => {
            let jump = !is_opaque(before) && is_opaque(after) && after.entropy >= before.entropy + JUMP;
            let parts = after.random_share() >= before.random_share() + PARTS;
            if jump { Some(Signal::EntropyJump) } else { parts.then_some(Signal::PartlyRandom) }
        }
        (true, true) if before.kind == after.kind => same_kind(before, after),
        (true, true) => {
            let swapped = before.kind.is_document() && !before.kind.is_archive() && after.kind.is_archive();
            if cut && before.kind.is_document() {
                return Some(Signal::Emptied);
            }
            if is_binary(before.kind) && is_text(after.kind) {
                return Some(if before.kind == ContentKind::Ole { Signal::KindSwapped } else { Signal::TextInstead });
            }
            (swapped && names::is_document(path)).then_some(Signal::KindSwapped)
        }
        (false, true) => None,
    }
}

/// A recognised file is not recognised any more.
fn lost_kind(path: &Path, before: &Features, after: &Features) -> Option<Signal> {
    if is_opaque(after) {
        return Some(Signal::HeaderLost);
    }
    let jump = after.entropy >= before.entropy + JUMP;
    let parts = after.random_share() >= before.random_share() + PARTS;
    if jump || parts {
        return Some(Signal::HeaderLost);
    }
    // A program or a scratch file may change its format; a document that keeps its name may not.
    (before.kind.is_document() && names::is_document(path)).then_some(Signal::ContentLost)
}

/// The kind stayed: did the inside suffer?
fn same_kind(before: &Features, after: &Features) -> Option<Signal> {
    if before.shape != Shape::Broken && after.shape == Shape::Broken {
        return Some(Signal::FormatBroken);
    }
    // What has a structure and keeps it was saved by a program that knows it: a picture made small, a log of a quiet day.
    let cut_to = if after.shape == Shape::Sound && after.kind != ContentKind::Text { CUT_SOUND } else { CUT };
    if after.len < before.len / cut_to && before.len >= CUT_FROM && before.kind.is_document() {
        return Some(Signal::Emptied);
    }
    // Formats whose structure was checked may compress themselves, as PDF does when it is optimised.
    if after.shape == Shape::Unchecked && after.random_share() >= before.random_share() + PARTS {
        return Some(Signal::PartlyRandom);
    }
    let armoured = after.kind == ContentKind::Text
        && after.len >= 256
        && after.entropy >= ARMOUR
        && after.entropy >= before.entropy + JUMP * 0.5;
    let encoded = after.looks_encoded() && !before.looks_encoded() && before.breaks >= LANGUAGE;
    (armoured || encoded).then_some(Signal::Armoured)
}

const fn is_text(kind: ContentKind) -> bool {
    matches!(kind, ContentKind::Text | ContentKind::Script)
}

/// Whether it is a document that no editor of texts can read.
const fn is_binary(kind: ContentKind) -> bool {
    kind.is_document() && !is_text(kind)
}
