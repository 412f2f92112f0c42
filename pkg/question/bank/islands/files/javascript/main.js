function islands(rows) {
  // Your code here: [count, largest]
  return [0, 0];
}

function answer(line) {
  return islands(line.split('/')).join(' ');
}

// Each line of input is one case. Press Run and type one, or run the tests.
for (let line = prompt(); line !== null; line = prompt()) {
  console.log(answer(line));
}
