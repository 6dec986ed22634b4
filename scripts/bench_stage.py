"""What bench_milter.py measures on: one Postfix with a door for each filter, the filters, and a sink that writes all down."""

import collections
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import time

import bench_letters
import bench_mail

GATEWAY = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "packaging", "gateway")
MARK = b"X-Prova: "
# How long a message may be on its way, and a program may be busy with its start, in seconds.
PATIENCE = 120
CALM = 240


def free_port():
    """A port of this machine that nobody holds now."""
    with socket.create_server(("127.0.0.1", 0)) as line:
        return line.getsockname()[1]


def deliver(port, sender, recipient, mark, letter):
    """Sends one message as a foreign server does; gives whether it was taken, and how long that took from the first byte."""
    data = MARK + mark + b"\r\n" + letter.stuffed
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        file = line.makefile("rb")

        def hear():
            while True:
                answer = file.readline()
                if not answer:
                    raise ConnectionError("the gateway broke off")
                if answer[3:4] != b"-":
                    return int(answer[:3]), answer

        def say(text):
            line.sendall(text + b"\r\n")
            return hear()

        answer = hear()
        # From outside, or nobody would have anything to look at: Postfix lets this machine say so (XCLIENT).
        before = [b"EHLO bench.example", b"XCLIENT ADDR=198.51.100.7 NAME=[UNAVAILABLE]", b"EHLO mail.straniero.example"]
        for text in before + [b"MAIL FROM:<" + sender + b">", b"RCPT TO:<" + recipient + b">", b"DATA"]:
            if answer[0] >= 400:
                raise ConnectionError(f"the gateway does not take it: {answer[1]!r}")
            answer = say(text)
        if answer[0] != 354:
            raise ConnectionError(f"the gateway does not take it: {answer[1]!r}")
        line.sendall(data)
        code, words = say(b".")
        wait = time.monotonic() - began
        if code != 250 and code < 500:
            raise ConnectionError(f"the gateway does not take it: {words!r}")
        line.sendall(b"QUIT\r\n")
    return code == 250, wait


