//! What a guard costs those who work: unpacking an archive, compiling and saving documents in a guarded folder, with
//! nobody watching, under our guard alone, under the whole agent, and under ClamAV's on-access scanner, in one run.
//!
//! The work is done by an ordinary user, because ClamAV lets root pass. Its time on the clock is what people feel; the
//! processor time of the watchers counts until they are through with what the work left them to do.

use crate::clamav::ClamAv;
use crate::figures::Figures;
use crate::idle::{Guard, Post};
use crate::ordinary::{NOBODY, Programs, User, is_root};
use crate::process::Process;
use crate::server::{Server, address, free_port};
use crate::stage::Stage;
use anyhow::{Context as _, bail, ensure};
use baluardo_model::register::Register;
use baluardo_server::agent_process;
use baluardo_server::demo::office;
use std::collections::HashMap;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// How long the watchers get after each work: a change of a known document is kept three seconds after the last one.
const SETTLING: Duration = Duration::from_secs(8);
/// How long a guard may take to be ready.
const READY: Duration = Duration::from_secs(120);

/// How to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Made-up documents in the guarded folder, and as many in the archive.
    #[arg(long, default_value_t = 600)]
    documents: usize,
    /// C files to compile.
    #[arg(long, default_value_t = 40)]
    sources: usize,
    /// How often everything is measured.
    #[arg(long, default_value_t = 5)]
    runs: usize,
}

/// One kind of work: a line for `sh`, where `$1` is the guarded folder, `$2` a folder of the worker's own in it, `$3` our
/// own program of acts and `$4` a folder outside with the archive and the sources.
const WORKS: [(&str, &str); 3] = [
    ("unpacking", r#"tar -xzf "$4/documenti.tar.gz" -C "$2""#),
    (
        "compiling",
        r#"cp "$4"/src/*.c "$2" && for f in "$2"/*.c; do cc -O1 -c "$f" -o "$f.o" || exit 1; done && cc "$2"/*.o -o "$2/programma" && "$2/programma""#,
    ),
    ("saving documents", r#"exec "$3" act save-again "$1/Protocollo""#),
];

const NOTHING: &str = "nobody watches";
const ALONE: &str = "guard alone";
const AGENT: &str = "whole agent";
const CLAMAV: &str = "clamonacc";

/// Measures and prints.
///
/// # Errors
/// When a work fails, or our guard took it for an attack.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    ensure!(is_root(), "the overhead can only be measured by root: ClamAV's on-access scanner and our gate need it");
    let programs = Programs::copy()?;
    std::fs::copy(std::env::current_exe()?, programs.folder().join("baluardo-bench"))?;
    make_materials(&programs.folder().join("materiale"), args).await?;
    let stage = Stage::new(&programs.folder())?;
    let port = free_port()?;
    stage.house(&address(port), &[]).await?.close().await;
    let server = Server::start(&stage, port).await?;
    let mut figures = Figures::of("overhead");
    let mut watchers = [NOTHING, ALONE, AGENT, CLAMAV];
    for number in 0..args.runs {
        let mut times = HashMap::new();
        for name in watchers {
            let scene = Scene { programs: &programs, stage: &stage, port, number, name };
            let Some(found) = scene.play(args.documents).await? else { continue };
            times.insert(name, found);
        }
        note(&times, &mut figures);
        // Whoever comes first finds the machine colder than the others.
        watchers.rotate_left(1);
    }
    server.stop().await;
    figures.print();
    Ok(())
}

/// Time on the clock and processor time of the watchers, in seconds, for each work.
type Times = [(f64, f64); WORKS.len()];

fn note(times: &HashMap<&'static str, Times>, figures: &mut Figures) {
    for (at, (work, _)) in WORKS.iter().enumerate() {
        let clock = |name: &str| times.get(name).map(|found| found[at].0);
        for name in [NOTHING, ALONE, AGENT, CLAMAV] {
            let Some(found) = times.get(name) else { continue };
            figures.note(format!("{work}, {name}: time"), "ms", found[at].0 * 1e3);
            if name != NOTHING {
                figures.note(format!("{work}, {name}: processor of the watcher"), "ms", found[at].1 * 1e3);
            }
            if let Some(bare) = clock(NOTHING).filter(|_| name != NOTHING) {
                figures.note(format!("{work}, {name}: time / unwatched"), "times", found[at].0 / bare);
            }
        }
        for ours in [ALONE, AGENT] {
            if let (Some(mine), Some(theirs)) = (clock(ours), clock(CLAMAV)) {
                figures.note(format!("{work}: time, {ours} / {CLAMAV}"), "times", mine / theirs);
            }
        }
    }
}

/// The archive, the sources and the programs of the workers.
async fn make_materials(folder: &Path, args: &Args) -> anyhow::Result<()> {
    let (documents, sources) = (folder.join("documenti"), folder.join("src"));
    office::fill(&documents, args.documents)?;
    std::fs::create_dir_all(&sources)?;
    for number in 0..args.sources {
        std::fs::write(sources.join(format!("parte{number}.c")), source(number))?;
    }
    std::fs::write(sources.join("principale.c"), "int main(void) { return 0; }\n")?;
    let mut tar = Command::new("tar");
    tar.arg("-czf").arg(folder.join("documenti.tar.gz")).arg("-C").arg(folder).arg("documenti");
    let done = tar.status().await.context("tar could not be started")?;
    ensure!(done.success(), "tar could not pack the documents: {done}");
    Ok(())
}

fn source(number: usize) -> String {
    let mut text = "#include <math.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n".to_owned();
    for part in 0..30 {
        text += &format!(
            "int somma_{number}_{part}(const int *voci, int quante) {{\n    int tutto = {part};\n    \
             for (int i = 0; i < quante; i++) tutto += voci[i] * (i % {}) - {number};\n    return tutto;\n}}\n",
            part + 2
        );
    }
    text
}

/// One watcher over documents of its own, and the works in turn.
struct Scene<'a> {
    programs: &'a Programs,
    stage: &'a Stage,
    port: u16,
    number: usize,
    name: &'static str,
}

