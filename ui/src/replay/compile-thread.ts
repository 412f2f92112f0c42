import { Compiler } from './compile';
import { ReplayError, type ReplayErrorCode } from './replay';
import { buffersOf, type Tape } from './tape';

/** What the page tells the compiler. */
export type ToCompiler = { bytes: Uint8Array } | { end: true; hidden: Uint8Array | null };

/** What the compiler answers: how many bytes it has taken, and in the end the tape. */
export type FromCompiler =
  { taken: number } | { tape: Tape } | { fault: { code: ReplayErrorCode; message: string } | null };

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<ToCompiler>) => void) | null;
  postMessage(message: FromCompiler, transfer?: Transferable[]): void;
};

/** A large part is taken in pieces, so that the page sees how far it is. */
const PIECE = 1 << 20;

const compiler = new Compiler();
let taken = 0;

function take(bytes: Uint8Array): void {
  for (let from = 0; from < bytes.length; from += PIECE) {
    const piece = bytes.subarray(from, from + PIECE);
    compiler.push(piece);
    taken += piece.length;
    scope.postMessage({ taken });
  }
}

scope.onmessage = ({ data }) => {
  try {
    if ('bytes' in data) take(data.bytes);
    else {
      compiler.endOfLines();
      if (data.hidden) compiler.pushPrivate(data.hidden);
      const tape = compiler.finish();
      scope.postMessage({ tape }, buffersOf(tape));
    }
  } catch (error) {
    const fault = error instanceof ReplayError ? { code: error.code, message: error.message } : null;
    scope.postMessage({ fault });
    scope.onmessage = null;
  }
};
