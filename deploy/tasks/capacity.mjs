#!/usr/bin/env node
// How many servers do many interviews need? The arithmetic and the small simulation behind
// docs/decisions/041-cells.md.
//
//   node deploy/tasks/capacity.mjs [interviews]
//
// Figures marked M were measured (docs/benchmarks.md says how), figures marked A are assumed.
// Change them and run it again.

const interviews = Number(process.argv[2] ?? 1_000_000);

const load = {
  people: 2.5, // A connections to one interview's document
  edits: 0.5, // A updates per second and interview, over its hour: 1,800 an hour
  presence: 0.7, // A cursor messages per second and interview, after batching
  hour: 3600, // A seconds: how long an interview lasts
  kept: 24, // A hours: how long it is kept (--session-ttl)
};
const cost = {
  appendMicros: 15, // M Redis, per append with its publish to two nodes, pipelined
  appendLoneMicros: 60, // M Redis, the same when every command comes alone and costs its own system calls
  sayMicros: 6, // A Redis, per publish of presence to two nodes
  deliveryMicros: 60, // M a node, per message delivered to a client, on a busy machine
  sessionKiB: 100, // M Redis, a session of 6,000 edits with its history
  connKiB: 45, // M a busy node, per connection in rooms of two, the Redis client included
  openMicros: 150, // A Redis, to open a document: the session's record, subscribe, load, hello
};
const limit = {
  redisCPU: 0.6, // of its one thread: above it the tail grows
  nodeCores: 4,
  nodeCPU: 0.6,
  perCell: 50_000, // interviews of one Redis with its nodes
};

const perInterview = (append) => load.edits * append + load.presence * cost.sayMicros; // µs of Redis per second
const deliveries = load.edits * (load.people - 1) + load.presence * load.people; // per second
const carries = (append) => Math.floor((limit.redisCPU * 1e6) / perInterview(append));

const cells = Math.ceil(interviews / limit.perCell);
const conns = limit.perCell * load.people;
const nodeCarries = Math.floor((limit.nodeCores * limit.nodeCPU * 1e6) / (deliveries * cost.deliveryMicros));
const nodes = Math.ceil(limit.perCell / nodeCarries) + 1; // one may be away
const memory = (limit.perCell * load.kept * cost.sessionKiB) / 1024 / 1024; // GiB, when a new interview follows every one that ends

const rows = [
  ['one Redis carries, every command alone', `${carries(cost.appendLoneMicros)} interviews`],
  ['one Redis carries, pipelined as under load', `${carries(cost.appendMicros)} interviews`],
  ['a node of 4 cores carries', `${nodeCarries} interviews, ${Math.round(nodeCarries * load.people)} connections`],
  ['a classic-channel cluster carries, of any size', `${Math.floor((limit.redisCPU * 1e6) / ((load.edits + load.presence) * 2))} interviews: every publish passes every server (A 2 µs)`],
  ['', ''],
  [`${interviews} interviews at once`, `${cells} cells of ${limit.perCell}`],
  ['a cell', `1 Redis with a replica, ${nodes} nodes of 4 cores`],
  ['all', `${cells * 2} Redis servers, ${cells * nodes} nodes`],
  ['Redis of a cell', `${Math.round((perInterview(cost.appendMicros) * limit.perCell) / 1e4)} % to ${Math.round((perInterview(cost.appendLoneMicros) * limit.perCell) / 1e4)} % of its thread`],
  ['memory of a cell\'s Redis', `${memory.toFixed(0)} GiB with 24 h kept, ${((limit.perCell * cost.sessionKiB) / 1024 / 1024).toFixed(1)} GiB with those that are live`],
  ['memory of a node', `${((conns / (nodes - 1)) * cost.connKiB / 1024 / 1024).toFixed(1)} GiB`],
];

// The simulation answers two questions. People type in bursts: how far is the peak from the mean?
// And what happens when a node dies?
let seed = 42;
const random = () => {
  seed = (seed * 1664525 + 1013904223) >>> 0;
  return seed / 2 ** 32;
};
const poisson = (mean) => {
  if (mean > 50) { // normal, by twelve uniforms
    let s = -6;
    for (let i = 0; i < 12; i++) s += random();
    return Math.max(0, Math.round(mean + s * Math.sqrt(mean)));
  }
  let n = 0;
  for (let p = Math.exp(-mean), u = random(), c = p; u > c; c += p) p *= mean / ++n;
  return n;
};

// An interview is silent or types six edits a second, in stretches of 8 s. Its mean is load.edits.
function peakOfACell(seconds) {
  const n = limit.perCell;
  const typing = load.edits / 6;
  let active = Math.round(n * typing);
  let peak = 0;
  for (let t = 0; t < seconds; t++) {
    active += poisson((n - active) * (typing / (1 - typing) / 8)) - poisson(active / 8);
    peak = Math.max(peak, poisson(active * 6));
  }
  return { mean: n * load.edits, peak };
}

// One node of a cell dies. Its people reconnect to random other nodes within 2.5 s, the longest
// wait of y-websocket. A node that has nobody else of the interview has to open its document.
function nodeLost() {
  const left = nodes - 2; // one spare node is away already
  let gone = 0;
  let opened = 0;
  for (let i = 0; i < limit.perCell; i++) {
    const people = random() < 0.5 ? 2 : 3;
    const at = Array.from({ length: people }, () => Math.floor(random() * (left + 1)));
    const open = new Set(at.filter((node) => node > 0));
    for (const node of at) {
      if (node > 0) continue; // node 0 is the one that dies
      gone++;
      const next = 1 + Math.floor(random() * left);
      if (!open.has(next)) opened++;
      open.add(next);
    }
  }
  return { gone, opened, seconds: (opened * cost.openMicros) / 1e6 };
}

const burst = peakOfACell(3600);
const lost = nodeLost();
rows.push(
  ['', ''],
  ['edits of a cell, mean and the hour\'s worst second', `${burst.mean}/s, ${burst.peak}/s (${(burst.peak / burst.mean).toFixed(2)} times)`],
  ['a node of a cell dies: connections that come back', `${lost.gone} in 2.5 s`],
  ['documents opened by that', `${lost.opened}, ${lost.seconds.toFixed(1)} s of Redis' thread beside the load`],
);
for (const [what, value] of rows) console.log(what.padEnd(52), value);
