//! The facts that a script is judged by, each with a stable code, how much it says before anything is learned, and when it
//! holds. Their order is that of the model file: a new fact goes to the end, and the model is trained again.

use super::decode::How;
use super::signs::Sign as S;
use super::view::View;
use crate::nature::Kind;

/// How much a fact says before anything is learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// Speaks for an honest script.
    Good,
    /// Says little alone.
    Weak,
    /// Says something.
    Support,
    /// Is seldom seen in an honest script.
    Strong,
}

/// Something that can be true of a script.
#[derive(Clone, Copy)]
pub struct Fact {
    /// The stable code; its words stand in the locale files.
    pub code: &'static str,
    /// How much it says.
    pub strength: Strength,
    pub(super) holds: fn(&View) -> bool,
}

impl std::fmt::Debug for Fact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fact").field("code", &self.code).field("strength", &self.strength).finish_non_exhaustive()
    }
}

macro_rules! facts {
    ($($code:literal $strength:ident: |$view:ident| $holds:expr;)+) => {
        /// All facts.
        pub const FACTS: &[Fact] = &[$(Fact { code: $code, strength: Strength::$strength, holds: |$view| $holds },)+];
    };
}

const FETCH_WINDOWS: &[S] = &[S::WebClient, S::WebRequest, S::HttpObject, S::UrlToFile, S::SystemFetch];
const FETCH: &[S] = &[
    S::WebClient,
    S::WebRequest,
    S::HttpObject,
    S::UrlToFile,
    S::SystemFetch,
    S::Curl,
    S::PyFetch,
    S::NodeFetch,
    S::PhpSocket,
];
const WSH_RUN: &[S] = &[S::WshShell, S::WmiRun, S::VbaShell, S::StartProcess];
const RUN: &[S] = &[
    S::Invoke,
    S::InvokeOdd,
    S::WshRun,
    S::VbaShell,
    S::WmiRun,
    S::StartProcess,
    S::PyRun,
    S::PyExec,
    S::NodeRun,
    S::CommandLine,
];
const HARD: &[S] = &[
    S::WebClient,
    S::HttpObject,
    S::UrlToFile,
    S::Invoke,
    S::WshShell,
    S::WmiRun,
    S::CallsPowerShell,
    S::Stream,
    S::Amsi,
    S::Memory,
    S::LoadAssembly,
    S::PyRun,
    S::NodeRun,
    S::PhpRun,
    S::SystemTool,
    S::TcpClient,
    S::CommandLine,
    S::Bypass,
];
const DECODE: &[S] = &[S::FromBase64, S::Base64Pipe, S::Unpack, S::CharCodes, S::Unescape];

/// Whether one of the languages is spoken.
fn is(view: &View, kinds: &[Kind]) -> bool {
    kinds.contains(&view.kind)
}

fn windows(view: &View) -> bool {
    is(view, &[Kind::PowerShell, Kind::JavaScript, Kind::VbScript, Kind::Vba])
}

/// Whether it is the file that installs a Python package, and no library for such files: those are long.
fn setup(view: &View) -> bool {
    view.kind == Kind::Python && view.has(S::SetupPy) && view.shape.lines < 400
}

fn php(view: &View) -> bool {
    view.kind == Kind::Php
}

