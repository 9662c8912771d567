//! Two digests, one above the other, with what differs marked.

/// A run of characters that are equal in both texts, or differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub text: String,
    pub differs: bool,
}

/// `declared` and `computed` cut at the same places. A tail that only one of them has differs.
pub fn align(declared: &str, computed: &str) -> (Vec<Run>, Vec<Run>) {
    let (a, b): (Vec<char>, Vec<char>) = (declared.chars().collect(), computed.chars().collect());
    let differs = |i: usize| a.get(i) != b.get(i);
    (runs(&a, differs), runs(&b, differs))
}

fn runs(text: &[char], differs: impl Fn(usize) -> bool) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (i, c) in text.iter().enumerate() {
        match runs.last_mut().filter(|run| run.differs == differs(i)) {
            Some(run) => run.text.push(*c),
            None => runs.push(Run { text: c.to_string(), differs: differs(i) }),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(runs: Vec<Run>) -> String {
        runs.into_iter().map(|run| if run.differs { format!("[{}]", run.text) } else { run.text }).collect()
    }

    #[test]
    fn only_what_differs_is_marked() {
        let (a, b) = align("sha256:00ff12", "sha256:00fe1299");
        assert_eq!(marked(a), "sha256:00f[f]12");
        assert_eq!(marked(b), "sha256:00f[e]12[99]");
    }

    #[test]
    fn equal_texts_are_one_run() {
        let (a, b) = align("sha256:aa", "sha256:aa");
        assert_eq!((a.len(), b.len()), (1, 1));
        assert_eq!(align("", ""), (vec![], vec![]));
    }
}
