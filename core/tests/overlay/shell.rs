//! The learner's shell: what it prints is what a terminal prints.

use proptest::prelude::*;

use crate::words::mount;
use layerlab_core::overlay::{
    Mode, Overlay, OverlayMount,
    shell::{Line, Reply, Shell},
};

fn shell(mode: Mode) -> Shell {
    Shell::new(OverlayMount {
        lowerdirs: vec!["/layers/2".into(), "/layers/1".into()],
        upperdir: "/upper".into(),
        workdir: "/work".into(),
        merged: "/".into(),
        mode,
    })
}

fn shown(reply: &Reply) -> Vec<String> {
    let line = |line: &Line| match line {
        Line::Output(text) => text.clone(),
        Line::Error(text) => format!("! {text}"),
        Line::Message(message) => {
            let arguments: Vec<String> =
                message.arguments.iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("{} {}", message.key, arguments.join(" ")).trim_end().to_string()
        }
    };
    reply.lines.iter().map(line).collect()
}

/// Runs lines, each on the state the one before left, and gives what the last one printed.
fn session(overlay: &mut Overlay, lines: &[&str]) -> Vec<String> {
    let mut shell = shell(overlay.mode());
    let mut last = Vec::new();
    for line in lines {
        last = shown(&shell.run(overlay, line));
    }
    last
}

const LOWER: &[&str] = &["/etc/motd=hello", "/etc/conf.d/a=1", "/etc/conf.d/b=22", "/bin->usr/bin", "/usr/bin/sh=#!"];

#[test]
fn what_is_looked_at_is_printed_as_the_commands_do() {
    for (line, printed) in [
        ("ls", &["bin  etc  usr"][..]),
        ("ls /etc", &["conf.d  motd"]),
        ("ls -d /etc", &["/etc"]),
        (
            "ls -l /etc",
            &[
                "total 8",
                "drwxr-xr-x 2 root root 4096 Jan  1 00:00 conf.d",
                "-rw-r--r-- 1 root root    5 Jan  1 00:00 motd",
            ],
        ),
        ("ls -l /bin", &["lrwxrwxrwx 1 root root 7 Jan  1 00:00 /bin -> usr/bin"]),
        ("ls /bin/", &["sh"]),
        ("ls /none", &["! ls: cannot access '/none': No such file or directory"]),
        ("cat /etc/motd", &["hello"]),
        ("cat /etc", &["! cat: /etc: Is a directory"]),
        ("echo a 'b  c'", &["a b  c"]),
        ("echo /etc/conf.d/?", &["/etc/conf.d/a /etc/conf.d/b"]),
        ("echo /etc/z*", &["/etc/z*"]),
        ("echo 'a\\b'", &["a\\b"]),
        ("cd /etc && pwd", &["/etc"]),
        ("cd /bin && cat sh", &["#!"]),
        ("cd /etc/motd && pwd", &["! sh: cd: /etc/motd: Not a directory"]),
        ("find /etc -name '[ab]'", &[]),
        ("find /etc -type f", &["/etc/conf.d/a", "/etc/conf.d/b", "/etc/motd"]),
        ("du /etc", &["12      /etc/conf.d", "20      /etc"]),
        ("du -s /etc/conf.d", &["12      /etc/conf.d"]),
        ("readlink /bin", &["usr/bin"]),
        (
            "mount",
            &["overlay on / type overlay (rw,relatime,lowerdir=/layers/2:/layers/1,upperdir=/upper,workdir=/work,\
               redirect_dir=nofollow,metacopy=off,index=off)"],
        ),
        ("sl", &["! sh: sl: command not found", "shell.did-you-mean command=sl known=ls"]),
        ("emacs", &["! sh: emacs: command not found", "shell.unknown-command command=emacs"]),
        ("ls | wc", &["shell.not-in-this-shell what=|"]),
        ("ls -q", &["! ls: invalid option -- 'q'"]),
    ] {
        let mut overlay = mount([LOWER], Mode::Default);
        assert_eq!(session(&mut overlay, &[line]), printed, "{line}");
        assert!(overlay.upper().layer().walk().is_empty(), "{line} wrote something");
    }
}

