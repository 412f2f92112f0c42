// Splits a bill of some cents among people.
function split(bill: number, people: number): number[] {
  const left = bill % people;
  return Array.from({ length: people }, (_, i) => Math.floor(bill / people) + (i < left ? 1 : 0));
}

function answer(line: string): string {
  const [bill = 0, people = 0] = line.split(' ').map(Number);
  return split(bill, people).join(' ') || '-';
}

// Each line of input is one case. Press Run and type one, or run the tests.
for (let line = prompt(); line !== null; line = prompt()) {
  console.log(answer(line));
}
