/**
 * node build.mjs [--out dir] [--only python,go]: puts the language runtimes into dist/, each file
 * compressed and named by its content, with runtime.json beside it. What is up to date is left
 * alone, so that a second run takes no time.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs, promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import { recipes } from './recipes.mjs';

/** 5 of 11: the rest would save a tenth of the bytes for ten times the time. */
const QUALITY = 5;

const { values } = parseArgs({ options: { out: { type: 'string' }, only: { type: 'string' } } });
const dist = values.out ?? new URL('dist', import.meta.url).pathname;
const only = values.only?.split(',');
const compress = promisify(brotliCompress);

const all = recipes();
for (const id of only ?? []) {
  if (!all.some((recipe) => recipe.id === id)) {
    process.stderr.write(`runtimes: no ${id}; there are ${all.map((r) => r.id).join(', ')}\n`);
    process.exit(2);
  }
}
const wanted = all.filter((recipe) => !only || only.includes(recipe.id));
mkdirSync(dist, { recursive: true });
for (const name of readdirSync(dist)) {
  if (name !== '.keep' && !wanted.some((recipe) => recipe.id === name))
    rmSync(join(dist, name), { recursive: true });
}
// One after the other: each uses both processors already.
for (const recipe of wanted) await build(recipe);

/** @param {import('./recipes.mjs').Recipe} recipe */
async function build(recipe) {
  const started = Date.now();
  const dir = join(dist, recipe.id);
  const stamp = createHash('sha256')
    .update(JSON.stringify([QUALITY, recipe.sources.map(keyOf), recipe.licences]))
    .digest('hex');
  if (isFresh(dir, stamp)) return;
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), 'parley-runtime-'));
  try {
    const files = await Promise.all(recipe.sources.map((source) => place(source, work, dir)));
    const licences = recipe.licences.map(({ files: texts, ...rest }) => ({
      ...rest,
      text: texts.map((path) => readFileSync(path, 'utf8')).join('\n\n'),
    }));
    const { id, title } = recipe;
    const version = recipe.licences.at(-1)?.version ?? '';
    writeFileSync(
      join(dir, 'runtime.json'),
      JSON.stringify({ id, title, version, stamp, files, licences }, null, 1),
    );
    const sum = files.reduce((bytes, file) => bytes + file.transfer, 0);
    process.stdout.write(
      `runtime ${id}: ${(sum / 1e6).toFixed(1)} MB in ${((Date.now() - started) / 1000).toFixed(1)} s\n`,
    );
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** @param {import('./recipes.mjs').Source} source */
function keyOf(source) {
  if ('make' in source) return [source.name, source.key];
  // Packages never change under their version, and the version is part of the licences in the
  // stamp.
  return [source.name, statSync(source.path).size];
}

/** @param {string} dir @param {string} stamp */
function isFresh(dir, stamp) {
  try {
    const made = JSON.parse(readFileSync(join(dir, 'runtime.json'), 'utf8'));
    return (
      made.stamp === stamp &&
      made.files.every((/** @type {{path: string}} */ f) => existsSync(join(dir, `${f.path}.br`)))
    );
  } catch {
    return false;
  }
}

/** @param {import('./recipes.mjs').Source} source @param {string} work @param {string} dir */
async function place(source, work, dir) {
  if ('make' in source) await source.make(work);
  const data = readFileSync('make' in source ? join(work, source.name) : source.path);
  const hash = createHash('sha256').update(data).digest('hex').slice(0, 12);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: data.length,
  };
  const packed = await compress(data, { params });
  const path = `${hash}/${source.name}`;
  mkdirSync(join(dir, hash), { recursive: true });
  writeFileSync(join(dir, `${path}.br`), packed);
  return { name: source.name, path, bytes: data.length, transfer: packed.length };
}
