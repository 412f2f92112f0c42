import { describe, expect, it } from 'vitest';
import { statementsOf } from './sql-statements';

describe('statementsOf', () => {
  it.each([
    ['SELECT 1; SELECT 2', ['SELECT 1;', 'SELECT 2']],
    ["SELECT E'it\\'s; fine'; SELECT 2;", ["SELECT E'it\\'s; fine';", 'SELECT 2;']],
    ["SELECT 'a\\'; SELECT 'b;'", ["SELECT 'a\\';", "SELECT 'b;'"]],
    ["SELECT U&'d\\0061\\'; SELECT 2", ["SELECT U&'d\\0061\\';", 'SELECT 2']],
    ['SELECT \'it\'\'s; fine\', "a"";"', ['SELECT \'it\'\'s; fine\', "a"";"']],
    ['/* a /* b; */ ; */ SELECT 1 -- x;\n; SELECT 2', ['SELECT 1 -- x;\n;', 'SELECT 2']],
    [
      'SELECT $$;$$, $a$ ; $$ $b$ ; $a$; SELECT a$1; SELECT 3',
      ['SELECT $$;$$, $a$ ; $$ $b$ ; $a$;', 'SELECT a$1;', 'SELECT 3'],
    ],
    ['SELECT $1; SELECT 2', ['SELECT $1;', 'SELECT 2']],
    [
      'CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT f();',
      [
        'CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;',
        'SELECT f();',
      ],
    ],
    ['BEGIN; SELECT 1; END; SELECT 2', ['BEGIN;', 'SELECT 1;', 'END;', 'SELECT 2']],
    [
      'CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3',
      ['CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);', 'SELECT 3'],
    ],
    ['DO $do$ BEGIN PERFORM 1; END $do$; SELECT 1', ['DO $do$ BEGIN PERFORM 1; END $do$;', 'SELECT 1']],
    ["SELECT 'open; SELECT 2", ["SELECT 'open; SELECT 2"]],
    ['SELECT 1; /* open ; SELECT 2', ['SELECT 1;', '/* open ; SELECT 2']],
    [' ;; -- nothing\n', []],
    ['\\d employees', ['\\d employees']],
  ])('%s', (code, want) => {
    const found = statementsOf(code);
    expect(found.map(({ text }) => text)).toEqual(want);
    for (const { text, offset } of found) expect(code.slice(offset, offset + text.length)).toBe(text);
  });

  it('takes no longer for what is long', () => {
    const code = `${'/*'.repeat(50_000)};${"'a;'".repeat(50_000)}`;
    const started = performance.now();
    statementsOf(code);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
