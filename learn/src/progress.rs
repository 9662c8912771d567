//! What a learner has done, remembered in the browser and nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

const ITEM: &str = "layerlab.lessons";
/// Lessons that are remembered: with those of strangers there might be many.
const LESSONS: usize = 200;
const BYTES: usize = 256 << 10;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    lessons: BTreeMap<String, LessonProgress>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LessonProgress {
    /// The fewest moves the goal was reached with.
    #[serde(default)]
    pub best: Option<u32>,
    /// Questions that were answered, by their ids.
    #[serde(default)]
    pub answered: BTreeSet<String>,
}

impl Progress {
    pub fn of(&self, lesson: &str) -> Option<&LessonProgress> {
        self.lessons.get(lesson)
    }

    pub fn is_done(&self, lesson: &str) -> bool {
        self.of(lesson).is_some_and(|progress| progress.best.is_some())
    }

    #[must_use]
    pub fn reached(mut self, lesson: &str, moves: u32) -> Self {
        if let Some(entry) = self.entry(lesson) {
            entry.best = Some(entry.best.map_or(moves, |best| best.min(moves)));
        }
        self
    }

    #[must_use]
    pub fn answered(mut self, lesson: &str, question: &str) -> Self {
        if let Some(entry) = self.entry(lesson) {
            entry.answered.insert(question.to_owned());
        }
        self
    }

    /// What another page or an older version wrote may be anything: what is no progress is none.
    pub fn decode(text: &str) -> Self {
        if text.len() > BYTES {
            return Self::default();
        }
        serde_json::from_str(text).unwrap_or_default()
    }

    pub fn encode(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub fn load() -> Self {
        let stored = storage().and_then(|storage| storage.get_item(ITEM).ok().flatten());
        stored.map(|text| Self::decode(&text)).unwrap_or_default()
    }

    /// A full or forbidden storage costs the memory, and nothing else.
    pub fn save(&self) {
        if let Some(storage) = storage() {
            let _ = if *self == Self::default() {
                storage.remove_item(ITEM)
            } else {
                storage.set_item(ITEM, &self.encode())
            };
        }
    }

    fn entry(&mut self, lesson: &str) -> Option<&mut LessonProgress> {
        if self.lessons.len() >= LESSONS && !self.lessons.contains_key(lesson) {
            return None;
        }
        Some(self.lessons.entry(lesson.to_owned()).or_default())
    }
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_is_kept_and_comes_back() {
        let progress = Progress::default().reached("run", 5).reached("run", 3).reached("run", 9).answered("run", "q1");
        assert_eq!(Progress::decode(&progress.encode()), progress);
        assert_eq!(progress.of("run").and_then(|run| run.best), Some(3));
        assert!(progress.is_done("run") && !progress.is_done("pull"));
    }

    #[test]
    fn what_is_no_progress_is_none() {
        for text in ["", "{", "[]", "{\"lessons\":3}", &" ".repeat(BYTES + 1)] {
            assert_eq!(Progress::decode(text), Progress::default());
        }
        let full = (0..300).fold(Progress::default(), |progress, n| progress.reached(&n.to_string(), 1));
        assert_eq!(full.lessons.len(), LESSONS);
    }
}
