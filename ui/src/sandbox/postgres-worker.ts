import { PGlite, types, type Results } from '@electric-sql/pglite';
import { hostLanguage, muteErrors, part, type Io } from './harness';
import { serveFromMemory } from './memory-fetch';
import { PROGRAM_PAGES } from './memory-limit';
import type { Outcome, Program, Start } from './protocol';
import { SAMPLE_SCHEMA } from './sample-schema';
import { statementsOf } from './sql-statements';
import { formatTable, type Cell } from './table';

/** PGlite makes its memory itself, for up to 2 GiB: no more than other programs get. */
function limitMemories(): void {
  const Native = WebAssembly.Memory;
  WebAssembly.Memory = class extends Native {
    constructor(wanted: WebAssembly.MemoryDescriptor) {
      super({ ...wanted, maximum: Math.min(wanted.maximum ?? PROGRAM_PAGES, PROGRAM_PAGES) });
    }
  };
}

/**
 * readable is a blob whose bytes are at hand. WebKit cannot read those of a worker that was started
 * from a data: address.
 */
function readable(bytes: ArrayBuffer): Blob {
  const blob = new Blob([bytes]);
  return Object.assign(blob, { arrayBuffer: () => Promise.resolve(bytes.slice(0)) });
}

async function start(parts: Start): Promise<PGlite> {
  limitMemories();
  serveFromMemory(parts);
  const db = await PGlite.create({
    pgliteWasmModule: part(parts.modules, 'pglite.wasm'),
    fsBundle: readable(part(parts.files, 'pglite.data')),
    // Set up already: initdb would take most of the start.
    loadDataDir: readable(part(parts.files, 'postgres.cluster')),
  });
  await db.exec(SAMPLE_SCHEMA);
  return db;
}

/** The database does not survive the attempt to start one, and would say nothing from then on. */
const PROGRAM = /^COPY\b[\s\S]*\bPROGRAM\b/i;

const NO_COMMANDS =
  'syntax error at "\\": commands of psql, which begin with a backslash, are not there, SQL alone is';

/** What a PostgreSQL server says of a mistake. */
interface Complaint {
  message: string;
  /** From 1, in characters of the text that was sent. */
  position?: string;
  detail?: string;
  hint?: string;
}

async function run(db: PGlite, { code, fileName }: Program, { output }: Io): Promise<Outcome> {
  const notice = (found: { severity?: string; message?: string }) =>
    output.write(`${found.severity ?? 'NOTICE'}: ${found.message ?? ''}\n`, 'stderr');
  const parsers = asWritten(db);
  let sent = 0;
  try {
    // One statement after the other, so that what comes before a mistake is shown.
    for (const { text, offset } of statementsOf(code)) {
      sent = offset;
      if (PROGRAM.test(text)) throw new Error('COPY … PROGRAM is not possible here: there are no programs');
      if (text.startsWith('\\')) throw new Error(NO_COMMANDS);
      const results = await db.exec(text, { rowMode: 'array', parsers, onNotice: notice });
      for (const result of results) output.write(resultText(result), 'stdout');
    }
    return { ok: true, exitCode: 0 };
  } catch (error) {
    const { message, position, detail, hint } = error as Complaint;
    const line = code.slice(0, sent + Math.max(0, Number(position ?? 1) - 1)).split('\n').length;
    const more = [detail && `DETAIL: ${detail}`, hint && `HINT: ${hint}`]
      .filter(Boolean)
      .map((text) => `\n${text}`);
    output.write(`${fileName}:${line}: ERROR: ${message}${more.join('')}\n`, 'stderr');
    return { ok: false, exitCode: 1 };
  }
}

/**
 * Types that psql writes at the right, by their number: integers, floats, numeric, and the system's
 * own numbers.
 */
const NUMBERS = new Set([20, 21, 23, 26, 28, 29, 700, 701, 790, 1700, 5069]);

/**
 * The server writes each value itself. What would make something of JavaScript out of it gives it
 * as it is.
 */
function asWritten(db: PGlite): Record<number, (value: string) => string> {
  const known = [...Object.keys(types.parsers), ...Object.keys(db.parsers)];
  return Object.fromEntries(known.map((type) => [type, (value: string) => value]));
}

function resultText({ fields, rows, affectedRows }: Results): string {
  const names = fields.map(({ name }) => name);
  const right = fields.map(({ dataTypeID }) => NUMBERS.has(dataTypeID));
  if (names.length > 0) return formatTable(names, rows as unknown as Cell[][], right);
  return affectedRows ? `${affectedRows} row${affectedRows === 1 ? '' : 's'} changed\n` : '';
}

muteErrors();
hostLanguage({ title: 'PostgreSQL', start, run });
