//! Lessons and links from strangers: refused or bounded, and never a panic.

use std::{fs, path::PathBuf};

use layerlab_core::lesson::{Command, Lesson, Scenario, Session, share};
use proptest::prelude::*;

fn lesson() -> Vec<u8> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../static/lessons");
    fs::read(root.join("03-union-mount/lesson.json")).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_lesson_is_refused_or_runs(places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut json = lesson();
        for (place, byte) in places {
            let at = place.index(json.len());
            json[at] = byte;
        }
        if let Ok(lesson) = Lesson::parse(&json)
            && let Ok(mut session) = Session::of_lesson(&lesson, None)
        {
            for question in lesson.questions() {
                if let Ok(answer) = session.answer(question) {
                    session.choices(question, &answer);
                }
            }
            for command in &lesson.goal.solution {
                let _ = session.run(command);
            }
            session.progress(&lesson.goal);
        }
    }

    #[test]
    fn any_link_is_refused_or_replays(text in "1[A-Za-z0-9_-]{0,200}") {
        let _ = share::decode(&text);
    }

    #[test]
    fn any_line_is_a_command_that_ends(line in "(docker )?(run|rm|cp -r|mv|ls|build|pull|commit|exec|echo|mkdir)? ?[ -~]{0,40}") {
        let scenario = r#"{ "images": [{ "name": "a", "layers": [{ "created-by": "x", "entries": ["/d/e/f=1"] }] }],
                            "commands": ["$ docker run -d --name web -v v:/v a"] }"#;
        let scenario: Scenario = serde_json::from_str(scenario).unwrap();
        let mut session = Session::of_scenario(&scenario).unwrap();
        let _ = session.run(&Command::inside("web", line.clone()));
        let _ = session.run(&Command::host(line));
        session.undo();
        session.redo();
    }
}

#[test]
fn a_scenario_hashes_no_more_than_some_seconds_take() {
    let entries: Vec<String> = (0..40).map(|n| format!("/f{n}:32MB")).collect();
    let json =
        serde_json::json!({ "images": [{ "name": "a", "layers": [{ "created-by": "x", "entries": entries }] }] });
    let json = serde_json::json!({
        "schema": "layerlab.lesson/1", "id": "a", "scenario": json, "parts": [], "terminal": [],
        "title": { "en": "a", "zh-CN": "字" }, "summary": { "en": "a", "zh-CN": "字" },
        "goal": { "text": { "en": "a", "zh-CN": "字" }, "moves": 1, "solution": [], "checks": [
            { "ask": "images", "expect": { "is": 2 }, "text": { "en": "a", "zh-CN": "字" } }
        ] }
    });
    let error = Lesson::parse(json.to_string().as_bytes()).unwrap_err().to_string();
    assert!(error.contains("scenario.images: expected files of at most 134217728 bytes together"), "{error}");
}

#[test]
fn commits_end_before_the_browser_does() {
    let scenario = r#"{ "images": [{ "name": "a", "layers": [{ "created-by": "x", "entries": ["/d=1"] }] }],
                        "commands": ["$ docker run -d --name web a"] }"#;
    let scenario: Scenario = serde_json::from_str(scenario).unwrap();
    let mut session = Session::of_scenario(&scenario).unwrap();
    session.run(&Command::inside("web", "truncate -s 1000000000000 /hole")).unwrap();
    let refused = session.run(&Command::host("docker commit web big")).unwrap();
    assert_eq!(refused.reply.text(), "Error response from daemon: write: no space left on device");
}
