import * as Y from 'yjs';
import { readGuide, questionTrouble, revealPart, type Guide, type Leader } from '../../lib/questions-api';
import { Value } from '../../lib/readable';
import type { TestResult } from '../../sync/runs';
import type { TestCase } from '../../sync/tests';
import { codeIn, fits } from './test-code';

/** What there is of the guide. */
export type GuideState =
  | { status: 'loading' }
  | { status: 'failed'; reason: string }
  | { status: 'none' }
  | { status: 'ready'; guide: Guide };

/** How the hidden tests went in this browser. */
export interface Checks {
  status: 'none' | 'running' | 'done' | 'broken';
  results: readonly TestResult[];
  /** How many there are. */
  count: number;
}

const UNCHECKED: Checks = { status: 'none', results: [], count: 0 };

/**
 * GuideStore is what an interviewer has of the question that is asked. It stays in the memory of
 * this page: nothing of it is stored in the browser or written into a document that is shared.
 */
export class GuideStore {
  readonly state = new Value<GuideState>({ status: 'loading' });
  readonly checks = new Value<Checks>(UNCHECKED);
  /** Hidden tests are run in a document of their own, which is connected to nobody. */
  readonly place: { doc: Y.Doc; self: { id: string } };
  readonly #leader: Leader;

  constructor(leader: Leader, self: string) {
    this.#leader = leader;
    this.place = { doc: new Y.Doc(), self: { id: self } };
    void this.load();
  }

  /** load asks the server. What is shown already stays while it answers. */
  async load(): Promise<void> {
    if (this.state.getSnapshot().status === 'failed') this.state.set({ status: 'loading' });
    try {
      this.#show(await readGuide(this.#leader));
    } catch (error) {
      if (this.state.getSnapshot().status === 'ready') return;
      this.state.set({ status: 'failed', reason: questionTrouble(error) });
    }
  }

  /** reveal shows everybody a part. It rejects with what the server says. */
  async reveal(part: number): Promise<void> {
    this.#show(await revealPart(this.#leader, part));
  }

  #show(guide: Guide | null): void {
    this.state.set(guide ? { status: 'ready', guide } : { status: 'none' });
  }

  /** testsFor gives the hidden tests that can be run in a language. */
  testsFor(language: string): readonly TestCase[] {
    const state = this.state.getSnapshot();
    if (state.status !== 'ready') return [];
    return state.guide.test_list.flatMap((test, n) => {
      if (!test.hidden || !fits(test, language)) return [];
      const code = codeIn(test, language);
      const expected = code || (test.expected ?? '');
      const kind = code ? 'code' : 'io';
      // They are shown to this person, and so is what the program wrote.
      return [{ id: String(n), name: test.name, kind, input: test.input ?? '', expected, hidden: false }];
    });
  }

  /** begin, told and ended follow a run of the hidden tests. */
  begin(count: number): void {
    this.checks.set({ status: count > 0 ? 'running' : 'none', results: [], count });
  }

  told(result: TestResult): void {
    const before = this.checks.getSnapshot();
    this.checks.set({ ...before, results: [...before.results, result] });
  }

  ended(whole: boolean): void {
    this.checks.set({ ...this.checks.getSnapshot(), status: whole ? 'done' : 'broken' });
  }

  dispose(): void {
    this.place.doc.destroy();
  }
}
