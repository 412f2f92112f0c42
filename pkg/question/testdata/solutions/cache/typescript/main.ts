class Cache<Value> {
  /** In the order of their use. */
  private readonly entries = new Map<string, Value>();

  constructor(private readonly capacity: number) {}

  get(key: string): Value | undefined {
    const value = this.entries.get(key);
    if (value !== undefined) this.put(key, value);
    return value;
  }

  put(key: string, value: Value): void {
    this.entries.delete(key);
    this.entries.set(key, value);
    if (this.entries.size <= this.capacity) return;
    for (const oldest of this.entries.keys()) {
      this.entries.delete(oldest);
      break;
    }
  }
}

function answer(line: string): string {
  const [capacity, steps = ''] = line.split(': ');
  const cache = new Cache<string>(Number(capacity));
  const given: string[] = [];
  for (const step of steps.split(', ')) {
    const [what, key = '', value = ''] = step.split(' ');
    if (what === 'get') given.push(cache.get(key) ?? '-');
    else cache.put(key, value);
  }
  return given.join(' ');
}

// Each line of input is one case. Press Run and type one, or run the tests.
for (let line = prompt(); line !== null; line = prompt()) {
  console.log(answer(line));
}
