import { describe, expect, it } from 'vitest';
import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { MAX_SELECTIONS, checkedSelections, readSelection, readSelections } from './remote-selection';

const NAME = 'file:main';

function setUp() {
  const doc = new Y.Doc();
  const text = doc.getText(NAME);
  text.insert(0, 'hello world');
  const awareness = new Awareness(doc);
  const position = (index: number) =>
    JSON.parse(JSON.stringify(Y.createRelativePositionFromTypeIndex(text, index)));
  return { doc, text, awareness, position };
}

describe('readSelection', () => {
  it('takes what y-monaco publishes, in the middle and at the end', () => {
    const { position } = setUp();
    expect(readSelection({ anchor: position(2), head: position(11) }, NAME)).toBeTruthy();
  });

  it('takes positions without their null fields, as other clients write them', () => {
    const { text, doc } = setUp();
    const short = Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, 3));
    const selection = readSelection({ anchor: short, head: short }, NAME);
    const found = selection && Y.createAbsolutePositionFromRelativePosition(selection.anchor, doc);
    expect(found?.index).toBe(3);
  });

  const good = { type: null, tname: NAME, item: null, assoc: 0 };
  it.each([
    ['no selection', {}],
    ['null', { selection: null }],
    ['empty ends', { selection: { anchor: {}, head: {} } }],
    ['one end', { selection: { anchor: good } }],
    ['an unknown root type', { selection: { anchor: { ...good, tname: 'x1' }, head: good } }],
    ['a name that is no string', { selection: { anchor: { ...good, tname: 7 }, head: good } }],
    ['an item without clock', { selection: { anchor: { item: { client: 1 } }, head: good } }],
    ['a negative clock', { selection: { anchor: { item: { client: 1, clock: -1 } }, head: good } }],
    ['a fractional client', { selection: { anchor: { item: { client: 1.5, clock: 0 } }, head: good } }],
    ['a type that is no id', { selection: { anchor: { ...good, type: 'x' }, head: good } }],
    ['an assoc that is no number', { selection: { anchor: { ...good, assoc: 'x' }, head: good } }],
    ['a string', { selection: 'x' }],
    ['a state that is no object', 'x'],
  ])('refuses %s', (_name, state) => {
    expect(readSelections(state, NAME)).toEqual([]);
  });

  it('takes a bounded number of further selections, and leaves out the malformed', () => {
    const one = { anchor: good, head: good };
    const selections = [{ anchor: {} }, ...Array<unknown>(1000).fill(one)];
    expect(readSelections({ selection: one, selections }, NAME).length).toBe(MAX_SELECTIONS - 1);
    expect(readSelections({ selection: one, selections: 'x' }, NAME).length).toBe(1);
  });
});

describe('checkedSelections', () => {
  it('passes good selections of others on, and no others', () => {
    const { doc, text, awareness, position } = setUp();
    const good = { selection: { anchor: position(1), head: position(4) } };
    awareness.setLocalState(good);
    awareness.states.set(1, good);
    awareness.states.set(2, { selection: { anchor: {}, head: {} } });
    awareness.states.set(3, { user: { id: 'x' } });
    const roots = doc.share.size;
    expect([...checkedSelections(awareness, text, NAME).keys()]).toEqual([1]);
    expect(doc.share.size).toBe(roots);
    awareness.destroy();
  });

  it('leaves out positions in another text or not yet known here', () => {
    const { doc, text, awareness, position } = setUp();
    const other = doc.getText('file:other');
    other.insert(0, 'elsewhere');
    const elsewhere = Y.createRelativePositionFromTypeIndex(other, 2);
    const unknown = { type: null, tname: null, item: { client: 12345, clock: 3 }, assoc: 0 };
    awareness.states.set(1, { selection: { anchor: elsewhere, head: elsewhere } });
    awareness.states.set(2, { selection: { anchor: unknown, head: position(1) } });
    expect(checkedSelections(awareness, text, NAME).size).toBe(0);
    awareness.destroy();
  });
});
