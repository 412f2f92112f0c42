import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CDPSession } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replay as T } from '../src/lib/texts/replay';
import { longSession } from '../src/replay/recorded-session';
import { bundleFiles, zipOf } from '../src/replay/recorded-zip';
import { ReplayPage } from './support/replay-page';
import { Stage } from './support/stage';
import { until } from './support/until';

const stage = new Stage();
const folder = mkdtempSync(join(tmpdir(), 'parley-frames-'));
const zip = join(folder, 'long.zip');

beforeAll(async () => {
  const files = bundleFiles({ 'timeline.jsonl': longSession(20_000).bytes() });
  writeFileSync(zip, new Uint8Array(await zipOf(files).arrayBuffer()));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  /** Microseconds on a processor, which a busy machine does not make longer. */
  tdur?: number;
  args?: { elementCount?: number };
}

/** Everything that the page does until `body` ends, as Chromium traces it. */
async function traced(devtools: CDPSession, body: () => Promise<void>): Promise<TraceEvent[]> {
  const events: TraceEvent[] = [];
  const keep = ({ value }: { value: object[] }) => void events.push(...(value as TraceEvent[]));
  devtools.on('Tracing.dataCollected', keep);
  const includedCategories = ['toplevel', 'devtools.timeline'];
  await devtools.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories } });
  await body();
  const complete = new Promise((resolve) => devtools.once('Tracing.tracingComplete', resolve));
  await devtools.send('Tracing.end');
  await complete;
  devtools.off('Tracing.dataCollected', keep);
  return events;
}

const PLAYED_S = 60;
const EDITS_A_SECOND = 1_000 / 150;

/** Figures for the reader; a busy machine makes them large. */
function report(percent: number, events: readonly TraceEvent[], frames: number): void {
  const drawing = events.filter(({ name }) => name === 'FireAnimationFrame');
  const count = new Map<string, number>();
  for (const { pid, tid } of drawing) count.set(`${pid}:${tid}`, (count.get(`${pid}:${tid}`) ?? 0) + 1);
  const [thread = ''] = [...count].sort((a, b) => b[1] - a[1])[0] ?? [];
  const cpu = events
    .filter(({ name, pid, tid }) => name.endsWith('RunTask') && `${pid}:${tid}` === thread)
    .reduce((sum, { tdur = 0 }) => sum + tdur / 1_000, 0);
  process.stdout.write(
    `at ${percent} %: ${(cpu / frames).toFixed(1)} ms of the processor a frame, ${frames} frames\n`,
  );
}

describe('a replay of 20,000 edits at 16 times the speed', () => {
  it.each([5, 50, 90])('does little work a frame at %i percent', async (percent) => {
    const visitor = await stage.visitor('Ada');
    const replay = await ReplayPage.drop(visitor, zip);
    const { page, slider } = replay;
    await page.getByRole('combobox', { name: T.speed }).selectOption('16');
    const end = Number(await slider.getAttribute('aria-valuemax'));
    await page.evaluate((at) => (location.hash = `#t=${at}`), Math.floor((end * percent) / 100));
    const now = async () => Number(await slider.getAttribute('aria-valuenow'));
    await until('the moment', async () => (await now()) >= Math.floor((end * percent) / 100));
    const from = await now();
    const devtools = await visitor.context.newCDPSession(page);
    const events = await traced(devtools, async () => {
      await replay.key(' ');
      await until('a minute to be played', async () => (await now()) >= from + PLAYED_S);
      await replay.key(' ');
    });
    const frames = events.filter(({ name }) => name === 'FireAnimationFrame').length;
    const styled = events
      .filter(({ name }) => name === 'UpdateLayoutTree')
      .reduce((sum, { args }) => sum + (args?.elementCount ?? 0), 0);
    report(percent, events, frames);
    const played = (await now()) - from;
    // Each edit styles some lines of code. The whole bar in each frame would be far more.
    expect(styled).toBeLessThan(played * EDITS_A_SECOND * 25);
  });
});
