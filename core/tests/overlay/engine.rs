//! Containers and images: what lessons 5, 6 and 9 show.

use layerlab_core::overlay::{
    Mode,
    engine::{Engine, EngineError},
    shell::{Line, Reply},
};

use crate::words::layer;

fn engine() -> Engine {
    let mut engine = Engine::new(Mode::Default);
    engine.set_time(1_700_000_000);
    let base = || ((*layer(&["/etc/motd=hello", "/bin/sh=#!"])).clone(), "ADD rootfs.tar /".to_string());
    let app = ((*layer(&["/app/run=1234567890"])).clone(), "COPY run /app".to_string());
    engine.add_image("base", vec![base()]).unwrap();
    engine.add_image("app:1.0", vec![base(), app]).unwrap();
    engine
}

fn shown(reply: &Reply) -> Vec<String> {
    let line = |line: &Line| match line {
        Line::Output(text) => text.clone(),
        Line::Error(text) => format!("! {text}"),
        Line::Message(message) => format!("{} {:?}", message.key, message.arguments),
    };
    reply.lines.iter().map(line).collect()
}

fn run(engine: &mut Engine, line: &str) -> Vec<String> {
    shown(&engine.run_line(line))
}

#[test]
fn containers_of_one_image_share_its_layers_and_write_apart() {
    let mut engine = engine();
    run(&mut engine, "docker run -d --name one app:1.0");
    run(&mut engine, "docker run -d --name two app:1.0");
    assert_eq!(
        run(&mut engine, "docker exec one sh"),
        ["! sh: sh: command not found", "shell.did-you-mean [(\"command\", \"sh\"), (\"known\", \"cd\")]"]
    );
    assert_eq!(run(&mut engine, "docker exec one touch /new"), [""; 0]);
    assert_eq!(run(&mut engine, "docker exec one truncate -s 20 /etc/motd"), [""; 0]);
    assert_eq!(run(&mut engine, "docker exec one ls /"), ["app  bin  dev  etc  new  proc  sys"]);
    assert_eq!(run(&mut engine, "docker exec two ls /"), ["app  bin  dev  etc  proc  sys"]);
    assert_eq!(run(&mut engine, "docker diff one"), ["C /etc", "C /etc/motd", "A /new"]);
    assert_eq!(run(&mut engine, "docker diff two"), [""; 0]);
    engine.set_time(1_700_000_120);
    let ids: Vec<String> = engine.containers().iter().map(|container| container.id[..12].to_string()).collect();
    assert_eq!(
        run(&mut engine, "docker ps -s"),
        [
            "CONTAINER ID   IMAGE     CREATED         STATUS         NAMES   SIZE".to_string(),
            format!("{}   app:1.0   2 minutes ago   Up 2 minutes   two     0B (virtual 17B)", ids[1]),
            format!("{}   app:1.0   2 minutes ago   Up 2 minutes   one     20B (virtual 37B)", ids[0]),
        ]
    );
    let lowers = |name| engine.container(name).unwrap().overlay.lowers().to_vec();
    assert!(std::sync::Arc::ptr_eq(&lowers("one")[0], &lowers("two")[0]));
}

#[test]
fn a_removed_container_takes_its_layer_along_and_leaves_the_image() {
    let mut engine = engine();
    run(&mut engine, "docker run --name one app:1.0");
    assert!(run(&mut engine, "docker rm one")[0].contains("container is running"));
    run(&mut engine, "docker stop one");
    assert_eq!(run(&mut engine, "docker exec one ls").len(), 1);
    assert_eq!(run(&mut engine, "docker ps"), ["CONTAINER ID   IMAGE   CREATED   STATUS   NAMES"]);
    assert_eq!(run(&mut engine, "docker rm one"), ["one"]);
    assert!(engine.image("app:1.0").is_ok());
}

#[test]
fn a_commit_is_one_more_layer_and_a_deletion_makes_no_image_smaller() {
    let mut engine = engine();
    run(&mut engine, "docker run --name one app:1.0");
    run(&mut engine, "docker exec one rm /app/run");
    let id = engine.commit("one", Some("smaller"), "rm /app/run").unwrap();
    let image = engine.image("smaller").unwrap();
    assert_eq!((image.layers.len(), image.size()), (3, 17));
    assert_eq!(id.0.short(), image.id.0.short());
    let history = run(&mut engine, "docker history smaller");
    assert_eq!(
        history[1..],
        [
            format!("{}   Less than a second ago   rm /app/run        0B", id.0.short()),
            "<missing>      Less than a second ago   COPY run /app      10B".into(),
            "<missing>      Less than a second ago   ADD rootfs.tar /   7B".into(),
        ]
    );
    run(&mut engine, "docker run --name again smaller");
    assert_eq!(run(&mut engine, "docker exec again ls /app"), [""; 0]);
}

#[test]
fn a_layer_goes_with_the_last_image_that_needs_it() {
    let mut engine = engine();
    let base = engine.image("base").unwrap().chain_ids();
    let app = engine.image("app:1.0").unwrap().chain_ids();
    assert_eq!(base[0], app[0], "the same diff on nothing is the same layer");
    let removed = engine.remove_image("app:1.0", false).unwrap();
    assert_eq!(removed.layers, [app[1].clone()]);
    let removed = engine.remove_image("base", false).unwrap();
    assert_eq!(removed.layers, base);
    assert!(engine.images().is_empty());
}

#[test]
fn a_tag_is_only_a_name() {
    let mut engine = engine();
    engine.tag("base", "other:2").unwrap();
    assert_eq!(engine.images().len(), 2);
    let removed = engine.remove_image("base", false).unwrap();
    assert_eq!((removed.untagged, removed.image), (vec!["base:latest".into()], None));
    assert!(engine.image("other:2").is_ok());
}

