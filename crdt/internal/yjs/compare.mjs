// Runs the engine's benchmarks and those of yjs in turns, set by set, on the same files, and prints
// what the engine takes and how many times that the others take: the least of all turns each. Time
// is what the process had a processor for, so what else runs on the machine counts for little; each
// has one thread. Ratios of one run compare; times of two runs do not.
//
//   node compare.mjs [turns=3] [sets, comma separated]
//
// PARLEY_TRACES=folder  other traces than those of testdata YRS=1                 native yrs too:
// builds ../yrsbench with cargo, outside of the tree YWASM=1               ywasm too: installed
// with npm, outside of the tree (without it, only where it is installed already)

import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const engineFolder = join(here, '../..')
const folder = resolve(process.env.PARLEY_TRACES || join(engineFolder, 'testdata/traces'))
const [turns = '3', only = ''] = process.argv.slice(2)
const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
const sets = Object.keys(manifest).filter(s => !only || only.split(',').includes(s))
const whats = ['ApplyStream', 'Load', 'Encode', 'Diff', 'Merge', 'VectorFromUpdate', 'Text', 'AppendText']
const engines = ['yjs', 'ywasm', 'yrs']
// What others have no counterpart for is compared with what comes closest.
const counterpart = { AppendText: 'Text' }
const ywasmVersion = '0.18.3'
const best = new Map()

const note = (engine, what, set, ns) => {
  const key = `${engine} ${what} ${set}`
  best.set(key, Math.min(ns, best.get(key) ?? Infinity))
}

const run = (command, args, env, cwd = engineFolder) => {
  const done = spawnSync(command, args, { cwd, env: { ...process.env, ...env }, encoding: 'utf8', maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'inherit'] })
  if (done.error) throw done.error
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${done.status}\n${done.stdout}`)
  return done.stdout
}

const buildGo = () => {
  mkdirSync(outside, { recursive: true })
  const program = join(outside, 'crdt.test')
  run('go', ['test', '-c', '-o', program, '.'])
  return program
}

const runGo = set => {
  const pattern = `^Benchmark(${whats.join('|')})$/^${set}$`
  const out = run(go, ['-test.run', '^$', '-test.bench', pattern, '-test.benchtime', '50ms', '-test.count', '2', '-test.cpu', '1'], { PARLEY_TRACES: folder })
  for (const line of out.split('\n')) {
    const m = /^Benchmark(\w+)\/(\S+?)(?:-\d+)?\s.*?([\d.]+) cpu-ns\/op/.exec(line)
    if (m) note('go', m[1], m[2], Number(m[3]))
  }
}

const noteAll = out => {
  for (const line of out.split('\n').filter(Boolean)) { // nothing, where a set cannot be read
    const { engine, what, set, ns } = JSON.parse(line)
    note(engine, what, set, ns)
  }
}

const wanted = name => ![undefined, '', '0'].includes(process.env[name])

const outside = join(tmpdir(), 'parley-bench-engine')

// ywasm where bench.mjs finds it.
const installYwasm = () => {
  const to = join(outside, 'ywasm')
  mkdirSync(to, { recursive: true })
  run('npm', ['install', '--prefix', to, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', `ywasm@${ywasmVersion}`])
  return join(to, 'node_modules')
}

// The program, and the traces as it reads them.
const buildYrs = () => {
  const target = join(outside, 'yrs')
  const traces = join(outside, 'traces')
  mkdirSync(traces, { recursive: true })
  run('cargo', ['build', '--release', '--quiet', '--locked'], { CARGO_TARGET_DIR: target }, join(here, '../yrsbench'))
  for (const set of sets) writeFileSync(join(traces, `${set}.updates`), gunzipSync(readFileSync(join(folder, manifest[set].file))))
  return { program: join(target, 'release/yrsbench'), traces }
}

const go = buildGo()
const ywasm = wanted('YWASM') ? installYwasm() : ''
const yrs = wanted('YRS') ? buildYrs() : null

const runOthers = set => {
  noteAll(run('node', ['--expose-gc', '--single-threaded-gc', join(here, 'bench.mjs'), folder, '2', set], { PARLEY_YWASM: ywasm }))
  if (yrs) noteAll(run(yrs.program, [yrs.traces, '2', set]))
}

const time = ns => ns < 1e3 ? `${ns.toFixed(0)} ns` : ns < 1e6 ? `${(ns / 1e3).toFixed(1)} µs` : `${(ns / 1e6).toFixed(2)} ms`
const times = ratio => ratio === undefined ? '-' : ratio < 20 ? ratio.toFixed(1) : ratio.toFixed(0)
const line = cells => console.log(`| ${cells.map((c, i) => i < 2 ? c.padEnd(17 - i) : c.padStart(9 + (i === 2))).join(' | ')} |`)

const ratio = (engine, what, set) => {
  const ns = best.get(`${engine} ${counterpart[what] ?? what} ${set}`)
  const own = best.get(`go ${what} ${set}`)
  return ns === undefined || own === undefined ? undefined : ns / own
}

for (let turn = 0; turn < Number(turns); turn++) {
  for (const set of sets) {
    runGo(set)
    runOthers(set)
    process.stderr.write(`${new Date().toTimeString().slice(0, 8)} turn ${turn + 1}: ${set}\n`)
  }
}
line(['operation', 'set', 'engine', ...engines])
line(['---', '---', '---:', ...engines.map(() => '---:')])
for (const what of whats) {
  for (const set of sets) {
    const own = best.get(`go ${what} ${set}`)
    if (own !== undefined) line([what, set, time(own), ...engines.map(e => times(ratio(e, what, set)))])
  }
}
console.log()
line(['operation', 'least of all sets', '', ...engines])
line(['---', '---', '---:', ...engines.map(() => '---:')])
for (const what of whats) {
  const least = e => sets.map(set => ({ set, r: ratio(e, what, set) })).filter(x => x.r !== undefined).sort((a, b) => a.r - b.r)[0]
  const lows = engines.map(least)
  line([what, lows.map(l => l?.set ?? '-').join(', '), '', ...lows.map(l => times(l?.r))])
}