facts! {
    // Fetching and running.
    "fetches_and_runs" Support: |v| v.any(FETCH) && v.near(FETCH, RUN);
    "fetches_with_windows_objects" Support: |v| windows(v) && v.any(FETCH_WINDOWS);
    "fetches_into_file_and_runs" Strong: |v| v.has(S::Stream) && v.any(FETCH_WINDOWS) && v.any(WSH_RUN);
    "runs_what_it_fetches_as_text" Strong: |v| v.near(&[S::WebClient, S::WebRequest], &[S::Invoke, S::InvokeOdd]);
    "pipes_download_into_shell" Support: |v| v.near(&[S::Curl, S::PyFetch], &[S::PipeToShell]);
    "fetches_program" Support: |v| v.any(FETCH) && v.near(FETCH, &[S::DotExe]);
    "fetches_from_bare_address" Support: |v| v.has(S::UrlByNumber) && v.any(FETCH);
    "fetches_into_temp_and_marks_runnable" Support: |v| v.has(S::Curl) && v.has(S::MakeRunnable) && v.has(S::UnixTemp);
    "fetches_for_many_machines" Strong: |v| v.has(S::Busybox) && v.has(S::Curl);
    "into_temp_folder" Weak: |v| v.has(S::TempFolder) && v.any(FETCH);
    "writes_program_file" Weak: |v| v.has(S::Stream) && v.has(S::DotExe);
    // Calling other programs.
    "wsh_shell" Weak: |v| v.has(S::WshShell);
    "runs_through_wmi" Support: |v| v.has(S::WmiRun) && v.any(&[S::CallsPowerShell, S::CommandLine, S::HiddenWindow, S::SystemTool]);
    "macro_runs_program" Support: |v| v.kind == Kind::Vba && v.any(&[S::VbaShell, S::WshShell, S::WmiRun]);
    "script_calls_powershell" Support: |v| v.kind != Kind::PowerShell && v.has(S::CallsPowerShell);
    "script_calls_command_line" Weak: |v| windows(v) && v.kind != Kind::PowerShell && v.has(S::CommandLine);
    "uses_system_tool_as_loader" Support: |v| v.has(S::SystemTool) && v.any(&[S::Url, S::TempFolder, S::HiddenWindow]);
    "node_runs_and_sends" Support: |v| v.kind == Kind::JavaScript && v.has(S::NodeRun) && v.any(&[S::HostFacts, S::DropPoint]);
    // Hiding.
    "encoded_command" Strong: |v| v.has(S::EncodedCommand) && v.came(How::Encoded);
    "hidden_window" Support: |v| v.has(S::HiddenWindow) && v.any(RUN);
    "hidden_run" Weak: |v| is(v, &[Kind::JavaScript, Kind::VbScript, Kind::Vba]) && v.near(&[S::HiddenRun], &[S::WshRun, S::VbaShell]);
    "passes_over_policy" Support: |v| v.has(S::Bypass);
    "switches_off_script_inspection" Strong: |v| v.has(S::Amsi);
    "hides_calls" Strong: |v| v.hidden(HARD);
    "hides_address" Support: |v| v.hidden(&[S::Url]);
    "decodes_and_runs" Support: |v| v.near(DECODE, &[S::Invoke, S::InvokeOdd, S::EvalJs, S::ExecuteVbs, S::PyExec, S::PhpEval, S::LoadAssembly]);
    "base64_into_shell" Strong: |v| v.near(&[S::Base64Pipe], &[S::PipeToShell]);
    "packed_text" Support: |v| v.layers.packed;
    "program_in_text" Strong: |v| v.layers.program;
    "text_from_numbers" Support: |v| v.came(How::Spelled);
    "reversed_text" Weak: |v| v.has(S::Reverse) && v.came(How::Reversed);
    "shuffled_text" Support: |v| v.came(How::Shuffled);
    "calls_under_odd_names" Support: |v| v.has(S::InvokeOdd);
    "evaluates_text" Weak: |v| v.any(&[S::EvalJs, S::ExecuteVbs, S::PyExec]);
    "computes_characters" Weak: |v| v.has(S::CharCodes) && v.has(S::Xor);
    "takes_junk_out" Weak: |v| v.has(S::Replace) && v.any(DECODE);
    "dynamic_names" Support: |v| v.has(S::Dynamic) && v.any(&[S::PyExec, S::VbaShell, S::Invoke, S::WshShell, S::LoadAssembly]);
    "many_seams" Support: |v| v.layers.seams >= 12 && v.layers.seams * 60 > v.shape.length;
    // Protection and traces.
    "switches_off_protection" Support: |v| v.has(S::Defender);
    "opens_firewall" Support: |v| v.has(S::Firewall);
    "deletes_backups" Strong: |v| v.has(S::Backups);
    "wipes_traces" Support: |v| v.has(S::Traces);
    "kills_rivals" Weak: |v| v.has(S::OtherMiners) && v.count(&[S::Miner, S::Curl, S::Cron]) >= 2;
    "deletes_itself" Support: |v| v.has(S::DeletesItself);
    // A line back.
    "reverse_shell" Strong: |v| v.has(S::DevTcp) && v.any(&[S::Interactive, S::Fifo])
        || v.has(S::TcpClient) && v.any(&[S::Invoke, S::CommandLine])
        || v.near(&[S::PySocket], &[S::Dup]) && v.any(&[S::PyRun, S::Interactive])
        || v.near(&[S::Fifo], &[S::Netcat, S::Interactive])
        || v.near(&[S::PhpSocket], &[S::Interactive, S::PhpRun]) && v.has(S::Interactive);
    "netcat_shell" Support: |v| v.has(S::Netcat) && v.has(S::Interactive);
    "opens_raw_line" Weak: |v| v.any(&[S::DevTcp, S::TcpClient, S::Netcat]);
    // Memory.
    "writes_into_memory" Strong: |v| v.has(S::Memory) && v.has(S::Native);
    "loads_program_from_text" Support: |v| v.has(S::LoadAssembly) && v.any(&[S::FromBase64, S::WebClient, S::Unpack, S::CharCodes]);
    "machine_code" Strong: |v| v.has(S::ShellCode) && v.any(&[S::Memory, S::Native, S::LoadAssembly, S::PyExec]);
    // Secrets.
    "reads_secrets" Support: |v| v.has(S::Credentials);
    "records_keys_or_screen" Support: |v| v.has(S::Keys);
    "looks_for_wallets" Support: |v| v.has(S::Wallet) && v.any(&[S::DropPoint, S::Credentials]);
    "sends_host_facts" Support: |v| v.has(S::HostFacts) && v.any(FETCH);
    "drop_point" Weak: |v| v.has(S::DropPoint) && v.any(FETCH);
    // Staying.
    "starts_with_windows" Support: |v| windows(v) && v.any(&[S::RunKey, S::Tasks, S::Startup, S::WmiEvents]);
    "starts_with_unix" Weak: |v| v.has(S::Cron) && v.any(FETCH);
    "adds_ssh_key" Support: |v| v.has(S::SshKeys) && v.any(&[S::Cron, S::Curl, S::Traces, S::Preload]);
    "loads_into_everything" Support: |v| v.has(S::Preload) && v.any(&[S::Curl, S::Cron, S::Traces]);
    // Macros.
    "macro_starts_by_itself" Support: |v| v.kind == Kind::Vba && v.any(&[S::AutoOpen, S::AutoClose]);
    "macro_starts_and_runs" Strong: |v| v.kind == Kind::Vba && v.any(&[S::AutoOpen, S::AutoClose])
        && v.any(&[S::VbaShell, S::WshShell, S::WmiRun, S::UrlToFile, S::Memory, S::CallsPowerShell]);
    "macro_spreads" Strong: |v| v.kind == Kind::Vba && v.has(S::SpreadsMacro) && v.any(&[S::AutoOpen, S::AutoClose]);
    "macro_keeps_text_in_document" Weak: |v| v.kind == Kind::Vba && v.has(S::StoresInDocument) && v.any(WSH_RUN);
    "looks_for_watchers" Support: |v| v.has(S::Sandbox) && v.any(RUN);
    "script_spreads" Support: |v| v.has(S::Spreads) && v.any(&[S::FileSystem, S::WshShell]);
    // Machines of others.
    "mines" Support: |v| v.has(S::Miner) && v.any(&[S::Curl, S::Cron, S::OtherMiners, S::WebClient, S::PyFetch, S::NodeRun]);
    "speaks_of_attacks" Weak: |v| v.has(S::Attack);
    "encrypts_files" Weak: |v| v.has(S::CryptFiles) && v.has(S::Walks);
    "runs_while_installing" Support: |v| setup(v) && v.has(S::InstallHook)
        && v.any(&[S::PyFetch, S::PyExec, S::HostFacts, S::PySocket, S::DropPoint]);
    "setup_fetches_or_decodes" Support: |v| setup(v) && (v.near(&[S::SetupPy], &[S::PyFetch]) || v.any(&[S::FromBase64, S::HiddenWindow]));
    // Web shells.
    "web_input_is_run" Strong: |v| php(v) && v.near(&[S::PhpInput], &[S::PhpEval, S::PhpRun]);
    "web_input_is_decoded" Support: |v| php(v) && v.near(&[S::PhpInput], &[S::FromBase64, S::Unpack]);
    "web_page_runs_commands" Weak: |v| php(v) && v.has(S::PhpRun) && v.has(S::PhpInput);
    "web_page_decodes_and_evaluates" Strong: |v| php(v) && v.near(&[S::FromBase64, S::Unpack, S::CharCodes], &[S::PhpEval]);
    "web_page_manages_files" Support: |v| php(v) && v.has(S::Upload) && v.any(&[S::PhpRun, S::PhpEval, S::FileSystem]) && v.has(S::PhpInput);
    "web_shell_name" Weak: |v| v.has(S::WebShellName);
    // Shape.
    "very_long_line" Weak: |v| v.shape.longest > 3_000;
    "mostly_encoded" Support: |v| v.shape.run * 2 > v.shape.length && v.shape.run > 200;
    "long_encoded_run" Weak: |v| v.shape.run > 1_000;
    "evenly_spread" Weak: |v| v.shape.entropy > 5.75;
    "many_symbols" Weak: |v| v.shape.symbols > 0.33;
    "many_digits" Weak: |v| v.shape.digits > 0.25;
    "random_names" Support: |v| v.shape.random > 0.45;
    "few_lines" Weak: |v| v.shape.lines <= 3;
    "short" Weak: |v| v.shape.length < 400;
    "no_comments" Weak: |v| v.shape.comments == 0.0 && v.shape.lines > 12;
    // Good.
    "documented" Good: |v| v.has(S::Documented);
    "licensed" Good: |v| v.has(S::Licensed);
    "signed_block" Good: |v| v.has(S::Signed);
    "tested" Good: |v| v.has(S::Tested);
    "modular" Good: |v| v.has(S::Modular);
    "checks_errors" Good: |v| v.has(S::CheckedVb) && is(v, &[Kind::Vba, Kind::VbScript]) || v.has(S::CheckedSh) && v.kind == Kind::Shell;
    "many_comments" Good: |v| v.shape.comments > 0.15 && v.shape.lines > 10;
    "long_and_plain" Good: |v| v.shape.lines > 400 && v.shape.longest < 400;
}
