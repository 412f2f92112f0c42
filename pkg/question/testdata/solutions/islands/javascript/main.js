function answer(line) {
  const [count, largest, hours] = islands(line.replace('tide ', '').split('/'));
  return line.startsWith('tide ') ? hours : `${count} ${largest}`;
}

function islands(rows) {
  const [height, width] = [rows.length, rows[0].length];
  const land = (y, x) => rows[y]?.[x] === '#';
  const around = (y, x) => [[y - 1, x], [y + 1, x], [y, x - 1], [y, x + 1]];
  const seen = new Set();
  let [count, largest] = [0, 0];
  const walk = (queue, visit) => {
    for (let i = 0; i < queue.length; i++) visit(queue[i], queue);
    return queue.length;
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!land(y, x) || seen.has(y * width + x)) continue;
      count += 1;
      seen.add(y * width + x);
      const size = walk([[y, x]], ([cy, cx], queue) => {
        for (const [ny, nx] of around(cy, cx)) {
          if (!land(ny, nx) || seen.has(ny * width + nx)) continue;
          seen.add(ny * width + nx);
          queue.push([ny, nx]);
        }
      });
      largest = Math.max(largest, size);
    }
  }
  return [count, largest, hours(height, width, land, around)];
}

function hours(height, width, land, around) {
  const after = new Map();
  const queue = [];
  for (let y = -1; y <= height; y++)
    for (let x = -1; x <= width; x++) if (!land(y, x)) queue.push([y, x, 0]);
  let last = 0;
  for (let i = 0; i < queue.length; i++) {
    const [y, x, hour] = queue[i];
    last = hour;
    for (const [ny, nx] of around(y, x)) {
      if (!land(ny, nx) || after.has(ny * width + nx)) continue;
      after.set(ny * width + nx, hour + 1);
      queue.push([ny, nx, hour + 1]);
    }
  }
  return last;
}

// Each line of input is one case. Press Run and type one, or run the tests.
for (let line = prompt(); line !== null; line = prompt()) {
  console.log(answer(line));
}
