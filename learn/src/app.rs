use std::{rc::Rc, sync::Arc};

use layerlab_core::overlay::{Inode, Layer, Mode, Overlay, OverlayMount, shell::Shell};
use layerlab_web::lazy::ModuleProps;
use yew::prelude::*;

use crate::{scene::{Backdrop, Film, Stand}, stage::{Reel, Stage}};

#[component(App)]
pub fn app(_props: &ModuleProps) -> Html {
    let chosen = use_state_eq(|| None);
    let reel = use_memo((), |()| {
        let layer = |files: &[&str]| {
            let mut layer = Layer::new();
            for file in files { layer.put(&(*file).into(), Inode::file(file.as_bytes(), 0o644)); }
            Arc::new(layer)
        };
        let overlay = Overlay::new(vec![
            layer(&["/etc/hosts", "/etc/passwd", "/bin/bash"]),
            layer(&["/etc/passwd", "/usr/bin/redis", "/usr/bin/gosu", "/usr/share/mysql/a.frm", "/usr/share/mysql/b.frm"]),
            layer(&["/etc/redis.conf"]),
        ], Mode::Default);
        let mut after = overlay.clone();
        let mut shell = Shell::new(OverlayMount { lowerdirs: vec![], upperdir: "u".into(), workdir: "w".into(), merged: "m".into(), mode: Mode::Default });
        let reply = shell.run(&mut after, "echo x >> /etc/hosts && rm -r /usr/share/mysql && mkdir /usr/share/mysql && chmod 600 /etc/passwd && mv /etc/redis.conf /etc/redis");
        let stand = |name: &str, chosen| Stand { name: name.into(), running: true, chosen, bytes: 3, changes: 1 };
        let backdrop = Backdrop { made_by: vec!["ADD rootfs".into(), "RUN apt install redis mysql".into(), "COPY redis.conf /etc".into()], kernel: true, stands: vec![stand("web", true), stand("db", false)], ..Backdrop::default() };
        Reel { film: Rc::new(Film::of(overlay, backdrop, &reply.calls)), play: true }
    });
    html! { <Stage reel={(*reel).clone()} on_act={Callback::noop()} chosen={(*chosen).clone()} on_choose={Callback::from(move |key| chosen.set(key))} /> }
}
