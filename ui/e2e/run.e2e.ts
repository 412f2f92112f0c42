import { createServer, type Server as HttpServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sandboxTrouble, type Visitor } from './support/browser';
import { Room } from './support/room';
import { Stage } from './support/stage';

const programs: Record<'JavaScript' | 'Python', { greet: string; greeting: string; loop: string }> = {
  JavaScript: {
    greet: 'const names = ["Ada", "Bob"];\nconsole.log(`hello ${names.join(" and ")}`);',
    greeting: 'hello Ada and Bob',
    loop: 'console.log("turning");\nwhile (true) {}',
  },
  Python: {
    greet: 'names = ["Ada", "Bob"]\nprint(f"hello {\' and \'.join(names)}")',
    greeting: 'hello Ada and Bob',
    loop: 'print("turning")\nwhile True: pass',
  },
};

describe('running code', () => {
  const stage = new Stage();

  for (const [language, { greet, greeting, loop }] of Object.entries(programs) as [
    'JavaScript' | 'Python',
    (typeof programs)['Python'],
  ][]) {
    test(`${language}: both see the output; an endless loop is stopped and the next run works`, async () => {
      const [one, two] = await Promise.all([stage.visitor('Ada'), stage.visitor('Bob')]);
      const ada = await Room.create(one, language);
      const bob = await Room.join(two, await ada.inviteLink('candidate'));
      await ada.replaceAll(greet);
      await ada.runButton.click();
      await Promise.all([ada.outputHas(greeting), bob.outputHas(greeting)]);

      await bob.replaceAll(loop);
      await bob.runButton.click();
      await ada.outputHas('turning');
      await bob.stopButton.click();
      await bob.runButton.waitFor();

      await bob.replaceAll(greet.replace('hello', 'again'));
      await bob.runButton.click();
      await ada.outputHas(greeting.replace('hello', 'again'));
    });
  }
});

describe('the sandbox', () => {
  const stage = new Stage();
  let elsewhere: HttpServer;
  const reached: string[] = [];

  beforeAll(async () => {
    // A server that would take anything from anyone: what arrives here got out.
    elsewhere = createServer((request, response) => {
      reached.push(request.url ?? '');
      response
        .writeHead(200, {
          'access-control-allow-origin': '*',
          'cross-origin-resource-policy': 'cross-origin',
        })
        .end('out');
    }).listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
  });
  afterAll(() => elsewhere.close());

  test('code gets at no network, no storage, no page', async () => {
    const visitor = await stage.visitor('Eve');
    const room = await Room.create(visitor);
    const own = stage.server.origin;
    const other = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
    await room.replaceAll(breakout(own, other));
    await room.runButton.click();
    await room.outputHas('all tried');
    const lines = (await room.output()).split('\n').filter((line) => /^(kept|OUT) /.test(line));
    expect(lines.filter((line) => line.startsWith('OUT'))).toEqual([]);
    expect(lines.length).toBe(attempts(own, other).length);
    expect(reached).toEqual([]);
    excuseAttempts(visitor);
  });

  test('Python gets at no network and no page either', async () => {
    const visitor = await stage.visitor('Eve');
    const room = await Room.create(visitor, 'Python');
    const other = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
    await room.replaceAll(
      [
        'import js',
        'async def go(what, attempt):',
        '    try: print("OUT", what, await attempt())',
        '    except BaseException as err: print("kept", what, type(err).__name__)',
        `async def get(): return (await js.fetch("${stage.server.origin}/api/v1/config")).status`,
        `async def away(): return (await js.fetch("${other}/py")).status`,
        'async def store(): return js.localStorage.length',
        'async def page(): return js.parent.document.title',
        'async def lib():',
        '    import urllib.request',
        `    return urllib.request.urlopen("${other}/urllib").status`,
        'for f in (get, away, store, page, lib): await go(f.__name__, f)',
        'print("all tried")',
      ].join('\n'),
    );
    await room.runButton.click();
    await room.outputHas('all tried');
    const lines = (await room.output()).split('\n').filter((line) => /^(kept|OUT) /.test(line));
    expect(lines.filter((line) => line.startsWith('OUT'))).toEqual([]);
    expect(lines.length).toBe(5);
    expect(reached).toEqual([]);
    excuseAttempts(visitor);
  });

  test('output is text, never part of the page', async () => {
    const room = await Room.create(await stage.visitor('Eve'));
    const markup = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>';
    await room.replaceAll(`console.log(${JSON.stringify(markup)});`);
    await room.runButton.click();
    await room.outputHas(markup);
    expect(await room.page.title()).not.toBe('owned');
    expect(await room.page.locator('img[src="x"]').count()).toBe(0);
  });

  test('endless output is cut and can be stopped', async () => {
    const room = await Room.create(await stage.visitor('Eve'));
    await room.replaceAll('for (;;) console.log("0123456789".repeat(20));');
    await room.runButton.click();
    await room.outputHas('0123456789');
    await room.stopButton.click();
    await room.runButton.waitFor();
    await room.replaceAll('console.log("after the flood");');
    await room.runButton.click();
    await room.outputHas('after the flood');
  });
});

