//! Values kept once, so that equal ones are equal by number.

use std::hash::{BuildHasher, Hash};

use hashbrown::{DefaultHashBuilder, HashTable};

/// Numbers values in the order they first come.
#[derive(Clone, Debug)]
pub struct Interner<T> {
    values: Vec<T>,
    lookup: HashTable<u32>,
    seed: DefaultHashBuilder,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self { values: Vec::new(), lookup: HashTable::new(), seed: DefaultHashBuilder::default() }
    }
}

impl<T: Hash + Eq> Interner<T> {
    /// Finds `value`, or adds `own()`, which must equal it.
    pub fn intern<Q: Hash + PartialEq<T> + ?Sized>(&mut self, value: &Q, own: impl FnOnce() -> T) -> u32 {
        let Self { values, lookup, seed } = self;
        let hash = seed.hash_one(value);
        if let Some(&found) = lookup.find(hash, |&id| *value == values[id as usize]) {
            return found;
        }
        let id = values.len() as u32;
        values.push(own());
        lookup.insert_unique(hash, id, |&id| seed.hash_one(&values[id as usize]));
        id
    }

    /// The value of a number that [`Interner::intern`] returned.
    pub fn value(&self, id: u32) -> &T {
        &self.values[id as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_have_one_number() {
        let mut interner: Interner<Vec<u8>> = Interner::default();
        let numbers = ["a", "b", "a", ""].map(|text| interner.intern(text.as_bytes(), || text.into()));
        assert_eq!(numbers, [0, 1, 0, 2]);
        assert_eq!(interner.value(1), b"b");
    }
}
