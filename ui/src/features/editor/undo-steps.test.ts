import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as Y from 'yjs';
import { UNDO_STEP_MS, UndoSteps } from './undo-steps';

/** Yjs takes hold of Date.now when it is loaded. */
const clock = vi.hoisted(() => {
  const real = Date.now;
  const made = { now: 1_000_000, restore: () => void (Date.now = real) };
  Date.now = () => made.now;
  return made;
});
const wait = (ms: number) => void (clock.now += ms);

describe('UndoSteps', () => {
  let text: Y.Text;
  let undo: Y.UndoManager;
  let steps: UndoSteps;
  const type = (added: string) => text.insert(text.length, added);

  beforeEach(() => {
    text = new Y.Doc().getText('t');
    undo = new Y.UndoManager(text);
    steps = new UndoSteps();
    steps.add(undo);
  });

  afterAll(() => clock.restore());

  it('makes one step of what is typed without a pause', () => {
    type('a');
    wait(UNDO_STEP_MS - 1);
    type('b');
    wait(UNDO_STEP_MS + 1);
    type('c');
    undo.undo();
    expect(text.toString()).toBe('ab');
  });

  it('ends a step where it is told to', () => {
    type('a');
    steps.end();
    type('b');
    undo.undo();
    expect(text.toString()).toBe('a');
  });

  it('held, it makes one step of everything until the release', () => {
    type('a');
    steps.end();
    steps.hold();
    type('b');
    steps.end();
    wait(60_000);
    type('c');
    steps.release();
    type('d');
    undo.undo();
    expect(text.toString()).toBe('abc');
    undo.undo();
    expect(text.toString()).toBe('a');
  });

  it('by command, makes one step of what one key does, and two of two keys', async () => {
    steps.byCommand(true);
    steps.end();
    type('a');
    steps.end();
    type('b');
    await Promise.resolve();
    steps.end();
    type('c');
    undo.undo();
    expect(text.toString()).toBe('ab');
  });

  it('holds a file that is opened meanwhile too', () => {
    steps.hold();
    const other = new Y.Doc().getText('t');
    const theirs = new Y.UndoManager(other);
    steps.add(theirs);
    other.insert(0, 'a');
    wait(60_000);
    other.insert(1, 'b');
    theirs.undo();
    expect(other.toString()).toBe('');
  });
});
