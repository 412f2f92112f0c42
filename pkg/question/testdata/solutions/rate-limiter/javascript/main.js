class Limiter {
  #limit;
  #window;
  #passed = new Map();

  constructor(limit, window) {
    this.#limit = limit;
    this.#window = window;
  }

  allow(person, now) {
    const recent = (this.#passed.get(person) ?? []).filter((time) => time > now - this.#window);
    const allowed = recent.length < this.#limit;
    if (allowed) recent.push(now);
    this.#passed.set(person, recent);
    return allowed;
  }
}

function answer(line) {
  const [rule, requests] = line.split(': ');
  const limiter = new Limiter(...rule.split(' ').map(Number));
  return requests
    .split(', ')
    .map((request) => request.split(' '))
    .map(([person, now]) => (limiter.allow(person, Number(now)) ? 'yes' : 'no'))
    .join(' ');
}

// Each line of input is one case. Press Run and type one, or run the tests.
for (let line = prompt(); line !== null; line = prompt()) {
  console.log(answer(line));
}
