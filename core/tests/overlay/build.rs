//! Builds: what lesson 6 shows.

use layerlab_core::overlay::{
    Layer, Mode,
    engine::{Build, BuildError, Builder, Cached, DockerfileProblem, Engine},
};

use crate::words::layer;

fn engine() -> Engine {
    let mut engine = Engine::new(Mode::Default);
    engine.set_time(1_700_000_000);
    engine
        .add_image("base", vec![((*layer(&["/etc/motd=hello", "/tmp/"])).clone(), "ADD rootfs.tar /".into())])
        .unwrap();
    engine
}

fn context(app: &str) -> Layer {
    (*layer(&["/README=read me", &format!("/src/app={app}")])).clone()
}

fn steps(build: &Build) -> Vec<String> {
    build
        .steps
        .iter()
        .map(|step| {
            let layer = step.layer.map_or(String::new(), |size| format!(" {size}B"));
            format!("{} {:?}{layer}", step.instruction.split(' ').next().unwrap(), step.cached)
        })
        .collect()
}

fn cached(engine: &mut Engine, dockerfile: &str, app: &str, builder: Builder) -> Vec<String> {
    steps(&engine.build(dockerfile, &context(app), "app", builder).unwrap())
}

fn paths(engine: &mut Engine) -> Vec<String> {
    let container = engine.mount_plain("app", &format!("look-{}", engine.containers().len())).unwrap();
    container.overlay.merged().iter().map(|entry| entry.path.to_string()).collect()
}

const ORDERED: &str = "FROM base\nRUN echo tools > /tools\nCOPY src /app\nENV A=1\nCMD /app/app";

#[test]
fn the_second_build_is_all_from_the_cache() {
    for builder in [Builder::Classic, Builder::BuildKit] {
        let mut engine = engine();
        let env = if builder == Builder::Classic { "MissAfterMiss" } else { "Free" };
        let first = cached(&mut engine, ORDERED, "v1", builder);
        assert_eq!(
            first,
            [
                "FROM Free".into(),
                "RUN MissNew 6B".into(),
                "COPY MissAfterMiss 2B".into(),
                format!("ENV {env}"),
                format!("CMD {env}")
            ]
        );
        let id = engine.image("app").unwrap().id.clone();
        let env = if builder == Builder::Classic { "Hit" } else { "Free" };
        let second = cached(&mut engine, ORDERED, "v1", builder);
        assert_eq!(
            second,
            ["FROM Free".into(), "RUN Hit 6B".into(), "COPY Hit 2B".into(), format!("ENV {env}"), format!("CMD {env}")]
        );
        assert_eq!(engine.image("app").unwrap().id, id);
        assert_eq!(paths(&mut engine), ["/app", "/app/app", "/etc", "/etc/motd", "/tmp", "/tools"]);
    }
}

#[test]
fn order_decides_what_a_changed_file_costs() {
    let late = "FROM base\nRUN echo tools > /tools\nCOPY src /app";
    let early = "FROM base\nCOPY src /app\nRUN echo tools > /tools";
    for (dockerfile, after_change) in [
        (late, ["FROM Free", "RUN Hit 6B", "COPY MissContentChanged 2B"]),
        (early, ["FROM Free", "COPY MissContentChanged 2B", "RUN MissAfterMiss 6B"]),
    ] {
        let mut engine = engine();
        cached(&mut engine, dockerfile, "v1", Builder::Classic);
        assert_eq!(cached(&mut engine, dockerfile, "v2", Builder::Classic), after_change);
    }
}

