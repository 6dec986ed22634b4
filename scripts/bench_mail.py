#!/usr/bin/env python3
"""Judges the same messages with Baluardo, rspamd and SpamAssassin, by content alone, and prints figures side by side.

Called by scripts/bench-mail.sh with a file of verdicts that `baluardo-train --verdicts` wrote: for each message what a model
said that had not seen any message of its kind. From each collection the same number of messages is drawn, by a seed.
rspamd and SpamAssassin run on loopback with everything off that asks the network; what that costs them is corrected as far
as it is known: tests of the sending host are off, because no host is given to them.
"""

import argparse
import collections
import http.client
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")
# Modules of rspamd that ask the network or learn; hfilter judges a host that is not known here.
RSPAMD_OFF = (
    "spf dkim dmarc arc rbl surbl fuzzy_check asn mx_check greylist ratelimit neural hfilter phishing_feeds "
    "dkim_signing url_redirector history_redis reputation metadata_exporter replies spamassassin antivirus bayes_expiry"
).split()
RSPAMD_PORT, SPAMD_PORT, DNS_PORT = 21333, 20783, 5354


def answer_no_names(stop):
    """A name server that knows no name, so that nothing waits for one."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind(("127.0.0.1", DNS_PORT))
    line.settimeout(0.5)
    while not stop.is_set():
        try:
            question, whom = line.recvfrom(4096)
        except TimeoutError:
            continue
        line.sendto(question[:2] + b"\x81\x83" + question[4:6] + b"\0\0\0\0\0\0" + question[12:], whom)


def family(pid):
    """A process and all below it."""
    found, rest = [], [pid]
    parents = collections.defaultdict(list)
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat", encoding="utf-8") as stat:
                    parents[int(stat.read().rsplit(")", 1)[1].split()[1])].append(int(entry))
            except (OSError, IndexError):
                continue
    while rest:
        one = rest.pop()
        found.append(one)
        rest.extend(parents[one])
    return found


def cost(pid):
    """Seconds of processor and largest resident size in MiB of a process and those below it."""
    seconds = largest = 0.0
    for one in family(pid):
        try:
            with open(f"/proc/{one}/stat", encoding="utf-8") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
            # User and system time, its own and that of children that have ended.
            seconds += sum(int(field) for field in fields[11:15]) / TICKS
            with open(f"/proc/{one}/status", encoding="utf-8") as status:
                peak = [line for line in status if line.startswith("VmHWM")]
            largest = max(largest, int(peak[0].split()[1]) / 1024)
        except (OSError, IndexError):
            continue
    return seconds, largest


def wait_for(port, seconds, name):
    """Waits until something listens."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.5)
    sys.exit(f"error: {name} did not answer on port {port} within {seconds} s")


