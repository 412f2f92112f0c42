import { TEXTS } from '../../../lib/texts';
import type { Program } from '../../../sandbox/protocol';
import { MissingRuntime } from '../sandbox/runtimes';
import { programOf, type Prepared, type RunRequest } from './run-request';

/** Ready is a program that can run, or why it cannot. */
export type Ready =
  | { status: 'ready'; program: Program; warnings: string }
  | { status: 'faulty'; errors: string }
  | { status: 'unloaded'; reason: string };

/**
 * makeReady loads the language by loadKit and prepares the program at the same time. It never
 * rejects: errors are part of the answer.
 */
export async function makeReady(request: RunRequest, loadKit: () => Promise<void>): Promise<Ready> {
  const { code, files, prepare } = request;
  let prepared: Prepared;
  try {
    [prepared] = await Promise.all([prepare?.(code, files) ?? { code }, loadKit()]);
  } catch (error) {
    const { runtimeMissing, runtimeFailed } = TEXTS.run;
    return { status: 'unloaded', reason: error instanceof MissingRuntime ? runtimeMissing : runtimeFailed };
  }
  const { problems } = prepared;
  if (problems?.fatal) return { status: 'faulty', errors: problems.text };
  return { status: 'ready', program: programOf(request, prepared), warnings: problems?.text ?? '' };
}
