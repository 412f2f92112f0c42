import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { EngineRoom } from './engine-room';
import type { Engine, Launched, Size } from './engines';
import { outDir } from './paths';

/** A person in a browser of their own, of any engine. It ends with the test. */
export async function person(
  engine: Engine,
  name: string,
  size?: Size,
): Promise<{ room: EngineRoom; browser: Launched }> {
  const browser = await engine.launch(size);
  const room = new EngineRoom(name, browser.tab);
  const file = `failed ${expect.getState().currentTestName ?? ''} ${name}`.replace(/[^\w]+/g, '-');
  onTestFinished(async ({ task }) => {
    if (task.result?.state === 'fail') await picture(room, file).catch(() => undefined);
    await browser.close();
  });
  return { room, browser };
}

export async function picture(room: EngineRoom, file: string): Promise<void> {
  writeFileSync(join(outDir, `${file}.png`), await room.tab.screenshot());
}
