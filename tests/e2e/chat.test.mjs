// The chat example in a real browser: two tabs hear each other in order, see who is there, and get what they missed.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { start, tempFolder } from './harness.mjs';
import { request } from './http.mjs';
import { until } from './realtime/events.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const CHAT_BIN = process.env.CHAT_BIN ?? path.join(HERE, '../../target/debug/chat');
const CHROMIUM = process.env.CHROMIUM_BIN ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => fs.existsSync(path));
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'];
/** Where pictures of the page go, if somebody wants to look at them. */
const PICTURES = process.env.PICTURES;

const dir = tempFolder('chat');
const faults = [];
let server;
let browser;
let address;

const serve = () => start({ bin: CHAT_BIN, target: 'bak', superuser: false, dir, address });

/** A tab of somebody who joins. */
async function join(name) {
  const context = await browser.newContext({ viewport: { width: 900, height: 640 } });
  const tab = await context.newPage();
  tab.on('pageerror', (error) => faults.push(`${name}: ${error.stack}`));
  await tab.goto(server.url);
  await tab.getByLabel('Email').fill(`${name.toLowerCase()}@example.com`);
  await tab.getByLabel('Password').fill('correct horse 1');
  await tab.getByLabel('Name, to join').fill(name);
  await tab.getByRole('button', { name: 'Join' }).click();
  await tab.getByRole('status').filter({ hasText: 'Live' }).waitFor();
  return Object.assign(tab, { person: name });
}

async function say(tab, text) {
  await tab.getByLabel('Message', { exact: true }).fill(text);
  await tab.getByRole('button', { name: 'Send' }).click();
  await tab.locator('#messages li', { hasText: text }).waitFor();
}

/** The texts of the messages, in the order in which they stand. */
const texts = (tab) => tab.locator('#messages li').evaluateAll((lines) => lines.map((line) => line.lastChild.textContent));

async function shows(tab, expected) {
  let found;
  const same = async () => {
    found = await texts(tab);
    return found.length >= expected.length;
  };
  await until(same, `${expected.length} messages in ${tab.person}'s tab`);
  assert.deepEqual(found, expected, `${tab.person}'s tab`);
}

const present = async (tab) => (await tab.locator('#present li').allTextContents()).join(' ');

async function picture(tab, name) {
  if (PICTURES) await tab.screenshot({ path: path.join(PICTURES, `${name}.png`) });
}

before(async () => {
  server = await serve();
  address = new URL(server.url).host;
  browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

it('keeps two tabs the same, whatever happens to their connections', async () => {
  const ana = await join('Ana');
  await picture(ana, 'empty');
  const bob = await join('Bob');
  const eve = await join('Eve');
  await ana.getByLabel('Name of a new room').fill('Kitchen');
  await ana.getByRole('button', { name: 'Open the room' }).click();
  await ana.getByRole('heading', { name: 'Kitchen' }).waitFor();
  await ana.getByLabel('Somebody to invite').selectOption({ label: 'Bob' });
  await ana.getByRole('button', { name: 'Invite' }).click();
  await bob.getByRole('button', { name: 'Kitchen' }).click();

  // In order, in both.
  await until(async () => (await present(ana)) === 'Ana Bob' && (await present(bob)) === 'Ana Bob', 'who is there');
  const said = [];
  for (const [n, tab] of [ana, bob, ana, bob, bob, ana].entries()) {
    const text = `${tab.person} says ${n}`;
    await say(tab, text);
    said.push(text);
  }
  await shows(ana, said);
  await shows(bob, said);
  await bob.getByLabel('Message', { exact: true }).pressSequentially('Wait');
  await ana.locator('#typing', { hasText: 'Bob is typing' }).waitFor();
  await picture(ana, 'room');
  await bob.getByLabel('Message', { exact: true }).fill('');
  assert.equal(await eve.getByRole('button', { name: 'Kitchen' }).count(), 0, 'who is not in a room does not see it');

  // Away: what is said meanwhile comes afterwards, once and in order.
  await bob.context().setOffline(true);
  await bob.getByRole('status').filter({ hasText: 'Connecting' }).waitFor();
  await until(async () => (await present(ana)) === 'Ana', 'that Bob is gone');
  for (const text of ['while you were away 1', 'while you were away 2']) {
    await say(ana, text);
    said.push(text);
  }
  assert.ok(!(await texts(bob)).includes(said.at(-1)));
  await bob.context().setOffline(false);
  await shows(bob, said);
  await until(async () => (await present(ana)) === 'Ana Bob', 'that Bob is back');

  // The server ends, others write as soon as it is back, and both tabs have it all.
  const loads = [];
  for (const tab of [ana, bob]) tab.on('request', (sent) => loads.push(sent.url()));
  const token = await ana.evaluate(() => sessionStorage.getItem('token'));
  const { id: author } = await ana.evaluate(() => JSON.parse(sessionStorage.getItem('me')));
  const room = (await request(server.url, { path: '/api/collections/rooms/records', token })).json.items[0].id;
  await server.stop();
  await ana.getByRole('status').filter({ hasText: 'Connecting' }).waitFor();
  server = await serve();
  for (const text of ['right after the start 1', 'right after the start 2']) {
    const json = { room, author, text };
    const answer = await request(server.url, { method: 'POST', path: '/api/collections/messages/records', json, token });
    assert.equal(answer.status, 200, answer.text);
    said.push(text);
  }
  await shows(bob, said);
  await shows(ana, said);
  assert.deepEqual(loads.filter((url) => url.includes('/messages/')), [], 'no page was loaded again: it was missed, and came');
  await say(bob, 'all there');
  await shows(ana, [...said, 'all there']);
  await picture(bob, 'other');

  // A session that is ended elsewhere ends the tab too.
  const sessions = (await request(server.url, { path: '/api/sessions', token })).json.items;
  await request(server.url, { method: 'DELETE', path: `/api/sessions/${sessions[0].id}`, token });
  await ana.getByRole('heading', { name: 'Come in' }).waitFor();
  await until(async () => (await present(bob)) === 'Bob', 'that Ana is gone');
  assert.deepEqual(faults, []);
});
