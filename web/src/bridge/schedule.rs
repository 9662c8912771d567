//! Which layers are read next, and by which worker of the pool. Plain data: no worker is touched here.

use std::collections::{BTreeMap, VecDeque};

use layerlab_core::archive::{BlobId, Location};

use crate::protocol::ArchiveId;

/// Small neighbouring blobs share one errand up to this many bytes: each read call of a browser takes milliseconds,
/// and an image of ten thousand small layers must not pay them ten thousand times.
const ERRAND_BYTES: u64 = 8 << 20;
/// Blobs of one errand: what is lost, and read again, when a worker dies of one of them.
const ERRAND_BLOBS: usize = 256;
/// Bytes of layers that may be held in one piece at the same time, over all workers, for the browser's own digest.
/// That digest is twice as fast as ours, wants everything at once, and makes a copy of it.
const GATHER_BYTES: u64 = 160 << 20;
/// The most that one worker gathers.
const GATHER_WORKER_BYTES: u64 = 160 << 20;
/// A layer from this size on is worth a second worker that only hashes, where a core would idle otherwise.
const HELPED_BYTES: u64 = 192 << 20;
/// A worker whose memory grew past this is replaced when its errand is done, because wasm memory never shrinks.
const SPENT_BYTES: u64 = 96 << 20;

/// A worker's place in the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub usize);

/// What one worker is sent to read: blobs of one archive, ascending by place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand {
    pub archive: ArchiveId,
    pub blobs: Vec<BlobId>,
    /// Bytes that the worker may gather.
    pub gather: u64,
    /// Whether a second worker hashes.
    pub helped: bool,
}

/// The queue and the pool.
#[derive(Debug)]
pub struct Schedule {
    cores: usize,
    running: Vec<Option<Errand>>,
    waiting: BTreeMap<ArchiveId, VecDeque<Batch>>,
    /// The archive that was served last: the others come first.
    served: ArchiveId,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Batch {
    bytes: u64,
    blobs: Vec<BlobId>,
}

impl Schedule {
    /// A pool for `cores` processors. One worker more than cores, because a worker that reads waits for the browser
    /// half of the time: 1.5 GB on two cores took two workers 2.4 s, three 2.1 s and four 2.0 s.
    pub fn new(cores: usize) -> Self {
        let cores = cores.clamp(2, 16);
        Self { cores, running: vec![None; cores + 1], waiting: BTreeMap::new(), served: ArchiveId(0) }
    }

    /// Queues the blobs of an archive. The largest are read first, so that no long one is left for the end.
    pub fn enqueue(&mut self, archive: ArchiveId, blobs: impl IntoIterator<Item = (BlobId, Location)>) {
        let mut blobs: Vec<_> = blobs.into_iter().collect();
        blobs.sort_by_key(|&(_, location)| location);
        let mut batches: Vec<Batch> = Vec::new();
        for (blob, location) in blobs {
            match batches.last_mut() {
                Some(last) if last.bytes + location.size <= ERRAND_BYTES && last.blobs.len() < ERRAND_BLOBS => {
                    last.bytes += location.size;
                    last.blobs.push(blob);
                }
                _ => batches.push(Batch { bytes: location.size, blobs: vec![blob] }),
            }
        }
        batches.sort_by_key(|batch| std::cmp::Reverse(batch.bytes));
        self.waiting.entry(archive).or_default().extend(batches);
    }

    /// Sends an idle worker on its way: the archives take turns. `None` when all are busy or nothing waits.
    pub fn next(&mut self) -> Option<(Slot, Errand)> {
        let slot = self.running.iter().position(Option::is_none)?;
        let archive = self.next_archive()?;
        let queue = self.waiting.get_mut(&archive)?;
        let batch = queue.pop_front()?;
        if queue.is_empty() {
            self.waiting.remove(&archive);
        }
        self.served = archive;
        let gather = gather_for(batch.bytes).min(self.gather_left());
        let busy = self.running.iter().flatten().count();
        let errand = Errand {
            archive,
            gather,
            helped: batch.bytes >= HELPED_BYTES && self.waiting.is_empty() && busy + 1 < self.cores,
            blobs: batch.blobs,
        };
        self.running[slot] = Some(errand.clone());
        Some((Slot(slot), errand))
    }

