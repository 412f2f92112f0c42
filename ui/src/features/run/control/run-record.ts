import type * as Y from 'yjs';
import { ByteCap } from '../../../lib/byte-cap';
import { TEXTS } from '../../../lib/texts';
import { MAX_PICTURES, type Picture } from '../../../sandbox/pictures';
import { startRun, type OutputPart, type RunEnd, type RunWriter, type TestResult } from '../../../sync/runs';
import { picturePage } from '../output/picture-page';
import { Tamer } from '../output/tame';
import { MAX_OUTPUT_BYTES } from './limits';
import type { RunRequest } from './run-request';

/** Output goes into the shared document in steps, as one update each. */
const PUBLISH_MS = 50;
const CUT_NOTE = `\n${TEXTS.run.outputCut}\n`;
const CUT_NOTE_BYTES = new TextEncoder().encode(CUT_NOTE).length;

/** RunPlace is the document that runs are written into, and the person who runs them. */
export interface RunPlace {
  readonly doc: Y.Doc;
  readonly self: { readonly id: string };
}

/**
 * RunRecord is a run in the shared document: what it writes, bounded and in steps, and how it ends.
 */
export class RunRecord {
  readonly id = randomId();
  readonly #writer: RunWriter;
  readonly #cap = new ByteCap(MAX_OUTPUT_BYTES - CUT_NOTE_BYTES);
  readonly #tamers = { stdout: new Tamer(), stderr: new Tamer(), stdin: new Tamer() };
  readonly #pictures: Picture[] = [];
  /** What has been written since the last step. */
  #waiting: OutputPart[] = [];
  #publishing: ReturnType<typeof setTimeout> | undefined;
  #startedAt = performance.now();

  constructor({ doc, self }: RunPlace, { id: file, language }: RunRequest['file']) {
    this.#writer = startRun(doc, { id: this.id, by: self.id, file, language, startedAt: Date.now() });
  }

  /** begin restarts the duration: until now the program was loading. */
  begin(): void {
    this.#startedAt = performance.now();
  }

  write(parts: readonly OutputPart[]): void {
    if (this.#cap.full) return;
    for (const { text, stream } of parts) {
      const kept = this.#cap.take(this.#tamers[stream].tame(text));
      if (kept) this.#waiting.push({ text: kept, stream });
    }
    if (this.#cap.full) this.#waiting.push({ text: CUT_NOTE, stream: 'stderr' });
    if (this.#waiting.length > 0) this.#publishing ??= setTimeout(() => this.publish(), PUBLISH_MS);
  }

  draw(picture: Picture): void {
    if (this.#pictures.length < MAX_PICTURES) this.#pictures.push(picture);
  }

  /** publish shows everybody at once what has been written. */
  publish(): void {
    clearTimeout(this.#publishing);
    this.#publishing = undefined;
    this.#writer.append(mergeParts(this.#waiting));
    this.#waiting = [];
  }

  /** showPage shows everybody a page; null takes it away. */
  showPage(page: string | null): void {
    this.#writer.showPage(page);
  }

  showResults(results: readonly TestResult[]): void {
    this.#writer.showResults(results);
  }

  /** finish shows everybody what has been written and drawn, and how the run ended. */
  finish(end: Omit<RunEnd, 'durationMs'>): void {
    this.publish();
    const drawn = this.#pictures.length > 0 ? picturePage(this.#pictures) : null;
    if (drawn !== null) this.showPage(drawn);
    this.#writer.finish({ ...end, durationMs: performance.now() - this.#startedAt });
  }
}

/** Neighbours of the same stream become one insert. */
function mergeParts(parts: readonly OutputPart[]): OutputPart[] {
  const merged: OutputPart[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (last?.stream === part.stream) last.text += part.text;
    else merged.push({ ...part });
  }
  return merged;
}

/** crypto.randomUUID exists only on https and localhost. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
