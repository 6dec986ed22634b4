// The whole way that the product exists for, in a real browser: a comune asks, the operator approves, the RTD comes in
// and adds a computer, a harmless "malware" file is stopped there and the console shows it.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { Eye, HOSTILE } from "./eye.mjs";
import { asFile, handIn, letterTo, phish, sink } from "./mail.mjs";
import { Stage } from "./stage.mjs";
import { codeOf } from "./totp.mjs";

const PASSWORD = "cavallo batteria graffetta 2026";
const NEW_PASSWORD = "cinque gatti dormono tranquilli";
/** A passkey of this computer, whose owner is there and shows it. */
const PASSKEY = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true };
const faults = [];
let stage, browser, comune, operator, rtd, clerk, keys;

before(async () => {
  stage = await Stage.set();
  const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args });
  comune = await Eye.of(browser, faults);
  operator = await Eye.of(browser, faults);
  rtd = await Eye.of(browser, faults);
  clerk = await Eye.of(browser, faults);
});

after(async () => {
  await browser?.close();
  await stage?.strike();
});

test("a comune asks for activation and gets a receipt with its deadline", async () => {
  const { page } = comune;
  await page.goto(`${stage.origin}/`);
  await comune.look("home");
  await page.goto(`${stage.origin}/activate`);
  await page.fill("[name=rtd_name]", "Anna");
  await page.click("main form[method=post] button[type=submit]");
  await page.waitForSelector("#errors");
  assert.ok((await page.locator("#errors a").count()) >= 5, "all that is wrong is told at once");
  assert.equal(await page.evaluate(() => document.activeElement.id), "errors");
  assert.equal(await page.inputValue("[name=rtd_name]"), "Anna");
  await comune.look("activate-errors");
  await page.goto(`${stage.origin}/activate`);
  await page.fill("#comune", "sien");
  await page.waitForSelector("#comune-list [role=option]");
  await comune.look("activate");
  await page.locator("#comune-list [role=option]", { hasText: "Siena" }).first().click();
  assert.equal(await page.inputValue("#cadastral_code"), "I726");
  await page.fill("[name=pec]", "comune.siena@pec.example");
  await page.fill("[name=rtd_name]", `Anna ${HOSTILE} Bianchi`);
  await page.fill("[name=rtd_role]", `Segretaria comunale ${HOSTILE}`);
  await page.fill("[name=email]", "rtd@comune.siena.example");
  await page.fill("[name=devices]", "12");
  await page.click("main form[method=post] button[type=submit]");
  await page.waitForURL(/receipt|requests|richieste/);
  await comune.look("receipt");
  await page.goto(`${stage.origin}/sla`);
  await comune.look("sla");
});

test("the operator comes in by the first link with a password and a code", async () => {
  const { page } = operator;
  await page.goto(stage.firstLink);
  await operator.look("link");
  await page.click("main form button[type=submit]");
  await page.waitForURL("**/welcome");
  await operator.look("welcome");
  const secret = await page.textContent("#totp-secret");
  await page.fill("[name=password]", PASSWORD);
  await page.fill("[name=repeat]", PASSWORD);
  await page.fill("[name=code]", codeOf(secret));
  await page.click("form[action='/welcome/password'] button[type=submit]");
  await page.waitForURL("**/overview");
  await operator.look("operator-overview");
});

test("the operator approves the request and the mail with the link leaves", async () => {
  const { page } = operator;
  await page.goto(`${stage.origin}/requests`);
  await operator.look("queue");
  await page.click("tbody a[href^='/requests/']");
  await page.waitForURL(/\/requests\/[0-9a-f-]{36}/);
  await operator.look("request");
  await page.click("form[action$='/approve'] button");
  await page.waitForURL(/done=approved/);
  for (const [path, name] of [["/comuni", "comuni"], ["/people", "people"], ["/audit", "audit"], ["/settings", "settings-operator"]]) {
    await page.goto(stage.origin + path);
    await operator.look(name);
  }
  await page.goto(`${stage.origin}/audit`);
  await page.click("form[action='/audit/check'] button");
  await page.waitForURL("**/audit");
  assert.match(await page.textContent("main"), /nessuna è stata cambiata/);
  // The mail leaves within seconds of the approval; the page is asked again until it is there.
  for (let tries = 0; tries < 30; tries += 1) {
    await page.goto(`${stage.origin}/inbox`);
    if (await page.locator("tbody tr", { hasText: "rtd@comune.siena.example" }).count() > 1) break;
    await page.waitForTimeout(500);
  }
  await operator.look("inbox");
});

