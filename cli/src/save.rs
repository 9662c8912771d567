//! `save`: one image of an archive, verified and written out again.

use std::{
    io::{self, BufWriter, Write},
    path::Path,
};

use layerlab_core::{
    error::ArchiveError,
    limits::Limits,
    store::save::{self, ArchiveBlobs, Format, SaveError, SavedImage},
};

use crate::{MISMATCH, OK, analysis::Analysis, args::SaveFormat, read};

pub fn save(
    file: &Path,
    image: usize,
    format: SaveFormat,
    layer: Option<usize>,
    output: &Path,
) -> Result<u8, ArchiveError> {
    let limits = Limits::default();
    let Analysis { opened, report, .. } = Analysis::read(file, read::random_key())?;
    let mut volumes = opened.handles()?;
    let index = image.wrapping_sub(1);
    let Some(image_report) = report.images.get(index) else {
        return refuse(&format!("There is no image {image}: the archive lists {}.", report.images.len()));
    };
    let (mut saved, mut blobs) =
        match SavedImage::from_archive(&opened.plan, image_report, index, &mut volumes, &limits) {
            Ok(found) => found,
            Err(sentence) => return refuse(&sentence),
        };
    if let Some(layer) = layer {
        match saved.only_layer(layer.wrapping_sub(1), &limits) {
            Some(only) => saved = only,
            None => return refuse(&format!("There is no layer {layer}: the image has {}.", saved.layers.len())),
        }
    }
    let format = match format {
        SaveFormat::Docker => Format::Docker,
        SaveFormat::Oci => Format::Oci,
    };
    match write(&saved, format, &mut blobs, &limits, output) {
        Ok(()) => Ok(OK),
        Err(SaveError::Io(error)) => Err(error.into()),
        Err(error) => refuse(&error.to_string()),
    }
}

/// To a file beside the output first, so that half an archive never has its name.
fn write(
    image: &SavedImage,
    format: Format,
    blobs: &mut ArchiveBlobs<'_>,
    limits: &Limits,
    output: &Path,
) -> Result<(), SaveError> {
    if output == Path::new("-") {
        return save::save(image, format, blobs, limits, &mut io::stdout().lock());
    }
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut beside = BufWriter::with_capacity(1 << 20, file_in(folder)?);
    save::save(image, format, blobs, limits, &mut beside)?;
    beside.flush()?;
    let beside = beside.into_inner().map_err(io::IntoInnerError::into_error)?;
    beside.persist(output).map_err(|error| error.error)?;
    Ok(())
}

/// A temporary file is its maker's alone; an archive is as any other file of the user.
fn file_in(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

fn refuse(sentence: &str) -> Result<u8, ArchiveError> {
    eprintln!("layerlab: {sentence}");
    Ok(MISMATCH)
}
