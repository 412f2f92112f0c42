import 'monaco-editor/features/register.all';
import * as monaco from 'monaco-editor/editor';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { MAIN_FILE } from '../../sync/files';
import { endOfChange } from './binding';
import { FileModels } from './file-models';
import { publishCursors } from './own-cursors';
import { drawCursors } from './remote-cursors';
import { selectionsIn } from './remote-selection';
import { UndoSteps } from './undo-steps';

const NAME = 'file:main';
const MAIN = { id: MAIN_FILE, language: 'plaintext' };

// There is nothing to draw on here; what is tested is the text.
window.requestAnimationFrame = vi.fn(() => 0);

/** One person's browser: a replica with an editor bound to it. */
function openEditor(initial?: Y.Doc, readOnly = false) {
  const doc = new Y.Doc();
  if (initial) Y.applyUpdate(doc, Y.encodeStateAsUpdate(initial));
  const awareness = new Awareness(doc);
  const host = document.createElement('div');
  document.body.append(host);
  const editor = monaco.editor.create(host, { model: null });
  const models = new FileModels({ monaco, editor, doc, steps: new UndoSteps(), readOnly: () => readOnly });
  models.show(MAIN);
  const shown = () => models.shown;
  const schedule = (draw: () => void) => {
    queueMicrotask(draw);
    return () => undefined;
  };
  const stops = [
    publishCursors(editor, awareness, shown),
    drawCursors({ monaco, editor, awareness, shown, schedule }),
  ];
  const stop = () => stops.splice(0).forEach((each) => each());
  const model = () => {
    const now = editor.getModel();
    if (!now) throw new Error('nothing is shown');
    return now;
  };
  const type = (offset: number, added: string, removed = 0) => {
    const range = monaco.Range.fromPositions(
      model().getPositionAt(offset),
      model().getPositionAt(offset + removed),
    );
    editor.executeEdits('test', [{ range, text: added }]);
  };
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    stop();
    models.dispose();
    editor.dispose();
    awareness.destroy();
    host.remove();
  };
  const drawn = (clientId: number) =>
    model()
      .getAllDecorations()
      .filter((d) => d.options.className?.includes(`yRemoteSelection-${clientId}`));
  return { doc, awareness, editor, models, text: doc.getText(NAME), type, close, drawn, stop, model };
}

type Browser = ReturnType<typeof openEditor>;

/** Gives each what the other has. */
function exchange(a: Y.Doc, b: Y.Doc): void {
  Y.applyUpdate(b, Y.encodeStateAsUpdate(a, Y.encodeStateVector(b)), 'remote');
  Y.applyUpdate(a, Y.encodeStateAsUpdate(b, Y.encodeStateVector(a)), 'remote');
}

/** An array of the same name: its values are no text. */
function pushValues(doc: Y.Doc): void {
  const other = new Y.Doc();
  other.getArray(NAME).insert(0, [1, { two: 2 }, 'three']);
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
}

/** Puts the presence of somebody else into a browser. */
function show({ awareness }: Browser, clientId: number, state: Record<string, unknown>): void {
  awareness.states.set(clientId, state);
  awareness.emit('change', [{ added: [clientId], updated: [], removed: [] }, 'test']);
}

/** What a browser tells of an input method at work. */
function compose({ editor }: Browser, event: 'compositionStart' | 'compositionEnd'): void {
  editor.trigger('keyboard', event, null);
}

const settled = () => new Promise<void>((resolve) => setTimeout(resolve));

// A busy machine may take its time with any of it.
vi.setConfig({ testTimeout: 60_000 });

