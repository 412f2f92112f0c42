type Field = [number, number];

function answer(line: string): string {
  const [count, largest, hours] = islands(line.replace('tide ', '').split('/'));
  return line.startsWith('tide ') ? String(hours) : `${count} ${largest}`;
}

function islands(rows: string[]): number[] {
  const land = ([y, x]: Field) => rows[y]?.[x] === '#';
  const around = ([y, x]: Field): Field[] => [[y - 1, x], [y + 1, x], [y, x - 1], [y, x + 1]];
  /** Walks from fields to land around them. Gives how many fields there were, and the most steps. */
  const walk = (from: Field[], seen: Set<string>): [number, number] => {
    const queue = from.map((field): [Field, number] => [field, 0]);
    from.forEach((field) => seen.add(String(field)));
    let far = 0;
    for (let i = 0; i < queue.length; i++) {
      const [field, steps] = queue[i]!;
      far = steps;
      for (const next of around(field)) {
        if (!land(next) || seen.has(String(next))) continue;
        seen.add(String(next));
        queue.push([next, steps + 1]);
      }
    }
    return [queue.length, far];
  };
  const all: Field[] = [];
  const width = rows[0]?.length ?? 0;
  for (let y = -1; y <= rows.length; y++) for (let x = -1; x <= width; x++) all.push([y, x]);
  const seen = new Set<string>();
  let [count, largest] = [0, 0];
  for (const field of all) {
    if (!land(field) || seen.has(String(field))) continue;
    count += 1;
    largest = Math.max(largest, walk([field], seen)[0]);
  }
  return [count, largest, walk(all.filter((field) => !land(field)), new Set())[1]];
}

// Each line of input is one case. Press Run and type one, or run the tests.
for (let line = prompt(); line !== null; line = prompt()) {
  console.log(answer(line));
}