test("the RTD opens the link and makes a passkey", async () => {
  const { page } = operator;
  let link;
  for (const row of await page.locator("tbody a[href^='/inbox/']").evaluateAll((all) => all.map((a) => a.href))) {
    await page.goto(row);
    link = await page.locator("main a[href*='/link/']").first().getAttribute("href", { timeout: 1000 }).catch(() => undefined);
    if (link) break;
  }
  assert.ok(link, "a mail with a link is in the inbox");
  await operator.look("mail");
  const cdp = await rtd.context.newCDPSession(rtd.page);
  await cdp.send("WebAuthn.enable");
  keys = { cdp, ...(await cdp.send("WebAuthn.addVirtualAuthenticator", { options: PASSKEY })) };
  await rtd.page.goto(link);
  await rtd.page.click("main form button[type=submit]");
  await rtd.page.waitForURL("**/welcome");
  await rtd.page.click("form[data-passkey=create] button[type=submit]");
  await rtd.page.waitForURL("**/overview");
  await rtd.look("rtd-overview-empty");
});

test("both change how they sign in, and nobody locks themselves out", async () => {
  const { page } = rtd;
  await page.click(".slim-who");
  await page.waitForURL("**/access");
  await rtd.look("access-passkey");
  assert.equal(await page.locator("form[action$='/remove']").count(), 0, "the only way in cannot be removed");
  await page.locator("summary", { hasText: "Cambia nome" }).click();
  await page.fill("#rename-1", "Portatile dell'ufficio");
  await page.click("form[action$='/rename'] button");
  await page.waitForURL(/done=passkey_renamed/);
  // Another key: browsers make no second passkey on the one that holds the first.
  await keys.cdp.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: keys.authenticatorId });
  await keys.cdp.send("WebAuthn.addVirtualAuthenticator", { options: PASSKEY });
  await page.fill("#new-name", "Telefono");
  await page.click("form[data-passkey=create] button[type=submit]");
  await page.waitForURL(/done=passkey_added/);
  await page.locator("summary", { hasText: "Aggiungi password" }).click();
  await page.fill("[name=password]", PASSWORD);
  await page.fill("[name=repeat]", PASSWORD);
  await page.fill("[name=code]", codeOf(await page.textContent("#totp-secret")));
  await page.click("form[action='/access/password/add'] button[type=submit]");
  await page.waitForURL(/done=credentials_saved/);
  await page.locator("li", { hasText: "Portatile" }).locator("summary", { hasText: "Togli" }).click();
  await rtd.look("access");
  await page.locator("li", { hasText: "Portatile" }).locator("form[action$='/remove'] button").click();
  await page.waitForURL(/done=passkey_removed/);
  assert.equal(await page.locator("li", { hasText: "Portatile" }).count(), 0);

  await operator.page.goto(`${stage.origin}/access`);
  await operator.page.locator("summary", { hasText: "Cambia la password" }).click();
  await operator.page.fill("[name=present]", PASSWORD);
  await operator.page.fill("[name=password]", NEW_PASSWORD);
  await operator.page.fill("[name=repeat]", NEW_PASSWORD);
  await operator.look("access-operator");
  await operator.page.click("form[action='/access/password'] button[type=submit]");
  await operator.page.waitForURL(/done=password_changed/);
});

