//! From listed members to the plan: which kind of archive it is, by the documents that are there.

use std::cmp::Reverse;

use serde_json::Value;

use super::{
    ArchiveKind, DocumentRole, Image, ImageArchive, ImageLayer, ImageNature, Location, Via, dir, docker,
    document::{Documents, Library, Unread},
    member::{MemberKind, Members, Unresolved},
    oci,
    plan::{Planner, compare_views, unread},
    scan::{self, Listing},
    sniff,
    source::{SourceFile, Volumes, Windows},
    tape::WindowTape,
    v1,
};
use crate::{
    display::harmless_text,
    error::{ArchiveError, Seems},
    finding::{Code, Finding, Findings},
    limits::Limits,
    path::clamp,
};

impl ImageArchive {
    /// Plans a single tar (volume 0) that is not compressed as a whole: see [`sniff::outer`].
    pub fn open(volumes: &mut dyn Volumes, file: &SourceFile, limits: &Limits) -> Result<Self, ArchiveError> {
        let mut windows = Windows::new(volumes, vec![file.size]);
        let mut start = vec![0; sniff::SNIFF_LEN];
        let read = windows.read(0, 0, &mut start)?;
        start.truncate(read);
        if !sniff::is_tar(&start) {
            return Err(ArchiveError::NotAnArchive { seems: sniff::seems(&start) });
        }
        let mut findings = Findings::new(limits.findings);
        let listing = scan::list(&mut WindowTape::new(&mut windows), limits, &mut findings)?;
        let whole = Location { volume: 0, offset: 0, size: file.size };
        assemble(&listing, &mut windows, limits, findings, &Opened::File { name: &file.name, whole })
    }

    /// Plans the files of a folder: the number of a volume is the place of its file in `files`. Where all files are in
    /// one folder of the folder (as browsers name what was picked) that is taken for the root.
    pub fn open_folder(volumes: &mut dyn Volumes, files: &[SourceFile], limits: &Limits) -> Result<Self, ArchiveError> {
        let mut findings = Findings::new(limits.findings);
        let mut members = Members::default();
        let depth = root_depth(files);
        for (volume, file) in files.iter().enumerate() {
            let name = clamp(file.name.as_bytes()).components.split_off(depth).join(&b'/');
            let location = Location { volume: volume as u32, offset: 0, size: file.size };
            if !members.add(&name, MemberKind::File, location, limits, &mut findings) {
                break;
            }
        }
        let mut windows = Windows::new(volumes, files.iter().map(|file| file.size).collect());
        let listing = Listing { members, cut_at: None };
        assemble(&listing, &mut windows, limits, findings, &Opened::Folder)
    }
}

/// What was opened.
#[derive(Clone, Copy, Debug)]
pub(super) enum Opened<'a> {
    Folder,
    File { name: &'a str, whole: Location },
}

/// The documents that make an archive an image archive, in the order of precedence.
const LEADING: [&[u8]; 3] = [docker::MANIFEST, oci::INDEX, v1::REPOSITORIES];

