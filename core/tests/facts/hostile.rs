//! Whatever a history, a file or a database holds, it is read without a panic and within its bounds.

use layerlab_core::{
    facts::{
        contents::Walk,
        distribution::Distribution,
        dockerfile::recover,
        hidden::{find, in_config},
        scan::LayerScan,
    },
    limits::Limits,
    spec::config::{History, ImageConfig},
};
use proptest::prelude::*;

/// Texts that begin like those of builders and then go wrong.
fn created_by() -> impl Strategy<Value = String> {
    let begin = prop::sample::select(vec![
        "",
        "RUN ",
        "RUN |2 A=",
        "|1 A=b /bin/sh -c ",
        "|99999999999999999999 ",
        "/bin/sh -c ",
        "/bin/sh -c #(nop) ",
        "/bin/sh -c #(nop)  CMD [",
        "HEALTHCHECK &{[",
        "SHELL [",
        "ENV A=",
        "LABEL ",
        "COPY a in ",
        "EXPOSE map[",
        "VOLUME [\"",
        "FROM ",
    ]);
    let rest = prop_oneof!["[ a-zA-Z\"'\\\\\\[\\]{}:=,|&#$\n<>/é\u{202e}]{0,40}", any::<String>(),];
    (begin, rest, prop::bool::ANY)
        .prop_map(|(begin, rest, buildkit)| format!("{begin}{rest}{}", if buildkit { " # buildkit" } else { "" }))
}

/// Bytes with what the rules look for in them.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "-----BEGIN RSA PRIVATE KEY-----",
            "-----END ",
            "ghp_",
            "AKIA",
            "eyJ",
            ".eyJ",
            "SG.",
            "xoxb-",
            "://a:b@",
            "aws_secret_access_key",
            "PuTTY-User-Key-File-",
            "https://hooks.slack.com/services/T",
            "machine x password ",
            "root:$6$",
            "PASSWORD=",
            "{\"auths\":{\"x\":{\"auth\":\"",
            "Package: ",
            "P:",
            "\n",
            ":",
            "=",
            "'",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..30),
        "[A-Za-z0-9+/=_.-]{0,80}".prop_map(String::into_bytes),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn a_history_of_anything_is_recovered(
        said in prop::collection::vec((created_by(), prop::option::of(any::<String>()), prop::bool::ANY), 0..6),
        layers in 0_usize..8,
    ) {
        let history = said.into_iter().map(|(created_by, comment, empty_layer)| History {
            created: comment.clone(),
            created_by: Some(created_by),
            comment,
            author: None,
            empty_layer,
        });
        let config = ImageConfig { history: history.collect(), ..ImageConfig::default() };
        let limits = Limits { dockerfile_bytes: 500, ..Limits::default() };
        let dockerfile = recover(&config, layers, None, &limits);
        prop_assert!(dockerfile.text().chars().all(|c| c == '\n' || c == '\t' || !c.is_control()));
        prop_assert!(dockerfile.lines.iter().filter_map(|line| line.layer).all(|layer| layer < layers));
        let _ = in_config(&config);
    }

    #[test]
    fn a_file_of_anything_is_searched(
        bytes in text(),
        path in prop::sample::select(vec![
            "x", ".env", ".npmrc", ".netrc", "etc/shadow", ".pgpass", ".docker/config.json", ".kube/config",
            ".git-credentials", ".htpasswd", ".pypirc",
        ]),
    ) {
        for secret in find(path.as_bytes(), &bytes) {
            prop_assert!(secret.offset as usize <= bytes.len());
            for shown in [secret.masked(), secret.value.reveal()] {
                prop_assert!(!shown.contains(char::from(0x1b)));
            }
        }
        let _ = Distribution::parse(&bytes);
    }

    #[test]
    fn a_tar_of_anything_is_walked(bytes in prop::collection::vec(any::<u8>(), 0..4_000), chunk in 1_usize..700) {
        let limits = Limits::default();
        let mut walk = Walk::new(LayerScan::new(&limits), &limits);
        bytes.chunks(chunk).for_each(|part| walk.push(part));
    }
}
