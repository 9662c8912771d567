//! What the kernel does, case by case: the facts that lessons teach, and each difference that `overlay-diff` found
//! while the model was made. All were seen on Linux 6.18 with the upperdir on tmpfs.

use crate::words::{events, mount, run};
use layerlab_core::overlay::{CopyUp, Errno, Event, Mode, Overlay, Reason};

#[test]
fn an_edit_copies_the_whole_file_up_and_the_original_stays() {
    let mut overlay = mount([&["/etc/motd=hello"]], Mode::Default);
    let copied: u64 = events(&mut overlay, "append /etc/motd !").iter().map(Event::copied_bytes).sum();
    assert_eq!(copied, 5);
    assert_eq!(run(&mut overlay, "read /etc/motd"), "hello!");
    assert_eq!(upper(&overlay), ["/etc/", "/etc/motd"]);
    let lower = overlay.lowers()[0].clone();
    assert_eq!(lower.inode(lower.find(&"/etc/motd".into()).unwrap()).size(), 5);
}

#[test]
fn opening_to_write_copies_up_and_opening_to_empty_copies_no_byte() {
    for (line, bytes) in [("open /f", 5), ("truncate /f 2", 5), ("write /f x", 0), ("chmod /f 600", 5)] {
        let mut overlay = mount([&["/f=hello"]], Mode::Default);
        let copied: u64 = events(&mut overlay, line).iter().map(Event::copied_bytes).sum();
        assert_eq!(copied, bytes, "{line}");
    }
}

#[test]
fn metacopy_leaves_the_data_below_until_it_is_written() {
    let mut overlay = mount([&["/f=hello"]], Mode::Metacopy);
    let chmod = events(&mut overlay, "chmod /f 600");
    assert!(chmod.iter().any(|event| matches!(event, Event::CopyUp { what: CopyUp::Metadata, .. })));
    assert_eq!(upper(&overlay), ["/f metacopy"]);
    assert_eq!(run(&mut overlay, "read /f"), "hello");
    let copied: u64 = events(&mut overlay, "append /f !").iter().map(Event::copied_bytes).sum();
    assert_eq!((copied, upper(&overlay)), (5, vec!["/f".into()]));
    assert_eq!(run(&mut overlay, "read /f"), "hello!");
}

#[test]
fn a_deletion_is_a_whiteout_and_a_directory_made_again_is_opaque() {
    let mut overlay = mount([&["/opt/a=1", "/opt/b=2"]], Mode::Default);
    for line in ["unlink /opt/a", "unlink /opt/b", "rmdir /opt"] {
        assert_eq!(run(&mut overlay, line), "ok");
    }
    assert_eq!(upper(&overlay), ["/opt whiteout"]);
    assert_eq!(run(&mut overlay, "ls /opt"), "ENOENT");
    assert_eq!(run(&mut overlay, "mkdir /opt"), "ok");
    assert_eq!(upper(&overlay), ["/opt/ opaque"]);
    assert_eq!(run(&mut overlay, "ls /opt"), "");
}

#[test]
fn what_is_only_above_is_deleted_without_a_trace() {
    let mut overlay = mount([&["/a/"]], Mode::Default);
    for line in ["create /new 644", "unlink /new", "mkdir /a/d", "rmdir /a/d"] {
        assert_eq!(run(&mut overlay, line), "ok");
    }
    assert_eq!(upper(&overlay), ["/a/"]);
}

#[test]
fn a_lower_directory_moves_only_with_redirects() {
    let mut overlay = mount([&["/d/f=1"]], Mode::Default);
    let refused = events(&mut overlay, "rename /d /e");
    let reason = Reason::LowerDirectoryCannotMove;
    assert!(matches!(refused.last(), Some(Event::Refuse { errno: Errno::EXDEV, reason: r, .. }) if *r == reason));
    assert!(upper(&overlay).is_empty());

    let mut overlay = mount([&["/d/f=1", "/x/"]], Mode::RedirectDir);
    assert_eq!(run(&mut overlay, "rename /d /e"), "ok");
    assert_eq!(upper(&overlay), ["/d whiteout", "/e/ redirect=d"]);
    assert_eq!(run(&mut overlay, "rename /e /x/e"), "ok");
    assert_eq!(upper(&overlay), ["/d whiteout", "/x/", "/x/e/ redirect=/d"]);
    assert_eq!(run(&mut overlay, "read /x/e/f"), "1");
}

#[test]
fn a_new_directory_moved_onto_a_deleted_name_does_not_let_the_old_entries_back() {
    let mut overlay = mount([&["/d/f=1"]], Mode::Default);
    for line in ["mkdir /n", "unlink /d/f", "rmdir /d", "rename /n /d"] {
        assert_eq!(run(&mut overlay, line), "ok");
    }
    assert_eq!(upper(&overlay), ["/d/ opaque"]);
    assert_eq!(run(&mut overlay, "ls /d"), "");
}