test("the RTD says which folder is guarded and adds a computer", async () => {
  const { page } = rtd;
  const folder = join(stage.dir, "documenti");
  mkdirSync(folder);
  await page.goto(`${stage.origin}/policy`);
  await rtd.look("policy");
  await page.fill("[name=scan_folders]", folder);
  await page.fill("[name=guard_folders]", folder);
  await page.click("form[action$='/policy'] button[type=submit]");
  await page.waitForURL(/done=policy_saved/);
  await page.goto(`${stage.origin}/devices/add`);
  await rtd.look("add");
  await page.fill("#label", "sbagliato");
  await page.click("form[action$='/devices/add'] button[type=submit]");
  await page.click("form[action$='/withdraw'] button");
  await page.waitForURL(/done=enrol_token_withdrawn/);
  await page.fill("#label", `anagrafe ${HOSTILE}`);
  await page.click("form[action$='/devices/add'] button[type=submit]");
  const line = (await page.textContent("#enrol-token")).trim();
  await rtd.look("add-token");
  stage.startAgent(line);
  await page.goto(`${stage.origin}/devices`);
  await page.waitForSelector("tbody a[href*='/devices/']", { timeout: 30_000 });
  await rtd.look("devices");
  await page.goto(`${stage.origin}/devices/add`);
  await rtd.look("add-tokens");
  await page.goto(`${stage.origin}/devices`);
  await page.click("tbody a[href*='/devices/']");
  await rtd.look("device");
  await page.click("main a[href$='/inventory']");
  await page.waitForURL("**/inventory");
  await rtd.look("inventory");
  for (const name of ["programs", "vulnerabilities", "hunts", "hunts/new", "hunts/new?kind=file_rule"]) {
    await page.goto(`${stage.origin}/${name}`);
    await rtd.look(name.replaceAll(/\W/g, "-"));
  }
});

test("a file known as malware is stopped, and the open page shows it by itself", async () => {
  const { page } = rtd;
  await page.goto(`${stage.origin}/findings`);
  await rtd.look("findings-empty");
  const eicar = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].join("");
  const bad = join(stage.dir, "documenti", `${HOSTILE}.com`);
  writeFileSync(bad, eicar);
  await page.waitForSelector("tbody a[href*='/findings/']", { timeout: 60_000 });
  await rtd.look("findings");
  await page.click("tbody a[href*='/findings/']");
  await page.waitForSelector("h1");
  await rtd.look("finding");
  assert.ok(!existsSync(bad), "the file is not where it was");
  await page.goto(`${stage.origin}/quarantine`);
  await rtd.look("quarantine");
  await page.click("a[href$='/release']");
  await rtd.look("confirm");
  await page.click("form[action$='/release'] button");
  await page.waitForURL(/done=released/);
  for (let tries = 0; tries < 60 && !existsSync(bad); tries += 1) await page.waitForTimeout(500);
  assert.ok(existsSync(bad), "the file is back where it was");
});

