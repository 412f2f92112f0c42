// Runs the engine's benchmarks and those of yjs (and ywasm, where installed) in turns on the same files, and prints what
// the engine takes and how many times that the others take. Ratios of one run compare; times of two runs do not.
//
//   node compare.mjs [turns=3] [sets, comma separated]      PARLEY_TRACES=folder for other traces than those of testdata

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const engineFolder = join(here, '../..')
const folder = resolve(process.env.PARLEY_TRACES || join(engineFolder, 'testdata/traces'))
const [turns = '3', only = ''] = process.argv.slice(2)
const sets = Object.keys(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))).filter(s => !only || only.split(',').includes(s))
const whats = ['ApplyStream', 'Load', 'Encode', 'Diff', 'Merge', 'VectorFromUpdate', 'Text']
const best = new Map()

const note = (engine, what, set, ns) => {
  const key = `${engine} ${what} ${set}`
  best.set(key, Math.min(ns, best.get(key) ?? Infinity))
}

const run = (command, args, env) => {
  const done = spawnSync(command, args, { cwd: engineFolder, env: { ...process.env, ...env }, encoding: 'utf8', maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'inherit'] })
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${done.status}\n${done.stdout}`)
  return done.stdout
}

const runGo = () => {
  const pattern = `^Benchmark(${whats.join('|')})$/^(${sets.join('|')})$`
  const out = run('go', ['test', '-run', '^$', '-bench', pattern, '-benchtime', '300ms', '.'], { PARLEY_TRACES: folder })
  for (const line of out.split('\n')) {
    const m = /^Benchmark(\w+)\/(\S+?)(?:-\d+)?\s+\d+\s+([\d.]+) ns\/op/.exec(line)
    if (m) note('go', m[1], m[2], Number(m[3]))
  }
}

const runOthers = () => {
  const out = run('node', ['--expose-gc', join(here, 'bench.mjs'), folder, '2', sets.join(',')])
  for (const line of out.trim().split('\n')) {
    const { engine, what, set, ns } = JSON.parse(line)
    note(engine, what, set, ns)
  }
}

const time = ns => ns < 1e3 ? `${ns.toFixed(0)} ns` : ns < 1e6 ? `${(ns / 1e3).toFixed(1)} µs` : `${(ns / 1e6).toFixed(2)} ms`

const row = (what, set) => {
  const go = best.get(`go ${what} ${set}`)
  if (go === undefined) return
  const ratio = engine => {
    const ns = best.get(`${engine} ${what} ${set}`)
    return ns === undefined ? '-' : `${(ns / go).toFixed(1)}x`
  }
  console.log([what.padEnd(17), set.padEnd(16), time(go).padStart(10), ratio('yjs').padStart(9), ratio('ywasm').padStart(9)].join(' '))
}

for (let turn = 0; turn < Number(turns); turn++) {
  runGo()
  runOthers()
}
console.log(['operation'.padEnd(17), 'set'.padEnd(16), 'engine'.padStart(10), 'yjs'.padStart(9), 'ywasm'.padStart(9)].join(' '))
for (const what of whats) for (const set of sets) row(what, set)
