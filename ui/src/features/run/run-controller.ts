import { ByteCap } from '../../lib/byte-cap';
import { Value, type Readable } from '../../lib/readable';
import { TEXTS } from '../../lib/texts';
import { startRun, type OutputPart, type RunEnd, type RunWriter, type TestResult } from '../../sync/runs';
import type { TestCase } from '../../sync/tests';
import { reached, withCodeTest, withoutMark } from '../../sandbox/code-test';
import type { Program } from '../../sandbox/protocol';
import type { Room } from '../../sync/room';
import type { FrameMessage } from './frame-message';
import { canInterrupt, isPage, kitOf } from './kits';
import { COMPILE_LIMIT_MS, TIME_LIMIT_MS } from './limits';
import { pageSource } from './page-source';
import { picturePage } from './picture-page';
import { MAX_PICTURES, type Picture } from '../../sandbox/pictures';
import { MissingRuntime } from './runtimes';
import type { SandboxHost, SandboxMessage } from './sandbox-host';
import { Tamer } from './tame';
import { judge, reportOf, summaryOf, type TestOutcome } from './test-report';

/** What Run and Stop in this browser stand at. Runs of others are in the document. */
export type RunnerState =
  | { status: 'idle' }
  | { status: 'preparing'; share: number; compiling?: true }
  | { status: 'running'; waitingForInput: boolean }
  | { status: 'stopping' };

/** One test may compute this long. */
const TEST_LIMIT_MS = 10_000;
/** After a polite interrupt the program has this long to end before it is killed. */
const GRACE_MS = 500;
/** Output goes into the shared document in steps, as one update each. */
const PUBLISH_MS = 50;
/** Most output kept of a run, in bytes of UTF-8, the note about the cut included. */
export const MAX_OUTPUT_BYTES = 256 * 1024;
const CUT_NOTE = `\n${TEXTS.run.outputCut}\n`;
const CUT_NOTE_BYTES = new TextEncoder().encode(CUT_NOTE).length;

interface ActiveRun {
  id: string;
  /** "": a page, which no kit runs. */
  kit: string;
  language: string;
  writer: RunWriter;
  cap: ByteCap;
  tamers: Record<OutputPart['stream'], Tamer>;
  startedAt: number;
  waiting: OutputPart[];
  publishing: ReturnType<typeof setTimeout> | undefined;
  deadline: ReturnType<typeof setTimeout> | undefined;
  /** Computing time left, in milliseconds, as of resumedAt. */
  left: number;
  resumedAt: number;
  /** The test under way, if tests are run: what the program says is for it. */
  test: RunningTest | null;
  /** What the program has drawn. */
  pictures: Picture[];
}

interface RunningTest {
  outcome: TestOutcome;
  /** Called once, when the program has ended. */
  resolve: (outcome: TestOutcome) => void;
}

/** Prepared is a program made ready for the sandbox: translated, with what it needs beside it. */
export interface Prepared {
  code: string;
  /** Files that were translated too, by name; the others stay as they are. */
  files?: Record<string, string>;
  /** Ways back from what was translated, by name. */
  sourceMaps?: Record<string, string>;
  wheels?: Record<string, ArrayBuffer>;
  /** What is wrong with it, for a person. fatal: it cannot run. */
  problems?: { text: string; fatal: boolean };
}

export interface RunRequest {
  file: { id: string; name: string; language: string };
  code: string;
  /** All files of the session, by name. */
  files: Record<string, string>;
  stdin: string;
  /** Makes the program ready; what it does counts as loading. */
  prepare?: (code: string, files: Record<string, string>) => Promise<Prepared>;
}

export type SandboxPort = Pick<
  SandboxHost,
  'prepare' | 'run' | 'answer' | 'endInput' | 'interrupt' | 'kill' | 'onMessage'
>;

/**
 * RunController runs one program at a time in this browser's sandbox and writes what it says into the shared
 * document, so that everybody sees the same output at the same time.
 */
