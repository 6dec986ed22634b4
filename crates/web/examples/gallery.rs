//! Writes every page, made up, to a folder as files to be looked at: `gallery OUTDIR`.
//!
//! Serve the folder on the loopback address (`python3 -m http.server --bind 127.0.0.1`); `index.txt` lists the pages.

use baluardo_web::assets;
use baluardo_web::locale::Lang;
use baluardo_web::view::sample::{Maker, all};
use std::fs;
use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let Some(out) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: gallery OUTDIR");
        std::process::exit(2);
    };
    fs::create_dir_all(out.join("assets"))?;
    for (name, bytes) in assets::all() {
        fs::write(out.join("assets").join(name), bytes)?;
    }
    let mut index = String::new();
    for lang in Lang::ALL {
        for sheet in all(Maker { lang, hostile: false }) {
            let name = format!("{}-{}.html", lang.code(), sheet.name);
            fs::write(out.join(&name), sheet.html)?;
            index.push_str(&name);
            index.push('\n');
        }
    }
    fs::write(out.join("index.txt"), &index)
}
