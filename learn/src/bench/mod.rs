//! A session with what is seen of it: the film of the last command, the lines of the terminal. Pure; the components
//! only send it [`Todo`]s.

mod backdrop;
mod commands;

use std::rc::Rc;

use layerlab_core::{
    lesson::{Command, Place, Session},
    overlay::{
        MergedPath,
        engine::{Effect, Engine},
        shell::{Line, Reply},
    },
};

pub use self::{backdrop::View, commands::line_of};
use crate::{
    scene::{Film, Scene},
    stage::{Act, Reel},
};

/// Lines that a terminal keeps.
const KEPT: usize = 400;

#[derive(Clone, Debug)]
pub struct Bench {
    session: Session,
    view: View,
    /// Where lines are typed.
    place: Place,
    reel: Reel,
    printed: Vec<Printed>,
    /// What was typed, the last one last.
    typed: Vec<String>,
    /// Grows with everything that is done.
    turn: u32,
}

/// What stands in the terminal.
#[derive(Clone, Debug, PartialEq)]
pub enum Printed {
    /// A line that was run, with its prompt.
    Typed(String),
    Line(Line),
    /// The session did not run it.
    Refused(String),
}

/// What can be done at a bench.
#[derive(Clone, Debug)]
pub enum Todo {
    /// Another session: another lesson, or another beginning.
    Load(Box<Session>, View),
    /// A line typed, or a button's.
    Line(String),
    Run(Command),
    /// One after the other, shown as one film where they are of one container.
    RunAll(Vec<Command>),
    Act(Act),
    Undo,
    Redo,
    Reset,
    /// The container of this name is looked at, and typed in; `None` is the host's terminal.
    Enter(Option<String>),
    /// Films show every look-up, or only those that matter.
    EveryLookUp(bool),
    /// A folded directory opens, and others close to make room.
    Unfold(MergedPath),
}

impl PartialEq for Bench {
    fn eq(&self, other: &Self) -> bool {
        self.turn == other.turn && self.reel == other.reel && self.place == other.place
    }
}

impl Bench {
    pub fn new(session: Session, view: View) -> Self {
        let view = view.looking(session.engine());
        let place = default_place(session.engine(), &view);
        let reel = still(session.engine(), &view);
        Self { session, view, place, reel, printed: Vec::new(), typed: Vec::new(), turn: 0 }
    }

    pub fn session(&self) -> &Session {
        &self.session
    }

    pub fn engine(&self) -> &Engine {
        self.session.engine()
    }

    pub fn view(&self) -> &View {
        &self.view
    }

    pub fn place(&self) -> &Place {
        &self.place
    }

    pub fn reel(&self) -> &Reel {
        &self.reel
    }

    pub fn printed(&self) -> &[Printed] {
        &self.printed
    }

    pub fn typed(&self) -> &[String] {
        &self.typed
    }

    pub fn reduce(mut self, todo: Todo) -> Self {
        self.turn += 1;
        match todo {
            Todo::Load(session, view) => return Self { turn: self.turn, ..Self::new(*session, view) },
            Todo::Line(line) => self.line(&line),
            Todo::Run(command) => self.run_all(&[command]),
            Todo::RunAll(commands) => self.run_all(&commands),
            Todo::Act(Act::Stand(at)) => {
                let name = backdrop::stands_of(self.engine(), &self.view).get(at).map(|stand| stand.name.clone());
                self.enter(name);
            }
            Todo::Act(act) => {
                if let Some(line) = line_of(&act, self.engine(), &self.view)
                    && let Some(container) = self.view.container.clone()
                {
                    self.run_all(&[Command::inside(container, line)]);
                }
            }
            Todo::Undo => self.travel(|session| session.undo().map(|taken_back| taken_back.command.to_string())),
            Todo::Redo => self.travel(|session| session.redo().map(|done| done.command.to_string())),
            Todo::Reset => {
                self.session.reset();
                self.printed.clear();
                self.look();
                self.place = default_place(self.engine(), &self.view);
            }
            Todo::Enter(name) => self.enter(name),
            Todo::EveryLookUp(every) => self.view.every_look_up = every,
            Todo::Unfold(path) => {
                self.view.focus = Some(path);
                self.look();
            }
        }
        self
    }

    /// What may stand in the place of the last word of a line.
    pub fn complete(&self, line: &str) -> Vec<String> {
        match &self.place {
            Place::Container(name) if !line.starts_with("docker ") => self
                .engine()
                .container(name)
                .map(|container| container.shell.complete(&container.overlay, line))
                .unwrap_or_default(),
            _ => commands::complete_docker(self.engine(), line),
        }
    }

    fn line(&mut self, line: &str) {
        let line = line.trim();
        if line.is_empty() {
            return;
        }
        self.typed.push(line.into());
        if line == "clear" {
            self.printed.clear();
            return;
        }
        // `exit` leaves the container's shell, and docker is typed at the host: nobody should have to know the prompt.
        if line == "exit" {
            self.place = Place::Host;
            return;
        }
        let at = if line == "docker" || line.starts_with("docker ") { Place::Host } else { self.place.clone() };
        self.run_all(&[Command::Line { at, line: line.into() }]);
    }

