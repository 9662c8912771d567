//! Answers about the files of an image.

use std::{cell::RefCell, rc::Rc};

use js_sys::Uint8Array;
use layerlab_core::{
    display::harmless,
    explore::{
        Direction, Filter, Hit, biography,
        capability::{self, FileCapabilities},
        extract::Extraction,
        file::{FileReading, FileSource},
        timeline::State,
    },
    layer::changeset::Xattr,
    limits::Limits,
    path::{PathId, clamp},
};
use wasm_bindgen_futures::spawn_local;

use super::{
    Line,
    pace::{Stretch, pause},
    stack::{Stack, with_explored},
};
use crate::{
    files::diff::{self, COMPARED_BYTES},
    protocol::{
        Answer,
        tree::{Act, Difference, Life, Page, TreeAnswer, TreeQuestion},
    },
};

/// Bytes of one chunk of what is taken out: large enough that a message's cost does not count.
const CHUNK: usize = 4 << 20;

pub fn answer(line: Line, question: TreeQuestion) {
    let image = match question {
        TreeQuestion::View { image, .. }
        | TreeQuestion::Life { image, .. }
        | TreeQuestion::Read { image, .. }
        | TreeQuestion::Compare { image, .. }
        | TreeQuestion::Take { image, .. } => image,
    };
    let stack = match Stack::of_image(image) {
        Ok(stack) => stack,
        Err(sentence) => return finish(&line, TreeAnswer::Failed(sentence)),
    };
    match question {
        TreeQuestion::View { act, start, len, .. } => {
            finish(&line, TreeAnswer::Page(Box::new(page(&mut stack.borrow_mut(), act, start, len))));
        }
        TreeQuestion::Life { path, .. } => finish(&line, TreeAnswer::Life(Box::new(life(&stack.borrow(), path)))),
        TreeQuestion::Read { path, layer, offset, len, .. } => spawn_local(async move {
            let source = stack.borrow().source(path, layer.saturating_add(1));
            let Some(source) = source else { return finish(&line, no_file()) };
            match read(&line, &stack, source, offset, len).await {
                Ok(Some(bytes)) => {
                    let answer = Answer::Tree(TreeAnswer::Bytes { offset, size: source.size });
                    line.finish_with(answer, Uint8Array::from(bytes.as_slice()).buffer());
                }
                Ok(None) => {}
                Err(sentence) => finish(&line, TreeAnswer::Failed(sentence)),
            }
        }),
        TreeQuestion::Compare { path, below, above, .. } => spawn_local(async move {
            match compare(&line, &stack, path, below, above).await {
                Ok(Some(difference)) => finish(&line, TreeAnswer::Difference(difference)),
                Ok(None) => {}
                Err(sentence) => finish(&line, TreeAnswer::Failed(sentence)),
            }
        }),
        TreeQuestion::Take { path, height, tar, .. } => spawn_local(async move {
            let taken = if tar {
                take_tar(&line, &stack, path, height).await
            } else {
                take_file(&line, &stack, path, height).await
            };
            match taken {
                Ok(true) => finish(&line, TreeAnswer::Taken { name: name_of(&stack.borrow(), path, tar) }),
                Ok(false) => {}
                Err(sentence) => finish(&line, TreeAnswer::Failed(sentence)),
            }
        }),
    }
}

fn finish(line: &Line, answer: TreeAnswer) {
    line.finish(Answer::Tree(answer));
}

fn no_file() -> TreeAnswer {
    TreeAnswer::Failed("There is no file whose bytes a layer stores.".into())
}

