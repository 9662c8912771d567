//! The tree worker of one archive: plans it, gathers what the pool reads of its layers, and holds the result.

mod compressed;

use std::{cell::RefCell, thread::LocalKey};

use js_sys::{ArrayBuffer, Uint8Array};
use layerlab_core::{
    archive::{
        BlobId, ImageArchive, Outer,
        sniff::{self, SNIFF_LEN},
        source::{SourceFile, Volumes},
    },
    finding::{Code, Finding},
    layer::{
        LayerReading,
        changeset::{Changeset, ContentKey},
    },
    limits::Limits,
    report::{self, Readings, Report},
    verify,
};
use wasm_bindgen_futures::spawn_local;
use web_sys::{File, MessagePort};

use super::{Cargo, file::FileVolumes, post, spool::Spool};
use crate::protocol::{Failure, FailureCode, FromArchive, FromWorker, Handed, Message, Passes, SourceInfo, ToArchive};

/// What is known of the archive so far.
#[derive(Debug, Default)]
pub struct Archive {
    opened: Option<Opened>,
    readings: Readings,
    report: Option<Report>,
    /// Through which all of this goes to the explorer, as soon as there is a report.
    successor: Option<MessagePort>,
}

#[derive(Debug)]
struct Opened {
    source: SourceInfo,
    outer: Outer,
    plan: ImageArchive,
    /// Removed by the page when this worker is ended; until then it is locked against the sweep of other tabs.
    _spool: Option<Spool>,
}

/// A plan, and how its layers are reached.
struct Planned {
    outer: Outer,
    plan: ImageArchive,
    passes: Passes,
    spool: Option<Spool>,
}

pub fn receive(archive: &'static LocalKey<RefCell<Archive>>, head: ToArchive, Cargo { files, buffer, port }: Cargo) {
    match head {
        ToArchive::Open { source, key } => spawn_local(async move {
            if let Err(failure) = open(archive, source, key, files).await {
                tell(FromArchive::Failed(failure));
            }
        }),
        ToArchive::Layer { blob, summary } => archive.with_borrow_mut(|archive| {
            archive.layer(blob, changeset(buffer).map(|changeset| LayerReading { summary, changeset }));
        }),
        ToArchive::LayerFailed { blob, failure } => archive.with_borrow_mut(|archive| {
            archive.layer(blob, Err(finding(&failure)));
        }),
        ToArchive::ExportJson => archive.with_borrow(|archive| {
            if let Some(report) = &archive.report {
                let json = Uint8Array::from(report::to_json(report).as_slice());
                post(Message::new(FromWorker::Archive(FromArchive::Json)).with_buffer(json.buffer()));
            }
        }),
        ToArchive::HandOver => archive.with_borrow_mut(|archive| {
            archive.successor = port;
            archive.hand_over();
        }),
        ToArchive::Trust { text } => archive.with_borrow(|archive| {
            if let Some(report) = &archive.report {
                tell(FromArchive::Trust { answers: verify::trust(&text, report) });
            }
        }),
    }
}

fn tell(head: FromArchive) {
    post(Message::new(FromWorker::Archive(head)));
}

async fn open(
    archive: &'static LocalKey<RefCell<Archive>>,
    source: SourceInfo,
    key: ContentKey,
    files: Vec<File>,
) -> Result<(), Failure> {
    let planned = plan(&source, &files).await?;
    let head = FromArchive::Planned { plan: Box::new(planned.plan.clone()), passes: planned.passes };
    let replaced = planned.spool.iter().map(|spool| spool.file.clone()).collect();
    post(Message::new(FromWorker::Archive(head)).with_files(replaced));
    let (outer, plan) = (planned.outer, planned.plan);
    // A second pass reads the layers before the plan is kept: the page sends none.
    let readings = match (planned.passes, files.first()) {
        (Passes::Two, Some(file)) => compressed::read_layers(file, &plan, key)?,
        _ => Readings::new(),
    };
    archive.with_borrow_mut(|archive| {
        archive.opened = Some(Opened { source, outer, plan, _spool: planned.spool });
        archive.readings = readings;
        archive.conclude();
    });
    Ok(())
}

