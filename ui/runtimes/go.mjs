/**
 * The Go toolchain as WebAssembly: compiler, linker and the standard library, from the toolchain
 * that builds Parley.
 */
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pack } from './pack.mjs';

const run = promisify(execFile);

/**
 * Packages that programs can import, with all that these need. Left out: what is of no use without
 * processes, a network or a debugger.
 */
const PACKAGES =
  `archive/tar archive/zip bufio bytes cmp compress/bzip2 compress/flate compress/gzip compress/lzw
  compress/zlib container/heap container/list container/ring context crypto crypto/aes crypto/cipher crypto/ecdsa
  crypto/ed25519 crypto/elliptic crypto/hmac crypto/md5 crypto/rand crypto/rsa crypto/sha1 crypto/sha256 crypto/sha3
  crypto/sha512 crypto/subtle embed encoding encoding/ascii85 encoding/base32 encoding/base64 encoding/binary
  encoding/csv encoding/gob encoding/hex encoding/json encoding/pem encoding/xml errors expvar flag fmt go/ast
  go/format go/parser go/token hash hash/adler32 hash/crc32 hash/crc64 hash/fnv hash/maphash html html/template image
  image/color image/draw image/gif image/jpeg image/png index/suffixarray io io/fs io/ioutil iter log log/slog maps
  math math/big math/bits math/cmplx math/rand math/rand/v2 mime net/http net/http/httptest net/netip net/url os
  os/signal path path/filepath reflect regexp regexp/syntax runtime runtime/debug slices sort strconv strings structs
  sync sync/atomic testing testing/fstest testing/iotest testing/quick text/scanner text/tabwriter text/template
  text/template/parse time time/tzdata unicode unicode/utf16 unicode/utf8 unique unsafe weak`
    .split(/\s+/)
    .filter(Boolean);

const env = { ...process.env, GOOS: 'wasip1', GOARCH: 'wasm', CGO_ENABLED: '0', GOFLAGS: '-trimpath' };
const limits = { maxBuffer: 64 << 20 };

/** @returns {import('./recipes.mjs').Recipe} */
export function goRuntime() {
  const version = execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).trim();
  const root = execFileSync('go', ['env', 'GOROOT'], { encoding: 'utf8' }).trim();
  const tool = (/** @type {string} */ name) => ({
    name: `${name}.wasm`,
    key: version,
    make: async (/** @type {string} */ work) => {
      const out = join(work, `${name}.wasm`);
      await run('go', ['build', '-ldflags=-s -w', '-o', out, `cmd/${name}`], { env, ...limits });
    },
  });
  return {
    id: 'go',
    title: 'Go',
    sources: [
      tool('compile'),
      tool('link'),
      { name: 'std.pack', key: `${version} ${PACKAGES.join(' ')}`, make: standardLibrary },
    ],
    licences: [
      {
        name: 'Go',
        version: version.replace(/^go/, ''),
        licence: 'BSD-3-Clause',
        files: [join(root, 'LICENSE')],
      },
    ],
  };
}

/** @param {string} work */
async function standardLibrary(work) {
  const format = '{{.ImportPath}}\t{{.Export}}';
  const { stdout } = await run('go', ['list', '-deps', '-export', '-f', format, ...PACKAGES], {
    env,
    ...limits,
  });
  /** @type {Record<string, Uint8Array>} */
  const archives = {};
  for (const line of stdout.trim().split('\n')) {
    const [path, archive] = line.split('\t');
    if (path && archive) archives[path] = readFileSync(archive);
  }
  writeFileSync(join(work, 'std.pack'), pack(archives));
}
