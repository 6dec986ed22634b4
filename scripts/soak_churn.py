"""The soak behind scripts/soak-churn.sh: one guard, threads that make, write, rename, pack and delete files, and samples of /proc."""

import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import zipfile

FORGIVEN_KIB = int(os.environ.get("BALUARDO_GROWTH_KIB", "8192"))
SAMPLES = 60
WORDS = "delibera giunta protocollo anagrafe bilancio tributi verbale seduta consiglio ufficio".split()


def text(chance, size):
    """So many bytes of a document in words."""
    line = " ".join(chance.choice(WORDS) for _ in range(40)) + "\n"
    return (line * (size // len(line) + 1))[:size].encode()


class Churn:
    """Work as an office does it, in one folder, until told to stop. What it makes it also deletes, so that the folder does not grow."""

    def __init__(self, folder, seed):
        self.folder, self.chance, self.over, self.acts = folder, random.Random(seed), threading.Event(), 0
        os.makedirs(folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def live(self):
        number = 0
        while not self.over.is_set():
            number += 1
            try:
                self.turn(number)
            except FileNotFoundError as error:
                # The guard may take a file for its quarantine: that is counted by its journal.
                print(f"soak: {error}", file=sys.stderr)
            self.over.wait(0.01)

    def turn(self, number):
        draft, final = self.path(f"bozza-{number}.txt"), self.path(f"atto-{number % 200}.txt")
        with open(draft, "wb") as file:
            file.write(text(self.chance, self.chance.randrange(200, 60_000)))
        os.replace(draft, final)
        with open(final, "ab") as file:
            file.write(text(self.chance, 500))
        self.acts += 3
        if number % 25 == 0:
            self.pack(number)
        if number % 40 == 0:
            temporary = self.path(f"lavoro-{number}")
            os.makedirs(temporary)
            for index in range(20):
                with open(os.path.join(temporary, f"{index}.tmp"), "wb") as file:
                    file.write(os.urandom(4_000))
            shutil.rmtree(temporary)
            self.acts += 40

    def pack(self, number):
        names = [name for name in os.listdir(self.folder) if name.startswith("atto-")][:20]
        packed, out = self.path(f"archivio-{number % 8}"), self.path(f"estratto-{number}")
        with zipfile.ZipFile(packed + ".zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for name in names:
                archive.write(self.path(name), name)
        with tarfile.open(packed + ".tar.gz", "w:gz") as archive:
            for name in names:
                archive.add(self.path(name), name)
        with zipfile.ZipFile(packed + ".zip") as archive:
            archive.extractall(out)
        shutil.rmtree(out)
        self.acts += 2 + 2 * len(names)


def memory(pid):
    """(Pss, Rss) in KiB; a guard that is gone ends the soak."""
    found = {}
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        for line in file:
            key, _, rest = line.partition(":")
            if key in ("Pss", "Rss"):
                found[key] = int(rest.split()[0])
    return found["Pss"], found["Rss"]


def slope(samples):
    """KiB for each minute, by least squares, and the minutes that they span."""
    count = len(samples)
    middle_t = sum(at for at, _, _ in samples) / count
    middle_m = sum(pss for _, pss, _ in samples) / count
    spread = sum((at - middle_t) ** 2 for at, _, _ in samples)
    if spread == 0:
        return 0.0, 0.0
    rise = sum((at - middle_t) * (pss - middle_m) for at, pss, _ in samples)
    return rise / spread, samples[-1][0] - samples[0][0]


def agent():
    for path in (os.environ.get("BALUARDO_AGENT"), "target/release/baluardo-agent", "target/debug/baluardo-agent"):
        if path and os.access(path, os.X_OK):
            return path
    sys.exit("soak: the agent is not built: make release, or BALUARDO_AGENT=program")


def soak(minutes, root):
    documents = os.path.join(root, "documenti")
    os.makedirs(documents)
    journal = os.path.join(root, "journal.jsonl")
    command = [agent(), "guard", "--protect", documents, "--vault", os.path.join(root, "vault"), "--journal", journal,
               "--vault-mib", "256"]
    with open(os.path.join(root, "guard.log"), "wb") as log:
        guard = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
    try:
        if guard.stdout.readline().strip() != b"ready":
            with open(os.path.join(root, "guard.log"), encoding="utf-8", errors="replace") as log:
                sys.exit("soak: the guard did not start: " + log.read())
        churns = [Churn(os.path.join(documents, f"ufficio-{number}"), number) for number in range(2)]
        threads = [threading.Thread(target=churn.live) for churn in churns]
        for thread in threads:
            thread.start()
        samples = watch(guard, minutes, churns)
        for churn in churns:
            churn.over.set()
        for thread in threads:
            thread.join()
    finally:
        guard.terminate()
        guard.wait()
    stopped = 0
    if os.path.exists(journal):
        with open(journal, encoding="utf-8") as lines:
            stopped = sum('"stopped"' in line for line in lines)
    return samples, sum(churn.acts for churn in churns), stopped


def watch(guard, minutes, churns):
    samples, begun = [], time.monotonic()
    print(f"{'minute':>8} {'Pss KiB':>9} {'Rss KiB':>9} {'acts':>10}", flush=True)
    while True:
        at = (time.monotonic() - begun) / 60
        if guard.poll() is not None:
            sys.exit(f"soak: the guard ended by itself after {at:.1f} minutes")
        pss, rss = memory(guard.pid)
        samples.append((at, pss, rss))
        print(f"{at:8.2f} {pss:9} {rss:9} {sum(churn.acts for churn in churns):10}", flush=True)
        if at >= minutes:
            return samples
        time.sleep(max(0.2, minutes * 60 / SAMPLES))


def main():
    try:
        minutes = float(sys.argv[1])
    except (IndexError, ValueError):
        sys.exit("usage: scripts/soak-churn.sh [MINUTES]")
    if not 0 < minutes < 100_000:
        sys.exit("usage: scripts/soak-churn.sh [MINUTES]")
    with tempfile.TemporaryDirectory(prefix="baluardo-soak-") as root:
        samples, acts, stopped = soak(minutes, root)
    # Caches fill in the first quarter; what is held against the guard is what comes after.
    settled = [sample for sample in samples if sample[0] >= minutes / 4]
    rise, span = slope(settled)
    grown = rise * span
    print(f"{acts} acts on files; {stopped} taken for an attack; largest Pss {max(pss for _, pss, _ in samples)} KiB")
    print(f"slope after the first quarter: {rise:+.1f} KiB a minute, {grown:+.0f} KiB in {span:.1f} minutes")
    if grown > FORGIVEN_KIB:
        print(f"it grows: more than {FORGIVEN_KIB} KiB", file=sys.stderr)
        sys.exit(1)
    if stopped:
        print("honest work was taken for an attack", file=sys.stderr)
        sys.exit(1)


main()
