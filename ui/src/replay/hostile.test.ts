import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { fromBase64 } from './base64';
import { sha256 } from './bundle';
import { openBundle, openTimeline } from './open';
import { base64, randomOf, Recording, Replica, START, streamOf } from './recorded';
import { bundleFiles, zipOf, type Packed } from './recorded-zip';
import { replayErrors } from '../lib/texts/replay-errors';
import type { Player, ReplayErrorCode } from './replay';

function honest(): Recording {
  const recording = new Recording();
  const ada = new Replica(recording, 'ada');
  ada.text.insert(0, 'print(1)');
  recording.now += 5000;
  ada.text.insert(8, '\nprint(2)');
  return recording;
}

const timeline = honest().bytes();
const good = () => bundleFiles({ 'timeline.jsonl': timeline, 'files/main.py': 'print(1)' });
const cut = async (blob: Blob, by: number) => new Blob([(await blob.arrayBuffer()).slice(0, -by)]);
const big = new Uint8Array(40 << 20);

function renamed(name: string): Packed[] {
  return bundleFiles({ 'timeline.jsonl': timeline, [name]: 'x' });
}

const TABLE: [string, ReplayErrorCode, () => Blob | Promise<Blob>][] = [
  ['no zip at all', 'not_a_bundle', () => new Blob(['hello, I am a text'])],
  ['nothing', 'not_a_bundle', () => new Blob([])],
  ['a zip of something else', 'not_a_bundle', () => zipOf([{ name: 'a.txt', data: big.subarray(0, 9) }])],
  ['no manifest', 'not_a_bundle', () => zipOf(good().slice(0, -1))],
  ['cut at its end', 'broken', () => cut(zipOf(good()), 5)],
  ['cut in its middle', 'broken', () => cut(zipOf(good()), 300)],
  ['no timeline', 'nothing_recorded', () => zipOf(bundleFiles({ 'a.txt': 'a' }))],
  ['a newer format', 'newer', () => zipOf(bundleFiles({ 'timeline.jsonl': timeline }, { format: 2 }))],
  ['a newer timeline', 'newer', () => zipOf(bundleFiles({ 'timeline.jsonl': '{"v":2}\n' }))],
  ['no format', 'broken', () => zipOf(bundleFiles({ 'timeline.jsonl': timeline }, { format: 'x' }))],
  [
    'a manifest that is no JSON',
    'broken',
    () => zipOf([...good().slice(0, -1), { name: 'manifest.json', data: big.subarray(0, 9) }]),
  ],
  [
    'a wrong hash',
    'changed',
    () =>
      zipOf(
        good().map((file) => (file.name === 'files/main.py' ? { ...file, data: big.subarray(0, 8) } : file)),
      ),
  ],
  ['a file too many', 'changed', () => zipOf([...good(), { name: 'evil.js', data: big.subarray(0, 8) }])],
  ['a file too few', 'changed', () => zipOf(good().filter(({ name }) => name !== 'files/main.py'))],
  ['a zip bomb', 'too_large', () => zipOf(bundleFiles({ 'timeline.jsonl': timeline, bomb: big }))],
  [
    'a zip bomb that lies about its size',
    'broken',
    () => zipOf(good().map((file) => ({ ...file, declared: 5 }))),
  ],
  [
    'a size beyond all bounds',
    'too_large',
    () => zipOf(good().map((file) => ({ ...file, declared: 2 ** 31 }))),
  ],
  [
    '10,000 files',
    'too_large',
    () => zipOf(Array.from({ length: 10_000 }, (_, at) => ({ name: `f${at}`, data: big.subarray(0, 1) }))),
  ],
  ['one name twice', 'broken', () => zipOf([...good(), ...good()])],
  ['an encrypted file', 'broken', () => zipOf(good().map((file) => ({ ...file, flags: 1 })))],
  ['a path upwards', 'broken', () => zipOf(renamed('../../etc/passwd'))],
  ['an absolute path', 'broken', () => zipOf(renamed('/etc/passwd'))],
  ['a path of Windows', 'broken', () => zipOf(renamed('a\\b'))],
  ['a drive', 'broken', () => zipOf(renamed('C:/a'))],
  ['a name with a zero', 'broken', () => zipOf(renamed('a\0b'))],
  ['a timeline that is no timeline', 'broken', () => zipOf(bundleFiles({ 'timeline.jsonl': 'null\n' }))],
  ['an empty timeline', 'broken', () => zipOf(bundleFiles({ 'timeline.jsonl': '' }))],
  [
    'a timeline without entries',
    'nothing_recorded',
    () => zipOf(bundleFiles({ 'timeline.jsonl': '{"v":1}\n' })),
  ],
];

