// The stage: a server of its own on loopback ports, with a state folder that goes when the test ends, and agents.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const BIN = process.env.BALUARDO_BIN ?? join(ROOT, "target", "debug");
const START_MS = 60_000;

/** A port that nobody holds at this moment. */
function freePort() {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

/** Ends a child in order, or by force when it does not listen. */
function end(child) {
  return new Promise((done) => {
    if (child.exitCode !== null || child.signalCode !== null) return done();
    const force = setTimeout(() => child.kill("SIGKILL"), 15_000);
    child.once("exit", () => {
      clearTimeout(force);
      done();
    });
    child.kill("SIGTERM");
  });
}

export class Stage {
  children = [];

  /** Starts the server and waits until it says that it runs. */
  static async set() {
    const stage = new Stage();
    stage.dir = mkdtempSync(join(tmpdir(), "baluardo-walk-"));
    const [console_, agents] = [await freePort(), await freePort()];
    stage.origin = `https://localhost:${console_}`;
    const server = spawn(
      join(BIN, "baluardo"),
      ["run", "--state", join(stage.dir, "state"), "--listen", `127.0.0.1:${console_}`, "--agent-listen", `127.0.0.1:${agents}`, "--dns", "127.0.0.1:9"],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    stage.children.push(server);
    stage.firstLink = await new Promise((done, fail) => {
      let said = "";
      const late = setTimeout(() => fail(new Error(`the server did not start: ${said}`)), START_MS);
      server.stdout.on("data", (chunk) => {
        said += chunk;
        const link = said.match(/https:\/\/\S+\/link\/\S+/);
        if (link && said.includes("Ctrl-C")) {
          clearTimeout(late);
          done(link[0]);
        }
      });
      server.once("exit", (code) => fail(new Error(`the server ended with ${code}: ${said}`)));
    });
    return stage;
  }

  /** Enrols an agent with a token's line and keeps it running. */
  startAgent(line) {
    const state = join(this.dir, "agent");
    const done = spawnSync(join(BIN, "baluardo-agent"), ["enrol", "--state", state, line], { encoding: "utf8" });
    if (done.status !== 0) throw new Error(`the agent could not enrol: ${done.stderr}`);
    const agent = spawn(join(BIN, "baluardo-agent"), ["run", "--state", state], { stdio: ["ignore", "inherit", "inherit"] });
    this.children.unshift(agent);
  }

  /** Starts the filter for mail beside the server, and gives its port once it listens. */
  async startMilter(nextHop) {
    const port = await freePort();
    const state = join(this.dir, "state");
    const milter = spawn(
      join(BIN, "baluardo"),
      ["mail", "milter", "--listen", `inet:127.0.0.1:${port}`, "--state", state, "--next-hop", `smtp://127.0.0.1:${nextHop}`],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    this.children.unshift(milter);
    await new Promise((done, fail) => {
      milter.stdout.once("data", done);
      milter.once("exit", (code) => fail(new Error(`the milter ended with ${code}`)));
    });
    return port;
  }

  /** Ends everything and takes the folder away. */
  async strike() {
    for (const child of this.children) await end(child);
    rmSync(this.dir, { recursive: true, force: true });
  }
}
