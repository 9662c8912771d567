//! What a learner can do, undo, and share.

use layerlab_core::{
    digest::{DiffId, Digest, ImageId},
    layer::changeset::ContentHash,
    lesson::{
        Answer, Command, Expect, Lesson, Literal, OwnImage, OwnLayer, Query, RunError, Scenario, Session, Where, share,
    },
    overlay::{Content, Inode, Kind, Layer},
};

fn scenario() -> Scenario {
    let json = r#"{
        "images": [{ "name": "app", "layers": [
            { "created-by": "ADD rootfs.tar /", "entries": ["/etc/motd=hello", "/bin/sh:3kB @0755"] },
            { "created-by": "RUN rm /bin/sh", "run": "rm /bin/sh" }
        ] }],
        "registry": [
            { "name": "redis:6.2", "layers": [
                { "created-by": "base", "entries": ["/a=1"], "size": "80MB", "download": "31MB" },
                { "created-by": "six", "entries": ["/b=6"], "size": "33MB" }
            ] },
            { "name": "redis:7.0", "layers": [
                { "created-by": "base", "entries": ["/a=1"], "size": "80MB", "download": "31MB" },
                { "created-by": "seven", "entries": ["/b=7"], "size": "34MB", "download": "9MB" }
            ] }
        ],
        "context": { "Dockerfile": "FROM app\nCOPY main /main\nCMD /main", "main": "one" },
        "commands": ["$ docker run -d --name web app"]
    }"#;
    serde_json::from_str(json).unwrap()
}

fn session() -> Session {
    Session::of_scenario(&scenario()).unwrap()
}

fn query(json: &str) -> Query {
    serde_json::from_str(json).unwrap()
}

#[test]
fn what_only_looks_is_no_move() {
    let mut session = session();
    for (command, moves) in [
        (Command::inside("web", "cat /etc/motd"), 0),
        (Command::inside("web", "rm /nothing"), 0),
        (Command::inside("web", "echo x > /new"), 1),
        (Command::host("docker ps -s"), 0),
        (Command::inside("web", "mkdir /a; ls; rmdir /a /b; touch /c"), 3),
        (Command::host("docker stop web"), 1),
        (Command::host("docker stop web"), 0),
        (Command::host("echo two > main"), 1),
        (Command::Edit { file: "main".into(), text: "three".into() }, 1),
    ] {
        assert_eq!(session.run(&command).unwrap().moves, moves, "{command}");
    }
    assert_eq!(session.moves(), 7);
    let stopped = session.run(&Command::inside("web", "ls"));
    assert_eq!(stopped.unwrap_err(), RunError::ContainerIsStopped("web".into()));
}

