//! Reading a layer: stored bytes in; digests, changeset and findings out, in one pass.
//!
//! Parsing and hashing share the pass and no early exit: whatever is wrong with the tar or with its compression,
//! every stored byte and every decompressed byte is hashed, to the very end.

use std::{
    collections::BTreeMap,
    io::{self, BufRead, Read},
};

use super::{
    Compression, LayerReading, LayerSummary,
    changeset::{Changeset, ContentKey},
    decompress::{Damage, Decompress, Problem as DamageProblem, Trailing, WINDOW_BYTES, Window},
    entry::{Built, ChangesetBuilder, LimitHit},
    tar::{Event, Parser, Problem, What},
};
use crate::{
    archive::LayerBlob,
    digest::{Algorithm, DiffId, Digest, Hasher},
    display::harmless,
    finding::{Code, Finding},
    limits::Limits,
};

/// Receives the two byte streams of a layer as they pass. For an uncompressed layer the two are one, and only
/// `tar` is called.
pub trait LayerDigests {
    /// The next bytes as stored.
    fn stored(&mut self, bytes: &[u8]);
    /// The next bytes of the decompressed stream.
    fn tar(&mut self, bytes: &[u8]);
}

/// A layer, read, but for its digests.
#[derive(Clone, Debug)]
pub struct LayerContents {
    pub compression: Compression,
    /// Bytes as stored.
    pub blob_size: u64,
    /// Bytes of the decompressed stream.
    pub tar_size: u64,
    pub entries: u64,
    pub types: BTreeMap<String, u64>,
    pub regular_bytes: u64,
    pub changeset: Changeset,
    /// What is wrong with the stream first, then what is odd about entries.
    pub findings: Vec<Finding>,
}

/// Reads `stored` to its end. An error is one of `stored` itself: what is wrong with the bytes is a finding.
///
/// `progress` is told the stored bytes read so far, about every 256 KiB.
pub fn read_contents(
    stored: &mut dyn Read,
    job: &LayerBlob,
    key: ContentKey,
    limits: &Limits,
    digests: &mut dyn LayerDigests,
    progress: &mut dyn FnMut(u64),
) -> io::Result<LayerContents> {
    let mut steps = LayerSteps::new(stored, job, key, limits, digests, progress)?;
    while steps.step()? {}
    Ok(steps.finish())
}

/// [`read_contents`], a step of about 256 KiB at a time: for a caller that has to wait between two steps, because
/// the digests are computed elsewhere and a browser's worker hears of them only when it returns.
pub struct LayerSteps<'a> {
    stream: Stream<'a>,
    compression: Compression,
    content: Option<ContentReader<'a>>,
    findings: Vec<Finding>,
    /// Bytes as stored and of the decompressed stream, once the end is reached.
    sizes: (u64, u64),
}

enum Stream<'a> {
    Raw(Window<Tee<'a>>),
    Compressed(Decompress<Tee<'a>>, Vec<u8>),
}

impl<'a> LayerSteps<'a> {
    pub fn new(
        stored: &'a mut dyn Read,
        job: &LayerBlob,
        key: ContentKey,
        limits: &'a Limits,
        digests: &'a mut dyn LayerDigests,
        progress: &'a mut dyn FnMut(u64),
    ) -> io::Result<Self> {
        let tee = Tee { source: stored, digests, progress, read: 0, copies: false };
        let mut window = Window::new(tee);
        let compression = match window.peek(Compression::SNIFF_BYTES) {
            Ok(start) => Compression::sniff(start),
            Err(error) => return Err(window.take_failure().unwrap_or(error)),
        };
        let stream = if compression == Compression::None {
            Stream::Raw(window)
        } else {
            let (seen, tee) = window.buffered_with_source();
            if let Some(tee) = tee {
                tee.digests.stored(seen);
                tee.copies = true;
            }
            Stream::Compressed(Decompress::with_window(window, compression, limits), vec![0; WINDOW_BYTES])
        };
        let content = job.expect_tar.then(|| ContentReader::new(key, limits));
        Ok(Self { stream, compression, content, findings: Vec::new(), sizes: (0, 0) })
    }

    /// Reads on; false at the end.
    pub fn step(&mut self) -> io::Result<bool> {
        match &mut self.stream {
            Stream::Raw(window) => {
                let more = step_raw(window, &mut self.content)?;
                self.sizes = (window.offset(), window.offset());
                Ok(more)
            }
            Stream::Compressed(stream, buffer) => {
                if step_compressed(stream, buffer, &mut self.content, &mut self.findings)? {
                    return Ok(true);
                }
                if let Some(trailing) = stream.drain()? {
                    self.findings.push(trailing_finding(trailing, self.compression));
                }
                self.sizes = (stream.offset(), stream.produced());
                Ok(false)
            }
        }
    }

    /// What was read, after the last step.
    pub fn finish(self) -> LayerContents {
        let Self { compression, content, mut findings, sizes: (blob_size, tar_size), .. } = self;
        let damaged = findings.iter().any(|finding| finding.code != Code::CompressedTrailingData);
        let built = match content {
            Some(content) => content.finish(damaged, &mut findings),
            None => Built::default(),
        };
        findings.extend(built.findings);
        LayerContents {
            compression,
            blob_size,
            tar_size,
            entries: built.entries,
            types: built.types,
            regular_bytes: built.regular_bytes,
            changeset: built.changeset,
            findings,
        }
    }
}

impl std::fmt::Debug for LayerSteps<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LayerSteps").field("compression", &self.compression).finish_non_exhaustive()
    }
}

