import { ByteCap } from '../../lib/byte-cap';
import { Value, type Readable } from '../../lib/readable';
import { TEXTS } from '../../lib/texts';
import { startRun, type OutputPart, type RunStatus, type RunWriter } from '../../sync/runs';
import type { Room } from '../../sync/room';
import { canInterrupt } from './kits';
import type { SandboxHost, SandboxMessage } from './sandbox-host';

/** What Run and Stop in this browser stand at. Runs of others are in the document. */
export type RunnerState =
  | { status: 'idle' }
  | { status: 'preparing'; share: number }
  | { status: 'running'; waitingForInput: boolean }
  | { status: 'stopping' };

/** A program may compute this long; waiting for input does not count. */
const TIME_LIMIT_MS = 30_000;
/** After a polite interrupt the program has this long to end before it is killed. */
const GRACE_MS = 500;
/** Output goes into the shared document in steps, as one update each. */
const PUBLISH_MS = 50;
/** Most output kept of a run, in bytes of UTF-8, the note about the cut included. */
export const MAX_OUTPUT_BYTES = 256 * 1024;
const CUT_NOTE = `\n${TEXTS.run.outputCut}\n`;
const CUT_NOTE_BYTES = new TextEncoder().encode(CUT_NOTE).length;

interface ActiveRun {
  language: string;
  writer: RunWriter;
  cap: ByteCap;
  startedAt: number;
  waiting: OutputPart[];
  publishing: ReturnType<typeof setTimeout> | undefined;
  deadline: ReturnType<typeof setTimeout> | undefined;
  /** Computing time left, in milliseconds, as of resumedAt. */
  left: number;
  resumedAt: number;
}

export interface RunRequest {
  code: string;
  file: { id: string; name: string; language: string };
  stdin: string;
}

type SandboxPort = Pick<SandboxHost, 'prepare' | 'run' | 'answer' | 'interrupt' | 'kill' | 'onMessage'>;

/**
 * RunController runs one program at a time in this browser's sandbox and writes what it says into the shared
 * document, so that everybody sees the same output at the same time.
 */
export class RunController implements Readable<RunnerState> {
  readonly #room: Pick<Room, 'doc' | 'self'>;
  readonly #sandbox: SandboxPort;
  readonly #state = new Value<RunnerState>({ status: 'idle' });
  #run: ActiveRun | null = null;
  #ending: ReturnType<typeof setTimeout> | undefined;

  readonly subscribe = this.#state.subscribe;
  readonly getSnapshot = this.#state.getSnapshot;

