// The judge: yjs itself, found through the client's package.json so that the engine is compared
// with the very version that browsers run.
//
// PARLEY_NODE_MODULES names another node_modules folder to take it from.

import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The version whose bytes are the contract. Another one may write others, so it is refused. */
export const pinned = '13.6.33'

const here = dirname(fileURLToPath(import.meta.url))
const modules = process.env.PARLEY_NODE_MODULES
const from = modules ? join(modules, 'any.js') : join(here, '../../../ui/package.json')

const load = () => {
  const require = createRequire(from)
  const path = require.resolve('yjs')
  const version = JSON.parse(readFileSync(join(dirname(path), '../package.json'), 'utf8')).version
  if (version !== pinned) {
    throw new Error(`yjs ${version} found at ${path}, want ${pinned}`)
  }
  // lib0 as yjs sees it: a second copy would have its own encoders.
  const inner = createRequire(path)
  return {
    Y: require('yjs'),
    encoding: inner('lib0/encoding'),
    decoding: inner('lib0/decoding'),
    require
  }
}

let found
try {
  found = load()
} catch (err) {
  console.error(`cannot load yjs ${pinned} from ${dirname(from)}: ${err.message}`)
  process.exit(3)
}

export const { Y, encoding, decoding, require } = found

// yjs reports a changed client id on stdout, which carries the answers here.
console.log = console.error