/// Reads `stored` to its end and computes its digests in the algorithms that `job` names (SHA-256 for one that is
/// not computed here).
pub fn read_layer(
    stored: &mut dyn Read,
    job: &LayerBlob,
    key: ContentKey,
    limits: &Limits,
    progress: &mut dyn FnMut(u64),
) -> io::Result<LayerReading> {
    let mut digests = Hashers::new(&job.blob_algorithm, &job.diff_id_algorithm);
    let contents = read_contents(stored, job, key, limits, &mut digests, progress)?;
    let (blob_digest, diff_id) = digests.finish();
    Ok(contents.into_reading(blob_digest, diff_id))
}

impl LayerContents {
    /// Adds the digests that were computed beside the reading.
    pub fn into_reading(self, blob_digest: Digest, diff_id: DiffId) -> LayerReading {
        LayerReading {
            summary: LayerSummary {
                compression: self.compression,
                blob_size: self.blob_size,
                blob_digest,
                tar_size: self.tar_size,
                diff_id,
                entries: self.entries,
                types: self.types,
                regular_bytes: self.regular_bytes,
                findings: self.findings,
            },
            changeset: self.changeset,
        }
    }
}

/// Passes the stored bytes on to the digests as they are read.
struct Tee<'a> {
    source: &'a mut dyn Read,
    digests: &'a mut dyn LayerDigests,
    progress: &'a mut dyn FnMut(u64),
    read: u64,
    /// False until the compression is known, and for good where there is none.
    copies: bool,
}

impl Read for Tee<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.read += read as u64;
        if self.copies {
            self.digests.stored(&buffer[..read]);
        }
        (self.progress)(self.read);
        Ok(read)
    }
}

/// False at the end.
fn step_raw(window: &mut Window<Tee<'_>>, content: &mut Option<ContentReader<'_>>) -> io::Result<bool> {
    // The chunk stays in the window while the digests, which the window owns, look at it.
    if let Err(error) = window.fill_buf() {
        return Err(window.take_failure().unwrap_or(error));
    }
    let (chunk, tee) = window.buffered_with_source();
    if chunk.is_empty() {
        return Ok(false);
    }
    if let Some(tee) = tee {
        tee.digests.tar(chunk);
    }
    if let Some(content) = content {
        content.push(chunk);
    }
    let len = chunk.len();
    window.consume(len);
    Ok(true)
}

/// False at the end of what can be decompressed.
fn step_compressed(
    stream: &mut Decompress<Tee<'_>>,
    buffer: &mut [u8],
    content: &mut Option<ContentReader<'_>>,
    findings: &mut Vec<Finding>,
) -> io::Result<bool> {
    match stream.read(buffer) {
        Ok(0) => Ok(false),
        Ok(read) => {
            if let Some(tee) = stream.source_mut() {
                tee.digests.tar(&buffer[..read]);
            }
            if let Some(content) = content {
                content.push(&buffer[..read]);
            }
            Ok(true)
        }
        Err(error) => match Damage::of(&error) {
            Some(damage) => {
                findings.push(damage_finding(damage, content.as_ref().map(ContentReader::entries)));
                Ok(false)
            }
            None => Err(error),
        },
    }
}

fn damage_finding(damage: &Damage, kept: Option<u64>) -> Finding {
    let bound = matches!(damage.problem, DamageProblem::TooLarge { .. } | DamageProblem::Ratio { .. });
    let code = if bound { Code::LimitReached } else { Code::LayerDamaged };
    let kept = kept.map_or(String::new(), |kept| format!(" Entries read before it: {kept}."));
    // The sentence begins with "the … stream".
    let sentence = damage.to_string().replacen("the", "The", 1);
    Finding::error(code, format!("{sentence}.{kept}")).at_offset(damage.offset)
}

fn trailing_finding(trailing: Trailing, compression: Compression) -> Finding {
    let compression = compression.as_str();
    let (offset, finding) = match trailing {
        Trailing::Zeros { offset, len } => {
            let message = format!("{len} zero bytes follow the {compression} stream, as padding.");
            (offset, Finding::note(Code::CompressedTrailingData, message))
        }
        Trailing::Data { offset, len } => {
            let message = format!("{len} bytes that are no {compression} data follow the {compression} stream.");
            (offset, Finding::warning(Code::CompressedTrailingData, message))
        }
    };
    finding.at_offset(offset)
}

