import { Value, type Readable } from '../../../lib/readable';
import { TEXTS } from '../../../lib/texts';
import type { Program } from '../../../sandbox/protocol';
import type { TestResult } from '../../../sync/runs';
import type { TestCase } from '../../../sync/tests';
import { pageSource } from '../output/page-source';
import type { RunnerState } from '../runner-state';
import type { FrameMessage } from '../sandbox/frame-message';
import { canInterrupt, isPage, kitOf } from '../sandbox/kits';
import type { SandboxHost } from '../sandbox/sandbox-host';
import { ActiveRun, type RunHooks } from './active-run';
import { makeReady } from './make-ready';
import { RunRecord, type RunPlace } from './run-record';
import type { RunRequest } from './run-request';
import { runTests, type HiddenTests } from './run-tests';

export type SandboxPort = Pick<
  SandboxHost,
  'prepare' | 'run' | 'answer' | 'endInput' | 'interrupt' | 'kill' | 'onMessage'
>;

/**
 * RunController runs one program at a time in this browser's sandbox. What the program says goes
 * into the shared document, so that everybody sees the same output at the same time.
 */
export class RunController implements Readable<RunnerState> {
  readonly #place: RunPlace;
  readonly #sandbox: SandboxPort;
  readonly #state = new Value<RunnerState>({ status: 'idle' });
  /** The run under way, in the sandbox or as a page. */
  #run: ActiveRun | null = null;
  /** The run of the page that is shown. A page may still write after its run has ended. */
  #page: ActiveRun | null = null;

  readonly subscribe = this.#state.subscribe;
  readonly getSnapshot = this.#state.getSnapshot;

  constructor(place: RunPlace, sandbox: SandboxPort) {
    this.#place = place;
    this.#sandbox = sandbox;
    sandbox.onMessage((message) => {
      if (this.#run !== this.#page) this.#run?.hear(message);
    });
  }

  /** start runs a program, or shows a page, unless something runs already. */
  async start(request: RunRequest): Promise<void> {
    const { language } = request.file;
    if (this.#run) return;
    if (isPage(language)) return this.#showPage(request);
    const kit = kitOf(language);
    if (!kit) return;
    const run = this.#openProgram(request.file);
    const program = await this.#makeReady(run, kit, request);
    if (!program) return;
    run.loading(1);
    await this.#launch(run, kit, program);
  }

  /**
   * startTests runs the program once for each test, and tells everybody how each went. Hidden tests
   * come after them and are written into a document that nobody else has.
   */
  async startTests(
    request: RunRequest,
    tests: readonly TestCase[],
    hidden: HiddenTests | null = null,
  ): Promise<void> {
    const { language } = request.file;
    if (this.#run || !kitOf(language)) return;
    const secret = hidden?.testsFor(language) ?? [];
    hidden?.begin(secret.length);
    const went = tests.length === 0 || (await this.#runTests(request, tests, this.#place));
    if (!hidden || secret.length === 0) return;
    const told = (result: TestResult) => hidden.told(result);
    hidden.ended(went && (await this.#runTests(request, secret, hidden.place, told)));
  }

  /** false: the run ended before the last test did. */
  async #runTests(
    request: RunRequest,
    tests: readonly TestCase[],
    place: RunPlace,
    told?: (result: TestResult) => void,
  ): Promise<boolean> {
    const kit = kitOf(request.file.language);
    if (!kit) return false;
    const run = this.#openProgram(request.file, place);
    const results = await runTests(request, tests, {
      makeReady: (withTest) => this.#makeReady(run, kit, withTest),
      runTest: async (program) => {
        const test = run.startTest();
        await this.#launch(run, kit, program);
        return test.outcome;
      },
      report: (text) => run.record.write([{ text, stream: 'stdout' }]),
      told,
    });
    if (!results) return false;
    run.record.showResults(results);
    run.end({ status: results.every(({ verdict }) => verdict === 'passed') ? 'ok' : 'error' });
    return true;
  }

  /** stop ends the run within a second, whatever it does. */
  stop(): void {
    this.#run?.stop();
  }

  /**
   * stopNow ends the run at once. It is for a page that goes away: others would see its run go on
   * for ever.
   */
  stopNow(): void {
    this.#run?.stopNow();
  }

  /** answer hands one line to the waiting program; null: there is no more. */
  answer(line: string | null): void {
    if (!this.#run?.resume()) return;
    if (line === null) this.#sandbox.endInput();
    else this.#sandbox.answer(line);
  }

  /** dispose stops the run, and ignores the sandbox from then on. */
  dispose(): void {
    this.stopNow();
    this.#sandbox.onMessage(() => undefined);
  }

  /**
   * onPage hears what a page that is shown in this browser says; only the last run's page counts.
   */
  onPage(id: string, message: FrameMessage): void {
    const page = this.#page;
    if (page?.record.id !== id) return;
    if (message.type === 'output') page.record.write(message.chunks);
    if (message.type === 'started' || message.type === 'done') page.hear(message);
  }

  /** Each browser shows the page itself. The run ends when the page has loaded in this one. */
  #showPage({ file, code, files }: RunRequest): void {
    const record = new RunRecord(this.#place, file);
    const run = this.#open(record, { interrupt: null, kill: () => record.showPage(null) });
    this.#page = run;
    const page = pageSource(code, files);
    if (page === null) run.fail(TEXTS.run.pageTooLarge);
    else run.show(page);
  }

  #openProgram(file: RunRequest['file'], place = this.#place): ActiveRun {
    this.#page = null;
    return this.#open(new RunRecord(place, file), {
      interrupt: canInterrupt(file.language) ? () => this.#sandbox.interrupt() : null,
      kill: () => this.#sandbox.kill(),
    });
  }

  #open(record: RunRecord, hooks: Pick<RunHooks, 'interrupt' | 'kill'>): ActiveRun {
    this.#run = new ActiveRun(record, {
      ...hooks,
      onState: (state) => this.#state.set(state),
      onEnd: (status) => {
        if (status !== 'ok') this.#page = null;
        this.#run = null;
        this.#state.set({ status: 'idle' });
      },
    });
    return this.#run;
  }

  /** null: the program cannot run or was stopped meanwhile, and the run is over. */
  async #makeReady(run: ActiveRun, kit: string, request: RunRequest): Promise<Program | null> {
    const ready = await makeReady(request, () => this.#sandbox.prepare(kit, (share) => run.loading(share)));
    if (run.over) return null;
    switch (ready.status) {
      case 'ready':
        run.record.write([{ text: ready.warnings, stream: 'stderr' }]);
        return ready.program;
      case 'faulty':
        run.record.write([{ text: ready.errors, stream: 'stderr' }]);
        run.end({ status: 'error', exitCode: 1 });
        return null;
      case 'unloaded':
        run.fail(ready.reason);
        return null;
    }
  }

  /**
   * launch hands the program to the sandbox. When that fails the run ends, because nothing else
   * would end it.
   */
  async #launch(run: ActiveRun, kit: string, program: Program): Promise<void> {
    try {
      await this.#sandbox.run(kit, program);
    } catch {
      if (!run.over) run.fail(TEXTS.run.runtimeFailed);
    }
  }
}
