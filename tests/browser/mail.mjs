// Mail as the milter and a mail server see it: a message handed in by the milter protocol, and a server that takes what was released.
import { connect, createServer } from "node:net";

/** A message that asks for a password in the name of a brand; `word` stands in its subject and text. */
export function phish(word) {
  return {
    sender: "avvisi@consegne-rapide-48213.top",
    recipient: "ufficio@comune.siena.example",
    headers: [
      ["From", ` "Poste Italiane" <avvisi@consegne-rapide-48213.top>`],
      ["To", " ufficio@comune.siena.example"],
      ["Subject", ` ${word}: il suo conto e' sospeso, verifichi entro 24 ore`],
      ["MIME-Version", " 1.0"],
      ["Content-Type", " text/html; charset=utf-8"],
    ],
    body: [
      `<p>Gentile cliente, il suo conto BancoPosta e' stato sospeso.</p>`,
      `<p>Inserisca subito la password: <a href="http://192.0.2.77/poste/login.php">https://www.poste.it/accesso</a></p>`,
      `<form action="http://192.0.2.77/p"><input type="password" name="p"></form>`,
      "",
    ].join("\r\n"),
  };
}

/** Hands a message in to the milter on `port`, and gives the letter of its last word. */
export async function handIn(port, mail) {
  const socket = connect(port, "127.0.0.1");
  const packet = (kind, data) => {
    const body = Buffer.concat([Buffer.from(kind), Buffer.from(data)]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    return Buffer.concat([length, body]);
  };
  let held = Buffer.alloc(0);
  const kinds = [];
  let wake = () => {};
  socket.on("data", (chunk) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 4 && held.length >= 4 + held.readUInt32BE(0)) {
      const length = held.readUInt32BE(0);
      kinds.push(String.fromCharCode(held[4]));
      held = held.subarray(4 + length);
    }
    wake();
  });
  socket.on("error", () => wake());
  socket.on("close", () => wake());
  const say = async (kind, data, wanted) => {
    socket.write(packet(kind, data));
    while (!kinds.some((found) => wanted.includes(found))) {
      if (socket.destroyed) throw new Error("the milter closed the connection");
      await new Promise((done) => (wake = done));
    }
    return kinds.splice(0).pop();
  };
  const offer = Buffer.alloc(12);
  [6, 0x1ff, 0x1fffff].forEach((number, at) => offer.writeUInt32BE(number, at * 4));
  await say("O", offer, "O");
  await say("M", `<${mail.sender}>\0`, "c");
  await say("R", `<${mail.recipient}>\0`, "c");
  for (const [name, value] of mail.headers) socket.write(packet("L", `${name}\0${value}\0`));
  socket.write(packet("N", ""));
  await say("B", mail.body, "cs");
  const last = await say("E", "", "cdtyr");
  socket.end(packet("Q", ""));
  return last;
}

/** A mail server that takes everything: `port`, and the texts that it took. */
export function sink() {
  const taken = [];
  const server = createServer((socket) => {
    let text = "";
    let inside = false;
    socket.on("error", () => {});
    socket.write("220 sink\r\n");
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      for (;;) {
        const end = text.indexOf(inside ? "\r\n.\r\n" : "\r\n");
        if (end < 0) return;
        const said = text.slice(0, end);
        text = text.slice(end + (inside ? 5 : 2));
        if (inside) {
          taken.push(said);
          inside = false;
          socket.write("250 taken\r\n");
        } else if (/^data/i.test(said)) {
          inside = true;
          socket.write("354 go on\r\n");
        } else if (/^quit/i.test(said)) {
          socket.end("221 bye\r\n");
        } else {
          socket.write(/^ehlo/i.test(said) ? "250-sink\r\n250 8BITMIME\r\n" : "250 ok\r\n");
        }
      }
    });
  });
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done({ port: server.address().port, taken, close: () => server.close() })));
}

/** A message as somebody saves it and chooses it in a form. */
export function asFile({ headers, body }) {
  const message = `${headers.map(([name, value]) => `${name}:${value}`).join("\r\n")}\r\n\r\n${body}`;
  return { name: "strano.eml", mimeType: "message/rfc822", buffer: Buffer.from(message) };
}

/** The newest letter to somebody in the local inbox with these words in its subject, as text; the operator reads it. */
export async function letterTo(stage, { page }, address, subject) {
  for (let tries = 0; tries < 60; tries += 1) {
    await page.goto(`${stage.origin}/inbox`);
    const row = page.locator("tbody tr", { hasText: address }).filter({ hasText: subject }).first();
    if (await row.count()) {
      await row.locator("a[href^='/inbox/']").click();
      await page.waitForURL(/\/inbox\/[0-9a-f-]{36}/);
      return page.innerText("main");
    }
    await page.waitForTimeout(500);
  }
  throw new Error(`no letter to ${address} about ${subject}`);
}