  constructor(room: Pick<Room, 'doc' | 'self'>, sandbox: SandboxPort) {
    this.#room = room;
    this.#sandbox = sandbox;
    sandbox.onMessage((message) => this.#onMessage(message));
  }

  async start({ code, file, stdin }: RunRequest): Promise<void> {
    if (this.#run) return;
    const run = this.#open(file);
    this.#state.set({ status: 'preparing', share: 0 });
    try {
      await this.#sandbox.prepare(file.language, (share) => {
        if (this.#isCurrent(run)) this.#state.set({ status: 'preparing', share });
      });
    } catch {
      if (!this.#isCurrent(run)) return;
      this.#write([{ text: `${TEXTS.run.runtimeFailed}\n`, stream: 'stderr' }]);
      this.#finish('error');
      return;
    }
    if (!this.#isCurrent(run)) return;
    this.#state.set({ status: 'preparing', share: 1 });
    await this.#sandbox.run(file.language, { code, fileName: file.name, stdin });
  }

  /** stop ends the run within a second, whatever it does: first politely, then by force. */
  stop(): void {
    if (!this.#run || this.#state.getSnapshot().status === 'stopping') return;
    const polite = this.#state.getSnapshot().status === 'running' && canInterrupt(this.#run.language);
    if (!polite) return this.#kill('stopped');
    this.#state.set({ status: 'stopping' });
    this.#sandbox.interrupt();
    this.#ending = setTimeout(() => this.#kill('stopped'), GRACE_MS);
  }

  /** answer hands one line to the waiting program. */
  answer(line: string): void {
    const state = this.#state.getSnapshot();
    if (!this.#run || state.status !== 'running' || !state.waitingForInput) return;
    this.#state.set({ status: 'running', waitingForInput: false });
    this.#resumeClock(this.#run);
    this.#sandbox.answer(line);
  }

  /** dispose ends what runs, so that others do not see it running for ever. */
  dispose(): void {
    if (this.#run) this.#kill('stopped');
    this.#sandbox.onMessage(() => undefined);
  }

  #open(file: RunRequest['file']): ActiveRun {
    const writer = startRun(this.#room.doc, {
      id: randomId(),
      by: this.#room.self.id,
      file: file.id,
      language: file.language,
      startedAt: Date.now(),
    });
    const now = performance.now();
    const cap = new ByteCap(MAX_OUTPUT_BYTES - CUT_NOTE_BYTES);
    this.#run = {
      language: file.language,
      writer,
      cap,
      startedAt: now,
      waiting: [],
      publishing: undefined,
      deadline: undefined,
      left: TIME_LIMIT_MS,
      resumedAt: now,
    };
    return this.#run;
  }

  /** Whether this run still is the one that counts: it may have been stopped while something loaded. */
  #isCurrent(run: ActiveRun): boolean {
    return this.#run === run;
  }

  #onMessage(message: SandboxMessage): void {
    const run = this.#run;
    if (!run) return;
    if (message.type === 'started' && this.#state.getSnapshot().status === 'preparing') {
      this.#state.set({ status: 'running', waitingForInput: false });
      run.startedAt = performance.now();
      this.#resumeClock(run);
    }
    if (message.type === 'output') this.#write(message.chunks);
    if (message.type === 'input' && this.#state.getSnapshot().status === 'running') {
      this.#pauseClock(run);
      this.#publish();
      this.#state.set({ status: 'running', waitingForInput: true });
    }
    if (message.type === 'done') {
      const stopping = this.#state.getSnapshot().status === 'stopping';
      this.#finish(stopping ? 'stopped' : message.status === 'ok' ? 'ok' : 'error');
    }
  }

  #write(parts: readonly OutputPart[]): void {
    const run = this.#run;
    if (!run || run.cap.full) return;
    for (const part of parts) {
      const text = run.cap.take(String(part.text));
      if (text) run.waiting.push({ text, stream: part.stream });
    }
    if (run.cap.full) run.waiting.push({ text: CUT_NOTE, stream: 'stderr' });
    run.publishing ??= setTimeout(() => this.#publish(), PUBLISH_MS);
  }

  #publish(): void {
    const run = this.#run;
    if (!run) return;
    clearTimeout(run.publishing);
    run.publishing = undefined;
    run.writer.append(mergeParts(run.waiting.splice(0)));
  }

  #pauseClock(run: ActiveRun): void {
    clearTimeout(run.deadline);
    run.left -= performance.now() - run.resumedAt;
  }

  #resumeClock(run: ActiveRun): void {
    clearTimeout(run.deadline);
    run.resumedAt = performance.now();
    run.deadline = setTimeout(() => this.#kill('timeout'), Math.max(0, run.left));
  }

  #kill(status: 'stopped' | 'timeout'): void {
    this.#sandbox.kill();
    if (status === 'timeout') {
      this.#write([{ text: `${TEXTS.run.timeLimit(TIME_LIMIT_MS / 1000)}\n`, stream: 'stderr' }]);
    }
    this.#finish(status);
  }

  #finish(status: Exclude<RunStatus, 'running'>): void {
    const run = this.#run;
    if (!run) return;
    clearTimeout(this.#ending);
    clearTimeout(run.deadline);
    this.#publish();
    run.writer.finish(status, performance.now() - run.startedAt);
    this.#run = null;
    this.#state.set({ status: 'idle' });
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
function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => b.toString(16).padStart(2, '0')).join(
    '',
  );
}
