class Parser {
  private at = 0;

  constructor(private readonly line: string) {}

  all(): number {
    const value = this.sum();
    return this.peek() === '' ? value : this.fail();
  }

  private sum(): number {
    let value = this.product();
    while (this.peek() === '+' || this.peek() === '-') {
      const sign = this.line[this.at] === '+' ? 1 : -1;
      this.at += 1;
      value += sign * this.product();
    }
    return value;
  }

  private product(): number {
    let value = this.atom();
    while (this.peek() === '*') {
      this.at += 1;
      value *= this.atom();
    }
    return value;
  }

  private atom(): number {
    if (this.peek() === '(') {
      this.at += 1;
      const value = this.sum();
      if (this.peek() !== ')') this.fail();
      this.at += 1;
      return value;
    }
    const digits = /^[0-9]+/.exec(this.line.slice(this.at))?.[0] ?? this.fail();
    this.at += digits.length;
    return Number(digits);
  }

  private peek(): string {
    while (this.line[this.at] === ' ') this.at += 1;
    return this.line[this.at] ?? '';
  }

  private fail(): never {
    throw new SyntaxError(`error at ${this.at + 1}`);
  }
}

function answer(line: string): number | string {
  try {
    return new Parser(line).all();
  } catch (error) {
    return (error as Error).message;
  }
}

// Each line of input is one case. Press Run and type one, or run the tests.
for (let line = prompt(); line !== null; line = prompt()) {
  console.log(answer(line));
}
