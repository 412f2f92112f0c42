import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TEXTS } from '../src/lib/texts';
import { launch, Visitor } from './support/browser';
import { ask, journeys, markup, namesAmong, secondDocuments } from './support/page-ways';
import { Room } from './support/room';
import { excuse, Sink, tries } from './support/sink';
import { Stage } from './support/stage';
import { until } from './support/until';
import { waysOut } from './support/ways-out';

const stage = new Stage();
const sink = new Sink();
beforeAll(() => sink.open());
afterAll(() => sink.close());

const WRAP = `
async function attempt(name, way) {
  const limit = new Promise((_, no) => setTimeout(no, 1500, new Error('nothing came')));
  try { console.log('OUT', name, String(await Promise.race([way(), limit]))); }
  catch (err) { console.log('kept', name, err?.name ?? 'event'); }
}
const heard = (make) => new Promise((yes, no) => {
  const it = make();
  it.onopen = it.onload = it.onmessage = () => yes('heard');
  it.onerror = no;
});
`;

/** Ways out of a worker: each gives something only if it got somewhere. */
function workerWays(own: string, api: string): Record<string, string> {
  const { origin } = sink;
  const socket = origin.replace('http', 'ws');
  const nested = (code: string) =>
    `heard(() => new Worker(URL.createObjectURL(new Blob([${JSON.stringify(code)}], {type: 'text/javascript'}))))`;
  return {
    fetch: `(await fetch('${origin}/fetch')).status`,
    'fetch of the API': `(await fetch('${api}')).status`,
    'fetch without CORS': `(await fetch('${origin}/opaque', {mode: 'no-cors'})).type`,
    'fetch that outlives': `(await fetch('${origin}/alive', {mode: 'no-cors', keepalive: true})).type`,
    xhr: `await heard(() => { const r = new XMLHttpRequest(); r.open('GET', '${origin}/xhr'); r.send(); return r; })`,
    'xhr that waits': `(() => { const r = new XMLHttpRequest(); r.open('GET', '${origin}/sync', false); r.send(); return r.status; })()`,
    websocket: `await heard(() => new WebSocket('${socket}/ws'))`,
    'websocket of the session': `await heard(() => new WebSocket('${own.replace('http', 'ws')}/ws/sessions/00000000'))`,
    eventsource: `await heard(() => new EventSource('${origin}/es'))`,
    webtransport: `await new WebTransport('${origin.replace('http:', 'https:')}/wt').ready`,
    webrtc: `new RTCPeerConnection({iceServers: [{urls: '${sink.stun}'}]}).createDataChannel('x').label`,
    beacon: `navigator.sendBeacon('${origin}/beacon') || Promise.reject(new Error('no'))`,
    import: `await import('${origin}/module.js')`,
    'import of data': `(await import('data:text/javascript,export default 1')).default`,
    importScripts: `importScripts('${origin}/script.js') ?? 'loaded'`,
    worker: `await heard(() => new Worker('${origin}/worker.js'))`,
    'worker of the page': `await heard(() => new Worker('${own}/sandbox/boot.js'))`,
    'shared worker': `await heard(() => new SharedWorker('${origin}/shared.js').port)`,
    'nested worker': nested(
      `fetch('${origin}/nested', {mode: 'no-cors'}).then(() => postMessage(1), () => 0)`,
    ),
    'service worker': `await navigator.serviceWorker.register('${own}/sandbox/boot.js')`,
    localStorage: 'localStorage.length',
    indexedDB: `await new Promise((y, n) => { const r = indexedDB.open('x'); r.onsuccess = () => y('open'); r.onerror = n; })`,
    caches: `await caches.open('x')`,
    files: `await navigator.storage.getDirectory()`,
    locks: `await navigator.locks.request('x', () => 'held')`,
    cookies: 'document.cookie',
    cookieStore: `await cookieStore.getAll()`,
    parent: 'parent.document.title',
    top: 'top.location.href',
    opener: 'opener.document.title',
    window: `open('${origin}/popup').closed`,
    // The page listens on this channel; an origin of one's own has channels of its own.
    broadcast: `await heard(() => { const c = new BroadcastChannel('parley-test'); c.postMessage('from inside'); return c; })`,
    'message to the frame': `(postMessage({type: 'done', ok: true}), 'sent')`,
    'message of the worker': `(DedicatedWorkerGlobalScope.prototype.postMessage.call(self, {type: 'done', ok: true}), 'sent')`,
    'end of the worker': `(close(), 'closed')`,
  };
}

