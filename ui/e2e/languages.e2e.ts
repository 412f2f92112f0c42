import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Files } from './support/files';
import { outDir } from './support/paths';
import { samples, type Sample } from './support/programs';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until } from './support/until';

/** Compiling on a machine that is busy with other tests takes its time. */
const slow = 100_000;
/** Stop is promised within a second; a test on a machine under load allows for more. */
const STOP_LIMIT_MS = 5_000;

/** Seconds from Run to the first output, as a person waits, and of all processors together. */
interface Taken {
  seconds: number;
  cpu: number;
}

/** What is reported in README.md. */
const measured: {
  language: string;
  first: Taken;
  again: Taken;
  /** Milliseconds from Stop to the moment when the next run can begin. */
  stopped: Record<string, number>;
}[] = [];

describe('every language', () => {
  const stage = new Stage();
  afterAll(() => writeFileSync(join(outDir, 'languages.json'), JSON.stringify(measured, null, 1)));

  for (const [language, sample] of Object.entries(samples)) {
    test(
      `${language}: greets, uses its files, names mistakes, is stopped`,
      { timeout: 400_000 },
      async () => {
        const room = await Room.create(await stage.visitor('Ada'));
        const first = await hello(room, language, sample, 'Ada');
        await mistake(room, language, sample);
        const stopped = await stops(room, language, sample);
        const again = await hello(room, language, sample, 'Bob');
        await eat(room, language, sample);
        await parts(room, language, sample);
        measured.push({ language, first, again, stopped });
      },
    );
  }

  async function hello(room: Room, language: string, sample: Sample, name: string): Promise<Taken> {
    await room.enter(language, sample.greet);
    const cpu = await stage.cpuSeconds();
    const started = performance.now();
    await room.begin();
    await room.outputHas(sample.silent ? 'hello Ada' : 'name?', slow);
    const taken = { seconds: (performance.now() - started) / 1000, cpu: (await stage.cpuSeconds()) - cpu };
    if (!sample.silent) {
      await room.input.fill(name);
      await room.press('Enter');
      await room.outputHas(`hello ${name}`, slow);
    }
    await room.runButton.waitFor();
    return taken;
  }

  async function mistake(room: Room, language: string, { mistake, complaint }: Sample): Promise<void> {
    await room.run(language, mistake);
    const said = () => room.output();
    await until(
      'the mistake to be named',
      async () =>
        typeof complaint === 'string' ? (await said()).includes(complaint) : complaint.test(await said()),
      slow,
    ).catch(async (err: unknown) => {
      throw new Error(`output is ${JSON.stringify(await said())}`, { cause: err });
    });
    await room.runButton.waitFor();
    await until('the problem to be listed', async () =>
      (await room.problems()).some((text) => /:3\b/.test(text)),
    );
    await room.editor.locator('.squiggly-error').first().waitFor();
    await room.visitor.screenshot(`language-${language.replace(/\W+/g, '-').toLowerCase()}`);
    await room.goToProblem(/:3\b/);
    await until('the cursor to be in line 3', async () => (await room.cursorLine()) === 3);
  }

  /**
   * Stops whatever does not end by itself, each time by the button, and says how long that took.
   */
  async function stops(room: Room, language: string, sample: Sample): Promise<Record<string, number>> {
    const took: Record<string, number> = {};
    const all = { ...sample.endless, ...(sample.silent ? {} : { read: sample.greet }) };
    for (const [kind, code] of Object.entries(all)) {
      await room.run(language, code);
      await room.outputHas(kind === 'read' ? 'name?' : 'turning', slow);
      const stopping = performance.now();
      await room.stopButton.click();
      await room.runButton.waitFor();
      took[kind] = Math.round(performance.now() - stopping);
      expect(took[kind], `milliseconds until ${kind} was stopped`).toBeLessThan(STOP_LIMIT_MS);
    }
    return took;
  }

  async function eat(room: Room, language: string, { eat }: Sample): Promise<void> {
    if (!eat) return;
    await room.run(language, eat.code);
    // It may be over before anybody could see that it runs.
    await until('the limit to be named', async () => eat.says.test(await room.output()), slow).catch(
      async (err: unknown) => {
        throw new Error(`output is ${JSON.stringify(await room.output())}`, { cause: err });
      },
    );
    await room.runButton.waitFor();
  }

  async function parts(room: Room, language: string, { parts, missing }: Sample): Promise<void> {
    const files = new Files(room);
    const [main, ...others] = Object.entries(parts ?? {}).reverse();
    for (const [name, text] of others.reverse()) {
      await files.add(name);
      await room.paste(text);
    }
    if (main) {
      await files.open(main[0]);
      await room.run(language, main[1]);
      await until('the parts to work', async () => /parts\s+work/.test(await room.output()), slow).catch(
        async (err: unknown) => {
          throw new Error(`output is ${JSON.stringify(await room.output())}`, { cause: err });
        },
      );
    }
    if (!missing) return;
    await room.runButton.waitFor();
    await room.run(language, missing.code);
    await room.outputHas(missing.says, slow);
    await room.runButton.waitFor();
  }
});
