import { withCodeTest } from '../../../sandbox/code-test';
import type { Program } from '../../../sandbox/protocol';
import type { TestCase } from '../../../sync/tests';

/** RunRequest is a program to run. */
export interface RunRequest {
  file: { id: string; name: string; language: string };
  code: string;
  /** All files of the session, by name. */
  files: Record<string, string>;
  stdin: string;
  /** Prepares the program. The time for it counts as loading. */
  prepare?: (code: string, files: Record<string, string>) => Promise<Prepared>;
}

/** Prepared is a program ready for the sandbox: translated, with the files that it needs. */
export interface Prepared {
  code: string;
  /** Translated files by name. Other files stay as they are. */
  files?: Record<string, string>;
  /** Source maps of translated files, by name. */
  sourceMaps?: Record<string, string>;
  wheels?: Record<string, ArrayBuffer>;
  /** What is wrong with it, for a person. fatal: it cannot run. */
  problems?: { text: string; fatal: boolean };
}

/** programOf makes the program that is sent to the sandbox. */
export function programOf(request: RunRequest, { code, sourceMaps, wheels, ...prepared }: Prepared): Program {
  const { language, name: fileName } = request.file;
  const files = { ...request.files, ...prepared.files };
  return { language, fileName, files, stdin: request.stdin, interactive: true, code, sourceMaps, wheels };
}

/**
 * withTest makes the request for one test. The code of a test is put after the program. It writes
 * mark when it has run to its end.
 */
export function withTest(request: RunRequest, test: TestCase, mark: string): RunRequest {
  if (test.kind !== 'code') return request;
  const { name, language } = request.file;
  const code = withCodeTest(language, request.code, test.expected, mark);
  return { ...request, code, files: { ...request.files, [name]: code } };
}
