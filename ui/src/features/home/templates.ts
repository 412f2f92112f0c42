/** Template is a problem to start an interview with: written for Parley, MIT as all of it. */
export interface Template {
  id: string;
  title: string;
  /** One line for whoever chooses. */
  summary: string;
  /** The problem statement, Markdown. */
  prompt: string;
  /** What the editor starts with, by language. */
  starters: Readonly<Record<string, string>>;
}

const meetings: Template = {
  id: 'meetings',
  title: 'Meeting rooms',
  summary: 'Intervals and sorting. 25 minutes, with room to go further.',
  prompt: `# Meeting rooms

You get the meetings of one day, each with a \`start\` and an \`end\` in hours. How many rooms does the office need so that
every meeting has one?

A meeting that starts at the moment another ends can take its room.

## Example

| meeting | start | end |
| ------- | ----- | --- |
| stand-up | 9 | 10.5 |
| design | 9.5 | 11 |
| lunch talk | 10 | 12 |
| planning | 11 | 12 |

Three rooms: at 10:15 three meetings are on at once.

## Then

1. What if there are a million meetings?
2. Which meetings are in which room?
3. A room is closed from 10 to 11. What changes?
`,
  starters: {
    javascript: `function roomsNeeded(meetings) {
  // Your code here
}

const day = [
  { start: 9, end: 10.5 },
  { start: 9.5, end: 11 },
  { start: 10, end: 12 },
  { start: 11, end: 12 },
];
console.log(roomsNeeded(day), 'should be', 3);
console.log(roomsNeeded([]), 'should be', 0);
console.log(roomsNeeded([{ start: 1, end: 2 }, { start: 2, end: 3 }]), 'should be', 1);
`,
    python: `def rooms_needed(meetings):
    # Your code here
    pass


day = [(9, 10.5), (9.5, 11), (10, 12), (11, 12)]
print(rooms_needed(day), "should be", 3)
print(rooms_needed([]), "should be", 0)
print(rooms_needed([(1, 2), (2, 3)]), "should be", 1)
`,
  },
};

const visitors: Template = {
  id: 'visitors',
  title: 'Visitors of a page',
  summary: 'Counting with a map. A warm-up of 10 to 15 minutes.',
  prompt: `# Visitors of a page

A log has one line for each visit: a time, a person and a page, with blanks between them.

\`\`\`
09:00 ada /home
09:01 bob /home
09:02 ada /pricing
09:03 ada /home
\`\`\`

Write a function that gives the pages with how many **different** people saw each, most seen first. Pages seen by equally
many come in alphabetical order.

For the log above: \`/home\` 2, \`/pricing\` 1.

## Then

- Lines may be broken. What do you do with them, and who should hear of it?
- The log does not fit into memory. What now?
`,
  starters: {
    javascript: `function visitors(log) {
  // Your code here: [[page, people], ...]
}

const log = \`09:00 ada /home
09:01 bob /home
09:02 ada /pricing
09:03 ada /home\`;
console.log(visitors(log));
console.log(visitors(''));
`,
    python: `def visitors(log):
    # Your code here: [(page, people), ...]
    pass


log = """09:00 ada /home
09:01 bob /home
09:02 ada /pricing
09:03 ada /home"""
print(visitors(log))
print(visitors(""))
`,
  },
};

const islands: Template = {
  id: 'islands',
  title: 'Islands on a map',
  summary: 'Walking a grid: recursion or a queue. 25 minutes.',
  prompt: `# Islands on a map

A map is a list of rows. \`#\` is land, \`.\` is water. Land that touches above, below, left or right is one island.

\`\`\`
##..#
#...#
..#..
....#
\`\`\`

1. Count the islands. Here there are **4**.
2. Give the size of the largest. Here it is **3**.

## Then

- Your solution is recursive and the map is one island of 2,000 × 2,000. What happens?
- The tide rises: each hour, land that touches water is flooded. When is the last island gone?
`,
  starters: {
    javascript: `function islands(map) {
  // Your code here: { count, largest }
}

console.log(islands(['##..#', '#...#', '..#..', '....#'])); // { count: 4, largest: 3 }
console.log(islands(['...', '...'])); // { count: 0, largest: 0 }
console.log(islands([])); // { count: 0, largest: 0 }
`,
    python: `def islands(rows):
    # Your code here: (count, largest)
    pass


print(islands(["##..#", "#...#", "..#..", "....#"]), "should be", (4, 3))
print(islands(["...", "..."]), "should be", (0, 0))
print(islands([]), "should be", (0, 0))
`,
  },
};