test("a held message is found, read without risk and released to its recipients", async () => {
  const { page } = rtd;
  await page.goto(`${stage.origin}/mail`);
  await rtd.look("held-empty");
  await page.goto(`${stage.origin}/mail/settings`);
  await page.fill("#domain", "senza punto");
  await page.click("form[action$='/settings/domains'] button");
  await rtd.look("mail-settings-errors");
  await page.fill("#domain", "comune.siena.example");
  await page.click("form[action$='/settings/domains'] button:not(.btn-xs)");
  await page.waitForURL(/done=mail_domain_claimed/);
  await rtd.look("mail-settings");
  await operator.page.goto(`${stage.origin}/mail/domains`);
  await operator.look("mail-domains");
  await operator.page.locator("form", { has: operator.page.locator("[value=approve]") }).locator("button").click();
  await operator.page.waitForURL(/done=settings_saved/);
  await page.goto(`${stage.origin}/mail/health`);
  await page.click("button:has-text('Guarda adesso')");
  await page.waitForURL(/done=domain_looked/);
  assert.match(await page.textContent("main"), /comune\.siena\.example/);
  await rtd.look("mail-health");

  const server = await sink();
  const port = await stage.startMilter(server.port);
  assert.equal(await handIn(port, phish(HOSTILE)), "d", "the mail server hears that somebody else has it");
  await page.goto(`${stage.origin}/overview`);
  assert.match(await page.textContent("main"), /1 messaggio aspetta te/);
  await page.goto(`${stage.origin}/mail`);
  await rtd.look("held");
  await page.click("tbody a[href*='/mail/']");
  await page.waitForSelector("h1");
  await rtd.look("held-message");
  assert.match(await page.textContent("main"), /Perché è stato fermato/);
  await page.click("a[href$='/content']");
  await page.waitForSelector("pre");
  await rtd.look("held-content");
  assert.equal(await page.locator("main a[href*='192.0.2.77']").count(), 0, "no link of the message can be followed");
  assert.match(await page.textContent("main"), /http:\/\/192\.0\.2\.77\/poste\/login\.php/);
  await page.click("a[href$='/release']");
  await rtd.look("held-confirm");
  await page.click("form[action$='/release'] button");
  await page.waitForURL(/done=mail_released/);
  for (let tries = 0; tries < 60 && server.taken.length === 0; tries += 1) await page.waitForTimeout(500);
  assert.match(server.taken[0], /^X-Baluardo-Release: /);
  server.close();
});

test("the RTD blocks a sender after reading what that would have changed", async () => {
  const { page } = rtd;
  await page.goto(`${stage.origin}/mail`);
  await page.click("tbody a[href*='/mail/']");
  await page.click("a[href*='act=block']");
  await page.waitForSelector("#preview");
  assert.equal(await page.inputValue("#subject"), "avvisi@consegne-rapide-48213.top");
  assert.match(await page.textContent("#preview"), /negli ultimi 21 giorni/);
  await page.click("form[action$='/mail/senders'] button.btn-primary");
  await page.waitForSelector("#errors");
  await rtd.look("sender-errors");
  await page.fill("#subject", "consegne-rapide-48213.top");
  await page.fill("#reason", `Finte poste ${HOSTILE}`);
  await page.fill("#days", "30");
  await page.click("button[formaction$='/mail/senders/new']");
  await page.waitForSelector("#preview");
  await rtd.look("sender-preview");
  await page.click("form[action$='/mail/senders'] button.btn-primary");
  await page.waitForURL(/done=sender_ruled/);
  await rtd.look("senders");
  await page.click("form[action$='/withdraw'] button");
  await page.waitForURL(/done=sender_rule_withdrawn/);
});

test("a clerk reports a message, hears at once what it is, and the RTD confirms it", async () => {
  const { page } = rtd;
  await page.goto(`${stage.origin}/people`);
  await page.fill("[name=name]", "Carla Neri");
  await page.fill("[name=email]", "carla@comune.siena.example");
  await page.selectOption("[name=role]", "clerk");
  await page.click("form[action='/people'][method=post] button[type=submit]");
  await page.waitForURL(/done=invited/);
  const invitation = await letterTo(stage, operator, "carla@comune.siena.example", "Invito");
  await clerk.page.goto(invitation.match(/https:\/\/\S+\/link\/\S+/)[0]);
  await clerk.page.click("main form button[type=submit]");
  await clerk.page.waitForURL("**/welcome");
  await clerk.page.fill("[name=password]", PASSWORD);
  await clerk.page.fill("[name=repeat]", PASSWORD);
  await clerk.page.fill("[name=code]", codeOf(await clerk.page.textContent("#totp-secret")));
  await clerk.page.click("form[action='/welcome/password'] button[type=submit]");
  await clerk.page.waitForURL("**/overview");
  await clerk.page.click("a[href='/report']");
  await clerk.page.waitForURL("**/report");
  assert.match(await clerk.page.textContent("main"), /segnala@comune\.siena\.example/);
  await clerk.look("report");
  await clerk.page.click("form[action='/report'] button[type=submit]");
  await clerk.page.waitForSelector("#errors");
  await clerk.look("report-errors");
  await clerk.page.setInputFiles("#file", asFile(phish(HOSTILE)));
  await clerk.page.click("form[action='/report'] button[type=submit]");
  await clerk.page.waitForSelector("#answer");
  assert.match(await clerk.page.textContent("#answer"), /È un tentativo di phishing/);
  await clerk.look("report-answer");
  assert.match(await letterTo(stage, operator, "carla@comune.siena.example", "Segnalazione"), /Non apra i link/);

  await page.goto(`${stage.origin}/mail/reports`);
  await rtd.look("reports");
  await page.click("tbody a[href*='/mail/reports/']");
  await page.waitForSelector("button[value=hostile]");
  await rtd.look("reported-message");
  await page.fill("#note", `Visto ${HOSTILE}`);
  await page.click("button[value=hostile]");
  await page.waitForURL(/done=report_decided/);
  assert.match(await page.textContent("tbody"), /Dannoso/);
});