#[test]
fn a_hard_link_breaks_at_copy_up_unless_there_is_an_index() {
    let lower: &[&str] = &["/a=1", "/b==/a"];
    let mut overlay = mount([lower], Mode::Default);
    run(&mut overlay, "append /a 2");
    assert_eq!(run(&mut overlay, "read /a"), "12");
    assert_eq!(run(&mut overlay, "read /b"), "1");
    assert_eq!(run(&mut overlay, "stat /a"), "File 644 1");
    assert_eq!(run(&mut overlay, "stat /b"), "File 644 2");

    let mut overlay = mount([lower], Mode::Index);
    run(&mut overlay, "append /a 2");
    assert_eq!(run(&mut overlay, "read /b"), "12");
    assert_eq!(upper(&overlay), ["/a"], "the other name is not in the upperdir");
    assert_eq!(run(&mut overlay, "stat /b"), "File 644 2");
}

#[test]
fn with_an_index_deleting_a_hard_link_copies_it_up_first() {
    let mut overlay = mount([&["/a=12345", "/b==/a"]], Mode::Index);
    let copied: u64 = events(&mut overlay, "unlink /a").iter().map(Event::copied_bytes).sum();
    assert_eq!((copied, upper(&overlay)), (5, vec!["/a whiteout".into()]));
    assert_eq!(run(&mut overlay, "stat /b"), "File 644 1");
    run(&mut overlay, "unlink /b");
    assert!(overlay.upper().index().is_empty());
}

#[test]
fn renaming_one_hard_link_over_the_other_does_nothing_only_where_they_are_one_inode() {
    let lower: &[&str] = &["/a=1", "/b==/a"];
    let mut overlay = mount([lower], Mode::Index);
    assert_eq!(run(&mut overlay, "rename /a /b"), "ok");
    assert_eq!(run(&mut overlay, "ls /"), "a b");
    let mut overlay = mount([lower], Mode::Default);
    assert_eq!(run(&mut overlay, "rename /a /b"), "ok");
    assert_eq!(run(&mut overlay, "ls /"), "b");
}

/// Found by seed 1, case 163: the index's own link outlives the mount, and is counted by the next one.
#[test]
fn an_upperdir_that_becomes_a_lower_layer_keeps_the_link_of_its_index() {
    let mut overlay = mount([&["/a=1", "/b==/a"]], Mode::Index);
    run(&mut overlay, "touch /a 5");
    let mut next = Overlay::new(overlay.into_lowers(), Mode::Index);
    assert_eq!(run(&mut next, "stat /a"), "File 644 2");
}

/// Found by seed 1, case 287: a name with a slash behind it is refused before its link is followed once more.
#[test]
fn creating_through_a_link_to_itself_with_a_slash_is_no_endless_loop() {
    let mut overlay = mount([&["/b->b/"]], Mode::Default);
    assert_eq!(run(&mut overlay, "create /b 644"), "EISDIR");
    assert_eq!(run(&mut overlay, "stat /b"), "ELOOP");
}

/// Found by seed 1, case 850: a full directory of the upperdir refuses last of all.
#[test]
fn a_move_that_fails_on_a_full_upper_directory_leaves_the_copy_and_the_redirect() {
    let mut overlay = mount([&["/a/"]], Mode::RedirectDir);
    for line in ["mkdir /d", "mkdir /d/b", "mkdir /d/b/c"] {
        run(&mut overlay, line);
    }
    assert_eq!(run(&mut overlay, "rename /a /d/b"), "ENOTEMPTY");
    assert_eq!(upper(&overlay), ["/a/ redirect=/a", "/d/ opaque", "/d/b/", "/d/b/c/"]);
}

/// Found by seed 20, case 9169: emptying comes before the move, and stays done when the move is refused.
#[test]
fn a_move_that_fails_on_its_redirect_leaves_the_target_cleared() {
    let long = "e".repeat(90);
    let mut overlay = mount([&[&format!("/{long}/{long}/{long}/"), "/d/c="]], Mode::RedirectDir);
    assert_eq!(run(&mut overlay, "unlink /d/c"), "ok");
    assert_eq!(upper(&overlay), ["/d/", "/d/c whiteout"]);
    assert_eq!(run(&mut overlay, &format!("rename /{long}/{long}/{long} /d")), "EXDEV");
    assert_eq!(upper(&overlay)[0], "/d/ opaque");
    let directory = overlay.upper().layer().find(&"/d".into()).unwrap();
    assert_eq!(overlay.upper().layer().inode(directory).overlay.origin, None);
}

