import { describe, expect, it } from 'vitest';
import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { ActiveFile } from './active-file';
import { addFile, deleteFile, moveFile, renameFile, restoreFile, setLanguage } from './file-edits';
import { MAX_FILES, SharedFiles, fileText, readFile, readFiles } from './files';

const names = (doc: Y.Doc) => readFiles(doc).map((file) => file.name);

/** Two replicas of one document, and the way to bring them together. */
function pair(): { a: Y.Doc; b: Y.Doc; meet: () => void } {
  const [a, b] = [new Y.Doc(), new Y.Doc()];
  const meet = () => {
    Y.applyUpdate(b, Y.encodeStateAsUpdate(a, Y.encodeStateVector(b)));
    Y.applyUpdate(a, Y.encodeStateAsUpdate(b, Y.encodeStateVector(a)));
    expect(readFiles(a)).toEqual(readFiles(b));
  };
  return { a, b, meet };
}

describe('readFiles', () => {
  it('reads an empty document with defaults and writes nothing', () => {
    const doc = new Y.Doc();
    expect(readFiles(doc)).toEqual([{ id: 'main', name: 'main.js', language: 'javascript', order: 0 }]);
    expect(Y.encodeStateVector(doc)).toEqual(Y.encodeStateVector(new Y.Doc()));
  });

  it.each([[7], ['text'], [null], [new Y.Text('x')], [{ name: 'plain object' }], [[1]]])(
    'leaves out an entry that is no map: %j',
    (entry) => {
      const doc = new Y.Doc();
      doc.getMap('files').set('main', entry);
      doc.getMap('files').set('other', entry instanceof Y.Text ? new Y.Text() : entry);
      expect(names(doc)).toEqual(['main.js']);
      setLanguage(doc, 'main', 'python');
      expect(readFile(doc, 'main').language).toBe('python');
    },
  );

  it('makes hostile fields harmless', () => {
    const doc = new Y.Doc();
    const put = (id: string, fields: Record<string, unknown>) =>
      doc.getMap('files').set(id, new Y.Map(Object.entries(fields)));
    put('main', { name: 'a\u202Egnp.js', language: '<img onerror>', order: NaN });
    put('long', { name: `${'x'.repeat(5000)}.py`, language: { a: 1 }, order: 'first' });
    put('types', { name: 7, language: 'x'.repeat(99), order: Infinity });
    put('nested', { name: new Y.Text('name'), language: new Y.Map(), order: 3 });
    put('missing', {});
    put('a/../b', { name: 'bad id' });
    put('x'.repeat(65), { name: 'long id' });
    const files = readFiles(doc);
    expect(files.map((file) => file.id).sort()).toEqual(['long', 'main', 'missing', 'nested', 'types']);
    for (const file of files) {
      expect([...file.name].length).toBeLessThanOrEqual(84);
      expect(file.name).toMatch(/^[\x20-\x7e]+$/);
      expect(file.language).toMatch(/^[a-z]+$/);
      expect(Number.isFinite(file.order)).toBe(true);
    }
    expect(readFile(doc, 'main').name).toBe('agnp.js');
  });

  it('shows a bounded number, and the first file always', () => {
    const doc = new Y.Doc();
    for (let i = 0; i < 500; i++) {
      doc.getMap('files').set(`f${i}`, new Y.Map([['order', -1 - i]]));
    }
    const files = readFiles(doc);
    expect(files.length).toBe(MAX_FILES);
    expect(files.some((file) => file.id === 'main')).toBe(true);
  });
});