test("the comune moves its switch, and the operator no longer sees inside", async () => {
  const { page } = operator;
  await page.goto(`${stage.origin}/comuni`);
  const inside = await page.locator("a[href^='/comuni/']").first().getAttribute("href");
  assert.equal((await page.goto(stage.origin + inside)).status(), 200);
  await operator.look("inside-a-comune");
  await rtd.page.goto(`${stage.origin}/settings`);
  await rtd.page.locator("details", { has: rtd.page.locator("#scopes") }).locator("summary").click();
  await rtd.page.fill("form[action='/settings/tokens'] [name=name]", HOSTILE);
  await rtd.page.locator("#scopes input").first().check();
  await rtd.page.click("form[action='/settings/tokens'] button[type=submit]");
  await rtd.page.waitForSelector("#new-token");
  await rtd.page.goto(`${stage.origin}/people`);
  await rtd.page.fill("[name=name]", HOSTILE);
  await rtd.page.fill("[name=email]", "anagrafe@comune.siena.example");
  await rtd.page.fill("[name=office]", `Anagrafe ${HOSTILE}`);
  await rtd.page.click("form[action='/people'][method=post] button[type=submit]");
  await rtd.page.waitForURL(/done=/);
  await rtd.look("people-rtd");
  await rtd.page.goto(`${stage.origin}/audit`);
  await rtd.look("audit-rtd");
  await rtd.page.goto(`${stage.origin}/settings`);
  await rtd.look("settings-rtd");
  await rtd.page.check("#local");
  await rtd.page.locator("form", { has: rtd.page.locator("#local") }).locator("button[type=submit]").click();
  await rtd.page.waitForURL(/done=management_changed/);
  assert.equal((await page.goto(stage.origin + inside)).status(), 403);
  await operator.look("forbidden");
  await rtd.page.goto(`${stage.origin}/overview`);
  await rtd.look("rtd-overview");
  await rtd.page.goto(`${stage.origin}/language?to=en&back=/overview`);
  assert.equal(await rtd.page.getAttribute("html", "lang"), "en");
  await rtd.look("rtd-overview-en");
});

test("a hostile name is nothing but a name on every page that shows it", () => {
  const read = new Set([comune, operator, rtd, clerk].flatMap((eye) => eye.hostile));
  const wanted = [
    "queue", "request", "mail", "add-tokens", "devices", "device", "findings", "finding", "quarantine",
    "confirm", "held", "held-message", "held-content", "held-confirm",
    "senders", "sender-preview", "report-answer", "reports", "reported-message", "people-rtd", "audit-rtd", "settings-rtd", "rtd-overview", "rtd-overview-en",
  ];
  assert.deepEqual(wanted.filter((name) => !read.has(name)), []);
});

test("no page broke a rule on the way", () => {
  const seen = [comune, operator, rtd, clerk].reduce((count, eye) => count + eye.seen.length, 0);
  assert.ok(seen >= 25, `only ${seen} pages were looked at`);
  assert.deepEqual(faults, []);
});