#[test]
fn undo_and_redo_walk_the_same_states() {
    let mut session = session();
    let bytes = query(r#"{ "upper-bytes": { "container": "web" } }"#);
    session.run(&Command::inside("web", "echo 1234 > /new")).unwrap();
    session.run(&Command::inside("web", "rm /new")).unwrap();
    assert_eq!(session.ask(&bytes), Ok(Answer::Bytes(0)));
    session.undo();
    assert_eq!(session.ask(&bytes), Ok(Answer::Bytes(5)));
    session.undo();
    assert!(session.undo().is_none());
    session.redo();
    assert_eq!((session.ask(&bytes), session.can_redo()), (Ok(Answer::Bytes(5)), true));
    session.run(&Command::inside("web", "ls")).unwrap();
    assert!(!session.can_redo());
}

#[test]
fn a_query_never_changes_the_state() {
    let session = session();
    let removed = query(r#"{ "errno": { "command": "web# rm /etc/motd" } }"#);
    assert_eq!(session.ask(&removed), Ok(Answer::Text("success".into())));
    assert_eq!(session.ask(&removed), Ok(Answer::Text("success".into())));
    let again = query(r#"{ "errno": { "command": "web# rmdir /etc" } }"#);
    assert_eq!(session.ask(&again), Ok(Answer::Text("ENOTEMPTY".into())));
}

#[test]
fn the_layers_of_a_container_can_be_asked_about() {
    let mut session = session();
    session.run(&Command::inside("web", "chmod 600 /etc/motd")).unwrap();
    for (json, answer) in [
        (r#"{ "layer": { "container": "web", "path": "/etc/motd" } }"#, Answer::Upper),
        (r#"{ "layer": { "container": "web", "path": "/bin/sh" } }"#, Answer::Nothing),
        (
            r#"{ "found": { "container": "web", "path": "/bin/sh", "in": { "layer": 1 } } }"#,
            Answer::Text("whiteout".into()),
        ),
        (r#"{ "exists": { "container": "web", "path": "/bin/sh", "in": { "layer": 0 } } }"#, Answer::YesNo(true)),
        (r#"{ "exists": { "container": "web", "path": "/bin/sh" } }"#, Answer::YesNo(false)),
        (r#"{ "hidden-bytes": { "image": "app" } }"#, Answer::Bytes(3_000)),
        (r#"{ "image-whiteouts": { "image": "app" } }"#, Answer::Count(1)),
        (r#"{ "copied-up": { "command": "web# echo x >> /etc/motd" } }"#, Answer::Bytes(0)),
    ] {
        assert_eq!(session.ask(&query(json)), Ok(answer), "{json}");
    }
    let place: Where = serde_json::from_str(r#"{ "layer": 3 }"#).unwrap();
    assert_eq!(place, Where::Layer(3));
}

#[test]
fn a_pull_fetches_what_is_not_here() {
    let mut session = session();
    let fetched = query(r#"{ "fetched-bytes": { "image": "redis:7.0" } }"#);
    assert_eq!(session.ask(&fetched), Ok(Answer::Bytes(40_000_000)));
    let pulled = session.run(&Command::host("docker pull redis:6.2")).unwrap().reply.text();
    assert!(pulled.ends_with("docker.io/library/redis:6.2"), "{pulled}");
    assert_eq!(session.ask(&fetched), Ok(Answer::Bytes(9_000_000)));
    let pulled = session.run(&Command::host("docker run -d --name db redis:7.0")).unwrap().reply.text();
    assert!(pulled.contains("Already exists") && pulled.contains("Unable to find image 'redis:7.0' locally"));
    let layers = query(r#""store-layers""#);
    assert_eq!(session.ask(&layers), Ok(Answer::Count(5)));
    let unknown = query(r#"{ "fetched": { "image": "mongo" } }"#);
    assert_eq!(session.ask(&unknown).unwrap_err().to_string(), "the registry has no image mongo");
}

#[test]
fn a_build_runs_over_the_files_of_the_page() {
    let mut session = session();
    let hits = query(r#"{ "cache-hits": { "command": "$ docker build -t x ." } }"#);
    assert_eq!(session.ask(&hits), Ok(Answer::Count(0)));
    let built = session.run(&Command::host("docker build -t x .")).unwrap().reply.text();
    assert!(built.contains("#2 [2/2] COPY main /main\n#2 DONE"), "{built}");
    assert_eq!(session.ask(&hits), Ok(Answer::Count(1)));
    session.run(&Command::Edit { file: "main".into(), text: "two".into() }).unwrap();
    assert_eq!(session.ask(&hits), Ok(Answer::Count(0)));
    let classic = session.run(&Command::host("DOCKER_BUILDKIT=0 docker build -t y .")).unwrap().reply.text();
    assert!(classic.contains("Step 2/3 : COPY main /main\n ---> "), "{classic}");
    session.run(&Command::Edit { file: "Dockerfile".into(), text: "FROM app\nRUN cat /none".into() }).unwrap();
    let failed = session.run(&Command::host("docker build .")).unwrap();
    assert!(failed.reply.failed && failed.reply.text().ends_with("did not complete successfully: exit code: 1"));
}

#[test]
fn the_kernel_is_the_hosts() {
    let mut session = session();
    let inside = session.run(&Command::inside("web", "uname -r")).unwrap().reply.text();
    assert_eq!(inside, session.run(&Command::host("uname -r")).unwrap().reply.text());
    assert_eq!(inside, session.engine().host().kernel);
}

#[test]
fn a_link_replays_to_the_same_state() {
    let mut session = session();
    for line in ["mkdir /d", "mv /etc/motd /d", "echo x > /d/x"] {
        session.run(&Command::inside("web", line)).unwrap();
    }
    let link = share::encode(&session.state()).unwrap();
    let state = share::decode(&link).unwrap();
    let share::SandboxSource::Inline(scenario) = state.source else { panic!("the scenario is in the link") };
    let mut again = Session::of_scenario(&scenario).unwrap();
    assert_eq!(again.replay(&state.commands), 3);
    let diff = query(r#"{ "output": { "command": "$ docker diff web" } }"#);
    assert_eq!(session.ask(&diff), again.ask(&diff));
}

#[test]
fn a_session_ends_before_a_browser_does() {
    let mut session = session();
    for _ in 0..60 {
        if session
            .run(&Command::inside("web", "mkdir -p /x/y; cp -r /x /etc; mv /etc/x /x/y; cp -r /x /x2; mv /x2 /x"))
            .is_err()
        {
            return;
        }
    }
    let inodes = session.engine().container("web").unwrap().overlay.upper().layer().inodes();
    assert!(inodes < 50_000, "{inodes}");
}

#[test]
fn what_is_wrong_with_a_lesson_is_said_with_its_place() {
    let text = r#"{ "en": "a", "zh-CN": "字" }"#;
    let lesson = |scenario: &str, parts: &str| {
        format!(
            r#"{{ "schema": "layerlab.lesson/1", "id": "a", "title": {text}, "summary": {text}, "scenario": {scenario},
                "parts": {parts}, "terminal": [],
                "goal": {{ "text": {text}, "moves": 1, "solution": [],
                    "checks": [{{ "ask": "images", "expect": {{ "is": 1 }}, "text": {text} }}] }} }}"#
        )
    };
    assert!(Lesson::parse(lesson("{}", "[]").as_bytes()).is_ok());
    for (scenario, parts, sentence) in [
        (
            r#"{ "images": [{ "name": "a", "layers": [{ "created-by": "x", "entries": ["etc=1"] }] }] }"#,
            "[]",
            "This is no lesson: scenario.images[0].layers[0].entries[0]: expected an absolute path without '.' and \
             '..', found etc=1",
        ),
        (
            r#"{ "images": [{ "name": "a", "from": "b", "layers": [] }] }"#,
            "[]",
            "This is no lesson: scenario.images[0].from: expected an image of the list before it, found b.",
        ),
        ("{}", r#"[{ "prose": { "text": { "en": "<img src=x>", "zh-CN": "字" } } }]"#, "found HTML"),
        ("{}", r#"[{ "play": { "label": "x" } }]"#, "This is no lesson: parts[0].play.label: invalid type: string"),
        (r#"{ "colour": 1 }"#, "[]", "unknown field `colour`"),
    ] {
        let error = Lesson::parse(lesson(scenario, parts).as_bytes()).unwrap_err().to_string();
        assert!(error.contains(sentence), "{error}");
    }
    assert!(Lesson::parse(&b" ".repeat(1 << 20)).unwrap_err().to_string().contains("1048576 bytes"));
}

#[test]
fn expectations_compare() {
    let is = |literal| Expect::Is(Literal::Text(literal));
    assert!(is("20MB".into()).holds(&Answer::Bytes(20_000_000)));
    assert!(is("nothing".into()).holds(&Answer::Nothing));
    assert!(Expect::AtMost(3).holds(&Answer::Count(3)) && !Expect::AtLeast(4).holds(&Answer::Count(3)));
    assert!(!Expect::AtMost(3).holds(&Answer::YesNo(true)));
    assert!(Expect::Contains("D /etc".into()).holds(&Answer::Text("C /\nD /etc".into())));
}

#[test]
fn an_image_of_ones_own_takes_its_place() {
    let json =
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../static/lessons/10-your-image/lesson.json")).unwrap();
    let lesson = Lesson::parse(&json).unwrap();
    let digest = |text: &str| Digest::sha256(text.as_bytes());
    let file = |size| Inode::new(Kind::File(Content::not_kept(ContentHash([1, size]), size)), 0o644);
    let mut base = Layer::new();
    base.put(&"/bin/tool".into(), file(700));
    base.put(&"/etc/conf".into(), file(300));
    let mut top = Layer::new();
    top.put(&"/bin/tool".into(), Inode::whiteout());
    let layer = |layer: Layer, name: &str| OwnLayer {
        size: layer.file_bytes(),
        layer,
        diff_id: DiffId(digest(name)),
        created_by: name.into(),
    };
    let own = OwnImage { id: ImageId(digest("config")), layers: vec![layer(base, "base"), layer(top, "top")] };
    let mut session = Session::of_lesson(&lesson, Some(&own)).unwrap();
    let answers: Vec<Answer> = lesson.questions().map(|question| session.answer(question).unwrap()).collect();
    assert_eq!(answers, [Answer::Layer(0), Answer::Count(1), Answer::Bytes(700)]);
    let choices = lesson.questions().next().map(|question| session.choices(question, &answers[0]).len());
    assert_eq!(choices, Some(2), "one for each layer");
    assert_eq!(session.engine().image("yours").unwrap().id, own.id);
    session.run(&Command::host("docker run -d --name look yours")).unwrap();
    let refused = session.run(&Command::inside("look", "cat /etc/conf")).unwrap().reply.text();
    assert_eq!(refused, "cat: /etc/conf: Input/output error");
    session.run(&Command::inside("look", "rm /etc/conf")).unwrap();
    assert!(session.progress(&lesson.goal).is_reached());
    assert!(!session.run(&Command::host("docker commit look less")).unwrap().reply.failed);
}
