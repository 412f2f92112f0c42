function roomsNeeded(meetings) {
  // Your code here
  return 0;
}

function answer(line) {
  const meetings = line.split(' ').filter(Boolean).map((meeting) => {
    const [start, end] = meeting.split('-').map(Number);
    return { start, end };
  });
  return roomsNeeded(meetings);
}

// Each line of input is one case. Press Run and type one, or run the tests.
for (let line = prompt(); line !== null; line = prompt()) {
  console.log(answer(line));
}