describe('a bundle that is not as it should be', () => {
  it.each(TABLE)(
    '%s gets one sentence',
    async (_, code, make) => {
      const error: unknown = await openBundle(await make()).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'ReplayError', code });
      expect(String((error as Error).message)).toMatch(/^[A-Z].{20,160}\.$/);
    },
    30_000,
  );

  it('is refused when any byte of it was changed, or shows the same', async () => {
    const bytes = new Uint8Array(await zipOf(good()).arrayBuffer());
    const random = randomOf(9);
    for (let turn = 0; turn < 150; turn += 1) {
      const copy = bytes.slice();
      const at = Math.floor(random() * copy.length);
      copy[at] = (copy[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      const opened = await openBundle(new Blob([copy])).catch((error: unknown) => error);
      if (opened instanceof Error) expect(opened.name).toBe('ReplayError');
      else
        expect((opened as { seek(t: number): { text(f: string): string } }).seek(9e9).text('main')).toBe(
          'print(1)\nprint(2)',
        );
    }
  });
});

const SENTENCES: [string, string, () => Blob | Promise<Blob>][] = [
  ['one name twice', replayErrors.paths, () => zipOf([...good(), ...good()])],
  ['a path upwards', replayErrors.paths, () => zipOf(renamed('../../etc/passwd'))],
  ['an encrypted file', replayErrors.odd, () => zipOf(good().map((file) => ({ ...file, flags: 1 })))],
  [
    'files that lie over each other',
    replayErrors.odd,
    () => zipOf(good().map((file) => ({ ...file, offset: 0 }))),
  ],
  [
    'a zip bomb that lies about its size',
    replayErrors.odd,
    () => zipOf(good().map((file) => ({ ...file, declared: 5 }))),
  ],
  ['a cut zip', replayErrors.cut, () => cut(zipOf(good()), 5)],
  ['a line that is no entry', replayErrors.broken, () => lines('{"t":"soon","k":"update","doc":7,"u":[]}')],
  ['wrong types all over', replayErrors.broken, () => lines('[]', '7', 'null', '{"k":{}}', '"x"', '{"t":1}')],
  [
    'updates that are none',
    replayErrors.broken,
    () =>
      lines(
        JSON.stringify({ t: START, by: 'ada', doc: '', k: 'update', u: base64(big.subarray(0, 1)) + '!' }),
      ),
  ],
  ['a line of 50 MB, packed small', replayErrors.tooLarge, () => lines('A'.repeat(50 << 20))],
];

/** A bundle that is true to its manifest, with these lines after an honest header. */
function lines(...entries: string[]): Blob {
  const [header = ''] = honest().lines;
  return zipOf(bundleFiles({ 'timeline.jsonl': [header, ...entries, ''].join('\n') }));
}

describe('the sentence', () => {
  it.each(SENTENCES)(
    'on %s says what is wrong',
    async (_, sentence, make) => {
      await expect(openBundle(await make())).rejects.toMatchObject({ message: sentence });
    },
    30_000,
  );
});

describe('a line of 50 MB', () => {
  it('is skipped, and the rest is there', async () => {
    const recording = honest();
    const long = { t: START, by: 'ada', doc: '', k: 'update', u: '/'.repeat(50 << 20) };
    recording.lines.splice(1, 0, JSON.stringify(long));
    const player = await openTimeline(streamOf(recording.bytes(), 1 << 20));
    expect(player.replay.marks.map(({ kind }) => kind)).toEqual(['gap']);
    expect(player.seek(9e9).text('main')).toBe('print(1)\nprint(2)');
  }, 30_000);
});

describe('a text that no editor could show', () => {
  it('is too large', async () => {
    const recording = honest();
    new Replica(recording, 'bob', 9).text.insert(0, 'x'.repeat(17 << 20));
    await expect(recording.open()).rejects.toMatchObject({ message: replayErrors.tooLarge });
  }, 30_000);
});

describe('a header of wrong types', () => {
  it('gives a replay without names', async () => {
    const recording = honest();
    recording.lines[0] = JSON.stringify({
      v: 1,
      session: {},
      title: ['x'],
      status: 7,
      record: null,
      started_at: { toString: 'x' },
      participants: [null, 5, { id: 7 }, { id: 'ada', name: {}, role: 'root', color: 'url(//x)' }],
    });
    const { replay } = await recording.open();
    expect(replay.header).toMatchObject({ session: '', title: '', record: 'all', startedAt: 0 });
    expect(replay.header.people).toEqual([{ id: 'ada', name: '', role: 'observer', color: '#868e96' }]);
  });
});

