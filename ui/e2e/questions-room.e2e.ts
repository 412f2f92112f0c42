import type { Page } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { TEXTS } from '../src/lib/texts';
import { questions as T } from '../src/lib/texts/questions';
import { Zip } from '../src/replay/zip';
import type { Created } from './support/api';
import { look } from './support/look';
import { beside, make, shellKept } from './support/people';
import { SECRETS, doubling, take } from './support/questions';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until } from './support/until';

const own = doubling();
const key = 'questions-key-0123456789';
const good = 'const n = Number(prompt());\nconsole.log(2 * n);';
const bad = 'const n = Number(prompt());\nconsole.log(n === 2 ? 4 : 3 * n);';

describe('a question in the room', () => {
  const stage = new Stage('--questions-dir', own.dir);
  afterAll(own.remove);

  test('the guide, parts that are revealed, hidden tests, and a second question', async () => {
    const names = ['Grace', 'Ada', 'Barbara'];
    const [one, two, three] = await Promise.all(names.map((name) => stage.visitor(name)));
    if (!one || !two || !three) throw new Error('nobody came');
    await make(one, { problem: 'Doubling' });
    const grace = await Room.opened(one);
    const ada = await Room.join(two, await grace.inviteLink('candidate'));
    await Room.join(three, await grace.inviteLink('interviewer'));
    const guide = await beside(one.page, 'guide');
    const other = await beside(three.page, 'guide');
    await guide.getByText('quixotry').waitFor();
    await guide.getByText(T.part(2, 'Three times')).waitFor();
    await guide.getByText('vexillary').waitFor();
    await look(one, 'guide', { part: TEXTS.beside.tabs.guide });

    // Hidden tests run after the others, for interviewers alone.
    await ada.replaceAll(bad);
    await grace.shows(bad);
    await guide.getByRole('button', { name: T.runAll }).click();
    const strip = grace.page.getByText(T.onlyYou);
    await strip.waitFor();
    await one.page
      .getByRole('status')
      .filter({ hasText: T.passed(0, 1) })
      .first()
      .waitFor();
    await ada.outputHas(TEXTS.tests.passed(1, 1));
    await guide.getByText('vexillary').click();
    await guide.getByText('63003').waitFor();
    await look(one, 'guide-failed', { part: TEXTS.beside.tabs.guide });
    await ada.replaceAll(good);
    await grace.shows(good);
    await one.page.getByRole('button', { name: TEXTS.tests.open(2) }).click();
    const dialog = one.page.getByRole('dialog', { name: TEXTS.tests.title });
    await look(one, 'tests-hidden', { phone: false });
    await dialog.getByRole('button', { name: TEXTS.tests.run }).click();
    await one.page
      .getByRole('status')
      .filter({ hasText: T.passed(1, 1) })
      .first()
      .waitFor();
    await grace.runButton.waitFor();
    await look(one, 'guide-passed', { phone: false });
    expect(await two.page.getByText(T.onlyYou).count()).toBe(0);

    // The next part is revealed to all, and the other interviewer's guide knows it.
    expect(await two.page.getByText('zibeline').count()).toBe(0);
    await guide.getByRole('button', { name: T.reveal }).click();
    await two.page.getByText('zibeline').waitFor();
    await guide.getByText(T.revealedNow(2)).waitFor();
    expect(await guide.getByRole('button', { name: T.reveal }).count()).toBe(0);
    await until(
      'the other to know',
      async () => (await other.getByText(T.revealed, { exact: true }).count()) === 2,
    );

    // A second question: what is there is kept, and all guides follow.
    const problem = await beside(one.page, 'problem');
    await problem.getByRole('button', { name: T.open }).click();
    await take(one.page, 'Islands on a map', T.insert, 'JavaScript');
    await other.getByRole('heading', { name: 'Islands on a map' }).waitFor();
    await two.page
      .getByRole('complementary')
      .getByText(/island/i)
      .first()
      .waitFor();
    await two.page.getByRole('tab', { name: 'main-1.js' }).click();
    await ada.shows(good);
    await two.page.reload();
    await ada.opened();
    expect(await two.page.getByRole('tab', { name: TEXTS.beside.tabs.guide }).count()).toBe(0);
    expect(await two.page.getByRole('button', { name: T.open }).count()).toBe(0);
  });

  test('nothing of guide, hidden tests and later parts reaches a candidate, nor stays in a browser', async () => {
    const server = await stage.ownServer('--questions-dir', own.dir, '--api-key', key);
    const answer = await fetch(`${server.origin}/api/v1/sessions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ question: 'doubling', replay: 'all', creator: { name: 'Grace' } }),
    });
    const { id, token, invites } = (await answer.json()) as Created;
    const [one, two] = await Promise.all([stage.visitor('Grace', server), stage.visitor('Ada', server)]);
    const wire = everything(two.page);
    const grace = await Room.join(one, invites.interviewer);
    const ada = await Room.join(two, invites.candidate);
    const guide = await beside(one.page, 'guide');
    await guide.getByText('quixotry').waitFor();
    await ada.replaceAll(good);
    await grace.shows(good);
    await guide.getByRole('button', { name: T.runAll }).click();
    await one.page
      .getByRole('status')
      .filter({ hasText: T.passed(1, 1) })
      .first()
      .waitFor();
    // In Python there is another hidden test.
    await grace.language.selectOption({ label: 'Python' });
    await grace.paste('n = int(input())\nprint(2 * n)');
    await guide.getByText('wobbegong').waitFor();
    await guide.getByRole('button', { name: T.runAll }).click();
    await one.page
      .getByRole('status')
      .filter({ hasText: T.passed(1, 2) })
      .first()
      .waitFor({ timeout: 90_000 });
    await grace.saved();
    for (const { page } of [one, two]) {
      await shellKept(page);
      await page.reload();
    }
    await Promise.all([grace.opened(), ada.opened()]);
    await (await beside(one.page, 'guide')).getByText('quixotry').waitFor();

    // What comes after it has come, so it would have come too.
    await grace.replaceAll('# the last word');
    await ada.shows('# the last word');
    const got = (await wire()).join('\n');
    for (const part of ['the last word', 'twice', TEXTS.tests.passed(1, 1)]) expect(got).toContain(part);
    expect(SECRETS.filter((word) => got.includes(word))).toEqual([]);

    // Every address of the API, asked with the candidate's token and with none.
    const theirs = await two.page.evaluate(
      (session) => JSON.stringify({ ...localStorage, ...sessionStorage, session }),
      id,
    );
    const candidate = /"token\\*":\\*"([\w.-]+)/.exec(theirs)?.[1] ?? '';
    expect(candidate).not.toBe('');
    const ends = await one.page.request.patch(`${server.origin}/api/v1/sessions/${id}`, {
      headers: { authorization: `Bearer ${token}` },
      data: { status: 'ended' },
    });
    expect(ends.ok()).toBe(true);
    const as = (bearer: string) => askAll(server.origin, id, bearer);
    const control = (await as(token)).join('\n');
    expect(SECRETS.filter((word) => !control.includes(word))).toEqual([]);
    for (const bearer of [candidate, '']) {
      const answers = (await as(bearer)).join('\n');
      if (bearer) expect(answers).toContain('twice');
      expect(SECRETS.filter((word) => answers.includes(word))).toEqual([]);
    }

    // What the browsers keep: of the candidate nothing, and of the interviewer nothing either.
    for (const { page } of [one, two]) {
      const kept = await keptBy(page);
      expect(kept.addresses.length).toBeGreaterThan(10);
      expect(kept.addresses.filter((address) => address.includes('/api/'))).toEqual([]);
      expect(SECRETS.filter((word) => kept.text.includes(word))).toEqual([]);
    }
  }, 300_000);
});

/** Records everything that a page and its workers are sent: frames and all answers. */
function everything(page: Page): () => Promise<string[]> {
  const got: string[] = [];
  const bodies: Promise<void>[] = [];
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => void got.push(payload.toString()));
    socket.on('framesent', ({ payload }) => void got.push(payload.toString()));
  });
  page.context().on('response', (response) => {
    if (/\.(wasm|js|css|zip|data)$/.test(new URL(response.url()).pathname)) return;
    const read = async () => void got.push(await response.text());
    bodies.push(read().catch(() => undefined));
  });
  return async () => {
    await Promise.all(bodies);
    return got;
  };
}

/** Every GET of the API about a session and the questions; zips are unpacked. */
async function askAll(origin: string, id: string, token: string): Promise<string[]> {
  const { paths } = (await (await fetch(`${origin}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, unknown>>;
  };
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  const texts: string[] = [];
  for (const [path, methods] of Object.entries(paths)) {
    if (!methods.get || path.includes('runtimes')) continue;
    const address = path
      .replace('{id}', id)
      .replace('{question}', 'doubling')
      .replace(/\{\w+\}/g, 'main');
    const answer = await fetch(origin + address, { headers, signal: AbortSignal.timeout(10_000) });
    texts.push(...(await textsOf(answer)));
  }
  for (const path of ['questions', 'reveal']) {
    const body = path === 'questions' ? '{"question":"doubling"}' : '{"part":2}';
    if (token !== '' && (await mayLead(origin, id, headers))) continue;
    const address = `${origin}/api/v1/sessions/${id}/${path}`;
    const posted = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body };
    const answer = await fetch(address, posted);
    expect([path, answer.status]).toEqual([path, token ? 403 : 401]);
    texts.push(...(await textsOf(answer)));
  }
  return texts;
}

async function mayLead(origin: string, id: string, headers: Record<string, string>): Promise<boolean> {
  return (await fetch(`${origin}/api/v1/sessions/${id}/guide`, { headers })).ok;
}

/** The body of an answer, and of a zip each file. */
async function textsOf(answer: Response): Promise<string[]> {
  const body = await answer.blob();
  if (!answer.headers.get('content-type')?.includes('zip')) return [await body.text()];
  const zip = await Zip.open(body);
  return Promise.all(
    [...zip.files.values()].map(
      async (file) => `${file.name}
${new TextDecoder().decode(await zip.read(file))}`,
    ),
  );
}

/** What a browser keeps of the page: its caches and its storage. */
function keptBy(page: Page): Promise<{ addresses: string[]; text: string }> {
  return page.evaluate(async () => {
    const addresses: string[] = [];
    let text = JSON.stringify({ ...localStorage, ...sessionStorage });
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        addresses.push(request.url);
        text += await (await cache.match(request))?.text();
      }
    }
    for (const { name = '' } of await indexedDB.databases()) {
      const db = await new Promise<IDBDatabase>((done, failed) => {
        const opening = indexedDB.open(name);
        opening.onsuccess = () => done(opening.result);
        opening.onerror = () => failed(new Error(name));
      });
      for (const store of db.objectStoreNames) {
        const all = db.transaction(store).objectStore(store).getAll();
        await new Promise((done) => (all.onsuccess = done));
        for (const value of all.result as unknown[]) {
          const bytes = value instanceof Uint8Array ? new TextDecoder().decode(value) : '';
          text += bytes + JSON.stringify(value);
        }
      }
      db.close();
    }
    return { addresses, text };
  });
}
