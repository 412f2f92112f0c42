import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { SharedFile, readFile, setLanguage } from './files';

describe('files', () => {
  it('reads an empty document with defaults and writes nothing', () => {
    const doc = new Y.Doc();
    expect(readFile(doc, 'main')).toEqual({ id: 'main', name: 'main.js', language: 'javascript', order: 0 });
    expect(Y.encodeStateVector(doc)).toEqual(Y.encodeStateVector(new Y.Doc()));
  });

  it('changes the language for everybody, and a default name with it', () => {
    const doc = new Y.Doc();
    setLanguage(doc, 'main', 'python');
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
    expect(readFile(other, 'main')).toEqual({ id: 'main', name: 'main.py', language: 'python', order: 0 });
    expect(other.toJSON().files).toEqual({ main: { name: 'main.py', language: 'python', order: 0 } });
  });

  it('leaves a chosen name alone', () => {
    const doc = new Y.Doc();
    doc.getMap('files').set('main', new Y.Map([['name', 'solution.txt']]));
    setLanguage(doc, 'main', 'python');
    expect(readFile(doc, 'main').name).toBe('solution.txt');
  });

  it.each([[7], ['text'], [null], [new Y.Text('x')]])('survives an entry that is no map: %s', (entry) => {
    const doc = new Y.Doc();
    doc.getMap('files').set('main', entry);
    expect(readFile(doc, 'main').language).toBe('javascript');
    setLanguage(doc, 'main', 'python');
    expect(readFile(doc, 'main').language).toBe('python');
  });

  it('tells its subscribers, and keeps its snapshot while nothing changes', () => {
    const doc = new Y.Doc();
    const file = new SharedFile(doc, 'main');
    let calls = 0;
    file.subscribe(() => (calls += 1));
    const before = file.getSnapshot();
    doc.getMap('files').set('other', new Y.Map());
    expect(file.getSnapshot()).toBe(before);
    setLanguage(doc, 'main', 'python');
    expect(file.getSnapshot().language).toBe('python');
    expect(calls).toBe(1);
    file.dispose();
    setLanguage(doc, 'main', 'javascript');
    expect(calls).toBe(1);
  });
});
