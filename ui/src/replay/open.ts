import { replayErrors } from '../lib/texts/replay-errors';
import { readBundle } from './bundle';
import { startCompiling } from './compiling';
import { TapePlayer } from './player';
import { ReplayError, type Player } from './replay';

export { ReplayError };

/** From 0 to 1. */
export type OpenProgress = (done: number) => void;

/** A timeline has so many bytes. */
const MAX_BYTES = 768 << 20;

/** Of a stream nobody knows the length: the bar nears its end, and reaches it at the end. */
const HALF_BYTES = 2 << 20;

/** openTimeline compiles what the server streams. It throws ReplayError. */
export async function openTimeline(
  lines: ReadableStream<Uint8Array>,
  progress?: OpenProgress,
): Promise<Player> {
  const compiling = await startCompiling((taken) => progress?.(taken / (taken + HALF_BYTES)));
  const reader = lines.getReader();
  try {
    let bytes = 0;
    for (;;) {
      const { done, value } = await nextOf(reader);
      if (done) break;
      bytes += value.length;
      if (bytes > MAX_BYTES) throw new ReplayError('too_large', replayErrors.tooLarge);
      compiling.push(value);
    }
    const tape = await compiling.finish(null);
    progress?.(1);
    return new TapePlayer(tape);
  } catch (error) {
    compiling.stop();
    void reader.cancel().catch(() => undefined);
    throw asReplayError(error);
  }
}

async function nextOf(reader: ReadableStreamDefaultReader<Uint8Array>) {
  try {
    return await reader.read();
  } catch {
    throw new ReplayError('broken', replayErrors.lost);
  }
}

/** openBundle opens an exported zip, which goes nowhere. It throws ReplayError. */
export async function openBundle(zip: Blob, progress?: OpenProgress): Promise<Player> {
  const { timeline, hidden } = await readBundle(zip, (done) => progress?.(done / 2)).catch(
    (error: unknown) => {
      throw asReplayError(error);
    },
  );
  const compiling = await startCompiling((taken) => progress?.(0.5 + taken / timeline.length / 2));
  try {
    compiling.push(timeline);
    const tape = await compiling.finish(hidden);
    progress?.(1);
    return new TapePlayer(tape);
  } catch (error) {
    compiling.stop();
    throw asReplayError(error);
  }
}

function asReplayError(error: unknown): ReplayError {
  return error instanceof ReplayError ? error : new ReplayError('broken', replayErrors.broken);
}
