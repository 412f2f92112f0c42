function answer(log: string): string {
  // Your code here: '/home 2, /pricing 1'
  return '-';
}

// Each line of input is one case. Press Run and type one, or run the tests.
for (let line = prompt(); line !== null; line = prompt()) {
  console.log(answer(line));
}
