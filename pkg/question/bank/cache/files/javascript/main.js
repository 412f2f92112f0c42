class Cache {
  constructor(capacity) {
    // Your code here
  }

  get(key) {}

  put(key, value) {}
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