/// The parser and the builder, until one of them has enough.
struct ContentReader<'l> {
    parser: Parser,
    builder: ChangesetBuilder<'l>,
    /// The stream ended for the parser, or a bound was hit: what follows is hashed only.
    stopped: Option<Finding>,
    stream_findings: Vec<Finding>,
}

impl<'l> ContentReader<'l> {
    fn new(key: ContentKey, limits: &'l Limits) -> Self {
        Self {
            parser: Parser::new(limits.extension_bytes),
            builder: ChangesetBuilder::new(key, limits),
            stopped: None,
            stream_findings: Vec::new(),
        }
    }

    fn entries(&self) -> u64 {
        self.builder.entries()
    }

    fn push(&mut self, mut bytes: &[u8]) {
        if self.stopped.is_some() {
            return;
        }
        while let Some(event) = self.parser.advance(&mut bytes) {
            match event {
                Event::Member(member) => {
                    if let Err(hit) = self.builder.member(member) {
                        self.stopped = Some(limit_finding(hit, self.builder.entries(), member.offset));
                        return;
                    }
                }
                Event::Data(bytes) => self.builder.data(bytes),
                Event::Hole(len) => self.builder.hole(len),
                Event::MemberEnd => self.builder.end(),
                Event::Problem(problem) => {
                    let finding = problem_finding(&problem, self.builder.entries());
                    match problem.what {
                        What::Extension(_) => self.builder.push_finding(finding),
                        _ => self.stream_findings.push(finding),
                    }
                }
            }
        }
    }

    /// `damaged` says that the stream ends where it does because decompression failed, which is told already.
    fn finish(self, damaged: bool, findings: &mut Vec<Finding>) -> Built {
        findings.extend(self.stream_findings);
        let problem = self.parser.finish().filter(|_| !damaged && self.stopped.is_none());
        findings.extend(problem.map(|problem| problem_finding(&problem, self.builder.entries())));
        findings.extend(self.stopped);
        self.builder.finish()
    }
}

fn limit_finding(hit: LimitHit, kept: u64, offset: u64) -> Finding {
    let LimitHit { what, limit } = hit;
    let message = format!(
        "The layer has more than {limit} {what}, which is the bound. Entries kept: {kept}; what follows was hashed and \
         not read."
    );
    Finding::error(Code::LimitReached, message).at_offset(offset)
}

fn problem_finding(problem: &Problem, kept: u64) -> Finding {
    let offset = problem.offset;
    match &problem.what {
        What::NotTar => Finding::error(Code::LayerNotTar, "The layer is no tar archive: its first block is no header."),
        What::Damaged(words) => Finding::error(
            Code::LayerDamaged,
            format!("The tar is damaged at byte {offset}: {words}. Entries kept: {kept}."),
        ),
        What::Truncated { name, missing } => {
            let place = match (name.is_empty(), missing) {
                (true, _) => "within a header".to_owned(),
                (false, 0) => format!("within {}", harmless(name)),
                (false, missing) => format!("within {}, of which {missing} bytes are missing", harmless(name)),
            };
            let message = format!("The tar is cut short at byte {offset}, {place}. Entries kept: {kept}.");
            let finding = Finding::error(Code::LayerTruncated, message);
            if name.is_empty() { finding } else { finding.at_path(name) }
        }
        What::NoEndBlocks => Finding::note(Code::LayerNoEndBlocks, "The tar ends without its two zero blocks."),
        What::TrailingData => {
            Finding::note(Code::LayerTrailingData, format!("Data follows the end of the tar at byte {offset}."))
        }
        What::Extension(words) => Finding::warning(
            Code::ExtensionMalformed,
            format!("An extension at byte {offset} cannot be understood: {words}."),
        ),
    }
    .at_offset(offset)
}

/// The core's own digests, for callers that have no faster ones.
#[derive(Debug)]
struct Hashers {
    stored: Hasher,
    tar: Hasher,
    /// The blob digest of an uncompressed layer, where its algorithm is not that of the diff_id. Dropped as soon as
    /// the layer turns out to be compressed.
    raw: Option<Hasher>,
    compressed: bool,
}

impl Hashers {
    fn new(blob: &Algorithm, diff_id: &Algorithm) -> Self {
        let hasher = |algorithm| Hasher::new(algorithm).unwrap_or_else(Hasher::sha256);
        Self {
            stored: hasher(blob),
            tar: hasher(diff_id),
            raw: (blob != diff_id).then(|| hasher(blob)),
            compressed: false,
        }
    }

    fn finish(self) -> (Digest, DiffId) {
        let diff_id = self.tar.finish();
        let blob = match self.raw {
            _ if self.compressed => self.stored.finish(),
            Some(raw) => raw.finish(),
            None => diff_id.clone(),
        };
        (blob, DiffId(diff_id))
    }
}

impl LayerDigests for Hashers {
    fn stored(&mut self, bytes: &[u8]) {
        self.compressed = true;
        self.raw = None;
        self.stored.update(bytes);
    }

    fn tar(&mut self, bytes: &[u8]) {
        self.tar.update(bytes);
        if let Some(raw) = &mut self.raw {
            raw.update(bytes);
        }
    }
}
