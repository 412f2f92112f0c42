import { describe, test } from 'vitest';
import { books, type Book } from './support/books';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until } from './support/until';

/** Compiling on a machine that is busy with other tests takes its time. */
const slow = 100_000;

describe('programs of a book', () => {
  const stage = new Stage();

  for (const [language, programs] of Object.entries(books)) {
    test(`${language}: run as they do at home`, { timeout: 300_000 }, async () => {
      const room = await Room.create(await stage.visitor('Ada'));
      for (const program of programs) await runs(room, language, program);
    });
  }

  async function runs(
    room: Room,
    language: string,
    { shows, code, input = [], says, never }: Book,
  ): Promise<void> {
    await room.enter(language, code);
    await room.begin();
    if (input.length > 0) {
      await room.input.waitFor({ timeout: slow });
      // Pasted at once, each is an answer of its own.
      await room.page.evaluate((text) => navigator.clipboard.writeText(text), `${input.join('\n')}\n`);
      await room.input.focus();
      await room.press('ControlOrMeta+v');
    }
    await room.runButton.waitFor({ timeout: slow });
    await until(`${shows} to be said`, async () => says.test(await room.output())).catch(
      async (err: unknown) => {
        throw new Error(`${shows}: the output is ${JSON.stringify(await room.output())}`, { cause: err });
      },
    );
    const output = await room.output();
    if (never?.test(output)) throw new Error(`${shows}: the output is ${JSON.stringify(output)}`);
  }
});