export class RunController implements Readable<RunnerState> {
  readonly #room: Pick<Room, 'doc' | 'self'>;
  readonly #sandbox: SandboxPort;
  readonly #state = new Value<RunnerState>({ status: 'idle' });
  #run: ActiveRun | null = null;
  /** A page that has loaded and is still shown: it may go on to write. */
  #shown: ActiveRun | null = null;
  #ending: ReturnType<typeof setTimeout> | undefined;

  readonly subscribe = this.#state.subscribe;
  readonly getSnapshot = this.#state.getSnapshot;

  constructor(room: Pick<Room, 'doc' | 'self'>, sandbox: SandboxPort) {
    this.#room = room;
    this.#sandbox = sandbox;
    sandbox.onMessage((message) => this.#onMessage(message));
  }

  async start(request: RunRequest): Promise<void> {
    const kit = kitOf(request.file.language);
    if (this.#run) return;
    if (isPage(request.file.language)) return this.#startPage(request);
    if (!kit) return;
    const run = this.#open(request.file, kit);
    this.#state.set({ status: 'preparing', share: 0 });
    const prepared = await this.#prepare(run, request);
    if (!prepared || !this.#isCurrent(run)) return;
    if (prepared.problems) this.#write([{ text: prepared.problems.text, stream: 'stderr' }]);
    if (prepared.problems?.fatal) return this.#finish({ status: 'error', exitCode: 1 });
    this.#state.set({ status: 'preparing', share: 1 });
    await this.#sandbox.run(kit, programOf(request, prepared));
  }

  /** startTests runs the program once for each test, and tells everybody how each went. */
  async startTests(request: RunRequest, tests: readonly TestCase[]): Promise<void> {
    const kit = kitOf(request.file.language);
    if (this.#run || !kit || tests.length === 0) return;
    const run = this.#open(request.file, kit);
    run.left = Infinity;
    this.#state.set({ status: 'preparing', share: 0 });
    const results: TestResult[] = [];
    for (const test of tests) {
      const mark = randomId();
      const prepared = await this.#prepare(run, withTest(request, test, mark));
      if (!prepared || !this.#isCurrent(run)) return;
      if (prepared.problems) this.#write([{ text: prepared.problems.text, stream: 'stderr' }]);
      if (prepared.problems?.fatal) return this.#finish({ status: 'error', exitCode: 1 });
      const ran = await this.#runTest(run, request, { ...prepared, test });
      if (!this.#isCurrent(run)) return;
      const outcome = test.kind === 'code' ? untilMark(ran, request.file.language, mark) : ran;
      const result = judge(test, outcome);
      results.push(result);
      this.#write([{ text: reportOf(result, test.hidden ? '' : outcome.stderr), stream: 'stdout' }]);
    }
    this.#write([{ text: summaryOf(results), stream: 'stdout' }]);
    run.writer.showResults(results);
    this.#finish({ status: results.every(({ verdict }) => verdict === 'passed') ? 'ok' : 'error' });
  }

  /** Runs the program for one test. A run that is stopped meanwhile leaves the promise to be forgotten. */
  #runTest(
    run: ActiveRun,
    request: RunRequest,
    { test, ...prepared }: Prepared & { test: TestCase },
  ): Promise<TestOutcome> {
    const program = { ...programOf(request, prepared), stdin: test.input, interactive: false };
    return new Promise((resolve) => {
      const limit = setTimeout(() => {
        if (!this.#isCurrent(run) || !run.test) return;
        this.#sandbox.kill();
        run.test.resolve({ ...run.test.outcome, ok: false, timedOut: true });
      }, TEST_LIMIT_MS);
      run.test = {
        outcome: { stdout: '', stderr: '', ok: false, timedOut: false },
        resolve: (outcome) => {
          clearTimeout(limit);
          run.test = null;
          resolve(outcome);
        },
      };
      void this.#sandbox.run(run.kit, program);
    });
  }

  #onTestMessage(test: RunningTest, message: SandboxMessage): void {
    if (message.type === 'output') {
      for (const { text, stream } of message.chunks) {
        if (stream === 'stdin' || test.outcome[stream].length > MAX_OUTPUT_BYTES) continue;
        test.outcome[stream] += text;
      }
    }
    if (message.type === 'crashed') test.resolve({ ...test.outcome, stderr: TEXTS.run.crashed, ok: false });
    if (message.type === 'done') test.resolve({ ...test.outcome, ok: message.ok });
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

  /** answer hands one line to the waiting program; null: there is no more. */
  answer(line: string | null): void {
    const state = this.#state.getSnapshot();
    if (!this.#run || state.status !== 'running' || !state.waitingForInput) return;
    this.#state.set({ status: 'running', waitingForInput: false });
    this.#resumeClock(this.#run);
    if (line === null) this.#sandbox.endInput();
    else this.#sandbox.answer(line);
  }

  /** dispose ends what runs, so that others do not see it running for ever. */
  dispose(): void {
    if (this.#run) this.#kill('stopped');
    this.#sandbox.onMessage(() => undefined);
  }

  /** onPage hears what a page that is shown in this browser says; only that of the run under way counts. */
  onPage(id: string, message: FrameMessage): void {
    if (message.type === 'output' && this.#shown?.id === id)
      return this.#writeTo(this.#shown, message.chunks);
    const run = this.#run;
    if (!run || run.id !== id || run.kit !== '') return;
    if (message.type === 'started' || message.type === 'output' || message.type === 'done')
      this.#onMessage(message);
  }

  /** A page is shown by everybody's own browser; its run ends when it has loaded here. */
  #startPage({ file, code, files }: RunRequest): void {
    const run = this.#open(file, '');
    const page = pageSource(code, files);
    this.#state.set({ status: 'preparing', share: 1 });
    this.#resumeClock(run);
    if (page !== null) return run.writer.showPage(page);
    this.#write([{ text: `${TEXTS.run.pageTooLarge}\n`, stream: 'stderr' }]);
    this.#finish({ status: 'error' });
  }

  #open(file: RunRequest['file'], kit: string): ActiveRun {
    this.#shown = null;
    const id = randomId();
    const writer = startRun(this.#room.doc, {
      id,
      by: this.#room.self.id,
      file: file.id,
      language: file.language,
      startedAt: Date.now(),
    });
    const now = performance.now();
    this.#run = {
      id,
      kit,
      language: file.language,
      writer,
      cap: new ByteCap(MAX_OUTPUT_BYTES - CUT_NOTE_BYTES),
      tamers: { stdout: new Tamer(), stderr: new Tamer(), stdin: new Tamer() },
      startedAt: now,
      waiting: [],
      publishing: undefined,
      deadline: undefined,
      left: TIME_LIMIT_MS,
      resumedAt: now,
      test: null,
      pictures: [],
    };
    return this.#run;
  }

  /** Loads the language and makes the program ready. null: that failed, and the run has ended with why. */
  async #prepare(run: ActiveRun, { code, files, prepare }: RunRequest): Promise<Prepared | null> {
    const progress = (share: number) => {
      if (this.#isCurrent(run)) this.#state.set({ status: 'preparing', share });
    };
    try {
      const [prepared] = await Promise.all([
        prepare?.(code, files) ?? { code },
        this.#sandbox.prepare(run.kit, progress),
      ]);
      return prepared;
    } catch (error) {
      if (!this.#isCurrent(run)) return null;
      const missing = error instanceof MissingRuntime;
      const text = missing ? TEXTS.run.runtimeMissing : TEXTS.run.runtimeFailed;
      this.#write([{ text: `${text}\n`, stream: 'stderr' }]);
      this.#finish({ status: 'error' });
      return null;
    }
  }

  /** Whether this run still is the one that counts: it may have been stopped while something loaded. */
  #isCurrent(run: ActiveRun): boolean {
    return this.#run === run;
  }

  #onMessage(message: SandboxMessage): void {
    const run = this.#run;
    if (!run) return;
    const { status } = this.#state.getSnapshot();
    if (message.type === 'started' && status === 'preparing') {
      this.#state.set({ status: 'running', waitingForInput: false });
      run.startedAt = performance.now();
      this.#resumeClock(run);
    }
    if (message.type === 'compiling' || message.type === 'compiled') this.#onCompiler(run, message.type);
    if (run.test) return this.#onTestMessage(run.test, message);
    if (message.type === 'output') this.#write(message.chunks);
    if (message.type === 'picture' && run.pictures.length < MAX_PICTURES) run.pictures.push(message);
    if (message.type === 'input' && status === 'running') {
      this.#pauseClock(run);
      this.#publish(run);
      this.#state.set({ status: 'running', waitingForInput: true });
    }
    if (message.type === 'crashed') {
      this.#write([{ text: `${TEXTS.run.crashed}\n`, stream: 'stderr' }]);
      this.#finish({ status: 'error' });
    }
    if (message.type === 'done') {
      const { ok, exitCode } = message;
      if (status === 'stopping') return this.#finish({ status: 'stopped' });
      this.#finish({ status: ok ? 'ok' : 'error', exitCode });
    }
  }

  /** The clock of the program stands still while it is compiled; the compiler has one of its own. */
  #onCompiler(run: ActiveRun, what: 'compiling' | 'compiled'): void {
    if (what === 'compiled') {
      run.startedAt = performance.now();
      this.#state.set({ status: 'running', waitingForInput: false });
      return this.#resumeClock(run);
    }
    this.#pauseClock(run);
    this.#state.set({ status: 'preparing', share: 1, compiling: true });
    run.deadline = setTimeout(() => this.#kill('timeout', COMPILE_LIMIT_MS), COMPILE_LIMIT_MS);
  }

  #write(parts: readonly OutputPart[]): void {
    if (this.#run) this.#writeTo(this.#run, parts);
  }

  #writeTo(run: ActiveRun, parts: readonly OutputPart[]): void {
    if (run.cap.full) return;
    for (const part of parts) {
      const text = run.cap.take(run.tamers[part.stream].tame(part.text));
      if (text) run.waiting.push({ text, stream: part.stream });
    }
    if (run.cap.full) run.waiting.push({ text: CUT_NOTE, stream: 'stderr' });
    run.publishing ??= setTimeout(() => this.#publish(run), PUBLISH_MS);
  }

  #publish(run: ActiveRun): void {
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
    if (run.left < Infinity) run.deadline = setTimeout(() => this.#kill('timeout'), Math.max(0, run.left));
  }

  #kill(status: 'stopped' | 'timeout', limit = TIME_LIMIT_MS): void {
    if (this.#run?.kit === '') this.#run.writer.showPage(null);
    else this.#sandbox.kill();
    if (status === 'timeout') {
      this.#write([{ text: `${TEXTS.run.timeLimit(limit / 1000)}\n`, stream: 'stderr' }]);
    }
    this.#finish({ status });
  }

  #finish(end: Omit<RunEnd, 'durationMs'>): void {
    const run = this.#run;
    if (!run) return;
    clearTimeout(this.#ending);
    clearTimeout(run.deadline);
    this.#publish(run);
    const drawn = run.pictures.length > 0 ? picturePage(run.pictures) : null;
    if (drawn !== null) run.writer.showPage(drawn);
    this.#shown = run.kit === '' && end.status === 'ok' ? run : null;
    run.writer.finish({ ...end, durationMs: performance.now() - run.startedAt });
    this.#run = null;
    this.#state.set({ status: 'idle' });
  }
}

function programOf(request: RunRequest, { code, sourceMaps, wheels, ...prepared }: Prepared): Program {
  const { language, name: fileName } = request.file;
  const files = { ...request.files, ...prepared.files };
  return { language, fileName, files, stdin: request.stdin, interactive: true, code, sourceMaps, wheels };
}

function withTest(request: RunRequest, test: TestCase, mark: string): RunRequest {
  if (test.kind !== 'code') return request;
  const { name, language } = request.file;
  const code = withCodeTest(language, request.code, test.expected, mark);
  return { ...request, code, files: { ...request.files, [name]: code } };
}

/** A program that has not come to the end of its test was not tested. */
function untilMark(ran: TestOutcome, language: string, mark: string): TestOutcome {
  const [stdout, stderr] = [withoutMark(ran.stdout, mark), withoutMark(ran.stderr, mark)];
  if (!ran.ok || reached(language, `${ran.stdout}\n${ran.stderr}`, mark)) return { ...ran, stdout, stderr };
  return { ...ran, ok: false, stdout, stderr: `${stderr}${TEXTS.tests.notReached}\n` };
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
