function answer(line) {
  const p = line.split(' ');
  let r = 0;
  const w = Number(p[1]);
  if (w <= 30000) {
    if (p[0] === 'de') {
      r = 400 + Math.ceil(w / 1000) * 100;
      if (p.includes('express')) {
        r = r * 2;
      }
      if (p.includes('gift')) {
        r = r + 300;
      }
    } else if (p[0] === 'at' || p[0] === 'fr' || p[0] === 'nl') {
      r = 900 + Math.ceil(w / 1000) * 150;
      if (p.includes('express')) {
        r = r * 2;
      }
      if (p.includes('gift')) {
        r = r + 300;
      }
    } else {
      if (p[0] === 'ch' || p[0] === 'uk') {
        if (!p.includes('express')) {
          r = 1500 + Math.ceil(w / 1000) * 250;
          if (p.includes('gift')) {
            r = r + 300;
          }
        } else {
          return 'no';
        }
      } else {
        return 'no';
      }
    }
  } else {
    return 'no';
  }
  return r;
}

// Each line of input is one case. Press Run and type one, or run the tests.
for (let line = prompt(); line !== null; line = prompt()) {
  console.log(answer(line));
}