describe('an editor bound to its text', () => {
  let ada: Browser;
  let bob: Browser;

  beforeEach(() => {
    ada = openEditor();
    bob = openEditor();
  });

  afterEach(() => {
    ada.close();
    bob.close();
  });

  it('carries edits both ways', () => {
    ada.type(0, 'const x = 1;\n');
    exchange(ada.doc, bob.doc);
    bob.type(13, 'done');
    exchange(ada.doc, bob.doc);
    expect(ada.model().getValue()).toBe('const x = 1;\ndone');
    expect(bob.model().getValue()).toBe(ada.model().getValue());
  });

  it('undoes only one’s own edits, also after others typed above', () => {
    ada.type(0, 'const x: number = 1;\n');
    exchange(ada.doc, bob.doc);
    bob.type(21, 'BBBB');
    exchange(ada.doc, bob.doc);
    ada.type(0, '// above\n');
    exchange(ada.doc, bob.doc);
    bob.editor.trigger('test', 'undo', null);
    exchange(ada.doc, bob.doc);
    expect(bob.model().getValue()).toBe('// above\nconst x: number = 1;\n');
    expect(ada.model().getValue()).toBe(bob.model().getValue());
    bob.editor.trigger('test', 'redo', null);
    expect(bob.model().getValue()).toBe('// above\nconst x: number = 1;\nBBBB');
  });

  it('ends a step of undo where Monaco does', () => {
    ada.type(0, 'one');
    ada.type(3, ' two');
    ada.editor.pushUndoStop();
    ada.type(7, ' three');
    ada.editor.trigger('test', 'undo', null);
    expect(ada.model().getValue()).toBe('one two');
    ada.editor.trigger('test', 'undo', null);
    expect(ada.model().getValue()).toBe('');
  });

  it('keeps several cursors when others type', () => {
    ada.type(0, 'one\ntwo\n');
    exchange(ada.doc, bob.doc);
    ada.editor.setSelections([new monaco.Selection(1, 4, 1, 4), new monaco.Selection(2, 4, 2, 4)]);
    bob.type(0, '# ');
    exchange(ada.doc, bob.doc);
    expect(ada.editor.getSelections()?.map((s) => s.getPosition().toString())).toEqual(['(1,6)', '(2,4)']);
  });

  it('mends line ends and a byte order mark that came from elsewhere', async () => {
    const foreign = new Y.Doc();
    foreign.getText(NAME).insert(0, '\uFEFFa\r\nb\r\n');
    const cara = openEditor(foreign);
    await settled();
    expect(cara.text.toString()).toBe('a\nb\n');
    expect(cara.model().getValue()).toBe('a\nb\n');
    foreign.getText(NAME).insert(0, 'x\r\n');
    exchange(foreign, cara.doc);
    await settled();
    expect(cara.text.toString()).toBe('x\na\nb\n');
    expect(cara.model().getValue()).toBe('x\na\nb\n');
    cara.type(2, 'Z');
    expect(cara.text.toString()).toBe('x\nZa\nb\n');
    expect(cara.model().getValue()).toBe(cara.text.toString());
    cara.close();
  });

  it.each<[string, (text: Y.Text, doc: Y.Doc) => void]>([
    [
      'embeds',
      (text) => {
        for (let n = 0; n < 10; n++) text.insertEmbed(0, { n });
      },
    ],
    ['shared types', (text) => text.insertEmbed(2, new Y.Map([['a', 1]]))],
    ['formats', (text) => text.format(0, 5, { bold: true })],
    ['line ends', (text) => text.insert(3, 'a\r\nb')],
    ['a byte order mark', (text) => text.insert(0, '\uFEFF')],
    ['values of an array', (_text, doc) => pushValues(doc)],
  ])('lands where it is typed, though others put %s into the text', async (_what, put) => {
    const foreign = new Y.Doc();
    const readers = openEditor(foreign, true);
    const writers = openEditor(foreign);
    const start = new Y.Doc();
    start.getText(NAME).insert(0, 'one\ntwo\n');
    put(start.getText(NAME), start);
    for (const page of [readers, writers]) exchange(start, page.doc);
    // Before anybody mends it.
    for (const page of [readers, writers]) page.type(page.model().getValueLength(), 'END');
    for (const page of [readers, writers]) expect(page.text.toString().endsWith('END')).toBe(true);
    await settled();
    writers.type(0, 'TOP');
    expect(writers.text.toString()).toBe(writers.model().getValue());
    expect(writers.text.length).toBe(writers.model().getValueLength());
    expect(writers.text.toDelta()).toEqual([{ insert: writers.text.toString() }]);
    exchange(start, readers.doc);
    expect(readers.model().getValue().startsWith('TOP')).toBe(false);
    readers.close();
    writers.close();
  });

  it('makes a line end of a lone carriage return', async () => {
    const foreign = new Y.Doc();
    foreign.getText(NAME).insert(0, 'a\r\nb\rc\n');
    const cara = openEditor(foreign);
    await settled();
    await settled();
    expect(cara.text.toString()).toBe('a\nb\nc\n');
    expect(cara.model().getValue()).toBe('a\nb\nc\n');
    cara.close();
  });

  it('shows what all see when somebody types inside of a surrogate pair', () => {
    ada.type(0, 'a😀b');
    exchange(ada.doc, bob.doc);
    const foreign = new Y.Doc();
    Y.applyUpdate(foreign, Y.encodeStateAsUpdate(ada.doc));
    foreign.getText(NAME).insert(2, 'x');
    exchange(foreign, ada.doc);
    bob.type(4, 'z');
    exchange(foreign, bob.doc);
    exchange(ada.doc, bob.doc);
    for (const page of [ada, bob]) expect(page.model().getValue()).toBe(page.text.toString());
    expect(ada.model().getValue()).toBe(bob.model().getValue());
  });

  it('replaces a pair as a whole where an edit touches its half', () => {
    ada.type(0, '😀');
    const spied = ada.model();
    spied.setValue('😁');
    exchange(ada.doc, bob.doc);
    expect([ada.text.toString(), bob.text.toString()]).toEqual(['😁', '😁']);
  });

  it('writes nothing for a reader, and still shows foreign line ends', async () => {
    const foreign = new Y.Doc();
    foreign.getText(NAME).insert(0, 'a\r\nb');
    const reader = openEditor(foreign, true);
    await settled();
    expect(reader.text.toString()).toBe('a\r\nb');
    expect(reader.model().getLinesContent()).toEqual(['a', 'b']);
    foreign.getText(NAME).insert(4, '!\nc');
    exchange(foreign, reader.doc);
    await settled();
    expect(reader.model().getLinesContent()).toEqual(['a', 'b!', 'c']);
    reader.close();
  });

  it('uses line feeds where Monaco would use the platform’s line ends', () => {
    const doc = new Y.Doc();
    doc.getText(NAME).insert(0, 'one line');
    const create = monaco.editor.createModel;
    vi.spyOn(monaco.editor, 'createModel').mockImplementation((...args) => {
      const model = create(...args);
      model.setEOL(monaco.editor.EndOfLineSequence.CRLF);
      return model;
    });
    const cara = openEditor(doc);
    expect(cara.model().getEOL()).toBe('\n');
    cara.type(8, '\nand another');
    expect(cara.text.toString()).toBe('one line\nand another');
    cara.close();
  });

  it('goes on when somebody’s presence is malformed', () => {
    ada.awareness.states.set(1, { selection: { anchor: {}, head: {} } });
    ada.awareness.states.set(2, {
      selection: { anchor: { item: null, tname: 'x' }, head: { item: null, tname: 'y' } },
    });
    ada.awareness.emit('change', [{ added: [1, 2], updated: [], removed: [] }, 'test']);
    bob.type(0, 'still here');
    exchange(ada.doc, bob.doc);
    expect(ada.model().getValue()).toBe('still here');
    expect([...ada.doc.share.keys()]).toEqual([NAME]);
  });

  it('draws all selections of others, and takes them away at the end', async () => {
    ada.type(0, 'hello world');
    exchange(ada.doc, bob.doc);
    const position = (index: number) => Y.createRelativePositionFromTypeIndex(ada.text, index);
    const at = (from: number, to: number) => ({ anchor: position(from), head: position(to) });
    ada.awareness.states.set(99, { selection: at(1, 5), selections: [at(9, 7), 'rubbish', at(11, 11)] });
    ada.awareness.emit('change', [{ added: [99], updated: [], removed: [] }, 'test']);
    await settled();
    expect(ada.drawn(99).map((d) => d.range.toString())).toEqual([
      '[1,2 -> 1,6]',
      '[1,8 -> 1,10]',
      '[1,12 -> 1,12]',
    ]);
    ada.stop();
    expect(ada.drawn(99)).toEqual([]);
  });

  it('keeps the name of another off the line that one types in', async () => {
    ada.type(0, 'one\ntwo\nthree');
    const head = Y.createRelativePositionFromTypeIndex(ada.text, 5);
    ada.awareness.states.set(99, { selection: { anchor: head, head } });
    ada.awareness.emit('change', [{ added: [99], updated: [], removed: [] }, 'test']);
    const flag = async (line: number) => {
      ada.editor.setPosition({ lineNumber: line, column: 1 });
      await settled();
      return ada.drawn(99)[0]?.options.afterContentClassName?.includes('yRemoteFlagBelow');
    };
    expect([await flag(1), await flag(2), await flag(3)]).toEqual([true, false, false]);
  });

  it('publishes all of its selections after a change, and nothing any more at the end', async () => {
    ada.awareness.setLocalState({ user: { id: 'ada' } });
    ada.type(0, 'hello');
    ada.editor.setSelections([new monaco.Selection(1, 2, 1, 4), new monaco.Selection(1, 6, 1, 5)]);
    await settled();
    exchange(ada.doc, bob.doc);
    bob.awareness.states.set(7, ada.awareness.getLocalState() ?? {});
    bob.awareness.emit('change', [{ added: [7], updated: [], removed: [] }, 'test']);
    await settled();
    expect(bob.drawn(7).map((d) => d.range.toString())).toEqual(['[1,2 -> 1,4]', '[1,5 -> 1,6]']);
    ada.stop();
    const before = JSON.stringify(ada.awareness.getLocalState());
    ada.editor.setSelection(new monaco.Selection(1, 1, 1, 1));
    await settled();
    expect(JSON.stringify(ada.awareness.getLocalState())).toBe(before);
  });

  it('draws and publishes the right places for a reader of a text that nobody mended', async () => {
    const foreign = new Y.Doc();
    const text = foreign.getText(NAME);
    text.insert(0, 'one\r\ntwo\r\nthree');
    text.insertEmbed(0, { n: 1 });
    const reader = openEditor(foreign, true);
    reader.awareness.setLocalState({ user: { id: 'reader' } });
    const position = (index: number) => Y.createRelativePositionFromTypeIndex(text, index);
    // From the "w" to the end of "three".
    show(reader, 99, { selection: { anchor: position(7), head: position(16) } });
    await settled();
    expect(reader.drawn(99).map((d) => d.range.toString())).toEqual(['[2,2 -> 3,6]']);
    reader.editor.setSelection(new monaco.Selection(2, 2, 3, 6));
    await settled();
    expect(selectionsIn(reader.awareness.getLocalState(), reader.text, NAME)).toEqual([
      { anchor: 7, head: 16 },
    ]);
    reader.close();
  });

  it.each([
    { where: 'before', at: 0, own: 12, waiting: '[1,1 -> 1,1]', shown: '[1,8 -> 1,8]' },
    { where: 'behind', at: 8, own: 5, waiting: '[1,9 -> 1,9]', shown: '[1,16 -> 1,16]' },
  ])(
    'draws and publishes the right places while a change waits $where a composed word',
    async ({ at, own, waiting, shown }) => {
      ada.awareness.setLocalState({ user: { id: 'ada' } });
      ada.type(0, 'word one\nabc');
      exchange(ada.doc, bob.doc);
      ada.editor.setPosition({ lineNumber: 1, column: 5 });
      compose(ada, 'compositionStart');
      bob.type(at, ' longer');
      exchange(ada.doc, bob.doc);
      expect(ada.model().getValue()).toBe('word one\nabc');
      const position = (index: number) => Y.createRelativePositionFromTypeIndex(bob.text, index);
      // The "b" of the second line, and the end of what is not shown yet.
      show(ada, 98, { selection: { anchor: position(17), head: position(18) } });
      show(ada, 99, { selection: { anchor: position(at + 7), head: position(at + 7) } });
      ada.editor.setPosition({ lineNumber: 1, column: 6 });
      await settled();
      const drawn = () => [98, 99].map((id) => ada.drawn(id)[0]?.range.toString());
      const published = () => selectionsIn(ada.awareness.getLocalState(), ada.text, NAME);
      expect(drawn()).toEqual(['[2,2 -> 2,3]', waiting]);
      expect(published()).toEqual([{ anchor: own, head: own }]);
      compose(ada, 'compositionEnd');
      await settled();
      expect(ada.model().getValue()).toBe(ada.text.toString());
      expect(drawn()).toEqual(['[2,2 -> 2,3]', shown]);
      expect(published()).toEqual([{ anchor: own, head: own }]);
    },
  );

  it('shows what undo changed where it stands, though the text has what nobody sees', () => {
    const foreign = new Y.Doc();
    foreign.getText(NAME).insert(0, 'a\r\nb\r\nc');
    const cara = openEditor(foreign, true);
    cara.type(3, 'XY');
    cara.editor.pushUndoStop();
    cara.editor.setPosition({ lineNumber: 1, column: 1 });
    cara.editor.trigger('test', 'undo', null);
    expect(cara.model().getLinesContent()).toEqual(['a', 'b', 'c']);
    expect(cara.editor.getPosition()?.toString()).toBe('(2,2)');
    cara.close();
  });

  it('keeps what it publishes small, however many cursors there are', async () => {
    ada.awareness.setLocalState({ user: { id: 'ada' } });
    ada.type(0, 'x\n'.repeat(200));
    const lines = Array.from({ length: 200 }, (_, line) => new monaco.Selection(line + 1, 1, line + 1, 2));
    ada.editor.setSelections(lines);
    await settled();
    expect(JSON.stringify(ada.awareness.getLocalState()).length).toBeLessThan(4096 - 400);
  });

  it('keeps undo and cursor of each file while another is shown', () => {
    ada.type(0, 'first file');
    ada.editor.setPosition({ lineNumber: 1, column: 6 });
    ada.models.show({ id: 'other', language: 'plaintext' });
    ada.type(0, 'second file');
    exchange(ada.doc, bob.doc);
    bob.type(0, '# ');
    exchange(ada.doc, bob.doc);
    ada.models.show(MAIN);
    expect(ada.editor.getPosition()?.column).toBe(8);
    ada.editor.trigger('test', 'undo', null);
    expect(ada.model().getValue()).toBe('# ');
    expect(ada.doc.getText('file:other').toString()).toBe('second file');
    ada.models.show({ id: 'other', language: 'plaintext' });
    ada.editor.trigger('test', 'undo', null);
    expect(ada.model().getValue()).toBe('');
  });

  it('holds a bounded number of models, and opens again what it let go', () => {
    ada.type(0, 'kept in the document');
    for (let i = 0; i < 60; i++) ada.models.show({ id: `f${i}`, language: 'plaintext' });
    expect(monaco.editor.getModels().length).toBeLessThanOrEqual(42);
    ada.models.show(MAIN);
    expect(ada.model().getValue()).toBe('kept in the document');
  });

  it('stays equal through random edits, undo and redo on both sides', () => {
    let seed = 7;
    const random = (n: number) => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % n;
    for (let step = 0; step < 600; step++) {
      const one = random(2) ? ada : bob;
      const length = one.model().getValueLength();
      const at = random(length + 1);
      const action = random(10);
      if (action < 6) one.type(at, ['x', 'line\n', '\n', '😀', 'abc'][random(5)] ?? 'x');
      else if (action < 8) one.type(at, '', random(Math.min(6, length - at) + 1));
      else one.editor.trigger('test', action === 8 ? 'undo' : 'redo', null);
      expect(one.model().getValue()).toBe(one.text.toString());
      if (random(3) === 0) exchange(ada.doc, bob.doc);
    }
    exchange(ada.doc, bob.doc);
    expect(ada.model().getValue()).toBe(bob.model().getValue());
    expect(ada.model().getValue()).toBe(ada.text.toString());
  });
});

describe('endOfChange', () => {
  it.each([
    [[], null],
    [[{ retain: 3 }], null],
    [[{ retain: 3 }, { insert: 'ab' }], 5],
    [[{ delete: 2 }], 0],
    [[{ insert: 'a' }, { retain: 2 }, { delete: 1 }], 3],
  ])('%j → %s', (delta, want) => {
    expect(endOfChange(delta)).toBe(want);
  });
});
