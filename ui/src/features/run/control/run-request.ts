import type { Program } from '../../../sandbox/protocol';
import type { TestCase } from '../../../sync/tests';

/** RunRequest is what somebody wants to run. */
export interface RunRequest {
  file: { id: string; name: string; language: string };
  code: string;
  /** All files of the session, by name. */
  files: Record<string, string>;
  stdin: string;
  /** Makes the program ready; what it does counts as loading. */
  prepare?: (code: string, files: Record<string, string>) => Promise<Prepared>;
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

/** programOf is what the sandbox gets of a request. */
export function programOf(request: RunRequest, { code, sourceMaps, wheels, ...prepared }: Prepared): Program {
  const { language, name: fileName } = request.file;
  const files = { ...request.files, ...prepared.files };
  return { language, fileName, files, stdin: request.stdin, interactive: true, code, sourceMaps, wheels };
}

/**
 * withTest asks for the program with one test. A test that is code stands after it, as if it were
 * part of it.
 */
export function withTest(request: RunRequest, test: TestCase): RunRequest {
  if (test.kind !== 'code') return request;
  const code = `${request.code}\n${test.expected}\n`;
  const { name } = request.file;
  return { ...request, code, files: { ...request.files, [name]: code } };
}