impl Scene<'_> {
    /// Nothing when the watcher is not installed.
    async fn play(&self, documents: usize) -> anyhow::Result<Option<Times>> {
        let home = self.programs.folder().join(format!("scena-{}-{}", self.number, self.name.replace(' ', "-")));
        let guarded = home.join("documenti");
        office::fill(&guarded, documents)?;
        std::fs::write(guarded.with_file_name(baluardo_server::simulate::MARKER), "")?;
        std::fs::create_dir(guarded.join("lavoro"))?;
        User::Ordinary.own(&home)?;
        let Some(watcher) = self.watch(&home, &guarded).await? else {
            println!("ClamAV is not installed (apt-get install clamav-daemon): no peer to compare with");
            return Ok(None);
        };
        tokio::time::sleep(SETTLING).await;
        let mut times = Times::default();
        for ((work, line), time) in WORKS.iter().zip(&mut times) {
            let what = || format!("{work}, {}", self.name);
            *time = self.measure(line, &guarded, watcher.process().as_ref()).await.with_context(what)?;
        }
        let stopped = std::fs::read_to_string(home.join("journal")).unwrap_or_default();
        watcher.stop().await;
        ensure!(!stopped.contains("\"stopped\""), "the guard took honest work for an attack: {stopped}");
        std::fs::remove_dir_all(&home)?;
        Ok(Some(times))
    }

    async fn measure(&self, line: &str, guarded: &Path, watcher: Option<&Process>) -> anyhow::Result<(f64, f64)> {
        let cpu = || watcher.map_or(Ok(Duration::ZERO), Process::cpu);
        let materials = self.programs.folder().join("materiale");
        let before = cpu()?;
        let began = Instant::now();
        let mut work = Command::new("sh");
        work.args(["-c", line, "sh"]).arg(guarded).arg(guarded.join("lavoro"));
        work.arg(self.programs.folder().join("baluardo-bench")).arg(materials).current_dir("/");
        work.uid(NOBODY).gid(NOBODY).stdin(Stdio::null()).kill_on_drop(true);
        let done = work.output().await?;
        let time = began.elapsed().as_secs_f64();
        ensure!(done.status.success(), "{}: {}", done.status, String::from_utf8_lossy(&done.stderr).trim());
        tokio::time::sleep(SETTLING).await;
        Ok((time, (cpu()? - before).as_secs_f64()))
    }

    async fn watch(&self, home: &Path, guarded: &Path) -> anyhow::Result<Option<Watcher>> {
        Ok(match self.name {
            NOTHING => Some(Watcher::Nobody),
            ALONE => Some(Watcher::Alone(self.guard_alone(home, guarded).await?)),
            AGENT => {
                // Each run has a comune of its own, because an activation is asked for once.
                let comune = Register::shipped().all().get(self.number).context("more runs than comuni")?;
                let post = Post { programs: self.programs, stage: self.stage, port: self.port, user: User::Root };
                let guard = post.guard(&comune.cadastral_code, home, guarded);
                Some(Watcher::Agent(guard.await?))
            }
            _ => ClamAv::start(&home.join("clamav"), guarded).await?.map(Watcher::ClamAv),
        })
    }

    async fn guard_alone(&self, home: &Path, guarded: &Path) -> anyhow::Result<Child> {
        let mut command = self.programs.command("baluardo-agent", User::Root);
        command.arg("guard").arg("--protect").arg(guarded).arg("--vault").arg(home.join("vault"));
        command.arg("--journal").arg(home.join("journal")).stdin(Stdio::null()).stderr(Stdio::null());
        let mut child = command.stdout(Stdio::piped()).spawn().context("the guard could not be started")?;
        let mut said = BufReader::new(child.stdout.take().context("the guard has no voice")?).lines();
        match tokio::time::timeout(READY, said.next_line()).await {
            Ok(Ok(Some(line))) if line == "ready" => Ok(child),
            other => bail!("the guard is not ready within {} seconds: {other:?}", READY.as_secs()),
        }
    }
}

/// Who watches.
enum Watcher {
    Nobody,
    Alone(Child),
    Agent(Guard),
    ClamAv(ClamAv),
}

impl Watcher {
    fn process(&self) -> Option<Process> {
        match self {
            Self::Nobody => None,
            Self::Alone(child) => Some(Process::of(child.id())),
            Self::Agent(guard) => Some(guard.process.clone()),
            Self::ClamAv(peer) => Some(peer.process.clone()),
        }
    }

    async fn stop(self) {
        match self {
            Self::Nobody => {}
            Self::Alone(child) => agent_process::end(child).await,
            Self::Agent(guard) => agent_process::end(guard.child).await,
            Self::ClamAv(peer) => peer.stop().await,
        }
    }
}
