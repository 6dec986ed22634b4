"""Messages to measure filters with: texts of the project's own generator, some of them long, some with attachments.

Used by bench_milter.py. A seed gives the same messages again.
"""

import base64
import hashlib
import io
import os
import random
import re
import subprocess
import zipfile
import zlib

# Shares of hundred: as written, a long thread below, an attachment.
AS_WRITTEN, LONG = 60, 15
# Of hundred messages so many are hostile ones.
HOSTILE = 10


class Letter:
    """A message as it is sent, without the line that tells one sending from another."""

    def __init__(self, text):
        self.bytes = re.sub(rb"\r?\n", b"\r\n", text)
        if not self.bytes.endswith(b"\r\n"):
            self.bytes += b"\r\n"
        # As it goes over the line: a dot before each dot that begins one.
        self.stuffed = re.sub(rb"(?m)^\.", b"..", self.bytes)
        self.body = digest(self.bytes.partition(b"\r\n\r\n")[2])


def digest(body):
    """By what a body is known, whatever its line ends and how many empty lines follow it."""
    return hashlib.sha256(body.replace(b"\r\n", b"\n").rstrip(b"\n")).hexdigest()


def written(trainer, folder):
    """Texts of the generator: honest ones, and hostile ones."""
    subprocess.run([trainer, "--show", folder], check=True, stdout=subprocess.DEVNULL)
    honest, hostile = [], []
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as file:
            (hostile if name.startswith("hostile-") else honest).append(file.read())
    if not honest or not hostile:
        raise SystemExit(f"error: {trainer} --show wrote no messages into {folder}")
    return honest, hostile


def letters(trainer, folder, count, seed):
    """So many messages."""
    honest, hostile = written(trainer, folder)
    dice = random.Random(seed)
    made = []
    for _ in range(count):
        text = dice.choice(hostile if dice.randrange(100) < HOSTILE else honest)
        kind = dice.randrange(100)
        if kind < AS_WRITTEN:
            made.append(Letter(text))
        elif kind < AS_WRITTEN + LONG:
            made.append(Letter(parts(text, [("text/plain; charset=utf-8", None, thread(honest, dice))])))
        else:
            made.append(Letter(parts(text, [attachment(honest, dice)])))
    return made


def parts(text, more):
    """The message with further parts: type, name and bytes of each."""
    head, _, body = re.sub(rb"\r?\n", b"\n", text).partition(b"\n\n")
    fields = re.split(rb"\n(?![ \t])", head)
    inner = [field for field in fields if field.lower().startswith(b"content-")]
    outer = [field for field in fields if not field.lower().startswith((b"content-", b"mime-version"))]
    outer += [b"MIME-Version: 1.0", b'Content-Type: multipart/mixed; boundary="=_parte"']
    lines = outer + [b"", b"--=_parte"] + inner + [b"", body]
    for kind, name, data in more:
        lines += [b"--=_parte", b"Content-Type: " + kind.encode(), b"Content-Transfer-Encoding: base64"]
        if name:
            lines.append(f'Content-Disposition: attachment; filename="{name}"'.encode())
        lines += [b"", base64.encodebytes(data).rstrip(b"\n")]
    return b"\n".join(lines + [b"--=_parte--", b""])


def words(honest, dice, size):
    """Text of the generator's own, so many bytes of it."""
    found = b""
    while len(found) < size:
        body = dice.choice(honest).partition(b"\n\n")[2]
        found += re.sub(rb"<[^>]*>", b" ", body) + b"\n"
    return found[:size]


def thread(honest, dice):
    """What was written before, each line behind a mark."""
    before = words(honest, dice, dice.randrange(6_000, 30_000))
    return b"".join(b"> " + line + b"\n" for line in before.splitlines())


def attachment(honest, dice):
    """A document, a picture or an archive, as a type, a name and bytes."""
    size = dice.randrange(10_000, 140_000)
    kind = dice.choice(["docx", "pdf", "png", "zip"])
    text = words(honest, dice, max(2_000, size // 10))
    noise = dice.randbytes(size)
    if kind == "docx":
        body = b"<w:document><w:body><w:p><w:r><w:t>" + re.sub(rb"[<>&]", b" ", text) + b"</w:t></w:r></w:p></w:body></w:document>"
        names = b'<Types><Override PartName="/word/document.xml" ContentType="application/xml"/></Types>'
        files = {"[Content_Types].xml": names, "word/document.xml": body, "word/media/image1.png": picture(noise)}
        return "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "verbale.docx", archive(files)
    if kind == "zip":
        return "application/zip", "allegati.zip", archive({"delibera.txt": text, "foto.png": picture(noise)})
    if kind == "png":
        return "image/png", "planimetria.png", picture(noise)
    return "application/pdf", "determina.pdf", document(text, noise)


def archive(files):
    """A ZIP of these files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in files.items():
            out.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def picture(noise):
    """A PNG in gray whose points are these bytes."""
    width = 256
    rows = [noise[at : at + width].ljust(width, b"\0") for at in range(0, len(noise), width)]

    def chunk(kind, data):
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    head = width.to_bytes(4) + len(rows).to_bytes(4) + b"\x08\0\0\0\0"
    data = zlib.compress(b"".join(b"\0" + row for row in rows), 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def document(text, noise):
    """A PDF of one page with a text, and bytes that nobody draws."""
    shown = b"BT /F1 10 Tf 40 800 Td (" + re.sub(rb"[()\\\n]", b" ", text) + b") Tj ET"
    made = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    made += b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>endobj\n"
    for number, data in ((4, shown), (5, noise)):
        packed = zlib.compress(data, 1)
        made += b"%d 0 obj<</Length %d/Filter/FlateDecode>>stream\n" % (number, len(packed))
        made += packed + b"\nendstream endobj\n"
    return made + b"trailer<</Root 1 0 R>>\n%%EOF\n"
