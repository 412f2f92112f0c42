import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { addFile } from './file-edits';
import { lostTexts } from './lost-texts';

/** A document that has `shared` in its first file, and what is done to it after as one update. */
function after(change: (doc: Y.Doc) => void, shared = 'one two') {
  const doc = new Y.Doc();
  doc.getText('file:main').insert(0, shared);
  const before = Y.encodeStateVector(doc);
  change(doc);
  return lostTexts(doc, Y.encodeStateAsUpdate(doc, before));
}

describe('lostTexts', () => {
  it('gives what was inserted, place by place, and nothing of the others', () => {
    const lost = after((doc) => {
      const text = doc.getText('file:main');
      text.insert(7, ' three');
      text.insert(3, ' and a half');
      text.insert(14, ',');
    });
    expect(lost).toEqual([{ file: 'main.js', text: ' and a half,\n three' }]);
  });

  it('leaves out what was deleted again, and a change that inserted nothing', () => {
    const lost = after((doc) => {
      const text = doc.getText('file:main');
      text.insert(0, 'abc');
      text.delete(1, 1);
      doc.getText('prompt').insert(0, 'x');
      doc.getText('prompt').delete(0, 1);
    });
    expect(lost).toEqual([{ file: 'main.js', text: 'ac' }]);
    expect(after((doc) => doc.getText('file:main').delete(0, 3))).toEqual([]);
  });

  it('leaves out what the server has by now', () => {
    const doc = new Y.Doc();
    doc.getText('file:main').insert(0, 'taken, not taken');
    const theirs = new Map([[doc.clientID, 6]]);
    const lost = lostTexts(doc, Y.encodeStateAsUpdate(doc), theirs);
    expect(lost).toEqual([{ file: 'main.js', text: ' not taken' }]);
  });

  it('finds new files, problem and notes, and no output of programs', () => {
    const lost = after((doc) => {
      const id = addFile(doc, 'lib.py');
      doc.getText(`file:${id}`).insert(0, 'answer = 42\n');
      doc.getText('prompt').insert(0, '# Task');
      doc.getText('notes').insert(0, 'good');
      doc.getArray('runs').push([new Y.Map([['output', new Y.Text('noise')]])]);
    });
    expect(lost).toEqual([
      { file: 'lib.py', text: 'answer = 42\n' },
      { file: '', text: '# Task' },
      { file: '', text: 'good' },
    ]);
  });

  it('reads surrogate pairs whole, and what another tab had left behind', () => {
    const doc = new Y.Doc();
    const tab = new Y.Doc();
    tab.getText('file:main').insert(0, 'a🙂b');
    const update = Y.encodeStateAsUpdate(tab);
    Y.applyUpdate(doc, update);
    doc.getText('file:main').insert(0, 'mine ');
    expect(lostTexts(doc, update)).toEqual([{ file: 'main.js', text: 'a🙂b' }]);
  });
});
