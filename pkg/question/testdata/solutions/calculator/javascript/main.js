function answer(line) {
  let at = 0;
  const peek = () => {
    while (line[at] === ' ') at += 1;
    return line[at] ?? '';
  };
  const fail = () => {
    throw new SyntaxError(`error at ${Math.min(at, line.length) + 1}`);
  };
  const atom = () => {
    if (peek() === '(') {
      at += 1;
      const value = sum();
      if (peek() !== ')') fail();
      at += 1;
      return value;
    }
    const digits = /^[0-9]+/.exec(line.slice(at))?.[0] ?? fail();
    at += digits.length;
    return Number(digits);
  };
  const product = () => {
    let value = atom();
    while (peek() === '*') {
      at += 1;
      value *= atom();
    }
    return value;
  };
  const sum = () => {
    let value = product();
    while (peek() === '+' || peek() === '-') {
      const sign = line[at] === '+' ? 1 : -1;
      at += 1;
      value += sign * product();
    }
    return value;
  };
  try {
    const value = sum();
    return peek() === '' ? value : fail();
  } catch (error) {
    return error.message;
  }
}

// Each line of input is one case. Press Run and type one, or run the tests.
for (let line = prompt(); line !== null; line = prompt()) {
  console.log(answer(line));
}
