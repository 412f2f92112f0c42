class Cache {
  #capacity;
  #entries = new Map(); // in the order of their use

  constructor(capacity) {
    this.#capacity = capacity;
  }

  get(key) {
    if (!this.#entries.has(key)) return undefined;
    const value = this.#entries.get(key);
    this.put(key, value);
    return value;
  }

  put(key, value) {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.#capacity) this.#entries.delete(this.#entries.keys().next().value);
  }
}

function answer(line) {
  const [capacity, steps] = line.split(': ');
  const cache = new Cache(Number(capacity));
  const given = [];
  for (const step of steps.split(', ')) {
    const [what, key, value] = step.split(' ');
    if (what === 'get') given.push(cache.get(key) ?? '-');
    else cache.put(key, value);
  }
  return given.join(' ');
}

// Each line of input is one case. Press Run and type one, or run the tests.
for (let line = prompt(); line !== null; line = prompt()) {
  console.log(answer(line));
}
