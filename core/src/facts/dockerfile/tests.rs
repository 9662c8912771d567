use super::*;
use crate::spec::config::Healthcheck;

fn entry(created_by: &str) -> History {
    History { created_by: Some(created_by.into()), ..History::default() }
}

fn config(entries: &[&str]) -> ImageConfig {
    ImageConfig { history: entries.iter().map(|text| entry(text)).collect(), ..ImageConfig::default() }
}

/// The lines below the FROM, with `?` before a guess and `;` before a comment.
fn lines_of(config: &ImageConfig) -> Vec<String> {
    let layers = config.layer_history().count();
    let dockerfile = recover(config, layers, None, &Limits::default());
    let mark = |line: &Line| match line.certainty {
        Certainty::Known => "",
        Certainty::Guessed(_) => "?",
        Certainty::Comment => ";",
    };
    dockerfile.lines.iter().skip(1).map(|line| format!("{}{}", mark(line), line.text)).collect()
}

#[track_caller]
fn assert_recovers(said: &str, expected: &str) {
    assert_eq!(lines_of(&config(&[said])), [expected], "{said}");
}

#[test]
fn the_classic_builder() {
    assert_recovers(
        "/bin/sh -c apt-get update && apt-get install -y curl",
        "RUN apt-get update && apt-get install -y curl",
    );
    assert_recovers("/bin/sh -c #(nop)  CMD [\"bash\"]", r#"CMD ["bash"]"#);
    assert_recovers(
        "/bin/sh -c #(nop)  CMD [\"nginx\" \"-g\" \"daemon off;\"]",
        r#"CMD ["nginx", "-g", "daemon off;"]"#,
    );
    assert_recovers("/bin/sh -c #(nop)  CMD [\"/bin/sh\" \"-c\" \"echo hi\"]", "CMD echo hi");
    assert_recovers("/bin/sh -c #(nop) ENTRYPOINT &{[\"/pause\"]}", r#"ENTRYPOINT ["/pause"]"#);
    assert_recovers("/bin/sh -c #(nop) ADD file:6ee1 in / ", "?ADD file:6ee1 /");
    assert_recovers("/bin/sh -c #(nop) COPY multi:1f in /app/ ", "?COPY multi:1f /app/");
    assert_recovers("/bin/sh -c #(nop) ADD rootfs in / ", "ADD rootfs /");
    assert_recovers("/bin/sh -c #(nop)  EXPOSE 80/tcp", "EXPOSE 80/tcp");
    assert_recovers("/bin/sh -c #(nop)  EXPOSE map[80/tcp:{} 443/tcp:{}]", "EXPOSE 80/tcp 443/tcp");
    assert_recovers("/bin/sh -c #(nop)  VOLUME [/data]", r#"VOLUME ["/data"]"#);
    assert_recovers("/bin/sh -c #(nop) WORKDIR /opt/app", "WORKDIR /opt/app");
    assert_recovers("|1 V=1.2 /bin/sh -c make V=$V", "# build arguments: V=1.2\nRUN make V=$V");
    assert_recovers("|2 A=x y B=2 /bin/sh -c echo C=3", "# build arguments: A=x y B=2\nRUN echo C=3");
    assert_recovers("|2 A= B=2 echo no shell", ";# |2 A= B=2 echo no shell");
}

#[test]
fn buildkit() {
    assert_recovers("RUN /bin/sh -c rm -rf /opt/app/cache # buildkit", "RUN rm -rf /opt/app/cache");
    assert_recovers("RUN |1 V=1 /bin/sh -c echo $V # buildkit", "# build arguments: V=1\nRUN echo $V");
    assert_recovers("COPY hosts /etc/hosts # buildkit", "COPY hosts /etc/hosts");
    assert_recovers("COPY --link --chown=1:1 a /b # buildkit", "COPY --link --chown=1:1 a /b");
    assert_recovers("COPY /out/app /app # buildkit", "?COPY /out/app /app");
    assert_recovers("COPY EOF /etc/motd # buildkit", "?COPY EOF /etc/motd");
    assert_recovers("RUN /bin/sh -c set -e\necho a\necho b\n # buildkit", "RUN <<EOF\nset -e\necho a\necho b\nEOF");
    assert_recovers("RUN /bin/sh -c cat <<EOF > /x\nhello\nEOF # buildkit", "RUN cat <<EOF > /x\nhello\nEOF");
    assert_recovers("RUN /bin/sh -c a \\\n  && b # buildkit", "RUN a \\\n  && b");
    assert_recovers("RUN apk add curl # buildkit", r#"?RUN ["apk", "add", "curl"]"#);
    let mut entrypoint = config(&[r#"ENTRYPOINT ["/bin/sh" "-c"]"#]);
    entrypoint.history[0].comment = Some("buildkit.dockerfile.v0".into());
    assert_eq!(lines_of(&entrypoint), [r#"ENTRYPOINT ["/bin/sh", "-c"]"#]);
}

#[test]
fn a_heredoc_mark_is_one_that_the_script_does_not_hold() {
    assert_recovers("RUN /bin/sh -c echo\nEOF\n # buildkit", "RUN <<EOF1\necho\nEOF\nEOF1");
}

#[test]
fn other_tools() {
    let mut kaniko = config(&["RUN /bin/sh -c 'x'"]);
    kaniko.history[0].author = Some("kaniko".into());
    assert_eq!(lines_of(&kaniko), ["RUN /bin/sh -c 'x'"]);
    for said in ["bazel build ...", "umoci repack", "weird objects", "jib-maven-plugin:3.4.0"] {
        assert_recovers(said, &format!(";# {said}"));
    }
    assert_recovers("", ";# an entry of the history that says nothing");
    assert_recovers("cmd /S /C #(nop)  USER app", "USER app");
}

#[test]
fn the_config_gives_quotes_back() {
    let mut image = config(&[
        "/bin/sh -c #(nop)  ENV GREETING=good morning NAME=x",
        "/bin/sh -c #(nop)  ENV LOST=a b",
        "/bin/sh -c #(nop)  LABEL maintainer=A B <a@b.c>",
        "/bin/sh -c #(nop)  ENV OLD value",
    ]);
    image.execution.env = vec!["GREETING=good morning".into(), "NAME=x".into()];
    image.execution.labels = [("maintainer".to_owned(), "A B <a@b.c>".to_owned())].into();
    assert_eq!(
        lines_of(&image),
        [
            "ENV GREETING=\"good morning\" NAME=x",
            "?ENV LOST=\"a b\"",
            "LABEL maintainer=\"A B <a@b.c>\"",
            "ENV OLD value"
        ]
    );
}

#[test]
fn the_config_tells_the_last_healthcheck_and_shell() {
    let mut image = config(&[
        "SHELL [/bin/bash -o pipefail -c]",
        "RUN /bin/bash -o pipefail -c true | false # buildkit",
        r#"HEALTHCHECK &{["CMD" "old"] "0s" "0s" "0s" "0s" '\x00'}"#,
        r#"HEALTHCHECK &{["CMD-SHELL" "curl -f localhost"] "30s" "3s" "0s" "0s" '\x05'}"#,
    ]);
    for entry in &mut image.history {
        entry.comment = Some("buildkit.dockerfile.v0".into());
    }
    image.execution.shell = ["/bin/bash", "-o", "pipefail", "-c"].map(str::to_owned).to_vec();
    image.execution.healthcheck = Some(Healthcheck {
        test: vec!["CMD-SHELL".into(), "curl -f localhost".into()],
        interval: Some(30_000_000_000),
        timeout: Some(3_000_000_000),
        retries: Some(5),
        ..Healthcheck::default()
    });
    assert_eq!(
        lines_of(&image),
        [
            r#"SHELL ["/bin/bash", "-o", "pipefail", "-c"]"#,
            "RUN true | false",
            r#"?HEALTHCHECK CMD ["old"]"#,
            "HEALTHCHECK --interval=30s --timeout=3s --retries=5 CMD curl -f localhost",
        ]
    );
}

/// What stands in the file, for a base found in each way.
#[test]
fn the_from_is_known_or_guessed_and_what_is_below_it_is_the_base() {
    let text = |config: &ImageConfig, distribution: Option<&Distribution>| {
        recover(config, config.layer_history().count(), distribution, &Limits::default()).text()
    };
    let mut image = config(&["/bin/sh -c #(nop) ADD rootfs in / ", "/bin/sh -c true"]);
    assert_eq!(
        text(&image, None),
        "# guessed: no base: the build begins with a file system of its own\nFROM scratch\nADD rootfs /\nRUN true\n"
    );
    image.history[1].comment = Some("FROM docker.io/library/alpine:3.20".into());
    assert_eq!(text(&image, None), "# (base) ADD rootfs /\nFROM docker.io/library/alpine:3.20\nRUN true\n");
    image.history[1].comment = Some("FROM 683cf59c7d5b".into());
    image.history[0].created = Some("2024-01-01T00:00:00Z".into());
    image.history[1].created = Some("2024-01-09T00:00:00Z".into());
    let debian = Distribution::parse(b"ID=debian\nVERSION_ID=\"12\"\n");
    assert_eq!(
        text(&image, Some(&debian)),
        "# (base) ADD rootfs /\n# guessed: the base image, by its os-release\nFROM debian:12\nRUN true\n"
    );
    let official = config(&["/bin/sh -c #(nop) ADD file:1 in / ", "/bin/sh -c #(nop)  CMD [\"bash\"]", "/bin/sh -c a"]);
    assert!(text(&official, Some(&debian)).ends_with("FROM debian:12\nRUN a\n"));
    assert!(text(&official, None).contains("FROM scratch\n# guessed: the source's name"));
    image.execution.labels = [("org.opencontainers.image.base.name".to_owned(), "shop/base:2".to_owned())].into();
    assert_eq!(text(&image, Some(&debian)), "# (base) ADD rootfs /\nFROM shop/base:2\nRUN true\n");
}

#[test]
fn layers_follow_the_history_and_a_misfit_is_a_guess() {
    let image = config(&["RUN /bin/sh -c a # buildkit", "RUN /bin/sh -c b # buildkit"]);
    let dockerfile = recover(&image, 3, None, &Limits::default());
    let layers: Vec<_> = dockerfile.lines.iter().map(|line| (line.layer, line.certainty)).collect();
    assert_eq!(
        layers[1..],
        [
            (Some(0), Certainty::Guessed(Guess::Layer)),
            (Some(1), Certainty::Guessed(Guess::Layer)),
            (Some(2), Certainty::Comment)
        ]
    );
    assert_eq!(dockerfile.fit, Fit::Differs { made: 2, layers: 3 });
}

#[test]
fn hostile_text_is_harmless_and_bounded() {
    let image = config(&["evil\u{1b}[2J\nRUN not really", "RUN /bin/sh -c \u{202e}x # buildkit"]);
    assert_eq!(lines_of(&image), [";# evil\\u{1b}[2J\n# RUN not really", "RUN \\u{202e}x"]);
    let long = config(&[&"x".repeat(10_000), "y"]);
    let limits = Limits { dockerfile_bytes: 100, ..Limits::default() };
    let dockerfile = recover(&long, 2, None, &limits);
    assert!(dockerfile.text().len() < 400, "{}", dockerfile.text().len());
    assert!(dockerfile.text().ends_with("# the rest of the history passes the bound and is left out\n"));
}
