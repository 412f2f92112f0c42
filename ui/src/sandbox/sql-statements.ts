/** A statement, and where in the whole text it starts, in UTF-16 units. */
export interface Statement {
  text: string;
  offset: number;
}

/**
 * What may hold a semicolon that ends nothing: comments, strings with and without backslashes,
 * quoted names, dollar quotes. Words, brackets and semicolons are what else counts. Comments nest,
 * so their end is found by hand.
 */
const TOKENS =
  /--[^\n]*|\/\*|\b[eE]'(?:[^'\\]|''|\\[\s\S])*(?:'|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|(?<![\w$])(\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|[();]/g;

/**
 * statementsOf cuts a text of PostgreSQL at its semicolons, as psql does. Each part starts at its
 * first word.
 *
 * Source: PostgreSQL 18, src/fe_utils/psqlscan.l.
 */
export function statementsOf(code: string): Statement[] {
  const cutter = new Cutter(code);
  return cutter.cut();
}

class Cutter {
  readonly #code: string;
  readonly #found: Statement[] = [];
  /** Where the first word of the statement under way stands; -1: it has not come. */
  #start = -1;
  #brackets = 0;
  /** Open BEGIN and CASE of a function whose body is SQL (BEGIN ATOMIC). */
  #blocks = 0;
  /** The first words of the statement, in lower case. */
  #words: string[] = [];

  constructor(code: string) {
    this.#code = code;
  }

  cut(): Statement[] {
    const tokens = new RegExp(TOKENS);
    let from = 0;
    for (let found = tokens.exec(this.#code); found; found = tokens.exec(this.#code)) {
      const [token, tag] = found;
      this.#note(from, found.index);
      if (token === '/*') tokens.lastIndex = this.#endOfComment(found.index);
      else if (!token.startsWith('--')) {
        if (tag !== undefined) tokens.lastIndex = this.#endOfQuote(tag, tokens.lastIndex);
        this.#take(token, found.index, tokens.lastIndex);
      }
      from = tokens.lastIndex;
    }
    this.#note(from, this.#code.length);
    this.#end(this.#code.length);
    return this.#found;
  }

  /** Signs between tokens begin a statement too: an operator, a number, a backslash. */
  #note(from: number, to: number): void {
    if (this.#start >= 0) return;
    const gap = this.#code.slice(from, to).search(/\S/);
    if (gap >= 0) this.#start = from + gap;
  }

  #take(token: string, start: number, end: number): void {
    if (token === ';' && this.#brackets === 0 && this.#blocks === 0) return this.#end(end);
    if (this.#start < 0) this.#start = start;
    if (token === '(') this.#brackets += 1;
    if (token === ')') this.#brackets = Math.max(0, this.#brackets - 1);
    if (/^[a-z]/i.test(token) && this.#brackets === 0) this.#word(token.toLowerCase());
  }

  #word(word: string): void {
    if (this.#words.length < 4) this.#words.push(word);
    if (!/^create (or replace )?(function|procedure)/.test(this.#words.join(' '))) return;
    if (word === 'begin' || (word === 'case' && this.#blocks > 0)) this.#blocks += 1;
    if (word === 'end') this.#blocks = Math.max(0, this.#blocks - 1);
  }

  #end(to: number): void {
    if (this.#start >= 0) this.#found.push({ text: this.#code.slice(this.#start, to), offset: this.#start });
    this.#start = -1;
    this.#brackets = this.#blocks = 0;
    this.#words = [];
  }

  /** A comment that does not end is the server's to complain about. */
  #endOfComment(from: number): number {
    const marks = /\/\*|\*\//g;
    marks.lastIndex = from + 2;
    for (let depth = 1; depth > 0;) {
      const mark = marks.exec(this.#code);
      if (!mark) {
        this.#note(from, this.#code.length);
        return this.#code.length;
      }
      depth += mark[0] === '/*' ? 1 : -1;
    }
    return marks.lastIndex;
  }

  #endOfQuote(tag: string, from: number): number {
    const end = this.#code.indexOf(tag, from);
    return end < 0 ? this.#code.length : end + tag.length;
  }
}
