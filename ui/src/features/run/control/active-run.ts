import { TEXTS } from '../../../lib/texts';
import type { RunEnd } from '../../../sync/runs';
import type { RunnerState } from '../runner-state';
import type { SandboxMessage } from '../sandbox/sandbox-host';
import { GRACE_MS, TEST_LIMIT_MS, TIME_LIMIT_MS } from './limits';
import { RunClock } from './run-clock';
import type { RunRecord } from './run-record';
import { RunningTest } from './running-test';

/** RunHooks connect a run with the sandbox and the controller. */
export interface RunHooks {
  /** Asks the program to end; null: it does not listen. */
  interrupt: (() => void) | null;
  /** Kills the program, or removes the page. */
  kill: () => void;
  onState: (state: RunnerState) => void;
  /** Called once. */
  onEnd: (status: RunEnd['status']) => void;
}

/** ActiveRun follows one run from its first moment to its end, by what the sandbox says of it. */
export class ActiveRun {
  readonly record: RunRecord;
  readonly #hooks: RunHooks;
  #state: RunnerState = { status: 'preparing', share: 0 };
  #over = false;
  #begun = false;
  #clock = new RunClock(TIME_LIMIT_MS, (limitMs) => this.#timeOut(limitMs));
  #killing: ReturnType<typeof setTimeout> | undefined;
  /** The test under way, if tests are run: what the program says is for it. */
  #test: RunningTest | null = null;

  constructor(record: RunRecord, hooks: RunHooks) {
    this.record = record;
    this.#hooks = hooks;
    hooks.onState(this.#state);
  }

  /** Whether the run has ended, for instance by Stop while something loaded. */
  get over(): boolean {
    return this.#over;
  }

  /** loading tells which share of what the program needs has been loaded, from 0 to 1. */
  loading(share: number): void {
    if (!this.#over) this.#become({ status: 'preparing', share });
  }

  /** show shows everybody a page. The page's loading counts as its time. */
  show(page: string): void {
    this.loading(1);
    this.#clock.start();
    this.record.showPage(page);
  }

  /** startTest makes the next program run for a test, which has its own time limit. */
  startTest(): RunningTest {
    const test = new RunningTest();
    this.#test = test;
    this.#clock = new RunClock(TEST_LIMIT_MS, (limitMs) => {
      if (limitMs !== TEST_LIMIT_MS) return this.#timeOut(limitMs);
      this.#hooks.kill();
      test.timeOut();
    });
    return test;
  }

  hear(message: SandboxMessage): void {
    if (this.#over) return;
    this.#followProgress(message);
    if (this.#test) return this.#hearForTest(this.#test, message);
    switch (message.type) {
      case 'output':
        return this.record.write(message.chunks);
      case 'picture':
        return this.record.draw(message);
      case 'input':
        return this.#waitForInput();
      case 'crashed':
        return this.fail(TEXTS.run.crashed);
      case 'done':
        return this.#endItself(message.ok ? 'ok' : 'error', message.exitCode);
    }
  }

  /** resume continues after input. false: the program does not wait for input. */
  resume(): boolean {
    if (this.#state.status !== 'running' || !this.#state.waitingForInput) return false;
    this.#become({ status: 'running', waitingForInput: false });
    this.#clock.resume();
    return true;
  }

  /** stop ends the run within a second, whatever it does: first politely, then by force. */
  stop(): void {
    const { status } = this.#state;
    if (status === 'stopping') return;
    if (status !== 'running' || !this.#hooks.interrupt) return this.stopNow();
    this.#become({ status: 'stopping' });
    this.#hooks.interrupt();
    this.#killing = setTimeout(() => this.stopNow(), GRACE_MS);
  }

  stopNow(): void {
    this.#hooks.kill();
    this.end({ status: 'stopped' });
  }

  /** fail ends the run and writes the reason into its output. */
  fail(reason: string): void {
    this.record.write([{ text: `${reason}\n`, stream: 'stderr' }]);
    this.end({ status: 'error' });
  }

  end(end: Omit<RunEnd, 'durationMs'>): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#killing);
    this.#clock.pause();
    this.#test?.abandon();
    this.record.finish(end);
    this.#hooks.onEnd(end.status);
  }

  /** Moves the state along, in runs of tests too. */
  #followProgress({ type }: SandboxMessage): void {
    if (type === 'started') {
      this.#clock.start();
      if (this.#state.status === 'preparing') this.#begin();
    }
    if (type === 'compiling') {
      this.#clock.compile();
      this.#become({ status: 'preparing', share: 1, compiling: true });
    }
    if (type === 'compiled') {
      this.#clock.resume();
      this.#begin();
    }
  }

  /** The duration counts from here. For tests it counts from the first one. */
  #begin(): void {
    if (!this.#test || !this.#begun) this.record.begin();
    this.#begun = true;
    this.#become({ status: 'running', waitingForInput: false });
  }

  #hearForTest(test: RunningTest, message: SandboxMessage): void {
    if (message.type === 'done' || message.type === 'crashed') this.#clock.pause();
    if (message.type === 'done' && this.#state.status === 'stopping') return this.end({ status: 'stopped' });
    test.hear(message);
  }

  #waitForInput(): void {
    if (this.#state.status !== 'running') return;
    this.#clock.pause();
    this.record.publish();
    this.#become({ status: 'running', waitingForInput: true });
  }

  /** A program that ends because it was interrupted counts as stopped, whatever its outcome. */
  #endItself(status: RunEnd['status'], exitCode?: number): void {
    if (this.#state.status === 'stopping') return this.end({ status: 'stopped' });
    this.end({ status, exitCode });
  }

  #timeOut(limitMs: number): void {
    this.#hooks.kill();
    this.record.write([{ text: `${TEXTS.run.timeLimit(limitMs / 1000)}\n`, stream: 'stderr' }]);
    this.end({ status: 'timeout' });
  }

  #become(state: RunnerState): void {
    this.#state = state;
    this.#hooks.onState(state);
  }
}
