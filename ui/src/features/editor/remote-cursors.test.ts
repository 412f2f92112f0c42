import 'monaco-editor/features/register.all';
import * as monaco from 'monaco-editor/editor';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { MAIN_FILE } from '../../sync/files';
import { Following } from '../../sync/following';
import { FileModels } from './file-models';
import { Follower } from './follow';
import { drawCursors } from './remote-cursors';
import { UndoSteps } from './undo-steps';

const NAME = `file:${MAIN_FILE}`;
const THEIR_CLIENT = 99;

// Nothing is drawn here, so no frame comes. What is due is kept until the test draws it.
window.requestAnimationFrame = vi.fn(() => 0);

// A busy machine may take its time with the editor.
vi.setConfig({ testTimeout: 60_000 });

let room: ReturnType<typeof open>;
beforeEach(() => {
  room = open();
});
afterEach(() => room.close());

/** One person's editor with "word" in it, and somebody else who writes and shows a cursor. */
function open() {
  const doc = new Y.Doc();
  doc.getText(NAME).insert(0, 'word');
  const theirs = new Y.Doc();
  Y.applyUpdate(theirs, Y.encodeStateAsUpdate(doc));
  const awareness = new Awareness(doc);
  const editor = monaco.editor.create(document.createElement('div'), { model: null });
  const models = new FileModels({ monaco, editor, doc, steps: new UndoSteps(), readOnly: () => false });
  models.show({ id: MAIN_FILE, language: 'plaintext' });
  const shown = () => models.shown;
  let due: (() => void)[] = [];
  const stop = drawCursors({
    monaco,
    editor,
    awareness,
    shown,
    schedule: (draw) => {
      due.push(draw);
      return () => undefined;
    },
  });
  const following = new Following();
  const follower = new Follower({ editor, awareness, following, shown, openFile: () => undefined });
  return {
    editor,
    following,
    /** Somebody else inserts text. */
    insert(at: number, text: string): void {
      theirs.getText(NAME).insert(at, text);
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(theirs, Y.encodeStateVector(doc)), 'remote');
    },
    /** Somebody else shows that their cursor is there. */
    point(at: number): void {
      const head = Y.createRelativePositionFromTypeIndex(theirs.getText(NAME), at);
      const state = { user: { id: 'bob' }, file: MAIN_FILE, selection: { anchor: head, head } };
      awareness.states.set(THEIR_CLIENT, state);
      awareness.emit('change', [{ added: [], updated: [THEIR_CLIENT], removed: [] }, 'test']);
    },
    compose: (event: 'compositionStart' | 'compositionEnd') => editor.trigger('keyboard', event, null),
    text: () => editor.getModel()?.getValue(),
    /** Draws what is due, and gives where the cursor stands then. */
    drawn(): (string | undefined)[] {
      for (const draw of due.splice(0)) draw();
      const all = editor.getModel()?.getAllDecorations() ?? [];
      return all
        .filter(({ options }) => options.className?.includes(`yRemoteSelection-${THEIR_CLIENT}`))
        .map(({ range }) => range.toString());
    },
    close(): void {
      due = [];
      stop();
      follower.dispose();
      models.dispose();
      editor.dispose();
      awareness.destroy();
    },
  };
}

it('draws a cursor where the text was held back, and again once that text is shown', async () => {
  room.editor.setPosition({ lineNumber: 1, column: 1 });
  room.compose('compositionStart');
  room.insert(4, ' longer');
  room.point(9);
  expect(room.text()).toBe('word');
  expect(room.drawn()).toEqual(['[1,5 -> 1,5]']);
  // Nobody moved a cursor, so only the change of the model tells that there is something to draw.
  room.compose('compositionEnd');
  await expect.poll(room.text).toBe('word longer');
  expect(room.drawn()).toEqual(['[1,10 -> 1,10]']);
});

it('follows to where a place is shown, and to the place itself once it is there', async () => {
  const reveal = vi.spyOn(room.editor, 'revealPositionInCenterIfOutsideViewport');
  const gone = () => reveal.mock.calls.map(([{ column }]) => column);
  room.editor.setPosition({ lineNumber: 1, column: 1 });
  room.compose('compositionStart');
  room.insert(4, ' longer');
  room.point(9);
  expect(gone()).toEqual([]);
  room.following.follow('bob');
  expect(gone()).toEqual([5]);
  room.compose('compositionEnd');
  await expect.poll(room.text).toBe('word longer');
  room.point(9);
  expect(gone()).toEqual([5, 10]);
  // Presence without a move does not move the editor.
  room.point(9);
  expect(gone()).toEqual([5, 10]);
});
