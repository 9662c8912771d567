//! From a file or folder of the disk to its report.

use std::{
    fs,
    fs::File,
    io::{self, Read},
    path::Path,
};

use layerlab_core::{
    archive::{
        BlobId, ImageArchive, Outer, read_layers_in_stream, sniff,
        source::{Files, LocationReader},
    },
    error::ArchiveError,
    layer::{changeset::ContentKey, decompress::Decompress, read::read_layer},
    limits::Limits,
    report::{Readings, Report, assemble},
};

use crate::open::{files_below, open_path};

pub fn analyse_path(path: &Path) -> Result<Report, ArchiveError> {
    let limits = Limits::default();
    let mut plan = open_path(path)?;
    let paths = if path.is_dir() {
        files_below(path, path).into_iter().map(|(_, path)| path).collect()
    } else {
        vec![path.to_owned()]
    };
    let size = paths.iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    let outer = if path.is_dir() { Outer::Dir } else { outer(path)? };
    let readings = if matches!(outer, Outer::None | Outer::Dir) || plan.is_bare() {
        plan.point_at_stored_file(size);
        let mut volumes = Files(paths.iter().map(|path| File::open(path).unwrap()).collect());
        let mut readings = Readings::new();
        for (index, blob) in plan.blobs.iter().enumerate() {
            let id = BlobId(index as u32);
            read(&plan, id, &mut LocationReader::new(&mut volumes, blob.location), &limits, &mut readings)?;
        }
        readings
    } else {
        let mut readings = Readings::new();
        let stream = Decompress::new(File::open(path)?, &limits)?;
        read_layers_in_stream(stream, &plan, |id, stored| read(&plan, id, stored, &limits, &mut readings))?;
        readings
    };
    let name = path.file_name().unwrap().to_string_lossy();
    Ok(assemble(&plan, &name, size, outer, &readings, &limits))
}

fn read(
    plan: &ImageArchive,
    id: BlobId,
    stored: &mut dyn Read,
    limits: &Limits,
    readings: &mut Readings,
) -> io::Result<()> {
    let key = ContentKey([1, 2, 3, 4]);
    let reading = read_layer(stored, &plan.blobs[id.0 as usize], key, limits, &mut |_| {})?;
    readings.insert(id, Ok(reading));
    Ok(())
}

fn outer(path: &Path) -> io::Result<Outer> {
    let mut start = Vec::new();
    File::open(path)?.take(sniff::SNIFF_LEN as u64).read_to_end(&mut start)?;
    Ok(sniff::outer(&start))
}
