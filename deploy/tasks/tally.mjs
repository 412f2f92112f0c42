// Run one test suite, show its output as it comes, and count the tests that passed and failed.
//
//   node tally.mjs go|vitest <command> [argument...]
//
// The exit code is that of the suite. With PARLEY_TALLY=<file> the counts are appended to that
// file as "<passed> <failed>", so that CI can print one sum for suites in several languages.
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/**
 * Reads `go test -json`. Prints one line per package, and all output of a failed test.
 * @returns {{line(text: string): void, count(): {passed: number, failed: number}}}
 */
function goSuite() {
  const said = new Map();
  const failing = new Set();
  let passed = 0;
  let failed = 0;

  function onTest(event, key) {
    if (event.Action === 'output') {
      if (said.has(key)) said.get(key).push(event.Output);
      else said.set(key, [event.Output]);
    } else if (event.Action === 'pass') {
      passed++;
      said.delete(key);
    } else if (event.Action === 'fail') {
      failed++;
      failing.add(event.Package);
      process.stdout.write((said.get(key) ?? []).join(''));
      said.delete(key);
    }
  }

  /** Handles output of a package that is of no test: result, panic, data race, build error. */
  function onPackage(event) {
    if (event.Action === 'output' && event.Output !== 'PASS\n') process.stdout.write(event.Output);
    if (event.Action !== 'fail') return;
    // When a package dies, its running tests end without a result: show their output.
    for (const [key, lines] of said) {
      if (key.startsWith(`${event.Package} `)) process.stdout.write(lines.join(''));
    }
    if (!failing.has(event.Package)) failed++;
  }

  return {
    line(text) {
      let event;
      try {
        event = JSON.parse(text);
      } catch {
        console.log(text);
        return;
      }
      if (event.Action === 'build-output') process.stdout.write(event.Output);
      else if (event.Test) onTest(event, `${event.Package} ${event.Test}`);
      else onPackage(event);
    },
    count: () => ({ passed, failed }),
  };
}

/** Passes vitest's output on and reads its closing lines, as "Tests  1 failed | 30 passed (31)". */
function vitestSuite() {
  // eslint-disable-next-line no-control-regex -- terminal colours are what is to be removed
  const colours = /\x1b\[[0-9;]*m/g;
  const totals = { passed: 0, failed: 0 };
  return {
    line(text) {
      console.log(text);
      const plain = text.replace(colours, '');
      if (!/^\s*Tests\s+\d/.test(plain)) return;
      totals.passed += Number(/(\d+) passed/.exec(plain)?.[1] ?? 0);
      totals.failed += Number(/(\d+) failed/.exec(plain)?.[1] ?? 0);
    },
    count: () => totals,
  };
}

const [kind, command, ...args] = process.argv.slice(2);
const suite = { go: goSuite, vitest: vitestSuite }[kind]?.();
if (!suite || !command) {
  console.error('usage: tally.mjs go|vitest <command> [argument...]');
  process.exit(2);
}

const child = spawn(command, args, { stdio: ['inherit', 'pipe', 'inherit'] });
child.on('error', (err) => {
  console.error(`parley: cannot run ${command}: ${err.message}`);
  process.exit(1);
});
createInterface({ input: child.stdout }).on('line', suite.line);
child.on('close', (code) => {
  const { passed, failed } = suite.count();
  // A suite that fails without naming a test counts as one failure.
  const lost = code !== 0 && failed === 0 ? 1 : 0;
  console.log(`${kind}: ${passed} passed, ${failed + lost} failed`);
  if (process.env.PARLEY_TALLY) appendFileSync(process.env.PARLEY_TALLY, `${passed} ${failed + lost}\n`);
  process.exit(code ?? 1);
});
