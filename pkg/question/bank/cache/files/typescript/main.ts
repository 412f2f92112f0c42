class Cache<Value> {
  constructor(capacity: number) {
    // Your code here
  }

  get(key: string): Value | undefined {
    return undefined;
  }

  put(key: string, value: Value): void {}
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
