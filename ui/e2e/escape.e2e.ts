import { createServer, type Server as HttpServer } from 'node:http';
import { createServer as createTcp, type AddressInfo, type Server as TcpServer } from 'node:net';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sandboxTrouble, type Visitor } from './support/browser';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until } from './support/until';

/** Everything that listens for what gets out, and what has come. */
class Sink {
  readonly reached: string[] = [];
  private http!: HttpServer;
  private tcp!: TcpServer;
  private udp!: Socket;

  async open(): Promise<void> {
    this.http = createServer((request, response) => {
      this.reached.push(`http ${request.url ?? ''}`);
      response
        .writeHead(200, {
          'access-control-allow-origin': '*',
          'cross-origin-resource-policy': 'cross-origin',
          'content-type': 'text/javascript',
        })
        .end('"out"');
    }).listen(0, '127.0.0.1');
    this.http.on('upgrade', (request, socket) => {
      this.reached.push(`websocket ${request.url ?? ''}`);
      socket.destroy();
    });
    this.tcp = createTcp((socket) => {
      this.reached.push('tcp');
      socket.destroy();
    }).listen(0, '127.0.0.1');
    this.udp = createSocket('udp4', () => this.reached.push('udp'));
    this.udp.bind(0, '127.0.0.1');
    await Promise.all([
      once(this.http, 'listening'),
      once(this.tcp, 'listening'),
      once(this.udp, 'listening'),
    ]);
  }

  close(): void {
    this.http.close();
    this.tcp.close();
    this.udp.close();
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  /** Only a connection shows here: for what opens one and sends nothing. */
  get bare(): string {
    return `http://127.0.0.1:${(this.tcp.address() as AddressInfo).port}`;
  }

  get stun(): string {
    return `stun:127.0.0.1:${this.udp.address().port}`;
  }
}

const stage = new Stage();
const sink = new Sink();
beforeAll(() => sink.open());
afterAll(() => sink.close());

/** The browser reports each attempt, also one that it has stopped. */
function excuse(visitor: Visitor): void {
  visitor.excuse(sandboxTrouble);
  visitor.excuse(
    /Failed to load resource|request to elsewhere: https?:\/\/127\.0\.0\.1|TrustedHTML|preconnect|RTCPeer/,
  );
}

/** Runs a program that says `kept` or `OUT` for each thing that it tries, and `all tried` at the end. */
async function tries(room: Room, language: string, code: string, count: number): Promise<void> {
  await room.run(language, code);
  await room.outputHas('all tried', 100_000);
  const lines = (await room.output()).split('\n').filter((line) => /^(kept|OUT) /.test(line));
  expect(lines.filter((line) => line.startsWith('OUT'))).toEqual([]);
  expect(lines).toHaveLength(count);
  // What is on its way arrives before something that is sent later, and is let through.
  await fetch(`${sink.origin}/last`);
  expect(sink.reached.splice(0)).toEqual(['http /last']);
}

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
    await tries(room, 'JavaScript', `${WRAP}${body.join('\n')}\nconsole.log('all tried');`, body.length);
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

  test('Python and Ruby, with the whole browser in their hands, find none either', async () => {
    const visitor = await stage.visitor('Eve');
    const room = await Room.create(visitor);
    const own = stage.server.origin;
    const python = [
      'import js',
      'async def go(what, attempt):',
      '    try: print("OUT", what, await attempt())',
      '    except BaseException as err: print("kept", what, type(err).__name__)',
      `async def get(): return (await js.fetch("${own}/api/v1/config")).status`,
      `async def away(): return (await js.fetch("${sink.origin}/py")).status`,
      'async def store(): return js.localStorage.length',
      'async def page(): return js.parent.document.title',
      'async def say(): return js.postMessage("x")',
      `async def code(): return js.eval("importScripts('${sink.origin}/py.js')")`,
      'async def lib():',
      '    import urllib.request',
      `    return urllib.request.urlopen("${sink.origin}/urllib").status`,
      'async def sock():',
      '    import socket',
      `    it = socket.create_connection(("127.0.0.1", ${new URL(sink.bare).port}), 2)`,
      '    it.sendall(b"x")',
      '    return it.recv(1)',
      'for f in (get, away, store, page, say, code, lib, sock): await go(f.__name__, f)',
      'print("all tried")',
    ];
    await tries(room, 'Python', python.join('\n'), 8);
    const ruby = [
      'def go(what)',
      '  puts "OUT #{what} #{yield}"',
      'rescue Exception => e',
      '  puts "kept #{what} #{e.class}"',
      'end',
      'require "js"',
      `go("xhr") { r = JS.global[:XMLHttpRequest].new; r.open("GET", "${sink.origin}/rb", false); r.send; r[:status] }`,
      'go("store") { JS.global[:localStorage][:length] }',
      'go("say") { JS.global.postMessage("x") }',
      `go("code") { JS.eval("importScripts('${sink.origin}/rb.js'); return 1") }`,
      `go("socket") { require "socket"; TCPSocket.new("127.0.0.1", ${new URL(sink.bare).port}) }`,
      'puts "all tried"',
    ];
    await tries(room, 'Ruby', ruby.join('\n'), 5);
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
      storage: 'localStorage.length',
      cookies: `(document.cookie = 'a=1', document.cookie || Promise.reject(new Error('no')))`,
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
    await tries(room, 'HTML, CSS, JS', page, body.length);
    // A page that goes elsewhere by itself is stopped by the policy of the page around it.
    const refresh = `<meta http-equiv="refresh" content="0;url=${origin}/p-refresh"><script>console.log('all tried')</script>`;
    await tries(room, 'HTML, CSS, JS', refresh, 0);
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
