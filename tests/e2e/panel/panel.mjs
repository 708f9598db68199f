// The admin panel in a real Chromium against a real `bak`: starts both, signs in, and lets nothing pass that the browser complains about.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import PocketBase from 'pocketbase';
import { start, SUPERUSER } from '../harness.mjs';
import { serveFolder } from './folder.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const SHOTS = path.join(HERE, 'shots');
const AXE = fs.readFileSync(path.join(HERE, '../../node_modules/axe-core/axe.min.js'), 'utf8');
const CHROMIUM = process.env.CHROMIUM_BIN ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((file) => fs.existsSync(file));
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'];

/** How long anything in the browser may take, in milliseconds; generous, since machines are shared. */
const PATIENCE_MS = 30_000;
/** How long a page may take to close, in milliseconds. Chromium never answers when it is to close a page that is just being loaded again. */
const CLOSE_MAX_MS = 30_000;
const SIZES = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
};
/** What WCAG 2.2 AA asks for. */
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export { SUPERUSER };

/**
 * A server with a panel and a browser. `options`: those of the harness's `start`, and `seed: false` for an empty server.
 * Gives `{ url, server, pb, browser, open, stop }`; `pb` is the SDK, signed in as superuser.
 *
 * `PANEL_DIR=…/bakend/admin` serves the panel's files from that folder instead of the program (while one works on pages).
 */
export async function startPanel({ seed: isSeeded = true, ...options } = {}) {
  assert.ok(CHROMIUM, 'Chromium is needed: install it, or name it in CHROMIUM_BIN');
  const server = await start(options);
  const front = process.env.PANEL_DIR ? await serveFolder(process.env.PANEL_DIR, server.url) : undefined;
  // Browsers allow passkeys and the clipboard at `localhost` only.
  const url = (front?.url ?? server.url).replace('127.0.0.1', 'localhost');
  const pb = new PocketBase(server.url);
  pb.autoCancellation(false);
  if (options.superuser !== false) await pb.collection('_superusers').authWithPassword(SUPERUSER.email, SUPERUSER.password);
  if (isSeeded && options.superuser !== false) await seed(pb);
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: FLAGS,
  });
  return {
    url,
    server,
    pb,
    browser,
    open: (how) => open({ url, pb, browser }, how),
    async stop() {
      await browser.close();
      await front?.close();
      await server.stop();
    },
  };
}

/**
 * A page of the panel at a path such as `/collections/posts`. `signedIn: false` comes as a stranger, `size` is `desktop` or `phone`,
 * `theme` is `light` or `dark`. `page.close()` through `close()` fails when the browser complained about anything.
 */
