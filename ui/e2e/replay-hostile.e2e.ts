import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { replay as T } from '../src/lib/texts/replay';
import { replayErrors } from '../src/lib/texts/replay-errors';
import { PEOPLE, Recording, Replica } from '../src/replay/recorded';
import { bundleFiles, type Packed } from '../src/replay/recorded-zip';
import type { Visitor } from './support/browser';
import { look } from './support/look';
import { bundleOf, knownInterview, zipFolder } from './support/recorded-interview';
import { ReplayPage } from './support/replay-page';
import { Stage } from './support/stage';

const stage = new Stage();
const write = zipFolder();
const honest = bundleOf(knownInterview());
const timeline = honest[0]?.data ?? new Uint8Array();

/** A bundle that is true to its manifest. */
const holding = (files: Record<string, Uint8Array | string>, fields?: Record<string, unknown>) =>
  bundleFiles({ 'timeline.jsonl': timeline, ...files }, fields);
const lines = (...entries: unknown[]) =>
  holding({ 'timeline.jsonl': entries.map((entry) => `${JSON.stringify(entry)}\n`).join('') });
const header = { v: 1, session: 'abcd1234' };
const noise = Buffer.alloc(38 << 20, 255).toString('base64');

const HOSTILE: [string, string, () => Packed[]][] = [
  ['a wrong hash', replayErrors.changed('timeline.jsonl'), () => altered()],
  ['a zip bomb by its ratio', replayErrors.tooLarge, () => holding({ bomb: new Uint8Array(40 << 20) })],
  ['a zip bomb by its sum', replayErrors.tooLarge, () => [...honest, vast('a'), vast('b')]],
  ['a path upwards', replayErrors.paths, () => holding({ '../../etc/passwd': 'x' })],
  ['an absolute path', replayErrors.paths, () => holding({ '/etc/passwd': 'x' })],
  ['one name twice', replayErrors.paths, () => [...honest, ...honest]],
  [
    'malformed updates',
    replayErrors.broken,
    () => lines(header, { t: 1, by: 'ada', doc: '', k: 'update', u: '////' }),
  ],
  ['wrong types', replayErrors.broken, () => lines({ v: '1' }, { t: [], k: 7 })],
  ['no entry that can be read', replayErrors.broken, () => lines(header, { t: 'now', k: 'update' }, [], 7)],
  [
    'a line of 50 MB',
    replayErrors.tooLarge,
    () => lines(header, { t: 1, by: 'ada', doc: '', k: 'update', u: noise }),
  ],
  ['a format of the future', replayErrors.newer, () => holding({}, { format: 2 })],
  ['a timeline of the future', replayErrors.newer, () => lines({ ...header, v: 2 })],
];

/** Says of itself that it becomes very large, and is not packed too well for that. */
function vast(name: string): Packed {
  return { name, data: randomBytes(2_200_000), declared: 500 << 20 };
}

function altered(): Packed[] {
  return honest.map((file) => (file.name === 'timeline.jsonl' ? { ...file, data: timeline.slice(1) } : file));
}

/** Notes whatever a bundle might make the page do. */
async function watched(): Promise<{ visitor: Visitor; ran: string[] }> {
  const visitor = await stage.visitor('Eve');
  const ran: string[] = [];
  await visitor.page.exposeFunction('ran', (what: string) => void ran.push(what));
  visitor.page.on('dialog', (dialog) => {
    ran.push(dialog.message());
    void dialog.dismiss();
  });
  await visitor.page.goto(`${visitor.origin}/replay`);
  return { visitor, ran };
}

describe('a hostile bundle', () => {
  it('gets one sentence, whatever is wrong with it', async () => {
    const { visitor, ran } = await watched();
    const { page } = visitor;
    const field = page.locator('input[type=file]');
    for (const [name, sentence, make] of HOSTILE) {
      await field.setInputFiles(await write('hostile.zip', make()));
      const alert = page.getByRole('alert');
      await expect.poll(() => alert.allInnerTexts(), { message: name, timeout: 30_000 }).toEqual([sentence]);
      expect(await page.getByRole('slider').count(), name).toBe(0);
      // The next one begins without the sentence of this one.
      await page.reload();
      await field.waitFor({ state: 'attached' });
    }
    const path = await write('whole.zip', honest);
    writeFileSync(path, readFileSync(path).subarray(0, 400));
    await field.setInputFiles(path);
    await expect.poll(() => page.getByRole('alert').allInnerTexts()).toEqual([replayErrors.cut]);
    await look(visitor, 'replay-refused');
    await field.setInputFiles(await write('good.zip', honest));
    await new ReplayPage(visitor).opened();
    expect(ran).toEqual([]);
  });

  it('shows script in names as text, and runs none of it', async () => {
    const { visitor, ran } = await watched();
    const script = (what: string) => `<img src=x onerror="ran('${what}')"><script>ran('${what}')</script>`;
    const people = PEOPLE.map((person) => ({ ...person, name: script(`name of ${person.id}`) }));
    const recording = new Recording({ title: script('title'), status: 'ended', participants: people });
    const ada = new Replica(recording, 'ada', 2);
    ada.doc.transact(() => {
      ada.doc.getMap('files').set(
        'main',
        new Y.Map([
          ['name', script('file')],
          ['language', '"><script>ran("language")</script>'],
        ]),
      );
      ada.doc
        .getText('prompt')
        .insert(0, `${script('problem')}\n[a link](javascript:ran('link'))\n![](data:text/html,x)`);
    });
    recording.trace('ada', 'join');
    recording.now += 1_000;
    ada.text.insert(0, script('code'));
    recording.trace('bob', 'mark', { text: script('mark') });
    recording.trace('ada', 'language', { language: script('language') });
    recording.now += 1_000;
    ada.text.insert(0, '// ');
    const replay = await ReplayPage.drop(visitor, await write('script.zip', bundleOf(recording)));
    const { page } = visitor;
    await replay.key('End');
    for (const tab of [T.people, T.marks, T.problem]) await page.getByRole('tab', { name: tab }).click();
    await page.getByRole('heading', { level: 1 }).getByText("ran('title')").waitFor();
    expect(await page.locator('img, script:not([src])').count()).toBe(0);
    expect(await page.locator('a[href^="javascript"]').count()).toBe(0);
    expect(ran).toEqual([]);
  });

  it('with a board and an assistant plays as activity', async () => {
    const visitor = await stage.visitor('Eve');
    const recording = new Recording({ title: 'Drawn', status: 'ended' });
    for (const doc of ['board', 'assistant', 'board']) {
      recording.now += 2_000;
      const drawn = new Y.Doc();
      drawn.getMap('shapes').set('a', { kind: 'line' });
      recording.update('ada', Y.encodeStateAsUpdate(drawn), { doc });
    }
    await visitor.page.goto(`${visitor.origin}/replay`);
    await visitor.page
      .locator('input[type=file]')
      .setInputFiles(await write('board.zip', bundleOf(recording)));
    const replay = new ReplayPage(visitor);
    await replay.slider.waitFor();
    await visitor.page.getByText(T.noFiles).waitFor();
    await replay.key('End', 'ArrowLeft', 'Home', ' ');
    await visitor.page.getByRole('button', { name: T.pause }).waitFor();
    expect(await visitor.page.getByRole('alert').count()).toBe(0);
  });
});