#[test]
fn a_changed_env_costs_the_classic_builder_all_that_follows_and_buildkit_only_what_runs_in_it() {
    let with = |value: &str| format!("FROM base\nENV A={value}\nCOPY src /app\nRUN touch /x");
    for (builder, after_change) in [
        (Builder::Classic, ["FROM Free", "ENV MissNew", "COPY MissAfterMiss 2B", "RUN MissAfterMiss 0B"]),
        (Builder::BuildKit, ["FROM Free", "ENV Free", "COPY Hit 2B", "RUN MissNew 0B"]),
    ] {
        let mut engine = engine();
        cached(&mut engine, &with("1"), "v1", builder);
        assert_eq!(cached(&mut engine, &with("2"), "v1", builder), after_change);
        assert_eq!(engine.image("app").unwrap().run_config.env, [("A".into(), "2".into())]);
    }
}

#[test]
fn a_deletion_in_a_later_layer_makes_no_image_smaller_and_one_instruction_does() {
    let mut engine = engine();
    cached(&mut engine, "FROM base\nRUN truncate -s 1000 /big\nRUN rm /big", "", Builder::BuildKit);
    assert_eq!(engine.image("app").unwrap().size(), 1005);
    cached(&mut engine, "FROM base\nRUN truncate -s 1000 /big && rm /big", "", Builder::BuildKit);
    assert_eq!(engine.image("app").unwrap().size(), 5);
}

#[test]
fn a_stage_leaves_behind_what_is_not_copied_and_one_that_nothing_needs_is_not_run() {
    let dockerfile = "FROM base AS unused\nRUN touch /u\nFROM base AS build\nRUN mkdir /out && echo hi > /out/app && touch /junk\n\
                      FROM scratch\nCOPY --from=build /out/app /bin/\n";
    let mut engine = engine();
    let first = cached(&mut engine, dockerfile, "", Builder::BuildKit);
    assert_eq!(
        first,
        ["FROM NotNeeded", "RUN NotNeeded", "FROM Free", "RUN MissNew 3B", "FROM Free", "COPY MissNew 3B"]
    );
    assert_eq!(paths(&mut engine), ["/bin", "/bin/app"]);
    let classic = cached(&mut engine, dockerfile, "", Builder::Classic);
    assert_eq!(classic[1], "RUN MissNew 0B");
}

#[test]
fn a_working_directory_is_where_run_and_copy_work() {
    let mut engine = engine();
    let build = cached(&mut engine, "FROM base\nWORKDIR /w/d\nCOPY README .\nRUN touch here", "", Builder::BuildKit);
    assert_eq!(build.len(), 4);
    assert!(paths(&mut engine).ends_with(&["/w".into(), "/w/d".into(), "/w/d/README".into(), "/w/d/here".into()]));
}

#[test]
fn a_build_that_fails_says_where() {
    let mut engine = engine();
    let mut build = |dockerfile: &str| engine.build(dockerfile, &context("x"), "app", Builder::Classic).unwrap_err();
    assert!(matches!(build("FROM base\nRUN cat /none"), BuildError::RunFailed { .. }));
    assert!(matches!(build("FROM base\nCOPY none /"), BuildError::NoSuchSource { source, .. } if source == "none"));
    assert!(matches!(build("FROM base\nCOPY --from=x a /"), BuildError::NoSuchStage { .. }));
    assert!(matches!(build("FROM none"), BuildError::Engine(_)));
    assert!(matches!(build("COPY"), BuildError::Dockerfile(DockerfileProblem::Malformed { line: 1, .. })));
    assert!(matches!(build("FROM base\nCOPY src /etc/motd/"), BuildError::CopyFailed { .. }));
}

#[test]
fn a_hit_is_never_for_other_words() {
    let mut engine = engine();
    cached(&mut engine, "FROM base\nRUN touch /a", "", Builder::BuildKit);
    assert_eq!(cached(&mut engine, "FROM base\nRUN touch /b", "", Builder::BuildKit)[1], "RUN MissNew 0B");
    // The two builders keep their caches apart.
    let build = engine.build("FROM base\nRUN touch /a", &context(""), "app", Builder::Classic).unwrap();
    assert_eq!(build.steps[1].cached, Cached::MissNew);
    assert!(build.steps[1].intermediate.is_some());
}
