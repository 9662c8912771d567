//! Each of our own lessons: it starts, its questions can be answered, its goal is reached by its solution and not before.

use std::{fs, path::PathBuf};

use layerlab_core::lesson::{Answer, Language, Lesson, LessonPart, Session};

fn lessons() -> Vec<(String, Lesson)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../static/lessons");
    let mut folders: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.is_dir());
    folders.sort();
    let read = |folder: &PathBuf| {
        let json = fs::read(folder.join("lesson.json")).unwrap();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let lesson = Lesson::parse(&json).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, lesson)
    };
    folders.iter().map(read).collect()
}

/// A session in which everything before a part of the lesson has been played.
fn played(lesson: &Lesson, until: usize) -> Session {
    let mut session = Session::of_lesson(lesson, None).unwrap_or_else(|error| panic!("{}: {error}", lesson.id));
    for part in &lesson.parts[..until] {
        if let LessonPart::Play { commands, .. } = part {
            for command in commands {
                session.run(command).unwrap_or_else(|error| panic!("{}: {command}: {error}", lesson.id));
            }
        }
    }
    session
}

#[test]
fn a_folder_is_named_for_its_place_and_its_lesson() {
    for (place, (folder, lesson)) in lessons().iter().enumerate() {
        assert_eq!(*folder, format!("{:02}-{}", place + 1, lesson.id));
    }
}

#[test]
fn every_question_has_one_right_choice_where_it_is_asked() {
    for (name, lesson) in lessons() {
        assert!(lesson.questions().count() >= 2, "{name}: fewer than two questions");
        for (number, part) in lesson.parts.iter().enumerate() {
            let LessonPart::Question(question) = part else { continue };
            let session = played(&lesson, number);
            let answer = session.answer(question).unwrap_or_else(|error| panic!("{name}, {}: {error}", question.id));
            let choices = session.choices(question, &answer);
            let right = choices.iter().filter(|choice| choice.is.means(&answer)).count();
            let is_generated_text = question.choices.is_empty() && matches!(answer, Answer::Text(_));
            assert!(right == 1 && !is_generated_text, "{name}, {}: no choice is {answer:?}", question.id);
        }
    }
}

#[test]
fn the_solution_reaches_the_goal_in_the_fewest_moves_claimed() {
    for (name, lesson) in lessons() {
        let goal = &lesson.goal;
        let mut session = played(&lesson, 0);
        assert!(!session.progress(goal).is_reached(), "{name}: the goal is met at the start");
        for (number, command) in goal.solution.iter().enumerate() {
            assert!(!session.progress(goal).is_reached(), "{name}: the goal is met after {number} commands");
            let done = session.run(command).unwrap_or_else(|error| panic!("{name}: {command}: {error}"));
            assert!(!done.reply.failed, "{name}: {command}: {}", done.reply.text());
        }
        let checks = session.progress(goal).checks;
        assert!(checks.iter().all(|&holds| holds), "{name}: after the solution the checks are {checks:?}");
        assert_eq!(session.moves(), goal.moves, "{name}: moves of the solution");
    }
}

#[test]
fn a_check_that_holds_from_the_start_guards_something() {
    // Such a check is there for what must not be lost on the way, so that not all may be of the kind.
    for (name, lesson) in lessons() {
        let checks = played(&lesson, 0).progress(&lesson.goal).checks;
        assert!(checks.iter().any(|&holds| !holds), "{name}");
    }
}

#[test]
fn every_line_of_every_part_and_of_the_terminal_runs() {
    for (name, lesson) in lessons() {
        let session = played(&lesson, lesson.parts.len());
        assert!(!lesson.terminal.is_empty(), "{name}: nothing to try at one's own terminal");
        for line in &lesson.terminal {
            let reply = session.preview(&line.command).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(!reply.failed && !reply.lines.is_empty(), "{name}: {}: {}", line.command, reply.text());
        }
    }
}

#[test]
fn both_languages_are_there_and_differ() {
    for (name, lesson) in lessons() {
        let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        for text in [&lesson.title, &lesson.summary, &lesson.goal.text] {
            let [english, other] = Language::ALL.map(|language| text.in_language(language));
            assert!(chinese(other) && !chinese(english), "{name}: {english} / {other}");
        }
    }
}
