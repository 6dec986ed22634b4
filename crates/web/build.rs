//! Stops with a clear word when the console's assets have not been built, instead of a macro error.

fn main() {
    println!("cargo::rerun-if-changed=ui/dist");
    if !std::path::Path::new("ui/dist/manifest.json").is_file() {
        println!("cargo::error=the console's assets are missing (crates/web/ui/dist): run `make ui`");
    }
}