def start_rspamd(folder, workers=None, port=RSPAMD_PORT):
    """rspamd with its shipped rules, offline; `workers` replaces settings of its workers, one of which listens on `port`."""
    conf = os.path.join(folder, "conf")
    shutil.copytree("/etc/rspamd", conf)
    local = os.path.join(conf, "local.d")
    os.makedirs(local, exist_ok=True)
    for module in RSPAMD_OFF:
        with open(os.path.join(local, module + ".conf"), "w", encoding="utf-8") as out:
            out.write("enabled = false;\n")
    texts = {
        "options.inc": f'dns {{ nameserver = ["127.0.0.1:{DNS_PORT}"]; timeout = 0.1s; retransmits = 1; }}\n',
        "worker-normal.inc": f'bind_socket = "127.0.0.1:{RSPAMD_PORT}"; count = 1;\n',
        "worker-proxy.inc": "enabled = false;\n",
        "worker-controller.inc": f'bind_socket = "127.0.0.1:{RSPAMD_PORT + 1}";\n',
        # What a test from a file cannot know: its age, and the host that sent it.
        "groups.conf": "",
        "metric_weights.conf": "",
    }
    texts.update(workers or {})
    override = os.path.join(conf, "override.d")
    os.makedirs(override, exist_ok=True)
    for name, text in texts.items():
        with open(os.path.join(local, name), "w", encoding="utf-8") as out:
            out.write(text)
    os.makedirs(os.path.join(local, "groups.d"), exist_ok=True)
    with open(os.path.join(local, "headers_group.conf"), "w", encoding="utf-8") as out:
        out.write('symbols { "DATE_IN_PAST" { weight = 0.0; } "RDNS_NONE" { weight = 0.0; } }\n')
    with open(os.path.join(local, "mime_types_group.conf"), "w", encoding="utf-8") as out:
        out.write("")
    for name in ("db", "run", "log"):
        os.makedirs(os.path.join(folder, name))
    shutil.chown(folder, "_rspamd", "_rspamd")
    subprocess.run(["chown", "-R", "_rspamd:_rspamd", folder], check=True)
    os.chmod(folder, 0o755)
    command = ["rspamd", "-c", os.path.join(conf, "rspamd.conf"), "-f", "-u", "_rspamd", "-g", "_rspamd"]
    command += [f"--var=CONFDIR={conf}", f"--var=LOCAL_CONFDIR={conf}", f"--var=DBDIR={folder}/db"]
    command += [f"--var=RUNDIR={folder}/run", f"--var=LOGDIR={folder}/log"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(port, 180, "rspamd")
    return process


def ask_rspamd(path):
    """Whether rspamd would do something about a message."""
    with open(path, "rb") as file:
        body = file.read()
    line = http.client.HTTPConnection("127.0.0.1", RSPAMD_PORT, timeout=60)
    line.request("POST", "/checkv2", body)
    answer = json.loads(line.getresponse().read())
    line.close()
    return answer.get("action") in ("add header", "rewrite subject", "reject"), answer.get("score", 0.0)


def start_spamd(folder):
    """SpamAssassin with its shipped rules, offline, without learning."""
    conf = os.path.join(folder, "etc")
    shutil.copytree("/etc/spamassassin", conf)
    with open(os.path.join(conf, "local.cf"), "a", encoding="utf-8") as out:
        out.write("\nuse_bayes 0\ndns_available no\nrequired_score 5.0\nskip_rbl_checks 1\n")
    home = os.path.join(folder, "home")
    os.makedirs(home)
    subprocess.run(["chmod", "-R", "a+rX", folder], check=True)
    os.chmod(home, 0o777)
    command = ["spamd", "-L", "-x", f"--siteconfigpath={conf}", "-i", "127.0.0.1", "-p", str(SPAMD_PORT), "-m", "1"]
    command += ["--min-children=1", "--max-spare=1", "-H", home, "-u", "nobody"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(SPAMD_PORT, 120, "spamd")
    return process


def ask_spamd(path):
    """Whether SpamAssassin calls a message spam (SPAMC protocol)."""
    with open(path, "rb") as file:
        body = file.read()
    line = socket.create_connection(("127.0.0.1", SPAMD_PORT), 300)
    line.sendall(b"CHECK SPAMC/1.5\r\nContent-length: %d\r\n\r\n" % len(body) + body)
    line.shutdown(socket.SHUT_WR)
    answer = b""
    while piece := line.recv(4096):
        answer += piece
    line.close()
    # "Spam: True ; 7.1 / 5.0"
    told = [part for part in answer.decode("utf-8", "replace").splitlines() if part.startswith("Spam:")]
    if not told:
        sys.exit(f"error: spamd gave no verdict on {path}: {answer[:200]!r}")
    return "True" in told[0], float(told[0].split(";")[1].split("/")[0])


def draw(verdicts, count, seed):
    """The same number of messages of each collection."""
    by = collections.defaultdict(list)
    with open(verdicts, encoding="utf-8") as file:
        for row in file:
            path, source, year, side, action, score = row.rstrip("\n").split("\t")
            name = f"{source} {year}" if source == "phishing_pot" and year in ("2022", "2023", "2024") else source
            if source != "phishing_pot" or name != source:
                by[side, name].append((path, action, float(score)))
    dice = random.Random(seed)
    return {key: dice.sample(sorted(rows), min(count, len(rows))) for key, rows in sorted(by.items())}


def peer(name, start, ask, folder, sample):
    """Starts a peer, asks it about everything, and gives its verdicts and what they cost."""
    os.makedirs(folder)
    process = start(folder)
    try:
        ask(next(iter(sample.values()))[0][0])
        before, _ = cost(process.pid)
        said = {path: ask(path) for rows in sample.values() for path, _, _ in rows}
        after, largest = cost(process.pid)
    finally:
        process.terminate()
        process.wait()
    return name, said, (after - before) / len(said) * 1000, largest


def ours(judge, sample, folder):
    """What our engine costs, with the model that ships; its verdicts are in the sample, by models that saw less."""
    listed = os.path.join(folder, "list")
    with open(listed, "w", encoding="utf-8") as out:
        out.writelines(path + "\n" for rows in sample.values() for path, _, _ in rows)
    # The difference of two runs leaves out the start.
    before = os.times()
    process = subprocess.run([judge, "--judge", listed], check=True, capture_output=True, text=True)
    after = os.times()
    seconds = after.children_user + after.children_system - before.children_user - before.children_system
    import resource  # only here: what the child above needed at most

    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return seconds / sum(len(rows) for rows in sample.values()) * 1000, largest, process.stderr.strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verdicts")
    parser.add_argument("judge", help="the binary baluardo-train")
    parser.add_argument("--count", type=int, default=250, help="messages of each collection")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--without", default="", help="peers to leave out: rspamd, spamassassin")
    args = parser.parse_args()
    sample = draw(args.verdicts, args.count, args.seed)
    stop = threading.Event()
    threading.Thread(target=answer_no_names, args=(stop,), daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="baluardo-bench-mail.") as folder:
        os.chmod(folder, 0o755)
        per_message, largest, told = ours(args.judge, sample, folder)
        peers = []
        if "rspamd" not in args.without:
            peers.append(peer("rspamd", start_rspamd, ask_rspamd, os.path.join(folder, "rspamd"), sample))
        if "spamassassin" not in args.without:
            peers.append(peer("SpamAssassin", start_spamd, ask_spamd, os.path.join(folder, "spamassassin"), sample))
    stop.set()
    print_table(sample, peers)
    print(f"\nBaluardo      {per_message:8.2f} ms of processor a message, {largest:6.0f} MiB at most ({told})")
    for name, _, each, most in peers:
        print(f"{name:13} {each:8.2f} ms of processor a message, {most:6.0f} MiB at most")


def print_table(sample, peers):
    """A line for each collection: what each filter would do something about."""
    share = lambda hits, rows: 100 * sum(hits) / len(rows)  # noqa: E731
    print(f"{'':8} {'collection':20} {'n':>5} {'held':>7} {'held or marked':>15}", *(f"{name:>13}" for name, *_ in peers))
    for (side, name), rows in sample.items():
        held = share([action in ("quarantine", "reject") for _, action, _ in rows], rows)
        acted = share([action != "deliver" for _, action, _ in rows], rows)
        others = (share([said[path][0] for path, _, _ in rows], rows) for _, said, *_ in peers)
        print(f"{side:8} {name:20} {len(rows):5} {held:6.1f}% {acted:14.1f}%", *(f"{other:12.1f}%" for other in others))


if __name__ == "__main__":
    main()