describe('the sandbox', () => {
  for (const [language, { code, count, refused }] of Object.entries(waysOut)) {
    test(`${language} finds no way out, and nothing of an earlier run`, { timeout: 300_000 }, async () => {
      const visitor = await stage.visitor('Eve');
      const room = await Room.create(visitor);
      const to = { own: stage.server.origin, away: sink.origin, port: new URL(sink.bare).port };
      // Twice: what the first run leaves behind, the second one looks for.
      for (let turn = 0; turn < 2; turn++) await tries(sink, room, { language, code: code(to), count });
      for (const [program, says] of refused ?? []) {
        await room.runButton.waitFor();
        await room.run(language, program);
        await room.outputHas(says, 100_000);
      }
      excuse(visitor);
    });
  }

  test('JavaScript finds no way out, and cannot speak for the sandbox', async () => {
    const visitor = await stage.visitor('Eve');
    const room = await Room.create(visitor);
    await room.page.evaluate(() => {
      const channel = new BroadcastChannel('parley-test');
      channel.onmessage = () => channel.postMessage('heard you');
    });
    const own = stage.server.origin;
    const ways = workerWays(own, `${own}/api/v1/config`);
    const body = Object.entries(ways).map(
      ([name, way]) => `await attempt(${JSON.stringify(name)}, async () => ${way});`,
    );
    const code = `${WRAP}${body.join('\n')}\nconsole.log('all tried');`;
    await tries(sink, room, { language: 'JavaScript', code, count: body.length });
    excuse(visitor);
  });

  test('a program that replaces every function of the language neither forges a run nor harms the next', async () => {
    const visitor = await stage.visitor('Eve');
    const room = await Room.create(visitor);
    await room.run(
      'JavaScript',
      `console.log('before');
      const stolen = [];
      for (const P of [Array.prototype, Object.prototype, Promise.prototype, Function.prototype, MessagePort.prototype, EventTarget.prototype, String.prototype]) {
        for (const key of Object.getOwnPropertyNames(P)) {
          const was = Object.getOwnPropertyDescriptor(P, key);
          if (typeof was?.value !== 'function' || key === 'constructor') continue;
          try { Object.defineProperty(P, key, { configurable: true, writable: true, value: function (...args) {
            if (this instanceof MessagePort) this.postMessage({ type: 'done', ok: true, exitCode: 42 });
            throw new Error('tampered');
          } }); } catch {}
        }
      }
      for (;;) {}`,
    );
    await room.outputHas('before');
    await room.stopButton.click();
    await room.runButton.waitFor();
    expect(await room.output()).not.toContain('42');
    await room.run('JavaScript', 'console.log([1, 2].map((n) => n + 1).join());');
    await room.outputHas('2,3');
    excuse(visitor);
  });

  test('a previewed page finds none, by markup, style or script', { timeout: 200_000 }, async () => {
    const visitor = await stage.visitor('Eve');
    const room = await Room.create(visitor);
    const { origin, bare, stun } = sink;
    const ways: Record<string, string> = {
      fetch: `await fetch('${origin}/p-fetch', {mode: 'no-cors'})`,
      websocket: `await heard(() => new WebSocket('${origin.replace('http', 'ws')}/p-ws'))`,
      beacon: `(navigator.sendBeacon('${origin}/p-beacon'), Promise.reject(new Error('only the sink tells')))`,
      image: `await heard(() => Object.assign(new Image(), { src: '${origin}/p-image' }))`,
      webrtc: `new RTCPeerConnection({iceServers: [{urls: '${stun}'}]}).createDataChannel('x').label`,
      frame: `document.createElement('iframe').tagName`,
      'frame by namespace': `document.createElementNS('http://www.w3.org/1999/xhtml', 'iframe').tagName`,
      'frame by text': `(document.body.insertAdjacentHTML('beforeend', '<iframe srcdoc="<script>new RTCPeerConnection({iceServers:[{urls:\\'${stun}\\'}]})<\\/script>"></iframe>'), document.querySelector('iframe').tagName)`,
      'link by script': `document.head.appendChild(Object.assign(document.createElement('link'), {rel: 'preconnect', href: '${bare}'})).tagName`,
      'link by text': `(document.head.innerHTML += '<link rel="preconnect" href="${bare}">', document.querySelector('link').tagName)`,
      'link by range': `document.head.appendChild(document.createRange().createContextualFragment('<link rel="dns-prefetch" href="${bare}">')).tagName ?? document.querySelector('link').tagName`,
      'custom frame': `(customElements.define('x-f', class extends HTMLIFrameElement {}, {extends: 'iframe'}), 'made')`,
      speculation: `(document.head.append(Object.assign(document.createElement('script'), {type: 'speculationrules', textContent: JSON.stringify({prefetch: [{source: 'list', urls: ['${origin}/p-spec']}]})})), Promise.reject(new Error('only the sink tells')))`,
      policy: `trustedTypes.createPolicy('mine', {createHTML: (s) => s}).name`,
      // Stand-ins: a page has them for itself, and nothing is left for the next page.
      storage: `localStorage.getItem('left') ?? (localStorage.setItem('left', 'x'), Promise.reject(new Error('empty')))`,
      cookies: `document.cookie || (document.cookie = 'left=x', Promise.reject(new Error('empty')))`,
      parent: 'parent.document.title',
      'top navigation': `(top.location.href = '${origin}/p-top', Promise.reject(new Error('only the sink tells')))`,
      popup: `open('${origin}/p-popup').closed`,
      form: `(document.body.append(Object.assign(document.createElement('form'), {action: '${origin}/p-form', method: 'post'})), document.forms[0].submit(), Promise.reject(new Error('only the sink tells')))`,
      worker: `await heard(() => new Worker('${origin}/p-worker.js'))`,
      import: `await import('${origin}/p-module.js')`,
    };
    const body = Object.entries(ways).map(
      ([name, way]) => `await attempt(${JSON.stringify(name)}, async () => ${way});`,
    );
    const page = `<!doctype html><html><head>
<link rel="preconnect" href="${bare}"><link rel="dns-prefetch" href="${bare}"><link rel="stylesheet" href="${origin}/p-css">
<link rel="prefetch" href="${origin}/p-prefetch">
<style>@import url('${origin}/p-import'); body { background: url('${origin}/p-url'); } @font-face { font-family: x; src: url('${origin}/p-font'); } p { font-family: x; }</style>
</head><body><p>page</p><img src="${origin}/p-img"><iframe src="${origin}/p-iframe"></iframe><object data="${origin}/p-object"></object>
<embed src="${origin}/p-embed"><video src="${origin}/p-video" autoplay></video><a id="a" href="${origin}/p-link" ping="${origin}/p-ping">x</a>
<script src="${origin}/p-script"></script>
<script type="module">${WRAP}${body.join('\n')}
document.getElementById('a').click();
location.href = '${origin}/p-self';
console.log('all tried');</script></body></html>`;
    for (let turn = 0; turn < 2; turn++)
      await tries(sink, room, { language: 'HTML, CSS, JS', code: page, count: body.length });
    // A page that goes elsewhere by itself is stopped by the policy of the page around it.
    const refresh = `<meta http-equiv="refresh" content="0;url=${origin}/p-refresh"><script>console.log('all tried')</script>`;
    await tries(sink, room, { language: 'HTML, CSS, JS', code: refresh, count: 0 });
    await until('the browser to refuse', () => visitor.problems.some((text) => /frame-src/.test(text)));
    expect(sink.reached).toEqual([]);
    // And one that never comes to rest is stopped like a program.
    await room.run('HTML, CSS, JS', '<p>hello</p><script>console.log("turning"); for (;;) {}</script>');
    await room.outputHas('turning');
    await room.stopButton.click();
    await room.runButton.waitFor();
    excuse(visitor);
  });
});

