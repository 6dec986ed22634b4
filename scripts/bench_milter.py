#!/usr/bin/env python3
"""Passes the same messages through Postfix without a filter, with ours and with rspamd's, and prints figures side by side.

Called by scripts/bench-milter.sh. One Postfix, with the gateway's configuration that ships, has a door for each filter; each
door gets the same messages in turn, by as many senders at once. What passes goes on to smtp-sink, which writes it down: each
message must arrive there once with the body that was sent, or have been refused to its sender, or the run fails. Then the same
messages go to each filter by the milter protocol alone, where no disk of Postfix's is between.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import bench_letters
import bench_mail
import bench_stage
import milter_client

SENDER, RECIPIENT = b"anna@straniero.example", b"ufficio@comune.siena.it"
WARM_UP = 60


class Figures:
    """Least, middle and most of what several runs measured."""

    def __init__(self):
        self.rows = {}

    def note(self, name, unit, value):
        self.rows.setdefault((name, unit), []).append(value)

    def print(self):
        widest = max(len(name) for name, _ in self.rows)
        print(f"\n{'milter':{widest}}  {'min':>9} {'median':>9} {'max':>9}  runs")
        for (name, unit), values in self.rows.items():
            three = (min(values), statistics.median(values), max(values))
            print(f"{name:{widest}} ", *(f"{value:9.4g}" for value in three), f" {len(values):4}  {unit}")
        print()
        for (name, unit), values in self.rows.items():
            line = {"bench": "milter", "figure": name, "unit": unit, "min": min(values)}
            line |= {"median": statistics.median(values), "max": max(values), "runs": len(values)}
            print(json.dumps(line))


def share(work, count, at_once):
    """Does `work(number)` for each number below `count`, with so many hands; gives the results in order."""
    results, numbers, lock, failures = [None] * count, iter(range(count)), threading.Lock(), []

    def hand():
        while not failures:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            try:
                results[number] = work(number)
            except Exception as why:  # pylint: disable=broad-except
                failures.append(f"message {number}: {why!r}")

    hands = [threading.Thread(target=hand) for _ in range(at_once)]
    for one in hands:
        one.start()
    for one in hands:
        one.join()
    if failures:
        sys.exit(f"error: {failures[0]} ({len(failures)} failed in all)")
    return results


def percentile(values, hundredths):
    """The wait within which so many hundredths were answered, in milliseconds."""
    ordered = sorted(values)
    return ordered[(len(ordered) - 1) * hundredths // 100] * 1000


def stretch(door, letters, marks, at_once):
    """Sends all messages through one door; gives seconds, waits and the marks that were refused."""
    began = time.monotonic()
    send = lambda number: bench_stage.deliver(door.port, SENDER, RECIPIENT, marks[number], letters[number])  # noqa: E731
    answers = share(send, len(letters), at_once)
    seconds = time.monotonic() - began
    refused = {mark for mark, (taken, _) in zip(marks, answers) if not taken}
    return seconds, [wait for _, wait in answers], refused


def through_postfix(args, letters, doors, stage, figures):
    """The runs through Postfix."""
    order = list(doors)
    dice = random.Random(args.seed)
    for run in range(-1, args.runs):
        # The first one warms up, and is not noted.
        batch = letters[:WARM_UP] if run < 0 else letters
        dice.shuffle(order)
        rates, costs = {}, {}
        for door in order:
            marks = [b"%s-%d-%d" % (door.name.encode(), run, number) for number in range(len(batch))]
            before, own = door.cost(), sum(os.times()[:2])
            seconds, waits, refused = stretch(door, batch, marks, args.at_once)
            own, spent = sum(os.times()[:2]) - own, door.cost() - before
            stage.account(batch, marks, refused)
            if run < 0:
                continue
            each = 1000 / len(batch)
            rates[door.name], costs[door.name] = len(batch) / seconds, spent * each
            figures.note(f"{door.name}: messages a second", "1/s", rates[door.name])
            figures.note(f"{door.name}: SMTP transaction, half within", "ms", percentile(waits, 50))
            figures.note(f"{door.name}: SMTP transaction, 99 of 100 within", "ms", percentile(waits, 99))
            figures.note(f"{door.name}: refused to their sender", "messages", len(refused))
            if door.pid:
                figures.note(f"{door.name}: core time of the filter a message", "ms", costs[door.name])
                figures.note(f"{door.name}: memory of the filter (PSS)", "MiB", door.memory())
            figures.note("core time of the senders a message", "ms", own * each)
        for name in rates:
            if name.startswith("ours"):
                figures.note(f"{name} / none: messages a second", "times", rates[name] / rates["none"])
                if "rspamd" in rates:
                    figures.note(f"{name} / rspamd: messages a second", "times", rates[name] / rates["rspamd"])
                    figures.note(f"{name} / rspamd: core time of the filter", "times", costs[name] / costs["rspamd"])


def alone(args, letters, doors, figures):
    """The same messages by the milter protocol, without Postfix."""
    filters = [door for door in doors if door.pid]
    dice = random.Random(args.seed)

    def judge(door, number):
        client = milter_client.Client(door.milter)
        began = time.monotonic()
        word = client.judge(SENDER, RECIPIENT, letters[number].bytes)
        wait = time.monotonic() - began
        client.close()
        if word not in "acr":
            raise ValueError(f"{door.name} says {word!r}, which is neither a yes nor a refusal")
        return wait

    for _ in range(args.runs):
        dice.shuffle(filters)
        rates = {}
        for door in filters:
            before, began = door.cost(), time.monotonic()
            waits = share(lambda number, door=door: judge(door, number), len(letters), args.at_once)
            seconds, spent = time.monotonic() - began, door.cost() - before
            rates[door.name] = len(letters) / seconds
            figures.note(f"{door.name}, without Postfix: messages a second", "1/s", rates[door.name])
            figures.note(f"{door.name}, without Postfix: core time of the filter a message", "ms", spent * 1000 / len(letters))
            figures.note(f"{door.name}, without Postfix: half within", "ms", percentile(waits, 50))
            figures.note(f"{door.name}, without Postfix: 99 of 100 within", "ms", percentile(waits, 99))
        for name in rates:
            if name.startswith("ours") and "rspamd" in rates:
                figures.note(f"{name} / rspamd, without Postfix: messages a second", "times", rates[name] / rates["rspamd"])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("release", help="folder of baluardo, baluardo-train and baluardo-bench")
    parser.add_argument("--messages", type=int, default=400, help="messages of each run")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--at-once", type=int, default=8, help="senders at the same time")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--without", default="", help="doors to leave out: ours, house, rspamd")
    args = parser.parse_args()
    stop = threading.Event()
    threading.Thread(target=bench_mail.answer_no_names, args=(stop,), daemon=True).start()
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="baluardo-bench-milter.") as folder:
        os.chmod(folder, 0o755)
        trainer = os.path.join(args.release, "baluardo-train")
        letters = bench_letters.letters(trainer, os.path.join(folder, "written"), args.messages, args.seed)
        sizes = sorted(len(letter.bytes) for letter in letters)
        print(f"{len(letters)} messages of {sizes[0]} to {sizes[-1]} bytes, {sizes[len(sizes) // 2]} at the middle, ", end="")
        print(f"{sum(sizes) // len(sizes)} on the average; {args.at_once} senders at once", flush=True)
        stage = bench_stage.Stage(folder, args.release, args.without.replace(",", " ").split())
        try:
            through_postfix(args, letters, stage.doors, stage, figures)
            alone(args, letters, stage.doors, figures)
        finally:
            stage.end()
    stop.set()
    figures.print()
    print(f"\n{stage.accounted} messages were sent through Postfix, and each arrived once as it was sent or was refused to its sender.")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"error: {error}")
