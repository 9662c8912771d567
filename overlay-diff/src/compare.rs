//! Case after case, and the smallest form of the first one that differs.

use std::{collections::BTreeMap, fmt::Debug, io, process::ExitCode, sync::Arc};

use layerlab_core::overlay::{Event, Mode};

use crate::{
    disk::Tree,
    generate::{self, Case, Step},
    image,
    kernel::{self, Judge, Verdict},
    model,
};

struct Arguments {
    seed: u64,
    cases: u64,
    ops: usize,
    modes: Vec<Mode>,
    /// Only this case of the seed.
    only: Option<u64>,
    /// Let umoci unpack every committed layer too, which takes a good part of a second.
    umoci: bool,
}

pub fn main() -> ExitCode {
    let arguments = match arguments() {
        Ok(arguments) => arguments,
        Err(problem) => {
            eprintln!("overlay-diff: {problem}");
            eprintln!(
                "usage: overlay-diff [--seed N] [--cases K] [--ops N] [--mode all|default|redirect-dir|metacopy|index] [--only CASE] [--umoci yes|no]"
            );
            return ExitCode::from(2);
        }
    };
    let base = kernel::base(std::process::id());
    let judge = match Judge::new(&base) {
        Ok(judge) => judge,
        Err(error) => {
            println!("overlay-diff: skipped: mounting is not possible here ({error}); it needs root on Linux");
            return ExitCode::SUCCESS;
        }
    };
    println!("overlay-diff: {}, seed {}", kernel::description(), arguments.seed);
    let code = run(&judge, &arguments).unwrap_or_else(|error| {
        eprintln!("overlay-diff: the case could not be set up: {error}");
        ExitCode::FAILURE
    });
    drop(judge);
    code
}

fn run(judge: &Judge, arguments: &Arguments) -> io::Result<ExitCode> {
    let mut refused = 0;
    let mut operations = 0;
    let mut seen: BTreeMap<&'static str, u64> = BTreeMap::new();
    for number in 0..arguments.cases {
        if arguments.only.is_some_and(|only| only != number) {
            continue;
        }
        let mode = arguments.modes[(number % arguments.modes.len() as u64) as usize];
        let seed = arguments.seed.wrapping_mul(0x1_0000_0001).wrapping_add(number);
        let case = generate::case(seed, mode, arguments.ops);
        let verdict = judge.run(&case)?;
        operations += verdict.results.iter().flatten().count();
        refused += verdict.results.iter().flatten().filter(|result| result.is_err()).count();
        count_events(&case, &mut seen);
        if !differences(&case, &verdict).is_empty() {
            report(judge, arguments.seed, number, case)?;
            return Ok(ExitCode::FAILURE);
        }
        if arguments.umoci && !umoci_agrees(judge, number, &case)? {
            return Ok(ExitCode::FAILURE);
        }
        if (number + 1) % 500 == 0 {
            println!("  {} cases", number + 1);
        }
    }
    println!(
        "overlay-diff: no difference in {} cases of {} operations ({operations} run, {refused} refused by both)",
        arguments.cases, arguments.ops
    );
    let seen: Vec<String> = seen.iter().map(|(what, count)| format!("{what} {count}")).collect();
    println!("met on the way: {}", seen.join(", "));
    Ok(ExitCode::SUCCESS)
}

/// A comparison says nothing of what never happened: so it is counted what did.
fn count_events(case: &Case, seen: &mut BTreeMap<&'static str, u64>) {
    let mut overlay = generate::mount(case.lowers.clone(), case.mode);
    for step in &case.steps {
        if let Step::Op(op) = step {
            for event in overlay.apply(op).1 {
                let what = if let Event::Refuse { reason, .. } = event { reason.key() } else { event.key() };
                *seen.entry(what).or_default() += 1;
            }
        } else {
            overlay = generate::apply(overlay, step).0;
        }
    }
}

fn umoci_agrees(judge: &Judge, number: u64, case: &Case) -> io::Result<bool> {
    let overlay = case
        .steps
        .iter()
        .fold(generate::mount(case.lowers.clone(), case.mode), |overlay, step| generate::apply(overlay, step).0);
    let theirs = judge.in_directory(|directory| image::unpacked_by_umoci(&overlay, directory))?;
    let mut out = Vec::new();
    tree_differences("unpacked by umoci", &image::merged(&overlay), &theirs, &mut out);
    for line in &out {
        println!("differs: case {number}, mode {:?}: {line}", case.mode);
    }
    Ok(out.is_empty())
}

/// What differs, a line each.
fn differences(case: &Case, verdict: &Verdict) -> Vec<String> {
    let mut overlay = generate::mount(case.lowers.clone(), case.mode);
    let mut out = Vec::new();
    for (number, (step, theirs)) in case.steps.iter().zip(&verdict.results).enumerate() {
        let ours;
        (overlay, ours) = generate::apply(overlay, step);
        if ours != *theirs {
            out.push(format!("step {number} {step:?}: model {ours:?}, kernel {theirs:?}"));
        }
    }
    tree_differences("upper", &model::upper(overlay.upper().layer()), &verdict.upper, &mut out);
    tree_differences("merged", &model::merged(&overlay), &verdict.merged, &mut out);
    match image::committed(&overlay) {
        Ok((again, before)) => tree_differences("committed", &again, &before, &mut out),
        Err(problem) => out.push(format!("commit: {problem}")),
    }
    out
}

