/** Problem is a place in a file that a program's output complains about. */
export interface Problem {
  file: string;
  /** From 1. */
  line: number;
  column: number | null;
  message: string;
}

/** Most problems that are listed. */
const MAX_PROBLEMS = 10;
/** Of a message, in UTF-16 units. */
const MAX_MESSAGE = 200;
/** The part of an output that is searched: its end, where complaints stand. */
const MAX_TEXT = 32 * 1024;

/**
 * findProblems reads complaints of compilers and interpreters. names are the session's files: a
 * place in anything else cannot be jumped to. The innermost place of a stack is what went wrong. A
 * report of tests quotes what programs wrote, indented.
 */
export function findProblems(output: string, names: readonly string[], report = false): Problem[] {
  if (names.length === 0) return [];
  const reader = new Reader(names);
  for (const line of output.slice(-MAX_TEXT).split('\n')) {
    reader.read((report ? line.replace(QUOTED, '') : line).slice(0, MAX_LINE));
  }
  return reader.found();
}

/** What stands before a line that a tested program wrote, see test-report.ts. */
const QUOTED = /^ {4}/;

/** Of a line, in UTF-16 units: nothing longer is a complaint. */
const MAX_LINE = 1000;

/** What an error is called at the start of the line that tells it. */
const ERROR = /^(?:Uncaught )?[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Warning)\b/;
const PANIC = /^(?:panic|fatal error): /;
const PHP = /^(?:PHP )?(?:Fatal|Parse|Recoverable|Warning|Notice|Deprecated)\b/;
/** Further places of a stack, and remarks, are no problems of their own. */
const REMARK = /^(?:in (?:main chunk|function|local|upvalue|method|field)\b|note:)/;

/** Reader goes through an output line by line, once: programs may write anything, of any length. */
class Reader {
  readonly #problems = new Map<string, Problem>();
  readonly #frame: RegExp;
  readonly #place: RegExp;
  readonly #stack: RegExp;
  readonly #php: RegExp;
  /** The innermost place so far of a Python traceback. */
  #traced: Problem | null = null;
  /** An error that was told, and whose place comes after it. */
  #told = '';

  constructor(names: readonly string[]) {
    const name = names
      .map((file) => file.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .sort((a, b) => b.length - a.length)
      .join('|');
    this.#frame = new RegExp(`^ +File "(?:/home/user/)?(${name})", line (\\d+)`);
    this.#place = new RegExp(`^(?:lua: )?(?:\\./|/)?(${name}):(\\d+):(?:(\\d+):?)?(?: -)? *(.+)$`);
    this.#stack = new RegExp(`^\\s+(?:at (?:.*[ (])?)?(?:\\./)?(${name}):(\\d+)(?::(\\d+))?\\b`);
    this.#php = new RegExp(`^(.*) in /?(${name})(?::| on line )(\\d+)`);
  }

  found(): Problem[] {
    return [...this.#problems.values()].slice(0, MAX_PROBLEMS);
  }

  read(line: string): void {
    const frame = this.#frame.exec(line);
    if (frame) {
      this.#traced = problem(frame[1], frame[2]);
      return;
    }
    if (this.#traced && !/^\s|^$/.test(line)) {
      this.#add({ ...this.#traced, message: line.slice(0, MAX_MESSAGE) });
      this.#traced = null;
      return;
    }
    if (this.#isComplaint(line)) return;
    if (ERROR.test(line) || PANIC.test(line)) this.#told = line;
    const stack = this.#told ? this.#stack.exec(line) : null;
    if (!stack) return;
    this.#add(problem(stack[1], stack[2], stack[3], this.#told));
    this.#told = '';
  }

  /** One line that says all: where, and what. */
  #isComplaint(line: string): boolean {
    const place = this.#place.exec(line);
    if (place) {
      if (!REMARK.test(place[4] ?? '')) this.#add(problem(place[1], place[2], place[3], place[4]));
      return true;
    }
    const php = PHP.test(line) ? this.#php.exec(line) : null;
    if (php) this.#add(problem(php[2], php[3], undefined, php[1]));
    return php !== null;
  }

  /** The first of several complaints about one line counts. */
  #add(found: Problem): void {
    const key = `${found.file}:${found.line}`;
    if (!this.#problems.has(key) && this.#problems.size < MAX_PROBLEMS) this.#problems.set(key, found);
  }
}

function problem(file = '', line = '', column?: string, message = ''): Problem {
  const text = message.trim().slice(0, MAX_MESSAGE);
  return { file, line: Number(line), column: column ? Number(column) : null, message: text };
}