describe('a bundle with documents that this client does not draw', () => {
  const other = (doc: string, updates: readonly Uint8Array[]) => {
    const recording = new Recording();
    for (const update of updates) {
      recording.now += 1_000;
      recording.update('ada', update, { doc });
    }
    return recording;
  };
  const drawn = () => {
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => updates.push(update));
    for (let at = 0; at < 4; at += 1) doc.getMap('shapes').set(`s${at}`, { x: at, kind: 'line' });
    return updates;
  };

  it.each(['board', 'assistant', 'something later'])('plays %s as activity alone', async (doc) => {
    const recording = other(doc, drawn());
    const alone = await openBundle(zipOf(bundleFiles({ 'timeline.jsonl': recording.bytes() })));
    expect(alone.replay.lanes.map(({ person, counts }) => [person, sum(counts)])).toEqual([['ada', 4]]);
    expect(alone.replay).toMatchObject({ steps: 0, duration: 3_000 });
    expect(alone.replay.marks).toEqual([]);
    expect(alone.seek(2_000)).toMatchObject({ files: [], lastEdit: null, step: 0 });
    expect(alone.step(1).step).toBe(0);
    recording.now += 1_000;
    new Replica(recording, 'ada').text.insert(0, 'and code');
    const both = await recording.open();
    expect(both.replay.steps).toBe(1);
    expect(sum(both.replay.lanes[0]?.counts ?? [])).toBe(5);
    expect(both.seek(9e9).text('main')).toBe('and code');
  });

  it.each(['board', 'something later'])('does not read what %s holds', async (doc) => {
    const garbage = Array.from({ length: 3 }, () => Uint8Array.from([255, 255, 255, 255, 7]));
    const recording = other(doc, []);
    for (const update of garbage) {
      const line = { t: (recording.now += 500), by: 'ada', doc, k: 'update', u: base64(update) };
      recording.lines.push(JSON.stringify(line));
    }
    const { replay } = await recording.open();
    expect(replay.marks).toEqual([]);
    expect(sum(replay.lanes[0]?.counts ?? [])).toBe(3);
  });
});

const sum = (counts: ArrayLike<number>) => Array.from(counts).reduce((all, count) => all + count, 0);

describe('a bundle', () => {
  it('opens, and shows the private marks that lie apart', async () => {
    const mark = JSON.stringify({ t: START + 1000, by: 'bob', k: 'trace', what: 'mark', text: 'good' });
    const files = { 'timeline.jsonl': timeline, 'private/timeline.jsonl': `${mark}\n` };
    const seen: number[] = [];
    const player = await openBundle(zipOf(bundleFiles(files)), (done) => seen.push(done));
    expect(player.replay.header.private).toBe(true);
    expect(player.replay.marks).toEqual([{ at: 1000, by: 'bob', kind: 'mark', text: 'good' }]);
    expect(player.seek(4000).text('main')).toBe('print(1)');
    expect(seen.at(-1)).toBe(1);
    const without = bundleFiles(files).filter(({ name }) => !name.startsWith('private/'));
    expect((await openBundle(zipOf(without))).replay.marks).toEqual([]);
  });

  it('is hashed without the help of the browser too', async () => {
    const { subtle } = crypto;
    const hash = await sha256(timeline);
    Object.defineProperty(crypto, 'subtle', { value: undefined, configurable: true });
    try {
      expect(await sha256(timeline)).toBe(hash);
    } finally {
      Object.defineProperty(crypto, 'subtle', { value: subtle, configurable: true });
    }
  });
});

describe('base64', () => {
  it('is what Node writes, and nothing else', () => {
    for (let size = 0; size < 70; size += 1) {
      const bytes = Uint8Array.from({ length: size }, (_, at) => (at * 37 + size) & 255);
      expect(fromBase64(base64(bytes))).toEqual(bytes);
    }
    for (const wrong of ['a', 'ab*d', 'aé==', 'a=bc', '=====']) expect(fromBase64(wrong)).toBeNull();
  });
});