pub(super) fn assemble(
    listing: &Listing,
    documents: &mut dyn Documents,
    limits: &Limits,
    findings: Findings,
    opened: &Opened<'_>,
) -> Result<ImageArchive, ArchiveError> {
    let members = &listing.members;
    let library = Library::new(members, documents, limits, listing.cut_at);
    let mut planner = Planner::new(members, limits, library, findings);
    let is_file = |name| !matches!(members.resolve(name, limits), Err(Unresolved::Absent | Unresolved::NotAFile));
    let [has_manifest, has_index, has_repositories] = LEADING.map(is_file);
    let listed = if has_manifest || has_index {
        listed_images(&mut planner, has_manifest, has_index, opened)
    } else if has_repositories {
        v1_images(&mut planner).map(|images| (ArchiveKind::DockerV1, images, v1::REPOSITORIES))
    } else if let Some(images) = v1::untagged_images(&mut planner) {
        Ok((ArchiveKind::DockerV1, images, v1::REPOSITORIES))
    } else {
        return bare(planner, listing, opened);
    };
    let (kind, images, leading) = match listed {
        Ok(listed) => listed,
        // A file of that name in the root folder of an application is no manifest.
        Err(_) if is_rootfs(members) || members.has_whiteouts() => return bare(planner, listing, opened),
        Err(error) => return Err(error),
    };
    let path = harmless_text(&String::from_utf8_lossy(leading));
    if images.is_empty() {
        return Err(ArchiveError::NoImages { path });
    }
    if images.iter().all(|image| image.nature == ImageNature::Absent) {
        let first = images.iter().flat_map(|image| &image.findings).min_by_key(|finding| Reverse(finding.severity));
        let first = first.map(|finding| finding.message.clone()).unwrap_or_default();
        return Err(ArchiveError::NothingReadable { path, images: images.len(), first });
    }
    if !images.iter().any(|image| image.nature == ImageNature::Filesystem) {
        let message = "No image of this archive that is there has a file system.";
        planner.findings.push(Finding::warning(Code::NotAFilesystemImage, message));
    }
    compare_views(&images, &mut planner.findings);
    Ok(finish(planner, kind, images))
}

fn finish(planner: Planner<'_>, kind: ArchiveKind, images: Vec<Image>) -> ImageArchive {
    let (blobs, library, findings) = planner.into_parts();
    ImageArchive { kind, findings: findings.into_vec(), images, blobs, documents: library.into_documents() }
}

