import initSqlJs, { type Database } from 'sql.js';
import { hostLanguage, muteErrors, part, type Io } from './harness';
import type { Outcome, Program, Start } from './protocol';
import { SAMPLE_SCHEMA } from './sample-schema';
import { formatTable, type Cell } from './table';

async function start({ modules }: Start): Promise<Database> {
  const module = part(modules, 'sql-wasm.wasm');
  const sqlite = await initSqlJs({
    instantiateWasm: (imports, done) => {
      void WebAssembly.instantiate(module, imports).then((instance) => done(instance, module));
      return {};
    },
  });
  const db = new sqlite.Database();
  db.exec(SAMPLE_SCHEMA);
  db.exec('PRAGMA foreign_keys = ON');
  return db;
}

/** run executes statement by statement, so that what comes before a mistake is shown, and where the mistake is. */
function run(db: Database, { code, fileName }: Program, { output }: Io): Outcome {
  const statements = db.iterateStatements(code);
  const textOf = writer(db);
  for (;;) {
    const before = code.length - statements.getRemainingSQL().length;
    try {
      const { value: statement, done } = statements.next();
      if (done) return { ok: true, exitCode: 0 };
      const columns = statement.getColumnNames();
      const rows: unknown[][] = [];
      while (statement.step()) rows.push(statement.get(null, { useBigInt: true }));
      const right = columns.map((_, i) => rows.length > 0 && rows.every((row) => isNumber(row[i])));
      const cells = rows.map((row) => row.map(textOf));
      if (columns.length > 0) output.write(formatTable(columns, cells, right), 'stdout');
      else if (/^\s*(insert|update|delete|replace)\b/i.test(statement.getSQL())) {
        const changed = db.getRowsModified();
        output.write(`${changed} row${changed === 1 ? '' : 's'} changed\n`, 'stdout');
      }
    } catch (error) {
      const line = lineAt(code, before);
      const isCommand = code.slice(startOf(code, before)).startsWith('.');
      const message = error instanceof Error ? error.message : String(error);
      output.write(`${fileName}:${line}: ${message}${isCommand ? NO_COMMANDS : ''}\n`, 'stderr');
      return { ok: false, exitCode: 1 };
    }
  }
}

const NO_COMMANDS = ': commands of the sqlite3 shell, which begin with a dot, are not there, SQL alone is';

/**
 * writer gives what writes values as the shell of SQLite does: floating point numbers by SQLite
 * itself.
 */
function writer(db: Database): (value: unknown) => Cell {
  const real = db.prepare('SELECT CAST(CAST(? AS REAL) AS TEXT)');
  return (value) => {
    if (value === null || value === undefined) return null;
    if (typeof value === 'number') {
      const text = String(real.get([value])[0]);
      real.reset();
      return text;
    }
    return value instanceof Uint8Array ? blobText(value) : String(value);
  };
}

/** A blob that is text is shown as that. */
function blobText(bytes: Uint8Array): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!/[\x00-\x08\x0e-\x1f\x7f]/.test(text)) return text;
  } catch {
    // Not text.
  }
  return `x'${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}'`;
}

function isNumber(value: unknown): boolean {
  return value === null || typeof value === 'number' || typeof value === 'bigint';
}

/** Where the first thing after an offset stands that is neither space nor comment. */
function startOf(code: string, offset: number): number {
  return offset + (/^(\s|--[^\n]*|\/\*[\s\S]*?\*\/|;)*/.exec(code.slice(offset))?.[0].length ?? 0);
}

function lineAt(code: string, offset: number): number {
  return code.slice(0, startOf(code, offset)).split('\n').length;
}

muteErrors();
hostLanguage({ title: 'SQLite', start, run });