/** The browser reports each attempt, also one that it has stopped. */
function excuseAttempts(visitor: Visitor): void {
  visitor.excuse(sandboxTrouble);
  visitor.excuse(/Failed to load resource|request to elsewhere: http:\/\/127\.0\.0\.1/);
}

/** Ways out, each an expression that gives something only if it got somewhere. */
function attempts(own: string, other: string): [string, string][] {
  const socket = other.replace('http', 'ws');
  return [
    ['fetch-api', `(await fetch("${own}/api/v1/config")).status`],
    ['fetch-relative', '(await fetch("/api/v1/config")).status'],
    ['fetch-away', `(await fetch("${other}/fetch")).status`],
    ['fetch-opaque', `(await fetch("${other}/opaque", {mode: "no-cors"})).type`],
    [
      'xhr',
      `await new Promise((y, n) => { const r = new XMLHttpRequest(); r.onload = () => y(r.status); r.onerror = n; r.open("GET", "${other}/xhr"); r.send(); })`,
    ],
    [
      'websocket',
      `await new Promise((y, n) => { const s = new WebSocket("${socket}/ws"); s.onopen = () => y("open"); s.onerror = n; })`,
    ],
    [
      'eventsource',
      `await new Promise((y, n) => { const s = new EventSource("${other}/es"); s.onopen = () => y("open"); s.onerror = n; })`,
    ],
    ['importScripts', `importScripts("${other}/script.js") ?? "loaded"`],
    ['import', `await import("${other}/module.js")`],
    [
      'worker',
      `await new Promise((y, n) => { const w = new Worker("${own}/sandbox/boot.js"); w.onmessage = () => y("started"); w.onerror = n; })`,
    ],
    ['localStorage', 'localStorage.length'],
    [
      'indexedDB',
      'await new Promise((y, n) => { const r = indexedDB.open("x"); r.onsuccess = () => y("open"); r.onerror = n; })',
    ],
    ['caches', 'await caches.open("x")'],
    ['cookies', 'document.cookie'],
    ['parent', 'parent.document.title'],
    ['top', 'top.location.href'],
  ];
}

function breakout(own: string, other: string): string {
  const tries = attempts(own, other).map(
    ([name, expression]) => `await attempt("${name}", async () => ${expression});`,
  );
  return [
    'async function attempt(name, way) {',
    '  const limit = new Promise((_, no) => setTimeout(no, 2000, new Error("nothing came")));',
    '  try { console.log("OUT", name, String(await Promise.race([way(), limit]))); }',
    '  catch (err) { console.log("kept", name, err?.name ?? "event"); }',
    '}',
    ...tries,
    'console.log("all tried");',
  ].join('\n');
}