async fn plan(source: &SourceInfo, files: &[File]) -> Result<Planned, Failure> {
    let limits = Limits::default();
    let sizes: Vec<u64> = files.iter().map(|file| file.size() as u64).collect();
    let mut volumes = FileVolumes::new(files.to_vec(), sizes.clone())?;
    if source.folder {
        let names = source.paths.iter().zip(&sizes);
        let listed: Vec<_> = names.map(|(name, &size)| SourceFile { name: name.clone(), size }).collect();
        let plan = ImageArchive::open_folder(&mut volumes, &listed, &limits)?;
        return Ok(Planned { outer: Outer::Dir, plan, passes: Passes::Direct, spool: None });
    }
    let (Some(file), Some(&size)) = (files.first(), sizes.first()) else {
        return Err(Failure::new(FailureCode::Unreadable, "Nothing was opened."));
    };
    let mut start = vec![0; SNIFF_LEN];
    let read = volumes.read_at(0, 0, &mut start)?;
    let outer = sniff::outer(&start[..read]);
    tell(FromArchive::Opening { outer, done: 0, total: size });
    if outer != Outer::None {
        return compressed::plan(file, source, outer).await;
    }
    let plan = ImageArchive::open(&mut volumes, &SourceFile { name: source.name.clone(), size }, &limits)?;
    Ok(Planned { outer, plan, passes: Passes::Direct, spool: None })
}

impl Archive {
    fn layer(&mut self, blob: BlobId, reading: Result<LayerReading, Finding>) {
        self.readings.insert(blob, reading);
        self.conclude();
    }

    /// Makes the report once all layers are there.
    fn conclude(&mut self) {
        let Some(opened) = &self.opened else { return };
        if self.readings.len() < opened.plan.blobs.len() || self.report.is_some() {
            return;
        }
        let Opened { source, outer, plan, .. } = opened;
        let report = report::assemble(plan, &source.name, source.size, *outer, &self.readings, &Limits::default());
        tell(FromArchive::Done { report: Box::new(report.clone()) });
        self.report = Some(report);
        self.hand_over();
    }

    fn hand_over(&mut self) {
        let (Some(opened), Some(report)) = (&self.opened, &self.report) else { return };
        let Some(port) = self.successor.take() else { return };
        let hand = |message: Message<Handed>| {
            let (object, transfer) = message.into_js();
            port.post_message_with_transferable(&object, &transfer).expect("a message of the protocol can be cloned");
        };
        let (plan, report) = (Box::new(opened.plan.clone()), Box::new(report.clone()));
        hand(Message::new(Handed::Archive { plan, outer: opened.outer, report }));
        while let Some((blob, reading)) = self.readings.pop_first() {
            hand(match reading {
                Ok(LayerReading { summary, changeset }) => {
                    let encoded = Uint8Array::from(changeset.encode().as_slice());
                    Message::new(Handed::Layer { blob, summary }).with_buffer(encoded.buffer())
                }
                Err(finding) => Message::new(Handed::Lost { blob, finding }),
            });
        }
        hand(Message::new(Handed::All));
    }
}

fn changeset(buffer: Option<ArrayBuffer>) -> Result<Changeset, Finding> {
    let bytes = buffer.map(|buffer| Uint8Array::new(&buffer).to_vec()).unwrap_or_default();
    Changeset::decode(&bytes).map_err(|error| {
        Finding::error(Code::LayerDamaged, format!("What the worker read of this layer cannot be decoded: {error}."))
    })
}

/// A layer that no worker could read keeps its place, and says why.
fn finding(failure: &Failure) -> Finding {
    let code = match failure.code {
        FailureCode::Changed => Code::FileChanged,
        FailureCode::Limit => Code::LimitReached,
        _ => Code::LayerDamaged,
    };
    Finding::error(code, failure.sentence.clone())
}
