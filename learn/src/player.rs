//! Where a film stands, as a reducer: nothing here knows a clock or a screen.

use std::rc::Rc;

/// How fast films are played, as multiples of the usual speed.
pub const SPEEDS: [f64; 4] = [0.5, 1.0, 2.0, 4.0];
/// Without travel a step still takes a moment, so that its caption can be read.
const DWELL: f64 = 500.0;

/// A film's place: between two whole numbers a step is under way.
#[derive(Clone, Debug, PartialEq)]
pub struct Player {
    /// Milliseconds of each step.
    durations: Rc<[f64]>,
    at: f64,
    /// The whole step it moves to; where it is if it rests, which may be in the middle of a step.
    goal: f64,
    speed: usize,
    /// Milliseconds since a step was shown, for those who want no travel.
    dwelt: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Another film, from its start; played at once or shown at its end.
    Load {
        durations: Rc<[f64]>,
        play: bool,
    },
    /// From the end it starts again.
    Play,
    Pause,
    Toggle,
    Forward,
    Back,
    Start,
    End,
    /// To a place that the scrubber or the list gives, at once.
    Seek(f64),
    /// The next of [`SPEEDS`], or the one given by its number.
    Faster,
    Speed(usize),
    /// Milliseconds have passed. `travel` is false for those who want no movement: places change, and nothing moves.
    Tick {
        passed: f64,
        travel: bool,
    },
}

impl Default for Player {
    fn default() -> Self {
        Self { durations: Rc::from([]), at: 0.0, goal: 0.0, speed: 1, dwelt: 0.0 }
    }
}

impl Player {
    pub fn reduce(&self, action: &Action) -> Self {
        let mut next = self.clone();
        match action {
            Action::Load { durations, play } => {
                next.durations = durations.clone();
                next.goal = next.steps() as f64;
                next.at = if *play { 0.0 } else { next.goal };
                next.dwelt = 0.0;
            }
            Action::Play => next.play(),
            Action::Pause => next.goal = self.at,
            Action::Toggle if self.is_moving() => next.goal = self.at,
            Action::Toggle => next.play(),
            // A step that is under way is brought to its end by the same key.
            Action::Forward => next.goal = (self.at + 1.0).floor().min(self.steps() as f64),
            Action::Back => next.goal = (self.at - 1.0).ceil().max(0.0),
            Action::Start => next.seek(0.0),
            Action::End => next.seek(self.steps() as f64),
            Action::Seek(at) => next.seek(*at),
            Action::Faster => next.speed = (self.speed + 1) % SPEEDS.len(),
            Action::Speed(speed) => next.speed = (*speed).min(SPEEDS.len() - 1),
            Action::Tick { passed, travel } => next.tick(*passed, *travel),
        }
        next
    }

    pub fn steps(&self) -> usize {
        self.durations.len()
    }

    pub fn at(&self) -> f64 {
        self.at
    }

    /// The step that is under way, or was the last to be done, counted from 1; 0 before the first.
    pub fn step(&self) -> usize {
        (self.at.ceil() as usize).min(self.steps())
    }

    /// The scenes around this moment, by the steps before them, and how far it is from one to the other.
    pub fn moment(&self) -> (usize, usize, f64) {
        let from = self.at.floor();
        let before = from as usize;
        (before, (before + 1).min(self.steps()), self.at - from)
    }

    pub fn is_moving(&self) -> bool {
        self.at != self.goal
    }

    /// Moving to the end, and not by a single step.
    pub fn is_playing(&self) -> bool {
        self.is_moving() && self.goal == self.steps() as f64
    }

    pub fn is_at_end(&self) -> bool {
        self.at >= self.steps() as f64
    }

    pub fn speed(&self) -> f64 {
        SPEEDS[self.speed]
    }

    fn play(&mut self) {
        if self.is_at_end() {
            self.at = 0.0;
        }
        self.goal = self.steps() as f64;
        self.dwelt = 0.0;
    }

    fn seek(&mut self, at: f64) {
        self.at = at.clamp(0.0, self.steps() as f64);
        if !self.at.is_finite() {
            self.at = 0.0;
        }
        self.goal = self.at;
        self.dwelt = 0.0;
    }