describe('a previewed page', () => {
  const language = 'HTML, CSS, JS';
  const dir = mkdtempSync(join(tmpdir(), 'parley-names-'));
  afterAll(() => rmSync(dir, { recursive: true }));

  test('makes no second document', { timeout: 200_000 }, async () => {
    const visitor = await stage.visitor('Eve');
    const room = await Room.create(visitor);
    for (const [name, code] of Object.entries(secondDocuments(sink))) {
      await room.run(language, code);
      await room.outputHas('all tried');
      expect(await room.output(), name).not.toContain('OUT');
      await room.runButton.waitFor();
    }
    excuse(visitor);
    // What a page has sent arrives before this.
    await visitor.page.evaluate(`{ const w = window; ${ask(sink.stun)} }`);
    await until('the listener to hear a window of no preview', () => sink.reached.length > 0);
    expect(new Set(sink.reached.splice(0))).toEqual(new Set(['udp']));
  });

  test('goes nowhere, and has no name looked up', { timeout: 200_000 }, async () => {
    const log = join(dir, 'net.json');
    const browser = await launch(`--log-net-log=${log}`, '--net-log-capture-mode=Everything');
    const visitor = await Visitor.arrive(browser, stage.server.origin, 'Eve');
    const room = await Room.create(visitor);
    for (const [name, code] of Object.entries(journeys(sink))) {
      visitor.problems.length = 0;
      await room.run(language, code);
      await until(`the browser to refuse: ${name}`, () =>
        visitor.problems.some((text) => /frame-src|Connection.Allowlist/i.test(text)),
      );
      await room.runButton.waitFor();
    }
    const page = markup(sink);
    for (const code of [page, `${page}<script></script>`]) {
      await room.run(language, code);
      await room.runButton.waitFor();
    }
    await fetch(`${sink.origin}/last`);
    expect(sink.reached.splice(0)).toEqual(['http /last']);
    // The log would tell: here is a page that may have a name looked up.
    const free = await visitor.context.newPage();
    await free.goto('http://free.leak.example/').catch(() => undefined);
    // And the listener on TCP would have heard a connection that says nothing.
    await free.goto(sink.bare).catch(() => undefined);
    await until('the listener to hear a page that may connect', () => sink.reached.length > 0);
    expect(new Set(sink.reached.splice(0))).toEqual(new Set(['tcp']));
    await browser.close();
    expect(namesAmong(readFileSync(log, 'utf8'))).toEqual(['free.leak.example']);
  });

  test('has no scripts where it asks for none', async () => {
    const visitor = await stage.visitor('Eve');
    const room = await Room.create(visitor);
    await room.run(language, '<h1>Hello</h1><p>there</p>');
    const shown = visitor.page.frameLocator(`iframe[title="${TEXTS.run.preview}"]`);
    const inner = shown.locator('iframe');
    expect(await inner.getAttribute('sandbox')).toBe('');
    await inner.contentFrame().getByRole('heading', { name: 'Hello' }).waitFor();
    await room.runButton.waitFor();
    // A link within the page leads there.
    await room.run(language, '<a href="#x">down</a><div style="height: 9000px"></div><p id="x">there</p>');
    await shown.getByRole('link').click();
    await until('the link to lead down', () => shown.locator('body').evaluate(() => scrollY > 0));
  });
});