const cache: Template = {
  id: 'cache',
  title: 'A cache that forgets',
  summary: 'Designing a data structure. 30 to 40 minutes.',
  prompt: `# A cache that forgets

Build a cache that holds at most \`capacity\` entries. When it is full and another comes, the entry that was **used least
lately** goes. Reading an entry counts as using it, and so does writing it.

- \`get(key)\` gives the value, or nothing when the key is not held.
- \`put(key, value)\` stores it.

Both should take the same time however many entries there are.

## Then

1. Entries also end after a time to live. Where does that go in your design?
2. Two threads use the cache. What can go wrong?
3. How would you show that it helps at all?
`,
  starters: {
    javascript: `class Cache {
  constructor(capacity) {
    // Your code here
  }

  get(key) {}

  put(key, value) {}
}

const cache = new Cache(2);
cache.put('a', 1);
cache.put('b', 2);
console.log(cache.get('a'), 'should be', 1);
cache.put('c', 3);
console.log(cache.get('b'), 'should be', undefined);
console.log(cache.get('a'), cache.get('c'), 'should be', 1, 3);
`,
    python: `class Cache:
    def __init__(self, capacity):
        # Your code here
        pass

    def get(self, key):
        pass

    def put(self, key, value):
        pass


cache = Cache(2)
cache.put("a", 1)
cache.put("b", 2)
print(cache.get("a"), "should be", 1)
cache.put("c", 3)
print(cache.get("b"), "should be", None)
print(cache.get("a"), cache.get("c"), "should be", 1, 3)
`,
  },
};

const limiter: Template = {
  id: 'limiter',
  title: 'Rate limiter',
  summary: 'Time, queues and trade-offs. 30 minutes.',
  prompt: `# Rate limiter

A service lets each person make at most \`limit\` requests in any \`window\` of seconds. Write the part that decides.

\`allow(person, now)\` says whether the request may pass. \`now\` is a time in seconds that never goes backwards. A request that
is refused does not count.

## Example: 2 requests in 10 seconds

| now | allowed |
| --- | ------- |
| 0 | yes |
| 3 | yes |
| 9 | no |
| 10 | yes |

## Then

- How much memory does a person cost you? What about people who never come back?
- There are ten servers behind a load balancer. What holds then?
- When would you take another rule than this one?
`,
  starters: {
    javascript: `class Limiter {
  constructor(limit, window) {
    // Your code here
  }

  allow(person, now) {}
}

const limiter = new Limiter(2, 10);
for (const now of [0, 3, 9, 10]) {
  console.log(now, limiter.allow('ada', now));
}
console.log('bob', limiter.allow('bob', 9));
`,
    python: `class Limiter:
    def __init__(self, limit, window):
        # Your code here
        pass

    def allow(self, person, now):
        pass


limiter = Limiter(2, 10)
for now in [0, 3, 9, 10]:
    print(now, limiter.allow("ada", now))
print("bob", limiter.allow("bob", 9))
`,
  },
};

const review: Template = {
  id: 'review',
  title: 'Find what is wrong',
  summary: 'Reading and mending code instead of writing it. 20 minutes.',
  prompt: `# Find what is wrong

The function should split a bill: it gives how much each person pays, in cents, so that the shares **add up to the bill**
and differ by one cent at most.

A colleague wrote it in a hurry, and customers complain.

1. Read it aloud. What does it do?
2. Find inputs for which it is wrong. Try them.
3. Mend it, and say how you know that it is right now.

There is more than one mistake, and you need not find all of them.
`,
  starters: {
    javascript: `// Splits a bill of some cents among people.
function split(bill, people) {
  const share = Math.round(bill / people);
  const shares = Array(people).fill(share);
  let left = bill - share * people;
  for (let i = 0; left > 0; i++) {
    shares[i] += 1;
    left -= 1;
  }
  return shares;
}

console.log(split(1000, 4));
console.log(split(1000, 3));
`,
    python: `# Splits a bill of some cents among people.
def split(bill, people):
    share = round(bill / people)
    shares = [share] * people
    left = bill - share * people
    i = 0
    while left > 0:
        shares[i] += 1
        left -= 1
        i += 1
    return shares


print(split(1000, 4))
print(split(1000, 3))
`,
  },
};

/** TEMPLATES are offered in this order, from a warm-up on. */
export const TEMPLATES: readonly Template[] = [visitors, meetings, islands, cache, limiter, review];

export function templateById(id: string): Template | null {
  return TEMPLATES.find((template) => template.id === id) ?? null;
}
