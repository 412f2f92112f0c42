import { PGlite, type Results } from '@electric-sql/pglite';
import { hostLanguage, muteErrors, part, type Io } from './harness';
import { serveFromMemory } from './memory-fetch';
import { PROGRAM_PAGES } from './memory-limit';
import type { Outcome, Program, Start } from './protocol';
import { SAMPLE_SCHEMA } from './sample-schema';
import { formatTable } from './table';

/** PGlite makes its memory itself, for up to 2 GiB: no more than other programs get. */
function limitMemories(): void {
  const Native = WebAssembly.Memory;
  WebAssembly.Memory = class extends Native {
    constructor(wanted: WebAssembly.MemoryDescriptor) {
      super({ ...wanted, maximum: Math.min(wanted.maximum ?? PROGRAM_PAGES, PROGRAM_PAGES) });
    }
  };
}

async function start(parts: Start): Promise<PGlite> {
  limitMemories();
  serveFromMemory(parts);
  const db = await PGlite.create({
    pgliteWasmModule: part(parts.modules, 'pglite.wasm'),
    fsBundle: new Blob([part(parts.files, 'pglite.data')]),
    // Set up already: initdb would take most of the start.
    loadDataDir: new Blob([part(parts.files, 'postgres.cluster')]),
  });
  await db.exec(SAMPLE_SCHEMA);
  return db;
}

/** The database does not survive the attempt to start one, and would say nothing from then on. */
const PROGRAM = /^COPY\b[\s\S]*\bPROGRAM\b/i;

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
  let sent = 0;
  try {
    // One statement after the other, so that what comes before a mistake is shown.
    for (const { text, offset } of statementsOf(code)) {
      sent = offset;
      if (PROGRAM.test(text)) throw new Error('COPY … PROGRAM is not possible here: there are no programs');
      const results = await db.exec(text, { rowMode: 'array', onNotice: notice });
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

function resultText({ fields, rows, affectedRows }: Results): string {
  const names = fields.map(({ name }) => name);
  if (names.length > 0) return formatTable(names, rows as unknown as unknown[][]);
  return affectedRows ? `${affectedRows} row${affectedRows === 1 ? '' : 's'} changed\n` : '';
}

/** Strings, quoted names, dollar quotes and comments may hold semicolons that end nothing. */
const TOKENS = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$\w*\$)[\s\S]*?\1|;/g;

/** statementsOf cuts a text at its semicolons; each part starts at its first word. */
function statementsOf(code: string): { text: string; offset: number }[] {
  const ends = [...code.matchAll(TOKENS)].filter(([token]) => token === ';').map(({ index }) => index + 1);
  const found: { text: string; offset: number }[] = [];
  let from = 0;
  for (const to of [...ends, code.length]) {
    const gap = /^(\s|--[^\n]*(\n|$)|\/\*[\s\S]*?\*\/|;)*/.exec(code.slice(from, to))?.[0].length ?? 0;
    const text = code.slice(from + gap, to);
    if (text.trim()) found.push({ text, offset: from + gap });
    from = to;
  }
  return found;
}

muteErrors();
hostLanguage({ title: 'PostgreSQL', start, run });
