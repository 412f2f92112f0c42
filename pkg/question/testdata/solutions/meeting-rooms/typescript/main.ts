interface Meeting {
  start: number;
  end: number;
}

function roomsNeeded(meetings: Meeting[]): number {
  const starts = meetings.map(({ start }) => start).sort((a, b) => a - b);
  const ends = meetings.map(({ end }) => end).sort((a, b) => a - b);
  let [rooms, free] = [0, 0];
  for (const start of starts) {
    if (ends[free]! <= start) free += 1;
    else rooms += 1;
  }
  return rooms;
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
