function answer(log) {
  const people = new Map();
  let broken = 0;
  for (const visit of log.split(';').filter((visit) => visit.trim() !== '')) {
    const [, person, page, ...more] = visit.trim().split(/\s+/);
    if (!page?.startsWith('/') || more.length > 0) {
      broken += 1;
      continue;
    }
    if (!people.has(page)) people.set(page, new Set());
    people.get(page).add(person);
  }
  const shown = [...people]
    .sort(([a, x], [b, y]) => y.size - x.size || (a < b ? -1 : 1))
    .map(([page, who]) => `${page} ${who.size}`);
  if (broken > 0) shown.push(`broken ${broken}`);
  return shown.join(', ') || '-';
}

// Each line of input is one case. Press Run and type one, or run the tests.
for (let line = prompt(); line !== null; line = prompt()) {
  console.log(answer(line));
}
