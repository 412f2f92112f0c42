class Limiter {
  private readonly passed = new Map<string, number[]>();

  constructor(
    private readonly limit: number,
    private readonly window: number,
  ) {}

  allow(person: string, now: number): boolean {
    const recent = (this.passed.get(person) ?? []).filter((time) => time > now - this.window);
    const allowed = recent.length < this.limit;
    if (allowed) recent.push(now);
    this.passed.set(person, recent);
    return allowed;
  }
}

function answer(line: string): string {
  const [rule = '', requests = ''] = line.split(': ');
  const [limit = 0, window = 0] = rule.split(' ').map(Number);
  const limiter = new Limiter(limit, window);
  return requests
    .split(', ')
    .map((request) => request.split(' '))
    .map(([person = '', now]) => (limiter.allow(person, Number(now)) ? 'yes' : 'no'))
    .join(' ');
}

// Each line of input is one case. Press Run and type one, or run the tests.
for (let line = prompt(); line !== null; line = prompt()) {
  console.log(answer(line));
}