    pub fn archive_of(&self, slot: Slot) -> Option<ArchiveId> {
        Some(self.running.get(slot.0)?.as_ref()?.archive)
    }

    /// One blob of the worker's errand is answered.
    pub fn answered(&mut self, slot: Slot, blob: BlobId) {
        if let Some(Some(errand)) = self.running.get_mut(slot.0) {
            errand.blobs.retain(|&other| other != blob);
        }
    }

    /// The worker has answered all; says whether it should be replaced.
    pub fn idle(&mut self, slot: Slot, memory: u64) -> bool {
        self.release(slot);
        memory > SPENT_BYTES
    }

    /// The worker died: the blob that it was at is returned, and those behind it are queued again.
    pub fn crashed(&mut self, slot: Slot) -> Option<(ArchiveId, BlobId)> {
        let errand = self.release(slot)?;
        let (&first, rest) = errand.blobs.split_first()?;
        if !rest.is_empty() {
            self.waiting.entry(errand.archive).or_default().push_front(Batch { bytes: 0, blobs: rest.to_vec() });
        }
        Some((errand.archive, first))
    }

    /// Forgets an archive; the returned workers are busy with it and must be replaced. No other archive is touched.
    pub fn cancel(&mut self, archive: ArchiveId) -> Vec<Slot> {
        self.waiting.remove(&archive);
        let busy: Vec<Slot> =
            (0..self.running.len()).map(Slot).filter(|&slot| self.archive_of(slot) == Some(archive)).collect();
        for &slot in &busy {
            self.release(slot);
        }
        busy
    }

    fn release(&mut self, slot: Slot) -> Option<Errand> {
        self.running.get_mut(slot.0)?.take()
    }

    fn next_archive(&self) -> Option<ArchiveId> {
        let after = self.waiting.range((std::ops::Bound::Excluded(self.served), std::ops::Bound::Unbounded));
        after.chain(self.waiting.iter()).next().map(|(&archive, _)| archive)
    }

