use super::*;
use crate::{
    archive::{BlobId, Outer},
    limits::Limits,
    report::{
        assemble,
        testing::{archive, image, layer, reading},
    },
    tree::testing::{Item, dir, file, link, symlink, tree, whiteout},
};

/// A stack under the names of its layers, and what is read of it.
struct Stack {
    report: ImageReport,
    tree: UnionTree,
    config: ImageConfig,
}

fn stack(layers: &[(&str, &[Item])]) -> Stack {
    let readings: Vec<_> = layers.iter().map(|(seed, items)| reading(seed, items)).collect();
    let places = readings.iter().enumerate().map(|(index, reading)| layer(index as u32, &reading.summary)).collect();
    let readings =
        readings.iter().enumerate().map(|(index, reading)| (BlobId(index as u32), Ok(reading.clone()))).collect();
    let report = assemble(&archive(vec![image(places)]), "x", 0, Outer::None, &readings, &Limits::default());
    let mut report = report.images.into_iter().next().unwrap();
    // Every stack here has a config of its own.
    report.config_digest = None;
    let items: Vec<&[Item]> = layers.iter().map(|layer| layer.1).collect();
    Stack { report, tree: tree(&items), config: ImageConfig::default() }
}

impl Stack {
    fn side(&self) -> Side<'_> {
        Side { report: &self.report, config: Some(&self.config), tree: Some(&self.tree) }
    }
}

fn compared(a: &Stack, b: &Stack, how: How) -> (Vec<String>, String) {
    let comparison = compare(&a.side(), &b.side(), how);
    let document = document(&comparison, &a.report, &b.report, 100);
    let line = |row: &PathRow| {
        let aspects: Vec<&str> = row.aspects.iter().map(|aspect| aspect.as_str()).collect();
        format!("{} {} {}", row.change, row.path, aspects.join("+")).trim_end().to_owned()
    };
    (document.paths.iter().map(line).collect(), document.sentence)
}

#[test]
fn each_way_in_which_a_path_can_differ_has_a_word() {
    let a = stack(&[(
        "a",
        &[
            file("same", "1"),
            file("content", "1"),
            file("mode", "1"),
            file("time", "1"),
            file("xattrs", "1").xattr("user.a", "1"),
            symlink("target", "x"),
            dir("type"),
            file("type/gone", "1"),
            file("gone", "1"),
            file("group", "1"),
            link("linked", "group"),
        ],
    )]);
    let b = stack(&[(
        "b",
        &[
            file("same", "1"),
            file("content", "2"),
            file("mode", "1").mode(0o600),
            file("time", "1").mtime(9),
            file("xattrs", "1"),
            symlink("target", "y"),
            file("type", "1"),
            file("new", "1"),
            file("group", "1"),
            file("linked", "1"),
        ],
    )]);
    let (mut rows, sentence) = compared(&a, &b, How::Strict);
    assert_eq!(
        rows,
        [
            "changed content content",
            "removed gone",
            "changed group links",
            "changed linked links",
            "changed mode mode",
            "added new",
            "changed target target",
            "changed time time",
            "changed type type+mode",
            "removed type/gone",
            "changed xattrs xattrs",
        ]
    );
    assert_eq!(sentence, "The two differ: 1 path added, 2 removed, 8 changed.");
    rows.retain(|row| row != "changed time time");
    assert_eq!(compared(&a, &b, How::Semantic).0, rows);
}

#[test]
fn a_squashed_stack_holds_the_same_tree() {
    let a = stack(&[("base", &[file("a", "1"), file("b", "2")]), ("top", &[whiteout("a"), file("c", "3")])]);
    let b = stack(&[("flat", &[file("c", "3").mtime(7), file("b", "2")])]);
    assert_eq!(compared(&a, &b, How::Semantic).1, "The two hold the same tree, cut into other layers.");
    assert_eq!(compared(&a, &b, How::Strict).0, ["changed c time"]);
}

#[test]
fn layers_are_shared_as_a_trunk_and_above_it() {
    let base: &[Item] = &[file("a", "1")];
    let x: &[Item] = &[file("x", "1")];
    let y: &[Item] = &[file("y", "1")];
    let a = stack(&[("base", base), ("x", x), ("y", y)]);
    let b = stack(&[("base", base), ("y", y), ("z", &[file("z", "1")])]);
    let layers = compare(&a.side(), &b.side(), How::Strict).layers;
    assert_eq!(layers.trunk, 1);
    assert_eq!(
        layers.rows,
        [
            LayerRow::Shared { a: 0, b: 0, same_blob: true },
            LayerRow::OnlyA(1),
            LayerRow::Shared { a: 2, b: 1, same_blob: true },
            LayerRow::OnlyB(2),
        ]
    );
    assert_eq!(compared(&a, &a, How::Strict).1, "The two have the same layers, and configs that say the same.");
}

#[test]
fn configs_are_compared_by_what_they_say() {
    let layers: &[(&str, &[Item])] = &[("base", &[file("a", "1")])];
    let (mut a, mut b) = (stack(layers), stack(layers));
    a.config.execution.env = vec!["PATH=/bin".into(), "A=1".into()];
    b.config.execution.env = vec!["PATH=/usr/bin".into()];
    a.config.execution.cmd = vec!["a b".into()];
    b.config.execution.cmd = vec!["a".into(), "b".into()];
    a.config.execution.user = Some(String::new());
    b.config.created = Some("2024-01-01T00:00:00Z".into());
    let told = |how| {
        let changes = compare(&a.side(), &b.side(), how).config;
        let line = |c: &ConfigChange| format!("{:?} {:?}: {:?} -> {:?}", c.field, c.key, c.a, c.b);
        changes.iter().map(line).collect::<Vec<_>>()
    };
    let semantic = [
        r#"Env Some("A"): Some("1") -> None"#,
        r#"Env Some("PATH"): Some("/bin") -> Some("/usr/bin")"#,
        r#"Cmd None: Some("[\"a b\"]") -> Some("[\"a\",\"b\"]")"#,
    ];
    assert_eq!(told(How::Semantic), semantic);
    assert_eq!(told(How::Strict)[3..], [r#"Created None: None -> Some("2024-01-01T00:00:00Z")"#]);
    let sentence = "The two hold the same tree; their configs differ in 3 places.";
    assert_eq!(compared(&a, &b, How::Semantic).1, sentence);
}

#[test]
fn an_absent_layer_leaves_the_trees_undecided() {
    let (a, b) = (stack(&[("a", &[file("a", "1")])]), stack(&[("b", &[file("a", "1")])]));
    let without_tree = Side { tree: None, ..b.side() };
    let verdict = compare(&a.side(), &without_tree, How::Strict).verdict;
    assert_eq!(verdict.to_string(), "The trees cannot be compared: a layer is absent.");
}
