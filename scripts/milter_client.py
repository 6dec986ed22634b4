"""A mail server as a filter sees one: the milter protocol, version 6, as Postfix speaks it. Used by bench_milter.py."""

import socket
import struct

ACTIONS, STEPS = 0x1FF, 0x1FFFFF
# What a filter does not want to hear of, and what it does not answer (libmilter's mfdef.h).
NO_CONNECT, NO_HELO, NO_MAIL, NO_RCPT, NO_BODY, NO_HEADERS, NO_END_OF_HEADERS, NO_DATA = 1, 2, 4, 8, 0x10, 0x20, 0x40, 0x200
SILENT_HEADER, SILENT_CONNECT, SILENT_HELO, SILENT_MAIL, SILENT_RCPT = 0x80, 0x1000, 0x2000, 0x4000, 0x8000
SILENT_DATA, SILENT_END_OF_HEADERS, SILENT_BODY = 0x10000, 0x40000, 0x80000
LEADING_SPACE = 0x100000
LARGEST = 65_535


class Client:
    """One connection of a mail server to a filter."""

    def __init__(self, port):
        self.line = socket.create_connection(("127.0.0.1", port), 120)
        self.line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.line.makefile("rb")
        self.send(b"O", struct.pack("!III", 6, ACTIONS, STEPS))
        kind, agreed = self.receive()
        if kind != b"O":
            raise SystemExit(f"error: what listens on port {port} is no filter: it says {kind!r}")
        self.steps = struct.unpack("!I", agreed[8:12])[0]

    def send(self, kind, data=b""):
        self.line.sendall(struct.pack("!I", len(data) + 1) + kind + data)

    def receive(self):
        length = struct.unpack("!I", self.file.read(4))[0]
        packet = self.file.read(length)
        return packet[:1], packet[1:]

    def step(self, kind, data, unwanted, silent):
        """One step; gives the filter's answer, `c` to go on."""
        if self.steps & unwanted:
            return "c"
        self.send(kind, data)
        return "c" if self.steps & silent else self.receive()[0].decode()

    def judge(self, sender, recipient, message):
        """Hands in a whole message; gives the filter's last word: with `a` and `c` it passes."""
        head, _, body = message.partition(b"\r\n\r\n")
        self.send(b"D", b"Cj\0bench.example\0")
        address = b"mail.straniero.example\0" + b"4" + struct.pack("!H", 25) + b"198.51.100.7\0"
        steps = [(b"C", address, NO_CONNECT, SILENT_CONNECT), (b"H", b"mail.straniero.example\0", NO_HELO, SILENT_HELO)]
        steps.append((b"M", b"<" + sender + b">\0", NO_MAIL, SILENT_MAIL))
        steps.append((b"R", b"<" + recipient + b">\0", NO_RCPT, SILENT_RCPT))
        steps.append((b"T", b"", NO_DATA, SILENT_DATA))
        for field in head.replace(b"\r\n\t", b"\n\t").replace(b"\r\n ", b"\n ").split(b"\r\n"):
            name, _, value = field.partition(b":")
            value = value if self.steps & LEADING_SPACE else value.lstrip(b" ")
            steps.append((b"L", name + b"\0" + value + b"\0", NO_HEADERS, SILENT_HEADER))
        steps.append((b"N", b"", NO_END_OF_HEADERS, SILENT_END_OF_HEADERS))
        for step in steps:
            if step[0] == b"M":
                self.send(b"D", b"Mi\x004XyZ\0")
            word = self.step(*step)
            if word != "c":
                return word
        for at in range(0, len(body), LARGEST):
            word = self.step(b"B", body[at : at + LARGEST], NO_BODY, SILENT_BODY)
            if word == "s":
                break
            if word != "c":
                return word
        self.send(b"E")
        while True:
            word = self.receive()[0].decode()
            if word in "acdrty":
                return word

    def close(self):
        """Ends the connection as a mail server does."""
        self.send(b"Q")
        self.line.close()