#[test]
fn refusals_say_why() {
    let mut engine = engine();
    run(&mut engine, "docker run --name one base");
    let id = engine.containers()[0].id.clone();
    assert_eq!(engine.run("none", None).unwrap_err(), EngineError::NoSuchImage("none".into()));
    assert_eq!(engine.run("base", Some("one")).unwrap_err(), EngineError::NameInUse { name: "one".into(), by: id });
    assert_eq!(engine.tag("base", "Upper").unwrap_err(), EngineError::InvalidReference("Upper".into()));
    assert!(matches!(engine.remove_image("base", false), Err(EngineError::ImageInUse { running: true, .. })));
    assert_eq!(run(&mut engine, "make"), ["shell.only-docker-here [(\"command\", \"make\")]"]);
}

#[test]
fn an_image_id_is_the_digest_of_its_config() {
    let engine = engine();
    for image in engine.images() {
        assert_eq!(image.id.0, layerlab_core::digest::Digest::sha256(&image.config));
        let config: serde_json::Value = serde_json::from_slice(&image.config).unwrap();
        assert_eq!(config["rootfs"]["diff_ids"][0], image.layers[0].diff_id.to_string());
    }
}

#[test]
fn the_init_layer_is_in_no_commit_and_the_files_over_it_are_not_of_the_union() {
    let mut engine = engine();
    run(&mut engine, "docker run -d --name one app:1.0");
    assert_eq!(engine.run_in("one", "echo x >> /etc/hosts; echo y > /etc/mail").unwrap().moves, 2);
    assert!(shown(&engine.run_in("one", "cat /etc/hosts").unwrap()).ends_with(&["x".into()]));
    assert_eq!(
        shown(&engine.run_in("one", "rm /etc/hosts").unwrap()),
        ["! rm: cannot remove '/etc/hosts': Device or resource busy"]
    );
    assert_eq!(run(&mut engine, "docker diff one"), ["C /etc", "A /etc/mail"]);
    engine.commit("one", Some("kept"), "").unwrap();
    let image = engine.image("kept").unwrap();
    let top: Vec<String> = image.layers[2].layer.walk().iter().map(|(path, _)| path.to_string()).collect();
    assert_eq!((image.layers.len(), top), (3, vec!["/etc".to_string(), "/etc/mail".into()]));
}

#[test]
fn a_volume_outlives_its_containers_and_is_in_no_layer() {
    let mut engine = engine();
    run(&mut engine, "docker run -d --name one -v data:/var/data app:1.0");
    let moved = engine.run_in("one", "echo kept > /var/data/note; mv /var/data/note /app/note").unwrap();
    assert!(!moved.failed, "{moved:?}");
    engine.run_in("one", "mkdir /var/data/deep; echo deep > /var/data/deep/note").unwrap();
    assert_eq!(
        run(&mut engine, "docker diff one"),
        ["C /app", "A /app/note", "A /var", "A /var/data"],
        "the mount point is made in the writable layer"
    );
    run(&mut engine, "docker rm -f one");
    run(&mut engine, "docker run -d --name two -v data:/d app:1.0");
    assert_eq!(run(&mut engine, "docker exec two find /d -type f"), ["/d/deep/note"]);
    assert_eq!(
        run(&mut engine, "docker exec two rmdir /d")[0],
        "! rmdir: failed to remove '/d': Device or resource busy"
    );
    assert_eq!(engine.container("two").unwrap().size(), 0);
    assert_eq!(
        shown(&engine.run_in("two", "ln /d/deep/note /app/linked").unwrap())[0],
        "! ln: failed to create hard link '/app/linked': Invalid cross-device link"
    );
}

#[test]
fn the_host_can_look_at_what_the_engine_keeps() {
    let mut engine = engine();
    run(&mut engine, "docker run -d --name one app:1.0");
    engine.run_in("one", "rm /app/run").unwrap();
    let options = run(&mut engine, "mount").remove(0);
    let upper = options.split("upperdir=").nth(1).unwrap().split(',').next().unwrap().to_string();
    assert_eq!(run(&mut engine, &format!("find {upper} -type c")), [format!("{upper}/app/run")]);
    let top = engine.image("app:1.0").unwrap().chain_ids()[1].0.encoded().to_string();
    let parent = run(&mut engine, &format!("cat /var/lib/docker/image/overlay2/layerdb/sha256/{top}/parent"));
    assert_eq!(parent, [engine.image("base").unwrap().chain_ids()[0].to_string()]);
    assert_eq!(run(&mut engine, "rm -r /var/lib/docker"), ["shell.host-read-only [(\"directory\", \"/work\")]"]);
    run(&mut engine, "mkdir src; echo 1 > src/main");
    assert_eq!(run(&mut engine, "ls src"), ["main"]);
    assert_eq!(engine.context().walk().len(), 2);
}

#[test]
fn inspect_tells_the_directories_and_the_diff_ids() {
    let mut engine = engine();
    run(&mut engine, "docker run -d --name one app:1.0");
    let document: serde_json::Value = serde_json::from_str(&run(&mut engine, "docker inspect one").join("\n")).unwrap();
    let lower = document[0]["GraphDriver"]["Data"]["LowerDir"].as_str().unwrap();
    assert_eq!(lower.split(':').count(), 3, "the init layer, and two of the image");
    let document: serde_json::Value =
        serde_json::from_str(&run(&mut engine, "docker inspect base").join("\n")).unwrap();
    assert_eq!(document[0]["RootFS"]["Layers"][0], engine.image("base").unwrap().layers[0].diff_id.to_string());
    assert_eq!(run(&mut engine, "docker inspect none"), ["! Error response from daemon: No such image: none"]);
}
