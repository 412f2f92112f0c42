import { TEXTS } from '../../../lib/texts';
import type { TestOutcome } from '../output/test-report';
import type { SandboxMessage } from '../sandbox/sandbox-host';
import { MAX_OUTPUT_BYTES } from './limits';

/** RunningTest collects what the program says during one test. */
export class RunningTest {
  /** Resolves when the program ends; null: the run ended before. */
  readonly outcome: Promise<TestOutcome | null>;
  readonly #said = { stdout: '', stderr: '' };
  #end: (outcome: TestOutcome | null) => void = () => undefined;

  constructor() {
    this.outcome = new Promise((resolve) => (this.#end = resolve));
  }

  hear(message: SandboxMessage): void {
    if (message.type === 'output') {
      for (const { text, stream } of message.chunks) {
        if (stream === 'stdin' || this.#said[stream].length > MAX_OUTPUT_BYTES) continue;
        this.#said[stream] += text;
      }
    }
    if (message.type === 'done') this.#end({ ...this.#said, ok: message.ok, timedOut: false });
    if (message.type === 'crashed')
      this.#end({ ...this.#said, stderr: TEXTS.run.crashed, ok: false, timedOut: false });
  }

  timeOut(): void {
    this.#end({ ...this.#said, ok: false, timedOut: true });
  }

  /** abandon resolves the outcome with null, because the run is over. */
  abandon(): void {
    this.#end(null);
  }
}
