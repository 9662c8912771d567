use layerlab_core::{
    digest::Digest,
    store::{ImageName, Policy, Store, Terminal, plan},
};

use crate::build::{image, pull, store};

#[test]
fn the_screen_after_each_stage_of_a_pull() {
    let store = store(&[("old:1", &["a"])]);
    let record = image(&["a", "b", "c"]);
    let blobs: Vec<Digest> = record.layers.iter().map(|layer| layer.blob.clone()).collect();
    let plan = plan(&store, &ImageName::parse("redis:6.2"), &record, Policy::Classic);
    let short: Vec<&str> = blobs.iter().map(Digest::short).collect();
    let after = |key: &str| {
        let end = plan.events.iter().position(|event| event.key() == key).unwrap() + 1;
        Terminal::after(&plan.events[..end], &blobs)
    };
    assert_eq!(after("config").lines(), ["6.2: Pulling from library/redis"]);
    assert_eq!(after("exists").lines()[1], format!("{}: Already exists", short[0]));
    assert_eq!(
        after("look-up-stopped").lines()[2..],
        [format!("{}: Pulling fs layer", short[1]), format!("{}: Pulling fs layer", short[2])]
    );
    let mut fetching = after("fetch");
    fetching.progress(1, 50);
    let bar = format!("[{}>{}]", "=".repeat(25), " ".repeat(25));
    assert_eq!(fetching.lines()[2], format!("{}: Downloading  {bar}       50B/100B", short[1]));
    assert_eq!(after("blob-verified").lines()[2], format!("{}: Download complete", short[1]));
    let digest = &record.manifest.as_ref().unwrap().digest;
    assert_eq!(
        after("tagged").lines()[1..],
        [
            format!("{}: Already exists", short[0]),
            format!("{}: Pull complete", short[1]),
            format!("{}: Pull complete", short[2]),
            format!("Digest: {digest}"),
            "Status: Downloaded newer image for redis:6.2".into(),
            "docker.io/library/redis:6.2".into(),
        ]
    );
}

#[test]
fn up_to_date_is_said_of_a_name_that_led_here_before() {
    let mut store = Store::new();
    let status = |name: &str, store: &mut Store| {
        let plan = pull(store, name, &image(&["a"]), Policy::Classic);
        Terminal::after(&plan.events, &[]).lines()[2].clone()
    };
    assert_eq!(status("a:1", &mut store), "Status: Downloaded newer image for a:1");
    assert_eq!(status("a:1", &mut store), "Status: Image is up to date for a:1");
    assert_eq!(status("a:2", &mut store), "Status: Downloaded newer image for a:2");
}
