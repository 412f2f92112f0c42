// Splits a bill of some cents among people.
function split(bill, people) {
  const share = Math.round(bill / people);
  const shares = [];
  let left = bill;
  do {
    shares.push(share);
    left -= share;
  } while (shares.length < people);
  for (let i = 0; left > 0; i++) {
    shares[i] += 1;
    left -= 1;
  }
  return shares;
}

function answer(line) {
  const [bill, people] = line.split(' ').map(Number);
  return split(bill, people).join(' ') || '-';
}

// Each line of input is one case. Press Run and type one, or run the tests.
for (let line = prompt(); line !== null; line = prompt()) {
  console.log(answer(line));
}