/// Found by seed 1, case 766: data that follows its metadata is a write like any other.
#[test]
fn data_that_is_copied_up_later_changes_the_time_and_a_whole_copy_does_not() {
    let mtime = |overlay: &Overlay| overlay.merged_at(&"/f".into()).unwrap().stat.mtime;
    let mut overlay = mount([&["/f=hello"]], Mode::Metacopy);
    overlay.set_time(100);
    run(&mut overlay, "open /f");
    assert_eq!(mtime(&overlay), 0);
    let mut overlay = mount([&["/f=hello"]], Mode::Metacopy);
    overlay.set_time(100);
    run(&mut overlay, "chmod /f 600");
    run(&mut overlay, "open /f");
    assert_eq!(mtime(&overlay), 100);
}

/// A directory with one part is passed through, so that a whiteout in it that hides nothing is listed.
#[test]
fn a_whiteout_that_hides_nothing_is_listed_and_not_found() {
    let mut overlay = mount([&["/d/w!", "/d/f=1"]], Mode::Default);
    assert_eq!(run(&mut overlay, "ls /d"), "f w");
    assert_eq!(run(&mut overlay, "stat /d/w"), "ENOENT");
    let mut overlay = mount([&["/d/w=1"], &["/d/w!", "/d/f=1"]], Mode::Default);
    assert_eq!(run(&mut overlay, "ls /d"), "f");
}

#[test]
fn layers_below_an_opaque_directory_a_whiteout_or_a_file_are_not_seen() {
    let mut overlay =
        mount([&["/o/1=", "/w/1=", "/f/1="], &["/o/!", "/o/2=", "/w!", "/f="], &["/w/3=", "/f/3="]], Mode::Default);
    assert_eq!(run(&mut overlay, "ls /o"), "2");
    assert_eq!(run(&mut overlay, "ls /w"), "3");
    assert_eq!(run(&mut overlay, "ls /f"), "3");
}

#[test]
fn errors_are_those_of_linux() {
    let lower: &[&str] = &["/d/e/", "/d/f=1", "/l->d", "/dangling->nowhere", "/a->b", "/b->a", "/f=1"];
    for (line, errno) in [
        ("read /none", "ENOENT"),
        ("read /f/x", "ENOTDIR"),
        ("read /d", "EISDIR"),
        ("read /a", "ELOOP"),
        ("read /dangling", "ENOENT"),
        ("mkdir /d", "EEXIST"),
        ("mkdir /dangling", "EEXIST"),
        ("rmdir /d", "ENOTEMPTY"),
        ("rmdir /f", "ENOTDIR"),
        ("rmdir /l/", "ENOTDIR"),
        ("rmdir /", "EBUSY"),
        ("rmdir /d/e/.", "EINVAL"),
        ("rmdir /d/e/..", "ENOTEMPTY"),
        ("unlink /d", "EISDIR"),
        ("unlink /d/..", "EISDIR"),
        ("unlink /f/", "ENOTDIR"),
        ("rename /d /d/e/x", "EINVAL"),
        ("rename /d/e /d", "ENOTEMPTY"),
        ("rename /f /d", "EISDIR"),
        ("rename /d /f", "ENOTDIR"),
        ("rename /f /none/x", "ENOENT"),
        ("rename / /x", "EBUSY"),
        ("noreplace /f /d/f", "EEXIST"),
        ("exchange /f /none", "ENOENT"),
        ("link /d /x", "EPERM"),
        ("link /f /l", "EEXIST"),
        ("create /f/ 644", "EISDIR"),
        ("truncate /d 0", "EISDIR"),
        ("readlink /f", "EINVAL"),
    ] {
        let mut overlay = mount([lower], Mode::Default);
        assert_eq!(run(&mut overlay, line), errno, "{line}");
        assert!(upper(&overlay).is_empty(), "{line} changed the upperdir");
    }
}

/// The upperdir, a line a path, with OverlayFS's marks; `impure` and `origin` are left out.
fn upper(overlay: &Overlay) -> Vec<String> {
    let layer = overlay.upper().layer();
    let lines = layer.walk().into_iter().map(|(path, ino)| {
        let inode = layer.inode(ino);
        let mut line = path.to_string();
        if inode.is_whiteout() {
            line.push_str(" whiteout");
        } else if inode.is_directory() {
            line.push('/');
        }
        if inode.overlay.opaque {
            line.push_str(" opaque");
        }
        if let Some(to) = &inode.overlay.redirect {
            line.push_str(&format!(" redirect={}", String::from_utf8_lossy(to)));
        }
        if inode.overlay.metacopy {
            line.push_str(" metacopy");
        }
        line
    });
    lines.collect()
}