fn tree_differences(which: &str, ours: &Tree, theirs: &Tree, out: &mut Vec<String>) {
    let paths: std::collections::BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    for path in paths {
        let (mut ours, mut theirs) = (ours.get(path).cloned(), theirs.get(path).cloned());
        for node in [&mut ours, &mut theirs].into_iter().flatten() {
            // Inode numbers of the merged view are not modelled; all whiteouts of a mount share one inode.
            let is_whiteout = node.mode & 0o170_000 == 0o020_000 && node.data == "0:0";
            if which != "upper" || is_whiteout {
                node.same_as = None;
            }
            if is_whiteout {
                node.links = None;
                node.mode = 0o020_000;
                // A rename makes its whiteout like any new file, so that a setgid directory hands its group down.
                node.owner = (0, 0);
                node.mtime = 0;
            }
        }
        if ours != theirs {
            out.push(format!("{which} {path}: model {}, kernel {}", shown(&ours), shown(&theirs)));
        }
    }
}

fn shown(node: &Option<impl Debug>) -> String {
    node.as_ref().map_or("nothing".into(), |node| format!("{node:?}"))
}

/// Takes steps, then entries of layers, away for as long as a difference remains, and prints what is left.
fn report(judge: &Judge, seed: u64, number: u64, mut case: Case) -> io::Result<()> {
    println!("DIFFERENCE: seed {seed}, case {number}, mode {:?} ({})", case.mode, case.mode.options());
    let differs = |case: &Case| -> io::Result<bool> { Ok(!differences(case, &judge.run(case)?).is_empty()) };
    let mut shrunk = true;
    while shrunk {
        shrunk = false;
        for at in (0..case.steps.len()).rev() {
            let mut smaller = case.clone();
            smaller.steps.remove(at);
            if differs(&smaller)? {
                (case, shrunk) = (smaller, true);
            }
        }
        for layer in 0..case.lowers.len() {
            let paths: Vec<_> = case.lowers[layer].walk().into_iter().map(|(path, _)| path).rev().collect();
            for path in paths {
                let mut smaller = case.clone();
                Arc::make_mut(&mut smaller.lowers[layer]).remove(&path);
                if differs(&smaller)? {
                    (case, shrunk) = (smaller, true);
                }
            }
        }
    }
    for (layer, tree) in case.lowers.iter().enumerate() {
        println!("lower {layer}{}:", if layer == 0 { " (base)" } else { "" });
        let tree: BTreeMap<_, _> = model::upper(tree);
        for (path, node) in tree {
            println!("  {path}: {node:?}");
        }
    }
    println!("steps:");
    let verdict = judge.run(&case)?;
    for (step, result) in case.steps.iter().zip(&verdict.results) {
        let shown = match step {
            Step::Op(op) => text(&format!("{op:?}")),
            other => format!("{other:?}"),
        };
        println!("  {shown} -> {result:?}");
    }
    for line in differences(&case, &verdict) {
        println!("differs: {line}");
    }
    Ok(())
}

/// Debug shows bytes as numbers; paths are read more easily as text.
fn text(debug: &str) -> String {
    let mut out = String::new();
    let mut rest = debug;
    while let Some(start) = rest.find('[') {
        let Some(end) = rest[start..].find(']').map(|end| start + end) else { break };
        let numbers: Option<Vec<u8>> =
            rest[start + 1..end].split(", ").filter(|part| !part.is_empty()).map(|part| part.parse().ok()).collect();
        out.push_str(&rest[..start]);
        match numbers {
            Some(bytes) => out.push_str(&format!("\"{}\"", bytes.escape_ascii())),
            None => out.push_str(&rest[start..=end]),
        }
        rest = &rest[end + 1..];
    }
    out + rest
}

fn arguments() -> Result<Arguments, String> {
    let mut out = Arguments { seed: 1, cases: 200, ops: 40, modes: Mode::ALL.to_vec(), only: None, umoci: false };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| format!("{word} needs a value"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{word} needs a number, not {value}"));
        match &word[..] {
            "--seed" => out.seed = number()?,
            "--cases" => out.cases = number()?,
            "--ops" => out.ops = number()? as usize,
            "--only" => out.only = Some(number()?),
            "--umoci" => out.umoci = value == "yes",
            "--mode" => {
                out.modes = match &value[..] {
                    "all" => Mode::ALL.to_vec(),
                    "default" => vec![Mode::Default],
                    "redirect-dir" => vec![Mode::RedirectDir],
                    "metacopy" => vec![Mode::Metacopy],
                    "index" => vec![Mode::Index],
                    _ => return Err(format!("no mode {value}")),
                }
            }
            _ => return Err(format!("no option {word}")),
        }
    }
    Ok(out)
}
