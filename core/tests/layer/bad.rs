use crate::archive::{Archive, images, read_both_ways};
#[test]
fn dump() {
    let Some(folder) = images() else { return };
    let list: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.join("bad/MANIFEST.json")).unwrap()).unwrap();
    for item in list.as_array().unwrap() {
        let name = item["name"].as_str().unwrap();
        let Ok(archive) = Archive::open(&folder.join("bad").join(name)) else {
            println!("{name}: cannot open");
            continue;
        };
        let Archive::Members(members) = &archive else { continue };
        let mut names: Vec<_> =
            members.keys().filter(|n| !n.ends_with(".json") && !n.ends_with("oci-layout")).collect();
        names.truncate(8);
        for layer in names {
            let bytes = archive.read(layer).unwrap_or_default();
            if bytes.starts_with(b"{") {
                continue;
            }
            let t = std::time::Instant::now();
            let r = read_both_ways(&bytes);
            println!(
                "== {name} [{}] {}: {} entries {:?} reg {} {:?}",
                item["expect"],
                &layer[..layer.len().min(30)],
                r.summary.entries,
                r.summary.types,
                r.summary.regular_bytes,
                t.elapsed()
            );
            if r.changeset.entries.len() < 12 {
                println!(
                    "   {:?}",
                    r.changeset
                        .entries
                        .iter()
                        .map(|e| {
                            let mut n = r.changeset.paths.display(e.path);
                            n.truncate(40);
                            format!("{n} {:?} {}", e.kind, e.size)
                        })
                        .collect::<Vec<_>>()
                );
            }
            for f in r.summary.findings {
                println!(
                    "   {:?} {:?} {} {:?}",
                    f.severity,
                    f.code,
                    f.message,
                    f.path.map(|mut p| {
                        p.truncate(60);
                        p
                    })
                );
            }
        }
    }
}