/** Updates that no honest client sends. */
function hostileUpdates(): [string, Uint8Array[]][] {
  const made = (write: (doc: Y.Doc) => void): Uint8Array => {
    const doc = new Y.Doc();
    doc.clientID = 666;
    write(doc);
    return Y.encodeStateAsUpdate(doc);
  };
  const orphan = () => {
    const doc = new Y.Doc();
    doc.getText('file:main').insert(0, 'never seen');
    const seen = Y.encodeStateVector(doc);
    doc.getText('file:main').insert(3, 'without its cause');
    return Y.encodeStateAsUpdate(doc, seen);
  };
  const many = (count: number, name: (at: number) => string) =>
    made((doc) =>
      doc.transact(() => Array.from({ length: count }, (_, at) => doc.getText(name(at)).insert(0, 'x'))),
    );
  return [
    ['garbage', [Uint8Array.from([255, 255, 255, 255]), Uint8Array.from([1]), new Uint8Array()]],
    ['an update without its cause', [orphan()]],
    [
      'embeds and formats in a text',
      [
        made((doc) => {
          const text = doc.getText('file:main');
          text.insertEmbed(0, { image: 'javascript:alert(1)' });
          text.insert(1, 'bold', { bold: true });
        }),
      ],
    ],
    [
      'maps and lists for texts',
      [
        made((doc) => {
          doc.getMap('file:main').set('a', new Y.Map([['b', new Y.Map()]]));
          doc.getArray('file:other').push([new Y.Text('nested'), 1, { a: 1 }]);
        }),
      ],
    ],
    [
      'texts for maps and lists',
      [
        made((doc) => {
          for (const name of ['files', 'runs', 'tests', 'meta']) doc.getText(name).insert(0, 'not a map');
        }),
      ],
    ],
    [
      'wrong values',
      [
        made((doc) => {
          doc.getMap('files').set('main', 5);
          doc.getMap('files').set('__proto__', new Y.Map([['name', 7]]));
          doc.getArray('runs').push([
            1,
            'x',
            new Y.Map(),
            new Y.Map([
              ['id', 'r'],
              ['output', 5],
            ]),
          ]);
          doc.getMap('meta').set('timer', { length: 'x' });
        }),
      ],
    ],
    [
      '20,000 runs',
      [
        made((doc) => {
          const runs = Array.from(
            { length: 20_000 },
            (_, at) => new Y.Map(Object.entries({ id: `r${at}`, output: new Y.Text() })),
          );
          doc.getArray('runs').push(runs);
        }),
      ],
    ],
    ['20,000 texts', [many(20_000, (at) => `file:f${at}`)]],
    ['20,000 unknown roots', [many(20_000, (at) => `root ${at}`)]],
    [
      'names with script',
      [
        made((doc) => {
          const name = '<img src=x onerror=alert(1)>\u202e.js';
          doc.getMap('files').set(
            'main',
            new Y.Map([
              ['name', name],
              ['language', '"><script>'],
            ]),
          );
        }),
      ],
    ],
  ];
}

describe('a hostile document', () => {
  it.each(hostileUpdates())('of %s neither throws nor hides the rest', async (_, updates) => {
    const recording = new Recording();
    const lines = updates.map((update, at) =>
      JSON.stringify({ t: START + at, by: 'ada', doc: '', k: 'update', u: base64(update) }),
    );
    recording.lines.push(...lines);
    recording.now += 1000;
    const ada = new Replica(recording, 'ada', 7);
    ada.file('honest').insert(0, 'still here');
    const player = await recording.open();
    const moment = player.seek(2000);
    expect(moment.text('honest')).toBe('still here');
    expect(moment.text('main')).toMatch(/^(bold)?$/);
    expect(moment.runs.length).toBeLessThanOrEqual(40);
    expect(moment.files.length).toBeLessThanOrEqual(60);
    for (const { name } of moment.files) expect(name).not.toMatch(/\u202e/);
    expect(player.seek(0).step).toBeLessThanOrEqual(player.replay.steps);
  });

  it('has one mark for all that could not be read', async () => {
    const recording = honest();
    recording.lines.splice(2, 0, '{"t":', '[]', '{"t":1,"k":"update"}', '{"t":-1,"k":"trace","what":"join"}');
    recording.lines.push('{"t":9e99,"by":"x","doc":"","k":"update","u":"AAA"}', '{"t":17,"cut');
    const player = await openTimeline(streamOf(recording.bytes(), 7));
    expect(player.replay.marks.filter(({ kind }) => kind === 'gap')).toHaveLength(1);
    expect(player.seek(9e9).text('main')).toBe('print(1)\nprint(2)');
  });

  it('of random changes to honest updates never throws', async () => {
    const random = randomOf(4);
    for (let turn = 0; turn < 60; turn += 1) {
      const recording = honest();
      const lines = recording.lines.map((line, at) => {
        if (at === 0) return line;
        const entry = JSON.parse(line) as { u: string };
        const bytes = Uint8Array.from(Buffer.from(entry.u, 'base64'));
        bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
        return JSON.stringify({ ...entry, u: base64(bytes) });
      });
      recording.lines.splice(0, recording.lines.length, ...lines);
      const player = await recording.open().catch((error: unknown) => error);
      // Where nothing is left of it there is nothing to show.
      if (player instanceof Error) {
        expect(player).toMatchObject({ name: 'ReplayError', message: replayErrors.broken });
        continue;
      }
      (player as Player).seek(random() * 6000);
      (player as Player).step(-1);
    }
  });

  it('and a stream that breaks off says so', async () => {
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => controller.error(new Error('network')),
    });
    await expect(openTimeline(stream)).rejects.toMatchObject({ code: 'broken' });
  });
});