    fn gather_left(&self) -> u64 {
        GATHER_BYTES - self.running.iter().flatten().map(|errand| errand.gather).sum::<u64>()
    }
}

/// A layer that does not fit is not gathered at all. One that is compressed unpacks to some times its size.
fn gather_for(stored: u64) -> u64 {
    if stored > GATHER_WORKER_BYTES { 0 } else { (stored * 5).clamp(16 << 20, GATHER_WORKER_BYTES) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: ArchiveId = ArchiveId(1);
    const B: ArchiveId = ArchiveId(2);
    const MIB: u64 = 1 << 20;

    /// Blobs 0, 1, … of the given sizes, one behind the other.
    fn blobs(sizes: &[u64]) -> Vec<(BlobId, Location)> {
        let mut offset = 0;
        let place = |(index, &size): (usize, &u64)| {
            let location = Location { volume: 0, offset, size };
            offset += size + 512;
            (BlobId(index as u32), location)
        };
        sizes.iter().enumerate().map(place).collect()
    }

    /// Starts all that can start: slot, archive, blobs.
    fn start(schedule: &mut Schedule) -> Vec<(usize, u32, Vec<u32>)> {
        std::iter::from_fn(|| schedule.next())
            .map(|(slot, errand)| (slot.0, errand.archive.0, errand.blobs.iter().map(|blob| blob.0).collect()))
            .collect()
    }

    #[test]
    fn the_largest_layers_go_first_and_small_neighbours_together() {
        let mut schedule = Schedule::new(2);
        schedule.enqueue(A, blobs(&[1, 2, 100 * MIB, 3, 4, 200 * MIB]));
        assert_eq!(start(&mut schedule), [(0, 1, vec![5]), (1, 1, vec![2]), (2, 1, vec![3, 4])]);
        assert!(!schedule.idle(Slot(1), MIB));
        assert_eq!(start(&mut schedule), [(1, 1, vec![0, 1])]);
    }

    #[test]
    fn ten_thousand_small_layers_are_some_errands() {
        let mut schedule = Schedule::new(2);
        schedule.enqueue(A, blobs(&vec![1_024; 10_000]));
        let mut errands = 0;
        while let Some((slot, errand)) = schedule.next() {
            assert!(errand.blobs.len() <= ERRAND_BLOBS);
            schedule.idle(slot, 0);
            errands += 1;
        }
        assert_eq!(errands, 40);
    }

    #[test]
    fn archives_take_turns() {
        let mut schedule = Schedule::new(2);
        schedule.enqueue(A, blobs(&[30 * MIB, 20 * MIB, 10 * MIB]));
        schedule.enqueue(B, blobs(&[9 * MIB, 9 * MIB]));
        assert_eq!(start(&mut schedule), [(0, 1, vec![0]), (1, 2, vec![0]), (2, 1, vec![1])]);
    }

    #[test]
    fn cancelling_an_archive_frees_its_workers_and_hurts_no_other() {
        let mut schedule = Schedule::new(2);
        schedule.enqueue(A, blobs(&[30 * MIB, 20 * MIB, 10 * MIB]));
        schedule.enqueue(B, blobs(&[9 * MIB, 9 * MIB]));
        start(&mut schedule);
        assert_eq!(schedule.cancel(A), [Slot(0), Slot(2)]);
        assert_eq!(start(&mut schedule), [(0, 2, vec![1])]);
        assert_eq!(schedule.archive_of(Slot(1)), Some(B));
        assert_eq!(schedule.cancel(A), []);
    }

    #[test]
    fn a_crash_costs_one_layer_and_the_rest_is_read_again() {
        let mut schedule = Schedule::new(2);
        schedule.enqueue(A, blobs(&[1, 2, 3]));
        start(&mut schedule);
        schedule.answered(Slot(0), BlobId(0));
        assert_eq!(schedule.crashed(Slot(0)), Some((A, BlobId(1))));
        assert_eq!(start(&mut schedule), [(0, 1, vec![2])]);
        schedule.answered(Slot(0), BlobId(2));
        assert_eq!(schedule.crashed(Slot(0)), None);
    }

    #[test]
    fn what_is_gathered_at_once_is_bounded() {
        let mut schedule = Schedule::new(4);
        schedule.enqueue(A, blobs(&[150 * MIB; 4]));
        let gathered: Vec<u64> = std::iter::from_fn(|| schedule.next()).map(|(_, errand)| errand.gather).collect();
        assert_eq!(gathered, [160 * MIB, 0, 0, 0]);
        schedule.idle(Slot(0), 0);
        schedule.enqueue(A, blobs(&[1]));
        assert_eq!(schedule.next().unwrap().1.gather, 16 * MIB);
    }

    #[test]
    fn a_huge_layer_gets_a_helper_only_where_a_core_would_idle() {
        let helped = |sizes: &[u64]| {
            let mut schedule = Schedule::new(2);
            schedule.enqueue(A, blobs(sizes));
            std::iter::from_fn(|| schedule.next()).map(|(_, errand)| errand.helped).collect::<Vec<_>>()
        };
        assert_eq!(helped(&[10_000 * MIB]), [true]);
        assert_eq!(helped(&[20 * MIB]), [false]);
        assert_eq!(helped(&[1_000 * MIB, 1_000 * MIB]), [false, false]);
    }

    #[test]
    fn a_worker_that_grew_is_replaced() {
        let mut schedule = Schedule::new(2);
        schedule.enqueue(A, blobs(&[1]));
        start(&mut schedule);
        assert!(schedule.idle(Slot(0), 1 << 30));
    }
}
