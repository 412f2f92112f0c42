class Limiter {
  constructor(limit, window) {
    // Your code here
  }

  allow(person, now) {
    return false;
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
