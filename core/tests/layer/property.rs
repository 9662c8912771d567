//! Any bytes at all: never a panic, never another answer because the bytes came in other pieces.

use layerlab_core::layer::tar::{Event, Parser};
use proptest::{collection::vec, prelude::*, sample::Index};

use crate::{
    build::{Head, Tar, records},
    compressed::{XZ, bzip2, gzip, zstd},
    reading::read,
};

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_a_layer_panic(bytes in vec(any::<u8>(), 0..3_000), start in 0..6_usize) {
        let magic: [&[u8]; 6] =
            [b"", b"\x1f\x8b\x08\0", b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18", b"BZh91AY&SY", b"\xfd7zXZ\0"];
        read(&[magic[start], &bytes].concat());
    }

    #[test]
    fn no_damage_makes_a_compressed_layer_panic(
        damage in vec((any::<Index>(), any::<u8>()), 1..4),
        cut in prop::option::of(any::<Index>()),
        format in 0..4_usize,
    ) {
        let mut bytes = match format {
            0 => gzip(&odd_tar()),
            1 => zstd(&odd_tar()),
            2 => bzip2(&odd_tar()),
            _ => XZ.concat(),
        };
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        read(&bytes);
    }

    #[test]
    fn no_damage_makes_a_tar_panic_or_depend_on_the_pieces(
        damage in vec((any::<Index>(), any::<u8>()), 0..6),
        reseal in any::<bool>(),
        splits in vec(any::<Index>(), 0..12),
    ) {
        let mut bytes = odd_tar();
        let mut touched = Vec::new();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
            touched.push(at / 512 * 512);
        }
        // A header whose checksum fits is read further than one that is merely damaged.
        for at in touched.into_iter().filter(|_| reseal) {
            let block: [u8; 512] = bytes[at..at + 512].try_into().unwrap();
            bytes[at..at + 512].copy_from_slice(&Head(block).sealed());
        }
        let mut splits: Vec<usize> = splits.iter().map(|split| split.index(bytes.len())).collect();
        splits.sort();
        splits.push(bytes.len());
        let pieces = splits.iter().scan(0, |start, &end| {
            let piece = &bytes[*start..end];
            *start = end;
            Some(piece)
        });
        prop_assert_eq!(events(pieces), events([&bytes[..]]));
        prop_assert_eq!(events(bytes.chunks(1)), events([&bytes[..]]));
    }
}

/// A tar with one of everything.
fn odd_tar() -> Vec<u8> {
    let sparse: &[(&str, &[u8])] =
        &[("GNU.sparse.major", b"1"), ("GNU.sparse.minor", b"0"), ("GNU.sparse.realsize", b"99")];
    let mut map = b"2\n0\n5\n40\n5\n".to_vec();
    map.resize(512, 0);
    map.extend_from_slice(b"0123456789");
    let pairs = b"00000000000\x0000000000005\x0000000010000\x0000000000005\0";
    let old_sparse = Head::new("old", b'S', 10).set(386, pairs).set(483, b"00000011610\0");
    Tar::default()
        .pax(b'g', &[("uid", b"5")])
        .pax(b'x', &[("path", b"a/b"), ("mtime", b"1.5"), ("SCHILY.xattr.user.a", b"\0\xff")])
        .file("f", b"content")
        .gnu(b'L', &"long/".repeat(40))
        .file("cut", b"")
        .pax(b'x', sparse)
        .file("sparse", &map)
        .member(old_sparse, b"0123456789")
        .extension(b'x', &records(&[("GNU.sparse.size", b"50"), ("GNU.sparse.map", b"0,2,40,2")]))
        .file("map", b"0123")
        .link(b'1', "h", "f")
        .member(Head::new("z", b'Z', 3), b"zzz")
        .end()
}

/// The events of a tar that comes in pieces, its data and holes joined.
fn events<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<String> {
    let mut parser = Parser::new(2_000);
    let mut events = Vec::new();
    let mut data = Vec::new();
    for mut piece in pieces {
        while let Some(event) = parser.advance(&mut piece) {
            match event {
                Event::Data(bytes) => data.extend_from_slice(bytes),
                event => {
                    events.push(format!("{:?} {event:?}", std::mem::take(&mut data)));
                }
            }
        }
        assert!(piece.is_empty());
    }
    events.push(format!("{data:?} {:?}", parser.finish()));
    events
}