class Door:
    """A door of the gateway, and the filter behind it."""

    def __init__(self, name, milter=None, process=None):
        self.name, self.milter, self.port = name, milter, free_port()
        self.process, self.pid = process, process.pid if process else None

    def cost(self):
        """Seconds of processor of the filter so far."""
        if not self.pid:
            return 0.0
        if self.process.poll() is not None:
            sys.exit(f"error: the filter {self.name} has ended with {self.process.returncode}")
        return bench_mail.cost(self.pid)[0]

    def memory(self):
        """MiB that the filter holds, what its processes share counted once."""
        total = 0
        for one in bench_mail.family(self.pid):
            try:
                with open(f"/proc/{one}/smaps_rollup", encoding="utf-8") as rollup:
                    total += sum(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
            except OSError:
                continue
        return total / 1024

    def wait_calm(self):
        """Waits until the filter is done with its start."""
        end = time.monotonic() + CALM
        while time.monotonic() < end:
            before = self.cost()
            time.sleep(3)
            if self.cost() - before < 0.1:
                return
        sys.exit(f"error: the filter {self.name} is still busy with its start after {CALM} s")


class Stage:
    """Everything that runs."""

    def __init__(self, folder, release, without):
        self.folder, self.conf, self.accounted, self.processes = folder, os.path.join(folder, "postfix/conf"), 0, []
        self.arrived = os.path.join(folder, "arrived")
        try:
            self.doors = [Door("none")]
            if "ours" not in without:
                self.doors.append(self.ours("ours", release, []))
            if "house" not in without:
                made = [os.path.join(release, "baluardo-bench"), "mail-house", "--beside", folder, "--domain", "comune.siena.it"]
                state = subprocess.run(made, check=True, capture_output=True, text=True).stdout.strip()
                self.doors.append(self.ours("ours, with a house", release, ["--state", state]))
            if "rspamd" not in without:
                self.doors.append(self.rspamd())
            self.sink()
            self.postfix()
            for door in self.doors:
                door.wait_calm()
        except BaseException:
            self.end()
            raise

    def start(self, command, name):
        """Starts a program, which ends with the stage."""
        with open(os.path.join(self.folder, name + ".log"), "wb") as log:
            # What this shell was told of another house concerns nobody here.
            env = {name: value for name, value in os.environ.items() if not name.startswith("BALUARDO_")}
            process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def ours(self, name, release, more):
        """Our filter: nothing is asked of the DNS, and what is suspicious is marked, so that it arrives."""
        port = free_port()
        command = [os.path.join(release, "baluardo"), "mail", "milter", "--listen", f"inet:127.0.0.1:{port}"]
        process = self.start(command + ["--no-dns", "--tag-only"] + more, name.replace(" ", "-"))
        bench_mail.wait_for(port, 60, name)
        return Door(name, port, process)

    def rspamd(self):
        """rspamd's worker for milters, which scans by itself in as many processes as there are cores."""
        port, cores = free_port(), os.cpu_count()
        proxy = f'bind_socket = "127.0.0.1:{port}"; milter = yes; count = {cores};\n'
        proxy += 'upstream "local" { default = yes; self_scan = yes; }\n'
        workers = {"worker-proxy.inc": proxy, "worker-normal.inc": "enabled = false;\n"}
        folder = os.path.join(self.folder, "rspamd")
        os.makedirs(folder)
        process = bench_mail.start_rspamd(folder, workers, port)
        self.processes.append(process)
        return Door("rspamd", port, process)

    def sink(self):
        """The provider: Debian's smtp-sink, which writes each message into a file."""
        os.makedirs(self.arrived)
        shutil.chown(self.arrived, "nobody", "nogroup")
        self.sink_port = free_port()
        place = f"127.0.0.1:{self.sink_port}"
        self.start(["smtp-sink", "-u", "nobody", "-d", os.path.join(self.arrived, "m."), place, "512"], "sink")
        bench_mail.wait_for(self.sink_port, 30, "smtp-sink")

    def postfix(self):
        """The gateway's Postfix, with a door for each filter."""
        for part in ("conf", "queue", "data"):
            os.makedirs(os.path.join(self.folder, "postfix", part))
        at = lambda name: os.path.join(self.folder, "postfix", name)  # noqa: E731
        shutil.chown(at("data"), "postfix", pwd.getpwnam("postfix").pw_gid)
        with open(os.path.join(GATEWAY, "master.cf"), encoding="utf-8") as file:
            shipped = file.read()
        first = next(line for line in shipped.splitlines() if re.match(r"smtp\s+inet", line))
        lines = [shipped.replace(first + "\n", "")]
        for door in self.doors:
            milter = f"inet:127.0.0.1:{door.milter}" if door.milter else ""
            lines.append(re.sub(r"^smtp\s+inet", f"127.0.0.1:{door.port} inet", first) + f"\n  -o smtpd_milters={milter}")
        with open(at("conf/master.cf"), "w", encoding="utf-8") as out:
            out.write("\n".join(lines) + "\n")
        shutil.copy(os.path.join(GATEWAY, "main.cf"), at("conf/main.cf"))
        with open(at("conf/domains"), "w", encoding="utf-8") as out:
            out.write(f"comune.siena.it relay:[127.0.0.1]:{self.sink_port}\n")
        own = [f"queue_directory={at('queue')}", f"data_directory={at('data')}", f"maillog_file={at('log')}"]
        own += [f"maillog_file_prefixes={self.folder}", "inet_interfaces=127.0.0.1", "inet_protocols=ipv4"]
        # No certificate is made for this; everything comes from one machine, which says for which other it speaks.
        own += ["smtpd_tls_security_level=none", "smtpd_tls_chain_files=", "smtpd_authorized_xclient_hosts=127.0.0.1"]
        # A single client has limits, which would stop who measures.
        own += [f"smtpd_client_{what}_limit=0" for what in ("connection_count", "connection_rate", "message_rate", "recipient_rate")]
        subprocess.run(["postconf", "-c", self.conf, "-e", *own], check=True)
        subprocess.run(["postfix", "-c", self.conf, "start"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for door in self.doors:
            bench_mail.wait_for(door.port, 30, "Postfix")

    def account(self, letters, marks, refused):
        """Waits until each message is at the sink that was taken, and fails when one is lost, doubled or changed."""
        wanted = {mark: letter.body for mark, letter in zip(marks, letters) if mark not in refused}
        found, seen, end = collections.Counter(), set(), time.monotonic() + PATIENCE
        while time.monotonic() < end:
            changed = self.read_arrived(wanted, found, seen)
            if len(found) >= len(wanted) and not self.waiting():
                break
            time.sleep(0.2)
        changed = self.read_arrived(wanted, found, seen)
        if changed:
            sys.exit(f"error: {len(changed)} messages arrived with another body than they were sent with, such as {changed[0]}")
        lost = [mark for mark in wanted if mark not in found]
        doubled = [mark for mark, times in found.items() if times > 1]
        strange = [mark for mark in found if mark not in wanted]
        if lost or doubled or strange:
            some = (lost + doubled + strange)[0].decode()
            told = f"{len(lost)} of {len(marks)} messages are lost, {len(doubled)} doubled, {len(strange)} came that were refused"
            sys.exit(f"error: {told}; one of them is {some}")
        for name in seen:
            os.unlink(name)
        self.accounted += len(marks)

    def read_arrived(self, wanted, found, seen):
        """Reads what came since the last look; gives what has another body, which may still be written."""
        changed = []
        for entry in os.scandir(self.arrived):
            if entry.path in seen:
                continue
            with open(entry.path, "rb") as file:
                text = file.read().replace(b"\r\n", b"\n")
            head, _, body = text.partition(b"\n\n")
            mark = next((line[len(MARK) :] for line in head.split(b"\n") if line.startswith(MARK)), None)
            if mark is None or (mark in wanted and bench_letters.digest(body) != wanted[mark]):
                changed.append(mark)
                continue
            seen.add(entry.path)
            found[mark] += 1
        return changed

    def waiting(self):
        """How many messages are in Postfix's queue."""
        listed = subprocess.run(["postqueue", "-c", self.conf, "-j"], check=True, capture_output=True, text=True).stdout
        held = [line for line in listed.splitlines() if '"queue_name": "hold"' in line]
        if held:
            sys.exit(f"error: a filter held {len(held)} messages at the gateway, which none was asked to")
        return listed.count("\n")

    def end(self):
        """Ends everything that was started."""
        if os.path.exists(os.path.join(self.folder, "postfix/queue/pid/master.pid")):
            subprocess.run(["postfix", "-c", self.conf, "abort"], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
