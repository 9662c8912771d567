use layerlab_core::lesson::Scenario;

use super::*;

fn bench() -> Bench {
    let scenario: Scenario = serde_json::from_value(serde_json::json!({
        "images": [{ "name": "app", "layers": [
            { "created-by": "ADD rootfs", "entries": ["/etc/motd=hello", "/var/old=x"] },
            { "created-by": "COPY conf", "entries": ["/etc/conf=1"] }
        ] }],
        "mounts": { "union": "app" }
    }))
    .unwrap();
    Bench::new(Session::of_scenario(&scenario).unwrap(), View::default())
}

fn after(todos: &[Todo]) -> Bench {
    todos.iter().cloned().fold(bench(), Bench::reduce)
}

fn line(text: &str) -> Todo {
    Todo::Line(text.into())
}

fn last_scene(bench: &Bench) -> Scene {
    let film = &bench.reel().film;
    film.scene(film.steps().len())
}

#[test]
fn a_line_is_run_where_it_is_typed_and_filmed() {
    let bench = after(&[line("echo more >> /etc/motd")]);
    assert_eq!(bench.place(), &Place::Container("union".into()));
    assert_eq!(bench.printed()[0], Printed::Typed("union# echo more >> /etc/motd".into()));
    assert!(bench.reel().play && bench.reel().film.steps().len() > 2);
    assert_eq!(bench.session().moves(), 1);
}

#[test]
fn undo_and_redo_are_films_too_and_end_in_the_states_they_name() {
    let edited = after(&[line("rm /etc/motd")]);
    let undone = after(&[line("rm /etc/motd"), Todo::Undo]);
    assert_eq!(last_scene(&undone), last_scene(&bench()));
    assert_eq!(undone.reel().film.steps().len(), 1);
    assert_eq!(last_scene(&undone.reduce(Todo::Redo)), Scene { ray: None, ..last_scene(&edited) });
    assert_eq!(after(&[Todo::Undo, Todo::Redo]).session().history().len(), 0);
}

#[test]
fn several_commands_of_one_container_are_one_film() {
    let commands = ["rm /var/old", "touch /var/new"].map(|line| Command::inside("union", line));
    let bench = after(&[Todo::RunAll(commands.into())]);
    let keys: Vec<&str> =
        bench.reel().film.steps().iter().filter_map(|step| step.event.as_ref()).map(|event| event.key()).collect();
    assert!(keys.contains(&"whiteout") && keys.contains(&"create"), "{keys:?}");
    assert_eq!(bench.session().history().len(), 2);
}

#[test]
fn docker_is_typed_anywhere_and_what_is_new_is_looked_at() {
    let bench = after(&[line("docker run -d --name web app")]);
    assert_eq!(bench.view().container.as_deref(), Some("web"));
    assert_eq!(bench.reel().film.steps().last().and_then(|step| step.effect), Some("created"));
    let removed = bench.reduce(line("docker rm -f web"));
    assert_eq!(removed.view().container.as_deref(), Some("union"));
    assert_eq!(removed.complete("docker r"), ["rm", "rmi", "run"]);
}

#[test]
fn hands_write_lines() {
    let bench = after(&[Todo::Act(Act::Delete("/etc/motd".into())), Todo::Act(Act::Change("/etc".into()))]);
    let typed: Vec<&Printed> = bench.printed().iter().filter(|printed| matches!(printed, Printed::Typed(_))).collect();
    assert_eq!(typed, [&Printed::Typed("union# rm /etc/motd".into()), &Printed::Typed("union# touch /etc".into())]);
}

#[test]
fn exit_leaves_the_container_and_clear_the_lines() {
    let bench = after(&[line("ls /"), line("exit"), line("clear")]);
    assert_eq!((bench.place(), bench.printed().len()), (&Place::Host, 0));
    let back = bench.reduce(Todo::Enter(Some("union".into())));
    assert_eq!(back.place(), &Place::Container("union".into()));
}