describe('editing files', () => {
  it('adds behind the others, with the language that the name tells', () => {
    const doc = new Y.Doc();
    addFile(doc, 'style.css');
    addFile(doc, 'noext', 'python');
    expect(readFiles(doc).map((file) => [file.name, file.language])).toEqual([
      ['main.js', 'javascript'],
      ['style.css', 'css'],
      ['noext', 'python'],
    ]);
  });

  it('lets the language follow the name until somebody chose another', () => {
    const doc = new Y.Doc();
    const id = addFile(doc, 'util.js');
    renameFile(doc, id, 'util.py');
    expect(readFile(doc, id)).toMatchObject({ name: 'util.py', language: 'python' });
    setLanguage(doc, id, 'ruby');
    renameFile(doc, id, 'util.ts');
    expect(readFile(doc, id)).toMatchObject({ name: 'util.ts', language: 'ruby' });
  });

  it('changes the language of the first file, and a default name with it', () => {
    const doc = new Y.Doc();
    setLanguage(doc, 'main', 'python');
    expect(doc.toJSON().files).toEqual({ main: { name: 'main.py', language: 'python', order: 0 } });
    renameFile(doc, 'main', 'solution.txt');
    setLanguage(doc, 'main', 'javascript');
    expect(readFile(doc, 'main').name).toBe('solution.txt');
  });

  it('moves a file to any place, also where orders are equal or too near', () => {
    const doc = new Y.Doc();
    const ids = ['a', 'b', 'c'].map((name) => addFile(doc, `${name}.js`));
    moveFile(doc, ids[2] ?? '', 0);
    expect(names(doc)).toEqual(['c.js', 'main.js', 'a.js', 'b.js']);
    for (let i = 0; i < 60; i++) moveFile(doc, i % 2 ? (ids[0] ?? '') : (ids[1] ?? ''), 1);
    expect(names(doc)).toEqual(['c.js', 'a.js', 'b.js', 'main.js']);
    for (const file of readFiles(doc)) {
      (doc.getMap('files').get(file.id) as Y.Map<unknown> | undefined)?.set('order', 1);
    }
    moveFile(doc, 'main', 2);
    expect(names(doc).indexOf('main.js')).toBe(2);
  });

  it('deletes and restores with all of the text; the first file stays', () => {
    const doc = new Y.Doc();
    const id = addFile(doc, 'notes.md');
    fileText(doc, id).insert(0, 'kept');
    const before = readFile(doc, id);
    deleteFile(doc, id);
    deleteFile(doc, 'main');
    expect(names(doc)).toEqual(['main.js']);
    restoreFile(doc, before);
    expect(readFile(doc, id)).toEqual(before);
    expect(fileText(doc, id).toString()).toBe('kept');
  });

  it('converges when both do things at once', () => {
    const { a, b, meet } = pair();
    addFile(a, 'same.js');
    addFile(b, 'same.js');
    meet();
    expect(names(a).slice(1)).toEqual(['same.js', 'same (2).js']);
    const [, one, two] = readFiles(a);
    if (!one || !two) throw new Error('two files expected');
    renameFile(a, one.id, 'mine.js');
    renameFile(b, one.id, 'yours.js');
    moveFile(a, two.id, 0);
    moveFile(b, two.id, 1);
    meet();
    deleteFile(a, one.id);
    renameFile(b, one.id, 'gone.js');
    setLanguage(b, one.id, 'python');
    fileText(b, one.id).insert(0, 'typed while it was deleted');
    meet();
    expect(readFiles(a).some((file) => file.id === one.id)).toBe(false);
    renameFile(b, one.id, 'too late.js');
    moveFile(b, one.id, 0);
    meet();
    expect(readFiles(a).length).toBe(2);
    restoreFile(a, one);
    restoreFile(b, one);
    meet();
    expect(fileText(a, one.id).toString()).toBe('typed while it was deleted');
  });
});

describe('SharedFiles and ActiveFile', () => {
  it('tells its subscribers, and keeps what did not change', () => {
    const doc = new Y.Doc();
    const files = new SharedFiles(doc);
    let calls = 0;
    files.subscribe(() => (calls += 1));
    const [main] = files.getSnapshot();
    doc.getMap('files').set('bad id', new Y.Map());
    expect(calls).toBe(0);
    addFile(doc, 'other.js');
    expect(calls).toBe(1);
    expect(files.getSnapshot()[0]).toBe(main);
    files.dispose();
    addFile(doc, 'third.js');
    expect(calls).toBe(1);
  });

  it('shows the neighbour of a file that somebody deletes, and tells the others where one is', () => {
    const doc = new Y.Doc();
    const awareness = new Awareness(doc);
    awareness.setLocalState({ user: { id: 'me' }, selection: { anchor: 1, head: 1 } });
    const files = new SharedFiles(doc);
    const active = new ActiveFile(doc, awareness, files);
    const [one, two] = [addFile(doc, 'one.js'), addFile(doc, 'two.js')];
    active.open('no such file');
    expect(active.getSnapshot().id).toBe('main');
    active.open(one);
    expect(awareness.getLocalState()).toMatchObject({ file: one, selection: null, user: { id: 'me' } });
    renameFile(doc, one, 'uno.js');
    expect(active.getSnapshot().name).toBe('uno.js');
    deleteFile(doc, one);
    expect(active.getSnapshot().id).toBe(two);
    deleteFile(doc, two);
    expect(active.getSnapshot().id).toBe('main');
    expect(awareness.getLocalState()?.file).toBe('main');
    awareness.destroy();
  });
});
