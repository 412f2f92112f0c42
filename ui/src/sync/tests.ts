import * as Y from 'yjs';
import { Derived, type Readable } from '../lib/readable';
import { clientOf, fairShare } from './fair-share';

/** A session holds this many tests, whatever others write into its document. */
export const MAX_TESTS = 50;

/** Of one text of a test, in UTF-16 units. */
const MAX_TEST_TEXT = 20_000;

/**
 * TestCase is something that a program must do: write what is expected for an input, or get through
 * code that stands after it. hidden is a courtesy of the screen: all have the document, and who
 * looks into it finds the test.
 */
export interface TestCase {
  id: string;
  name: string;
  kind: 'io' | 'code';
  input: string;
  /** The expected output, or the code. */
  expected: string;
  hidden: boolean;
}

/** Origin of these changes, so that undo ignores them. */
const TESTS_ORIGIN = 'tests';

/** readTests lists the tests in their order, leaving out what is malformed. */
export function readTests(doc: Y.Doc): TestCase[] {
  const tests = new Map<string, TestCase>();
  for (const entry of shownTests(doc)) {
    const test = readTest(entry);
    if (test && !tests.has(test.id)) tests.set(test.id, test);
  }
  return [...tests.values()];
}

/** shownTests gives the entries of the tests that are shown. */
export function shownTests(doc: Y.Doc): Y.Map<unknown>[] {
  const entries = doc
    .getArray<unknown>('tests')
    .toArray()
    .filter((entry) => entry instanceof Y.Map && typeof entry.get('id') === 'string');
  return fairShare(entries as Y.Map<unknown>[], MAX_TESTS, clientOf);
}

function readTest(map: Y.Map<unknown>): TestCase | null {
  const text = (key: string) => {
    const value = map.get(key);
    return typeof value === 'string' ? value.slice(0, MAX_TEST_TEXT) : '';
  };
  const id = text('id').slice(0, 64);
  if (!id) return null;
  const kind = map.get('kind') === 'code' ? 'code' : 'io';
  const name = text('name').slice(0, 100);
  return {
    id,
    name,
    kind,
    input: text('input'),
    expected: text('expected'),
    hidden: map.get('hidden') === true,
  };
}

/** putTest adds a test, or changes the one with its id. */
export function putTest(doc: Y.Doc, test: TestCase): void {
  doc.transact(() => {
    const list = doc.getArray<unknown>('tests');
    const found = list.toArray().find((entry) => entry instanceof Y.Map && entry.get('id') === test.id);
    const map = found instanceof Y.Map ? (found as Y.Map<unknown>) : new Y.Map<unknown>();
    for (const [key, value] of Object.entries(test)) if (map.get(key) !== value) map.set(key, value);
    if (!found && list.length < MAX_TESTS) list.push([map]);
  }, TESTS_ORIGIN);
}

export function removeTest(doc: Y.Doc, id: string): void {
  doc.transact(() => {
    const list = doc.getArray<unknown>('tests');
    const index = list.toArray().findIndex((entry) => entry instanceof Y.Map && entry.get('id') === id);
    if (index >= 0) list.delete(index);
  }, TESTS_ORIGIN);
}

/** SharedTests follows the tests of a session. */
export class SharedTests implements Readable<readonly TestCase[]> {
  readonly #doc: Y.Doc;
  readonly #value: Derived<readonly TestCase[]>;

  readonly subscribe: Readable<readonly TestCase[]>['subscribe'];
  readonly getSnapshot: Readable<readonly TestCase[]>['getSnapshot'];

  constructor(doc: Y.Doc) {
    this.#doc = doc;
    this.#value = new Derived<readonly TestCase[]>(() => readTests(doc));
    this.subscribe = this.#value.subscribe;
    this.getSnapshot = this.#value.getSnapshot;
    doc.getArray('tests').observeDeep(this.#value.changed);
  }

  dispose(): void {
    this.#doc.getArray('tests').unobserveDeep(this.#value.changed);
    this.#value.dispose();
  }
}
