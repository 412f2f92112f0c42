interface Meeting {
  start: number;
  end: number;
}

function roomsNeeded(meetings: Meeting[]): number {
  // Your code here
  return 0;
}

function answer(line: string): number {
  const meetings = line.split(' ').filter(Boolean).map((meeting): Meeting => {
    const [start = 0, end = 0] = meeting.split('-').map(Number);
    return { start, end };
  });
  return roomsNeeded(meetings);
}

// Each line of input is one case. Press Run and type one, or run the tests.
for (let line = prompt(); line !== null; line = prompt()) {
  console.log(answer(line));
}