    fn tick(&mut self, passed: f64, travel: bool) {
        let mut left = passed.clamp(0.0, 1_000.0) * self.speed();
        if !travel {
            self.dwelt += left;
            let wait = if self.is_playing() { DWELL } else { 0.0 };
            if self.is_moving() && self.dwelt >= wait {
                self.dwelt = 0.0;
                let forward = self.goal > self.at;
                self.at = if forward { (self.at + 1.0).floor() } else { (self.at - 1.0).ceil() };
            }
            return;
        }
        // A slow frame may reach over several steps.
        while self.is_moving() && left > 0.0 {
            let forward = self.goal > self.at;
            let step = if forward { self.at.floor() } else { self.at.ceil() - 1.0 };
            let duration = self.durations.get(step as usize).copied().unwrap_or(1.0).max(1.0);
            let to_edge = (if forward { step + 1.0 - self.at } else { self.at - step }) * duration;
            if left >= to_edge {
                left -= to_edge;
                self.at = if forward { step + 1.0 } else { step };
            } else {
                self.at += if forward { left / duration } else { -left / duration };
                left = 0.0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(play: bool) -> Player {
        Player::default().reduce(&Action::Load { durations: Rc::from([100.0, 200.0, 300.0]), play })
    }

    fn after(player: &Player, actions: &[Action]) -> Player {
        actions.iter().fold(player.clone(), |player, action| player.reduce(action))
    }

    fn tick(passed: f64) -> Action {
        Action::Tick { passed, travel: true }
    }

    #[test]
    fn it_plays_each_step_for_its_own_time() {
        let player = loaded(true);
        for (passed, at) in [(50.0, 0.5), (100.0, 1.0), (200.0, 1.5), (450.0, 2.5), (600.0, 3.0), (900.0, 3.0)] {
            assert_eq!(player.reduce(&tick(passed)).at(), at, "after {passed} ms");
        }
        assert!(!after(&player, &[tick(600.0)]).is_moving());
    }

    #[test]
    fn steps_go_both_ways_and_end_what_is_under_way() {
        let player = loaded(false);
        assert_eq!((player.at(), player.is_moving()), (3.0, false));
        let back = after(&player, &[Action::Back, tick(150.0)]);
        assert_eq!((back.at(), back.is_moving(), back.is_playing()), (2.5, true, false));
        assert_eq!(after(&back, &[tick(150.0)]).at(), 2.0);
        assert_eq!(after(&back, &[Action::Forward, tick(900.0)]).at(), 3.0);
        assert!(!after(&player, &[Action::Start, Action::Back]).is_moving());
        assert_eq!(after(&player, &[Action::Start, Action::Forward, tick(900.0)]).at(), 1.0);
    }

    #[test]
    fn it_can_be_interrupted_at_any_moment() {
        let middle = after(&loaded(true), &[tick(220.0)]);
        assert_eq!(middle.at(), 1.6);
        let paused = middle.reduce(&Action::Pause);
        assert_eq!((paused.at(), paused.is_moving()), (1.6, false));
        assert_eq!(after(&paused, &[Action::Forward, tick(900.0)]).at(), 2.0);
        assert_eq!(after(&paused, &[Action::Back, tick(900.0)]).at(), 1.0);
        assert_eq!(after(&middle, &[Action::Seek(0.25)]).moment(), (0, 1, 0.25));
        let other = middle.reduce(&Action::Load { durations: Rc::from([10.0]), play: true });
        assert_eq!((other.at(), other.steps()), (0.0, 1));
    }

    #[test]
    fn play_at_the_end_starts_again() {
        let player = after(&loaded(false), &[Action::Play]);
        assert_eq!((player.at(), player.is_playing()), (0.0, true));
        assert!(!after(&player, &[Action::Toggle]).is_moving());
    }

    #[test]
    fn without_travel_the_same_steps_happen_and_nothing_is_between() {
        let mut player = loaded(true);
        let mut places = vec![player.at()];
        for _ in 0..200 {
            player = player.reduce(&Action::Tick { passed: 16.0, travel: false });
            if places.last() != Some(&player.at()) {
                places.push(player.at());
            }
        }
        assert_eq!(places, [0.0, 1.0, 2.0, 3.0]);
        let one = after(&loaded(false), &[Action::Back, Action::Tick { passed: 16.0, travel: false }]);
        assert_eq!(one.at(), 2.0);
    }

    #[test]
    fn speed_is_a_factor_and_nonsense_is_harmless() {
        let fast = after(&loaded(true), &[Action::Faster, tick(50.0)]);
        assert_eq!((fast.speed(), fast.at()), (2.0, 1.0));
        assert_eq!(after(&loaded(true), &[Action::Speed(99)]).speed(), 4.0);
        for at in [f64::NAN, f64::INFINITY, -1.0, 99.0] {
            let player = after(&loaded(true), &[Action::Seek(at), tick(f64::NAN)]);
            assert!(player.at() >= 0.0 && player.at() <= 3.0, "{at}");
        }
        let empty = after(&Player::default(), &[Action::Play, tick(16.0), Action::Forward, Action::Back]);
        assert_eq!((empty.at(), empty.moment()), (0.0, (0, 0, 0.0)));
    }
}
