//! Archives that real tools made.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead, Read},
    path::Path,
};

use layerlab_core::{
    archive::{BlobId, ImageArchive, read_layers_in_stream},
    facts::{
        contents::Walk,
        dockerfile::{Certainty, recover},
        image::{Hidden, ImageFacts, ReadLayer, Stack},
        scan::LayerScan,
    },
    layer::{
        changeset::ContentKey,
        read::{LayerContents, read_contents},
    },
    limits::Limits,
};

use crate::common::{images_folder, open_path};

/// Reads and scans every layer of an uncompressed archive, and answers for each of its images.
fn facts_of(path: &Path) -> Vec<(ImageFacts, Hidden)> {
    let limits = Limits::default();
    let plan = open_path(path).unwrap();
    let mut layers: BTreeMap<BlobId, (LayerContents, LayerScan)> = BTreeMap::new();
    read_layers_in_stream(File::open(path).unwrap(), &plan, |id, stored| {
        let mut walk = Walk::new(LayerScan::new(&limits), &limits);
        let blob = &plan.blobs[id.0 as usize];
        let contents = read_contents(stored, blob, ContentKey([1; 4]), &limits, &mut walk, &mut |_| {})?;
        layers.insert(id, (contents, walk.into_visitor()));
        Ok(())
    })
    .unwrap();
    let read = |id: BlobId| {
        let (contents, scan) = layers.get(&id)?;
        Some(ReadLayer { changeset: &contents.changeset, regular_bytes: contents.regular_bytes, scan })
    };
    plan.images
        .iter()
        .map(|image| {
            let stack = Stack::new(image, read, &limits);
            (stack.facts(), stack.hidden())
        })
        .collect()
}

/// The packages are counted here by their lines, in a layer that the tar crate finds.
#[test]
fn an_alpine_has_the_packages_that_its_database_lists() {
    let Some(folder) = images_folder() else { return };
    let path = folder.join("wild/GoogleContainerTools/kaniko/integration/tar.tar");
    let mut counted = 0;
    let mut outer = tar::Archive::new(File::open(&path).unwrap());
    for member in outer.entries().unwrap().map(Result::unwrap) {
        if !member.path().unwrap().to_string_lossy().ends_with(".tar.gz") {
            continue;
        }
        let mut layer = tar::Archive::new(flate2::read::MultiGzDecoder::new(member));
        for file in layer.entries().unwrap().map(Result::unwrap) {
            if file.path().unwrap() == Path::new("lib/apk/db/installed") {
                let lines = std::io::BufReader::new(file).lines().map(Result::unwrap);
                counted = lines.filter(|line| line.starts_with("P:")).count();
            }
        }
    }
    let (facts, _) = &facts_of(&path)[0];
    assert_eq!((facts.packages.installed.len(), counted), (13, 13));
    assert_eq!(facts.packages.layers[0].added.len(), 13);
    let alpine = facts.distribution.as_ref().unwrap();
    assert_eq!((alpine.id.as_deref(), alpine.version_id.as_deref()), (Some("alpine"), Some("3.7.0")));
}

/// One Dockerfile, built by BuildKit, by Docker's first builder and by buildah, is recovered to the same commands.
#[test]
fn three_builders_one_dockerfile() {
    let Some(folder) = images_folder() else { return };
    let runs = |archive: &str| -> Vec<String> {
        let plan: ImageArchive = open_path(&folder.join(archive)).unwrap();
        let image = &plan.images[0];
        let config = &image.config.as_ref().unwrap().config;
        let dockerfile = recover(config, image.layers.len(), None, &Limits::default());
        let known = dockerfile.lines.into_iter().filter(|line| line.certainty == Certainty::Known && !line.in_base);
        let told = known.map(|line| line.text).filter(|text| !text.starts_with("FROM"));
        // The protocol of a port is written down by one builder and left out by the others.
        told.filter(|text| !text.starts_with("EXPOSE") && !text.starts_with("COPY")).collect()
    };
    let buildkit = runs("docker/26-containerd/app-bk2.docker26.tar");
    let classic = runs("docker/26-containerd/app-legacybuilder.docker26.tar");
    let buildah = runs("small/app2.docker.tar");
    assert!(buildkit.iter().filter(|text| text.starts_with("RUN ")).count() >= 8, "{buildkit:#?}");
    // Without a base of its own in the history, the command of busybox comes first.
    let of_the_image =
        |lines: &[String]| lines.iter().skip_while(|text| !text.starts_with("LABEL")).cloned().collect::<Vec<_>>();
    assert_eq!(of_the_image(&buildkit), of_the_image(&classic));
    assert_eq!(of_the_image(&buildkit), of_the_image(&buildah));
}

/// Archives of which it is known that nobody hid anything in them.
#[test]
fn nothing_is_found_where_nothing_is() {
    let Some(folder) = images_folder() else { return };
    for archive in ["small/app2.docker.tar", "docker/26-overlay2/app-bk2.docker26.tar", "nano/weird2.podman.tar"] {
        for (_, hidden) in facts_of(&folder.join(archive)) {
            assert_eq!(hidden.secrets, [], "{archive}");
            assert!(hidden.searched.absent.is_empty());
        }
    }
    let mut text = String::new();
    File::open(folder.join("README.md")).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(layerlab_core::facts::hidden::find(b"README.md", text.as_bytes()), []);
}
