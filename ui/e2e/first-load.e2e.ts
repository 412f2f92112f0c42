import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { Stage } from './support/stage';

/** The most bytes that a browser loads before a person can type in a room, with Brotli. */
const MOST_BYTES = 1_184_000;

describe('the first load of a room', () => {
  const stage = new Stage();

  test('stays within its bytes', async () => {
    const page = await body(`${stage.server.origin}/s/00000000`);
    const files = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+\.(?:js|css))"/g)].map(
      ([, path = '']) => path,
    );
    const sizes = await Promise.all(
      [...new Set(files)].map(async (path) => ({ path, bytes: await sent(`${stage.server.origin}${path}`) })),
    );
    const largest = sizes.sort((a, b) => b.bytes - a.bytes).map(({ path, bytes }) => `${bytes} ${path}`);
    // The editor itself has to be among them, or nothing was measured.
    expect(largest[0]).toMatch(/^[56]\d{5} \/assets\/editor\.api/);
    const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(total, largest.join('\n')).toBeLessThanOrEqual(MOST_BYTES);
  });
});

async function body(url: string): Promise<string> {
  return (await fetch(url)).text();
}

/** How many bytes the server sends for a file. fetch() would only say how many they become. */
function sent(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { 'accept-encoding': 'br' } }, (answer) => {
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => (bytes += chunk.length));
      answer.on('end', () => resolve(bytes));
      answer.on('error', reject);
    })
      .on('error', reject)
      .end();
  });
}