fn page(stack: &mut Stack, act: Act, start: u32, len: u32) -> Page {
    let view = &mut stack.view;
    let (mut hit, mut error, mut hits) = (None, None, 0);
    let at = |path: PathId, row: usize| Hit { path, number: 0, of: 0, row };
    match act {
        Act::Look => {}
        Act::Read(reading) => error = view.read(reading).err(),
        Act::Expand(path, expanded) => view.set_expanded(path, expanded),
        Act::ExpandAll => view.expand_all(),
        Act::ExpandToChanges => view.expand_to_changes(),
        Act::CollapseAll => view.collapse_all(),
        Act::Sort(sort) => view.set_sort(sort),
        Act::Flat(flat) => view.set_flat(flat),
        Act::Filter(filter) => {
            let narrow = filter.is_narrow();
            error = view.set_filter(filter).err();
            // What is found should be seen; a filter that finds very much is for folding on.
            if narrow && error.is_none() && view.summary().matched <= UNFOLDED {
                view.expand_to_matches();
            }
        }
        Act::Search(query) => {
            hits = view.search(&query);
            hit = view.jump(None, Direction::Next);
        }
        Act::Jump { from, direction } => hit = view.jump(from, direction),
        Act::TypeAhead { from, prefix } => {
            let row = view.type_ahead(from as usize, &prefix);
            hit = row.and_then(|row| view.rows(row..row + 1).first().map(|found| at(found.path, row)));
        }
        Act::Find(path) => {
            let timeline = view.timeline().clone();
            let found = timeline.paths().find(clamp(&path).components);
            if let Some(found) = found {
                let hidden = view.reveal(found).is_none();
                if hidden {
                    error = view.set_filter(Filter::of_changes(layerlab_core::explore::row::Set::all())).err();
                }
                hit = view.reveal(found).map(|row| at(found, row));
            }
        }
    }
    if let Some(found) = hit {
        hits = hits.max(found.of);
    }
    // The window follows where a jump has led.
    let start = match hit.map(|hit| hit.row as u32) {
        Some(row) if row < start || row >= start.saturating_add(len) => row.saturating_sub(len / 3),
        _ => start,
    };
    Page {
        height: view.timeline().height(),
        reading: view.reading(),
        sort: view.sort(),
        flat: view.is_flat(),
        filter: view.filter().clone(),
        len: view.len() as u32,
        start,
        rows: view.rows(start as usize..start.saturating_add(len) as usize),
        summary: view.summary(),
        hits,
        hit,
        error,
    }
}

/// Matches up to which a filter unfolds all of them.
const UNFOLDED: u64 = 20_000;

fn life(stack: &Stack, path: PathId) -> Life {
    let timeline = stack.view.timeline();
    let xattrs = |version: layerlab_core::explore::timeline::Version| match version.state {
        State::Here { inode, .. } => {
            timeline.tree().xattrs(&timeline.inode(inode).metadata).iter().map(in_words).collect()
        }
        State::Gone(_) => Vec::new(),
    };
    Life {
        bytes: timeline.paths().bytes(path),
        biography: biography(timeline, path),
        xattrs: timeline.versions(path).into_iter().map(xattrs).collect(),
    }
}

/// Capabilities as `getcap` says them, text as text, and all else as hex.
fn in_words(xattr: &Xattr) -> (String, String) {
    let name = harmless(&xattr.name);
    if &*xattr.name == capability::XATTR
        && let Some(capabilities) = FileCapabilities::parse(&xattr.value)
    {
        return (name, capabilities.to_string());
    }
    let is_text = std::str::from_utf8(&xattr.value).is_ok_and(|text| text.chars().all(|c| !c.is_control()));
    let hex = || xattr.value.iter().take(256).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
    (name, if is_text { harmless(&xattr.value) } else { hex() })
}

