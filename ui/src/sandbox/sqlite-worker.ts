import initSqlJs, { type Database } from 'sql.js';
import { hostLanguage, muteErrors, part, type Io } from './harness';
import type { Outcome, Program, Start } from './protocol';
import { SAMPLE_SCHEMA } from './sample-schema';
import { formatTable } from './table';

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

/**
 * run executes statement by statement, so that what comes before a mistake is shown, and where the
 * mistake is.
 */
function run(db: Database, { code, fileName }: Program, { output }: Io): Outcome {
  const statements = db.iterateStatements(code);
  for (;;) {
    const before = code.length - statements.getRemainingSQL().length;
    try {
      const { value: statement, done } = statements.next();
      if (done) return { ok: true, exitCode: 0 };
      const columns = statement.getColumnNames();
      const rows: unknown[][] = [];
      while (statement.step()) rows.push(statement.get());
      if (columns.length > 0) output.write(formatTable(columns, rows), 'stdout');
      else if (/^\s*(insert|update|delete|replace)\b/i.test(statement.getSQL())) {
        const changed = db.getRowsModified();
        output.write(`${changed} row${changed === 1 ? '' : 's'} changed\n`, 'stdout');
      }
    } catch (error) {
      const line = lineAt(code, before);
      output.write(
        `${fileName}:${line}: ${error instanceof Error ? error.message : String(error)}\n`,
        'stderr',
      );
      return { ok: false, exitCode: 1 };
    }
  }
}

/** The line of the first thing after an offset that is neither space nor comment. */
function lineAt(code: string, offset: number): number {
  const gap = /^(\s|--[^\n]*|\/\*[\s\S]*?\*\/|;)*/.exec(code.slice(offset))?.[0] ?? '';
  return code.slice(0, offset + gap.length).split('\n').length;
}

muteErrors();
hostLanguage({ title: 'SQLite', start, run });