async function open({ url, pb, browser }, { at = '/', signedIn = true, size = 'desktop', theme = 'light', allow = [] } = {}) {
  const context = await browser.newContext({
    viewport: SIZES[size],
    hasTouch: size === 'phone',
    colorScheme: theme,
    // Moving things are measured half-way otherwise.
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  context.setDefaultTimeout(PATIENCE_MS);
  if (signedIn) {
    // A session of its own, which a test may end.
    const { token, record } = await new PocketBase(pb.baseURL).collection('_superusers').authWithPassword(SUPERUSER.email, SUPERUSER.password);
    await context.addInitScript(
      ([key, value]) => localStorage.getItem(key) ?? (location.pathname.startsWith('/_') && localStorage.setItem(key, value)),
      ['bakend_panel_auth', JSON.stringify({ token, record })],
    );
  }
  const page = await context.newPage();
  const complaints = watch(page, allow);
  await page.goto(`${url}/_/#${at}`);
  const close = async () => {
    assert.ok(await inTime(context.close(), CLOSE_MAX_MS), `the page at ${page.url()} did not close in ${CLOSE_MAX_MS} ms`);
    assert.deepEqual(complaints, [], 'the browser complained');
  };
  return { page, context, complaints, close };
}

/** Whether something happened in time, in milliseconds. */
async function inTime(happening, milliseconds) {
  let timer;
  const late = new Promise((done) => (timer = setTimeout(done, milliseconds, false)));
  try {
    return await Promise.race([happening.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Collects what the console reports as errors: thrown exceptions, policy violations, failed loads. `allow` holds texts of expected ones. */
function watch(page, allow) {
  const complaints = [];
  const add = (text) => {
    if (!allow.some((part) => text.includes(part))) complaints.push(text);
  };
  page.on('pageerror', (error) => add(`exception: ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    // An answer like 400 is the test's to judge; the console repeats it.
    const isAnswer = /Failed to load resource: the server responded with a status of 4\d\d/.test(message.text());
    if ((message.type() === 'error' && !isAnswer) || /content security policy/i.test(message.text())) {
      add(`console: ${message.text()} (${message.location().url})`);
    }
  });
  return complaints;
}

/** Fails on any violation of WCAG AA (and axe's best practices), in the light and in the dark theme. `within`: a selector to look at only. */
export async function axe(page, { within, disable = [] } = {}) {
  // Through the debugger, since the page's policy rightly forbids scripts from elsewhere.
  for (const theme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await painted(page);
    await page.evaluate(`${AXE}; 0`);
    const { violations } = await page.evaluate(
      ([root, tags, rules]) =>
        globalThis.axe.run(root ?? document, {
          runOnly: { type: 'tag', values: tags },
          rules: Object.fromEntries(rules.map((rule) => [rule, { enabled: false }])),
        }),
      [within ?? null, AXE_TAGS, disable],
    );
    const told = violations.flatMap(({ id, help, nodes }) =>
      nodes.map((node) => `${theme}: ${id}: ${help}\n    ${node.html.slice(0, 200)}\n    ${node.failureSummary?.replaceAll('\n', ' ')}`),
    );
    assert.deepEqual(told, [], `axe found ${told.length} at ${page.url()}:\n${told.join('\n')}`);
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
}

/** With `PANEL_SHOTS=1`, pictures of what is shown, at desktop and phone width, in both themes: `shots/<name>-<size>-<theme>.png`. */
export async function shot(page, name) {
  if (!process.env.PANEL_SHOTS) return;
  fs.mkdirSync(SHOTS, { recursive: true });
  const before = page.viewportSize();
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const theme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await painted(page);
      await page.screenshot({
        path: path.join(SHOTS, `${name}-${size}-${theme}.png`),
      });
    }
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.setViewportSize(before);
}

/** Waits until what was changed is shown, and has faded in. */
const painted = (page) =>
  page.evaluate(async () => {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const ending = document.getAnimations().filter((animation) => animation.effect.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });

/** Waits until `look` gives something truthy, and gives that. */
export async function until(look, what = 'what was waited for') {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found) return found;
    assert.ok(Date.now() < end, `${what} did not happen in ${PATIENCE_MS} ms`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** A small blog: people (auth), tags, posts with every common field, and a view. */
async function seed(pb) {
  const make = (collection) => pb.collections.create(collection);
  const people = await make({
    name: 'people',
    type: 'auth',
    listRule: '',
    viewRule: '',
    createRule: '',
    updateRule: 'id = @request.auth.id',
    deleteRule: 'id = @request.auth.id',
    fields: [{ name: 'name', type: 'text', presentable: true }],
  });
  const tags = await make({
    name: 'tags',
    type: 'base',
    listRule: '',
    viewRule: '',
    fields: [{ name: 'name', type: 'text', required: true, presentable: true }],
  });
  await make({
    name: 'posts',
    type: 'base',
    listRule: 'published = true || author = @request.auth.id',
    viewRule: 'published = true || author = @request.auth.id',
    createRule: '@request.auth.id != "" && author = @request.auth.id',
    updateRule: 'author = @request.auth.id',
    deleteRule: null,
    fields: [
      {
        name: 'title',
        type: 'text',
        required: true,
        max: 120,
        presentable: true,
      },
      { name: 'body', type: 'editor' },
      { name: 'views', type: 'number' },
      { name: 'published', type: 'bool' },
      { name: 'at', type: 'date' },
      {
        name: 'kind',
        type: 'select',
        values: ['news', 'essay', 'note'],
        maxSelect: 1,
      },
      { name: 'link', type: 'url' },
      { name: 'mail', type: 'email' },
      { name: 'meta', type: 'json' },
      { name: 'place', type: 'geoPoint' },
      { name: 'docs', type: 'file', maxSelect: 5 },
      {
        name: 'author',
        type: 'relation',
        collectionId: people.id,
        maxSelect: 1,
      },
      { name: 'tags', type: 'relation', collectionId: tags.id, maxSelect: 9 },
      { name: 'created', type: 'autodate', onCreate: true },
      { name: 'updated', type: 'autodate', onCreate: true, onUpdate: true },
    ],
    indexes: ['CREATE INDEX `idx_posts_created` ON `posts` (`created`)'],
  });
  await make({
    name: 'authors',
    type: 'view',
    listRule: '',
    viewQuery: 'SELECT people.id, people.name FROM people',
  });

  const ids = { people: [], tags: [] };
  for (const name of ['Ann', 'Bob']) {
    const email = `${name.toLowerCase()}@example.com`;
    ids.people.push(
      (
        await pb.collection('people').create({
          name,
          email,
          password: 'password1',
          passwordConfirm: 'password1',
          verified: true,
        })
      ).id,
    );
  }
  for (const name of ['rust', 'svelte', 'sqlite']) ids.tags.push((await pb.collection('tags').create({ name })).id);
  for (let at = 1; at <= 12; at++) {
    await pb.collection('posts').create({
      title: `Post number ${at}`,
      body: `<p>About <b>${at}</b>.</p>`,
      views: at * 7,
      published: at % 3 !== 0,
      at: `2026-0${1 + (at % 9)}-10 08:00:00.000Z`,
      kind: ['news', 'essay', 'note'][at % 3],
      link: 'https://example.com/a',
      meta: { at, list: [1, 2] },
      place: { lon: at, lat: 45 },
      author: ids.people[at % 2],
      tags: ids.tags.slice(0, at % 4),
    });
  }
}