/// `None` where nobody wants it any more.
async fn read(
    line: &Line,
    stack: &Rc<RefCell<Stack>>,
    source: FileSource,
    offset: u64,
    len: u64,
) -> Result<Option<Vec<u8>>, String> {
    let mut reading = FileReading::new(source, offset..offset.saturating_add(len), &Limits::default());
    let mut out = Vec::new();
    loop {
        let stretch = Stretch::begin();
        let progress = {
            let mut stack = stack.borrow_mut();
            let (_, bytes) = stack.parts();
            let layer = bytes.layer(source.layer).map_err(sentence)?;
            loop {
                if !reading.step(layer, &mut out).map_err(sentence)? {
                    return Ok(Some(out));
                }
                if stretch.is_over() {
                    break reading.progress(layer);
                }
            }
        };
        line.tell(Answer::Tree(TreeAnswer::Progress { done: progress.done, total: progress.total }));
        pause().await;
        if line.is_cancelled() {
            return Ok(None);
        }
    }
}

async fn compare(
    line: &Line,
    stack: &Rc<RefCell<Stack>>,
    path: PathId,
    below: u32,
    above: u32,
) -> Result<Option<Difference>, String> {
    let sources = {
        let stack = stack.borrow();
        [below, above].map(|layer| stack.source(path, layer.saturating_add(1)))
    };
    let [Some(below), Some(above)] = sources else { return Err("One of the two is no file.".into()) };
    if below.size.max(above.size) > COMPARED_BYTES {
        return Ok(Some(Difference::TooLarge { limit: COMPARED_BYTES }));
    }
    let Some(below) = read(line, stack, below, 0, COMPARED_BYTES).await? else { return Ok(None) };
    let Some(above) = read(line, stack, above, 0, COMPARED_BYTES).await? else { return Ok(None) };
    Ok(Some(diff::difference(&below, &above)))
}

/// False where nobody wants it any more.
async fn take_file(line: &Line, stack: &Rc<RefCell<Stack>>, path: PathId, height: u32) -> Result<bool, String> {
    let Some(source) = stack.borrow().source(path, height) else {
        return Err("There is no file whose bytes a layer stores.".into());
    };
    let mut offset = 0;
    while offset < source.size {
        let Some(chunk) = read(line, stack, source, offset, CHUNK as u64).await? else { return Ok(false) };
        offset += chunk.len() as u64;
        send(line, &chunk, offset, source.size);
    }
    Ok(true)
}

async fn take_tar(line: &Line, stack: &Rc<RefCell<Stack>>, path: PathId, height: u32) -> Result<bool, String> {
    let mut extraction = with_explored(|explored| {
        let stack = stack.borrow();
        let changeset = |layer| stack.changeset(explored, layer);
        Ok(Extraction::new(stack.view.timeline(), path, height, changeset, &Limits::default()))
    })?;
    let mut out = Vec::new();
    loop {
        let stretch = Stretch::begin();
        let more = {
            let mut stack = stack.borrow_mut();
            let (timeline, bytes) = stack.parts();
            loop {
                let more = extraction.step(&timeline, bytes, &mut out).map_err(sentence)?;
                if !more || stretch.is_over() || out.len() >= CHUNK {
                    break more;
                }
            }
        };
        let (done, total) = extraction.progress();
        if out.len() >= CHUNK || !more {
            send(line, &out, done, total);
            out.clear();
        } else {
            line.tell(Answer::Tree(TreeAnswer::Progress { done, total }));
        }
        if !more {
            return Ok(true);
        }
        pause().await;
        if line.is_cancelled() {
            return Ok(false);
        }
    }
}

fn send(line: &Line, chunk: &[u8], done: u64, total: u64) {
    line.tell_with(Answer::Tree(TreeAnswer::Chunk { done, total }), Uint8Array::from(chunk).buffer());
}

fn sentence(error: std::io::Error) -> String {
    format!("The bytes cannot be read: {error}.")
}

/// A file name that no system takes for anything else.
fn name_of(stack: &Stack, path: PathId, tar: bool) -> String {
    let name = stack.view.timeline().paths().name(path);
    let plain: String = harmless(name).chars().map(|c| if matches!(c, '/' | '\\' | ':') { '_' } else { c }).collect();
    let plain = if plain.is_empty() { "rootfs".to_owned() } else { plain };
    if tar { format!("{plain}.tar") } else { plain }
}