    fn run_all(&mut self, commands: &[Command]) {
        let mut before = self.session.engine().clone();
        let mut done: Option<(&Command, Reply)> = None;
        for command in commands {
            self.printed.push(Printed::Typed(command.to_string()));
            let here = self.session.engine().clone();
            match self.session.run(command) {
                Err(error) => self.printed.push(Printed::Refused(error.to_string())),
                Ok(moved) => {
                    let mut reply = moved.reply.clone();
                    self.printed.extend(reply.lines.iter().cloned().map(Printed::Line));
                    match done.take() {
                        Some((last, earlier)) if same_container(last, command) => {
                            reply.calls.splice(..0, earlier.calls);
                        }
                        // What was done elsewhere before is no part of this film.
                        _ => before = here,
                    }
                    done = Some((command, reply));
                }
            }
        }
        if let Some((command, reply)) = done {
            self.film(&before, command, &reply);
        }
        let more = self.printed.len().saturating_sub(KEPT);
        self.printed.drain(..more);
    }

    /// Films what a command did to the container it ran in, or to the machine.
    fn film(&mut self, before: &Engine, command: &Command, reply: &Reply) {
        let (old, calls) = (self.view.clone(), &reply.calls);
        let effect = reply.effects.last().map(Effect::key);
        if let Some(name) = commands::container_of(command) {
            self.view.container = Some(name);
        } else {
            self.view = self.view.clone().after(before, self.session.engine());
        }
        self.view = self.view.clone().looking(self.session.engine());
        let after = self.session.engine();
        let watched = self.view.container.as_ref();
        let (start, end) = (backdrop::shot(before, &self.view), backdrop::shot(after, &self.view));
        let film = match (start, end, watched) {
            (Some((overlay, backdrop)), Some(_), Some(_)) if !calls.is_empty() => Film::of(overlay, backdrop, calls),
            (_, Some(end), _) => match backdrop::shot(before, &old) {
                Some((overlay, backdrop)) if Scene::of(&overlay, &backdrop) != Scene::of(&end.0, &end.1) => {
                    Film::still(overlay, backdrop).then(effect, end.0, end.1)
                }
                _ => Film::still(end.0, end.1),
            },
            (_, None, _) => Film::empty(),
        };
        self.reel = Reel { film: Rc::new(film), play: true };
        // Whoever watches a container types in it.
        if let Command::Line { at: at @ Place::Container(_), .. } = command {
            self.place = at.clone();
        }
        if !self.place_is_there() {
            self.place = Place::Host;
        }
        // A container that was just run is the one that is typed in, unless it was run from the host's terminal while
        // there were others.
        let types_inside = self.place != Place::Host || old.container.is_none();
        if let (Some(name), true) = (self.view.container.clone(), types_inside && self.view.container != old.container)
        {
            self.place = Place::Container(name);
        }
    }

    fn place_is_there(&self) -> bool {
        match &self.place {
            Place::Host => true,
            Place::Container(name) => self.engine().container(name).is_ok_and(|container| container.is_running()),
        }
    }

    /// Undo and redo are a step between two states, whatever the command was.
    fn travel(&mut self, step: impl FnOnce(&mut Session) -> Option<String>) {
        let (before, old, effect) = (self.session.engine().clone(), self.view.clone(), None);
        let Some(_command) = step(&mut self.session) else { return };
        self.view = self.view.clone().looking(self.session.engine());
        if !self.place_is_there() {
            self.place = Place::Host;
        }
        let film = match (backdrop::shot(&before, &old), backdrop::shot(self.session.engine(), &self.view)) {
            (Some((overlay, backdrop)), Some(end)) => Film::still(overlay, backdrop).then(effect, end.0, end.1),
            (None, Some(end)) => Film::still(end.0, end.1),
            (_, None) => Film::empty(),
        };
        self.reel = Reel { film: Rc::new(film), play: true };
    }

    fn enter(&mut self, name: Option<String>) {
        self.place = name.clone().map_or(Place::Host, Place::Container);
        if let Some(name) = name.filter(|name| self.view.container.as_ref() != Some(name)) {
            self.view.container = Some(name);
            self.look();
        }
    }

    fn look(&mut self) {
        self.view = self.view.clone().looking(self.session.engine());
        self.reel = still(self.session.engine(), &self.view);
    }
}

fn same_container(a: &Command, b: &Command) -> bool {
    let [a, b] = [a, b].map(commands::container_of);
    a.is_some() && a == b
}

fn still(engine: &Engine, view: &View) -> Reel {
    let film =
        backdrop::shot(engine, view).map_or_else(Film::empty, |(overlay, backdrop)| Film::still(overlay, backdrop));
    Reel { film: Rc::new(film), play: false }
}

fn default_place(engine: &Engine, view: &View) -> Place {
    let running = |name: &String| engine.container(name).is_ok_and(|container| container.is_running());
    view.container.clone().filter(running).map_or(Place::Host, Place::Container)
}

#[cfg(test)]
mod tests;
