// List every Go module and npm package in the program with its licence, and Go's standard library.
// The language runtimes have lists of their own. `parley licenses` and `parley sbom` read the list.
// The same sources give the same list on every machine.
//
//   node deploy/tasks/notices.mjs <out.json>
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const out = process.argv[2];
const parts = [...goModules(), ...npmPackages()];
parts.sort((a, b) => (key(a) < key(b) ? -1 : 1));
const missing = parts.filter((p) => p.licence === '');
if (missing.length > 0) {
  console.error('parley: no licence found for ' + missing.map(key).join(', ') + ' (deploy/tasks/notices.mjs)');
  process.exit(1);
}
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, JSON.stringify(parts, null, 1) + '\n');

function key(p) {
  return `${p.kind} ${p.name} ${p.version}`;
}

/** The modules that have packages in the program. */
function goModules() {
  const go = (...args) => execFileSync('go', args, { encoding: 'utf8', maxBuffer: 1 << 26, env: { ...process.env, CGO_ENABLED: '0' } });
  const format = '{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}';
  const modules = [];
  // Each platform of a release may link other packages.
  for (const [os, arch] of [['linux', 'amd64'], ['linux', 'arm64'], ['darwin', 'arm64']]) {
    const lines = execFileSync('go', ['list', '-deps', '-f', format, './cmd/parley'], {
      encoding: 'utf8', maxBuffer: 1 << 26, env: { ...process.env, CGO_ENABLED: '0', GOOS: os, GOARCH: arch },
    });
    modules.push(...lines.split('\n').filter((line) => line !== ''));
  }
  const list = [...new Set(modules)].map((line) => {
    const [name, version, dir] = line.split('\t');
    const text = texts(dir);
    return { kind: 'golang', name, version: version.replace(/^v/, ''), licence: licenceOf(text), text };
  });
  const version = go('env', 'GOVERSION').trim().replace(/^go/, '');
  const text = texts(go('env', 'GOROOT').trim());
  return [...list, { kind: 'golang', name: 'std', version, licence: licenceOf(text) || 'BSD-3-Clause', text }];
}

/** The dependencies in ui/package.json, and theirs. */
function npmPackages() {
  const lock = JSON.parse(readFileSync('ui/package-lock.json', 'utf8'));
  const list = [];
  for (const [path, p] of Object.entries(lock.packages)) {
    const dir = join('ui', path);
    if (path === '' || p.dev || p.link || !existsSync(dir)) continue; // optional ones of other platforms are not there
    const about = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
    const licence = typeof about.license === 'string' ? about.license : (about.license?.type ?? about.licenses?.[0]?.type ?? '');
    const text = texts(dir);
    list.push({ kind: 'npm', name: about.name, version: about.version, licence: licence || licenceOf(text), text });
  }
  return [...new Map(list.map((p) => [key(p), p])).values()];
}

/** The licence and the notices of a package. */
function texts(dir) {
  return readdirSync(dir)
    .filter((name) => /^(licen[cs]e|copying|notice|copyright|unlicense)([.-].*)?$/i.test(name) && !/\.(go|js|html)$/i.test(name))
    .sort()
    .map((name) => readFileSync(join(dir, name), 'utf8').trim())
    .join('\n\n');
}

/** Recognises a licence by words that only it has, and gives its SPDX name. */
function licenceOf(text) {
  const flat = text.replace(/\s+/g, ' ');
  const found = [
    ['Apache-2.0', /Apache License,? Version 2\.0/i],
    ['MPL-2.0', /Mozilla Public License,? (v\.|Version) ?2\.0/i],
    ['ISC', /Permission to use, copy, modify, and\/?(or)? distribute this software for any purpose with or without fee/i],
    ['BSD-3-Clause', /Redistribution and use in source and binary forms.*(Neither the name|names of its contributors)/i],
    ['BSD-2-Clause', /Redistribution and use in source and binary forms/i],
    ['MIT', /Permission is hereby granted, free of charge, to any person obtaining a copy/i],
  ].find(([, words]) => words.test(flat));
  return found ? found[0] : '';
}
