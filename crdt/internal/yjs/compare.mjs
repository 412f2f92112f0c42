// Runs the engine's benchmarks and those of yjs in turns on the same files, and prints what the engine takes and how many
// times that the others take. Ratios of one run compare; times of two runs do not.
//
//   node compare.mjs [turns=3] [sets, comma separated]
//
// PARLEY_TRACES=folder  other traces than those of testdata
// YRS=1                 native yrs too: builds ../yrsbench with cargo, outside of the tree
// YWASM=1               ywasm too: installed with npm, outside of the tree (without it, only where it is installed already)

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
const whats = ['ApplyStream', 'Load', 'Encode', 'Diff', 'Merge', 'VectorFromUpdate', 'Text']
const engines = ['yjs', 'ywasm', 'yrs']
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

const runGo = () => {
  const pattern = `^Benchmark(${whats.join('|')})$/^(${sets.join('|')})$`
  const out = run('go', ['test', '-run', '^$', '-bench', pattern, '-benchtime', '300ms', '.'], { PARLEY_TRACES: folder })
  for (const line of out.split('\n')) {
    const m = /^Benchmark(\w+)\/(\S+?)(?:-\d+)?\s+\d+\s+([\d.]+) ns\/op/.exec(line)
    if (m) note('go', m[1], m[2], Number(m[3]))
  }
}

const noteAll = out => {
  for (const line of out.trim().split('\n')) {
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

const ywasm = wanted('YWASM') ? installYwasm() : ''
const yrs = wanted('YRS') ? buildYrs() : null

const runOthers = () => {
  noteAll(run('node', ['--expose-gc', join(here, 'bench.mjs'), folder, '2', sets.join(',')], { PARLEY_YWASM: ywasm }))
  if (yrs) noteAll(run(yrs.program, [yrs.traces, '2', ...sets]))
}

const time = ns => ns < 1e3 ? `${ns.toFixed(0)} ns` : ns < 1e6 ? `${(ns / 1e3).toFixed(1)} µs` : `${(ns / 1e6).toFixed(2)} ms`

const row = (what, set) => {
  const go = best.get(`go ${what} ${set}`)
  if (go === undefined) return
  const ratio = engine => {
    const ns = best.get(`${engine} ${what} ${set}`)
    return ns === undefined ? '-' : `${(ns / go).toFixed(1)}x`
  }
  console.log([what.padEnd(17), set.padEnd(16), time(go).padStart(10), ...engines.map(e => ratio(e).padStart(9))].join(' '))
}

for (let turn = 0; turn < Number(turns); turn++) {
  runGo()
  runOthers()
}
console.log(['operation'.padEnd(17), 'set'.padEnd(16), 'engine'.padStart(10), ...engines.map(e => e.padStart(9))].join(' '))
for (const what of whats) for (const set of sets) row(what, set)