type Listed = (ArchiveKind, Vec<Image>, &'static [u8]);

/// The images of `manifest.json`, then those of `index.json`. A document that cannot be read is a finding as long as
/// the other one lists images.
fn listed_images(
    planner: &mut Planner<'_>,
    has_manifest: bool,
    has_index: bool,
    opened: &Opened<'_>,
) -> Result<Listed, ArchiveError> {
    let mut problem = None;
    let mut images = Vec::new();
    let oci_kind = match opened {
        Opened::Folder => ArchiveKind::OciLayout,
        Opened::File { .. } => ArchiveKind::OciArchive,
    };
    let mut listed = (oci_kind, oci::INDEX);
    if has_manifest {
        listed = (ArchiveKind::DockerArchive, docker::MANIFEST);
        match manifest_images(planner) {
            Ok((kind, read)) => {
                listed.0 = kind;
                images = read;
            }
            Err(error) => problem = Some((docker::MANIFEST, error)),
        }
    }
    if has_index {
        let read = planner.library.text(oci::INDEX, DocumentRole::Index);
        match read.and_then(|text| oci::images(planner, &text)) {
            Ok(read) => {
                if problem.is_some() {
                    listed = (oci_kind, oci::INDEX);
                }
                images.extend(read);
            }
            Err(error) => problem = problem.or(Some((oci::INDEX, error))),
        }
    }
    if let Some((name, error)) = problem {
        if images.is_empty() {
            return Err(document_error(name, &error));
        }
        planner.findings.push(unread("The document", name, Code::DocumentUnreadable, &error));
    }
    Ok((listed.0, images, listed.1))
}

/// A list is `docker save`'s, an object a `dir:` folder's.
fn manifest_images(planner: &mut Planner<'_>) -> Result<(ArchiveKind, Vec<Image>), Unread> {
    let text = planner.library.text(docker::MANIFEST, DocumentRole::DockerManifest)?;
    match planner.library.parse(&text, &mut planner.findings)? {
        Value::Array(entries) => {
            let images = docker::images(planner, &entries);
            Ok((ArchiveKind::DockerArchive, images))
        }
        Value::Object(object) => {
            let images = dir::images(planner, &text, &object).map_err(Unread::Shape)?;
            Ok((ArchiveKind::DockerDir, images))
        }
        other => Err(Unread::Type { expected: "a list", found: crate::spec::json::type_name(&other) }),
    }
}

fn v1_images(planner: &mut Planner<'_>) -> Result<Vec<Image>, ArchiveError> {
    let read = planner.library.text(v1::REPOSITORIES, DocumentRole::Repositories);
    read.and_then(|text| v1::images(planner, &text)).map_err(|error| document_error(v1::REPOSITORIES, &error))
}

fn document_error(name: &[u8], error: &Unread) -> ArchiveError {
    ArchiveError::Document { path: harmless_text(&String::from_utf8_lossy(name)), problem: error.to_string() }
}

/// A tar without documents: one layer, or a root file system, in one image that nothing lists.
fn bare(mut planner: Planner<'_>, listing: &Listing, opened: &Opened<'_>) -> Result<ImageArchive, ArchiveError> {
    let Opened::File { name, whole } = *opened else {
        return Err(ArchiveError::NotAnArchive { seems: Seems::Folder });
    };
    if listing.members.is_empty() {
        return Err(ArchiveError::NotAnArchive { seems: Seems::DamagedTar });
    }
    if let Some(member) = image_member(&listing.members) {
        let cut = listing.cut_at.map(|at| format!("; the archive ends at byte {at}, before it")).unwrap_or_default();
        let problem = format!("it is missing, although members like {member} are an image archive's{cut}");
        return Err(ArchiveError::Document { path: "manifest.json or index.json".into(), problem });
    }
    let layer = ImageLayer {
        path: harmless_text(name),
        media_type: None,
        declared: None,
        diff_id_declared: None,
        created_by: None,
        source: planner.whole_file(name, whole),
    };
    let image = Image {
        via: Via::Bare,
        nature: ImageNature::Filesystem,
        tags: Vec::new(),
        manifest: None,
        index_digest: None,
        platform: None,
        config: None,
        layers: vec![layer],
        findings: Vec::new(),
    };
    let kind = if is_rootfs(&listing.members) { ArchiveKind::Rootfs } else { ArchiveKind::Layer };
    let archive = finish(planner, kind, vec![image]);
    // What is odd in the tar is said by the layer, which is the same tar; its files are no documents.
    Ok(ImageArchive { findings: Vec::new(), documents: Vec::new(), ..archive })
}

/// A root file system as `docker export` writes it: complete, so it deletes nothing.
fn is_rootfs(members: &Members) -> bool {
    const USUAL: [&[u8]; 16] = [
        b"bin", b"boot", b"dev", b"etc", b"home", b"lib", b"media", b"mnt", b"opt", b"proc", b"root", b"run", b"sbin",
        b"sys", b"usr", b"var",
    ];
    let usual = USUAL.into_iter().filter(|name| members.exists(name)).count();
    !members.has_whiteouts() && (members.exists(b".dockerenv") || usual >= 5)
}

/// A member as only image archives have them: a save that was cut before its manifest must not pass for a layer.
fn image_member(members: &Members) -> Option<String> {
    members.iter().take(1_000).map(|(name, _)| String::from_utf8_lossy(&name).into_owned()).find(|name| {
        let components: Vec<&str> = name.split('/').collect();
        match components[..] {
            ["blobs", "sha256", hex] => is_hex(hex),
            [id, "layer.tar" | "json" | "VERSION"] => is_hex(id),
            [file] => file.strip_suffix(".json").or_else(|| file.strip_suffix(".tar")).is_some_and(is_hex),
            _ => false,
        }
    })
}

fn is_hex(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// How many folders are around a folder's documents: the common ones of all files, as long as no document is above.
fn root_depth(files: &[SourceFile]) -> usize {
    let folders = |file: &SourceFile| -> Vec<Vec<u8>> {
        let mut components: Vec<_> = clamp(file.name.as_bytes()).components.into_iter().map(<[u8]>::to_vec).collect();
        components.pop();
        components
    };
    let Some((first, rest)) = files.split_first() else { return 0 };
    let mut common = folders(first);
    for file in rest {
        let same = common.iter().zip(folders(file)).take_while(|(a, b)| *a == b).count();
        common.truncate(same);
    }
    common.len()
}