#[test]
fn what_is_changed_is_there_afterwards() {
    for (lines, printed) in [
        (&["echo new > /etc/motd", "cat /etc/motd"][..], &["new"][..]),
        (&["echo more >> /etc/motd", "cat /etc/motd"], &["hellomore"]),
        (&["cat /etc/motd > /copy", "cat /copy"], &["hello"]),
        (&["> /empty", "ls -l /empty"], &["-rw-r--r-- 1 root root 0 Jan  1 00:00 /empty"]),
        (&["mkdir -p /a/b/c", "mkdir -p /a/b/c", "find /a"], &["/a", "/a/b", "/a/b/c"]),
        (&["mkdir /a/b"], &["! mkdir: cannot create directory '/a/b': No such file or directory"]),
        (&["rm /etc"], &["! rm: cannot remove '/etc': Is a directory"]),
        (&["rm -r /etc/conf.d", "ls /etc"], &["motd"]),
        (&["rm -f /none"], &[]),
        (&["rmdir /etc"], &["! rmdir: failed to remove '/etc': Directory not empty"]),
        (
            &["rm -rf /"],
            &[
                "! rm: it is dangerous to operate recursively on '/'",
                "! rm: use --no-preserve-root to override this failsafe",
            ],
        ),
        (&["cp /etc/motd /usr", "cat /usr/motd"], &["hello"]),
        (&["cp /etc /x"], &["! cp: -r not specified; omitting directory '/etc'"]),
        (&["cp -r /etc /etc/x"], &["! cp: cannot copy a directory, '/etc', into itself, '/etc/x'"]),
        (&["cp -r /etc /x", "find /x -type f"], &["/x/conf.d/a", "/x/conf.d/b", "/x/motd"]),
        (&["mv /etc/motd /etc/motd"], &["! mv: '/etc/motd' and '/etc/motd' are the same file"]),
        (&["mkdir /n", "mv /n /n/m"], &["! mv: cannot move '/n' to a subdirectory of itself, '/n/m'"]),
        (&["mv /etc/motd /usr", "ls /etc /usr"], &["/etc:", "conf.d", "", "/usr:", "bin  motd"]),
        (&["ln -s /etc/motd /m", "cat /m"], &["hello"]),
        (&["ln /etc/motd /m", "ls -l /m"], &["-rw-r--r-- 2 root root 5 Jan  1 00:00 /m"]),
        (&["ln /etc /m"], &["! ln: /etc: hard link not allowed for directory"]),
        (
            &["chmod u+x,go= /etc/motd && chown 5:6 /etc/motd", "ls -l /etc/motd"],
            &["-rwx------ 1 5 6 5 Jan  1 00:00 /etc/motd"],
        ),
        (&["chmod u!x /etc/motd"], &["! chmod: invalid mode: 'u!x'"]),
        (&["touch /etc/motd /new", "ls /"], &["bin  etc  new  usr"]),
        (&["truncate -s 3 /etc/motd", "cat /etc/motd"], &["hel"]),
        (&["echo x > /etc"], &["! sh: /etc: Is a directory"]),
        (&["false && echo no"], &[]),
        (&["false; echo yes"], &["yes"]),
    ] {
        let mut overlay = mount([LOWER], Mode::Default);
        assert_eq!(session(&mut overlay, lines), printed, "{lines:?}");
    }
}

#[test]
fn moving_a_lower_directory_is_a_copy_and_says_what_it_cost() {
    let lines = ["mv /etc /opt", "find /opt"];
    let mut overlay = mount([LOWER], Mode::Default);
    let cost = "shell.moved-by-copy bytes=8 made=5 whiteouts=5";
    assert_eq!(session(&mut overlay, &lines[..1]), [cost]);
    assert_eq!(session(&mut overlay, &["find /opt -type f", "ls /"]), ["bin  opt  usr"]);
    // With redirects it is one rename, and there is nothing to say.
    let mut overlay = mount([LOWER], Mode::RedirectDir);
    assert_eq!(session(&mut overlay, &lines[..1]), [""; 0]);
    assert_eq!(session(&mut overlay, &["cat /opt/motd"]), ["hello"]);
}

#[test]
fn every_call_is_told_with_its_events() {
    let mut overlay = mount([LOWER], Mode::Default);
    let reply = shell(Mode::Default).run(&mut overlay, "echo x > /etc/motd");
    assert_eq!(reply.calls.len(), 1);
    assert!(reply.calls[0].events.iter().any(|event| event.is_change()));
}

#[test]
fn a_name_that_could_deceive_is_shown_harmless() {
    let mut overlay = mount([&["/a\u{202e}b="]], Mode::Default);
    assert_eq!(session(&mut overlay, &["ls"]), ["a\\u{202e}b"]);
}

#[test]
fn tab_completes_commands_and_paths() {
    let overlay = mount([LOWER, &["/etc/my file=", "/.hidden="]], Mode::Default);
    let shell = shell(Mode::Default);
    for (line, found) in [
        ("mk", &["mkdir", "mkfifo"][..]),
        ("cat /e", &["/etc/"]),
        ("cat etc/m", &["etc/motd", "etc/my\\ file"]),
        ("ls /etc/conf.d/", &["/etc/conf.d/a", "/etc/conf.d/b"]),
        ("ls /.", &["/.hidden"]),
        ("true && ech", &["echo"]),
        ("cat /none/", &[]),
    ] {
        assert_eq!(shell.complete(&overlay, line), found, "{line}");
    }
}

#[test]
fn a_deep_tree_is_made_and_removed() {
    let mut overlay = mount([&["/etc/"]], Mode::Default);
    let deep = "/d".repeat(300);
    let removed = session(&mut overlay, &[&format!("mkdir -p {deep}"), "rm -r /d", "ls"]);
    assert_eq!(removed, ["etc"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_line_is_too_strange(lines in prop::collection::vec(
        "(ls|cat|cp|mv|rm|ln|find|du|stat|chmod|chown|touch|mkdir|truncate|cd|echo|[a-z]{1,3})\
         ( (-[a-zA-Z0-9=+]{1,3}|/?[a-z*?./]{1,8}|etc/motd|[0-9]{1,19}|[\\\\'\">&;|$]|\\PC{0,3})){0,4}",
        1..8,
    )) {
        let mut overlay = mount([LOWER], Mode::Default);
        let mut shell = shell(Mode::Default);
        for line in &lines {
            let reply = shell.run(&mut overlay, line);
            prop_assert!(reply.lines.len() < 10_000);
            shell.complete(&overlay, line);
        }
    }
}
