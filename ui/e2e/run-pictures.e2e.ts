import { join } from 'node:path';
import { describe, test } from 'vitest';
import { TEXTS } from '../src/lib/texts';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until } from './support/until';

const wheels = join(import.meta.dirname, 'testdata', 'wheels');

/** A picture of 40 by 20 points, written without any package. */
const draw = String.raw`import struct, zlib
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
rows = b"".join(b"\0" + b"".join(bytes((x * 6, y * 12, 128)) for x in range(40)) for y in range(20))
with open("plot.png", "wb") as out:
    out.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 40, 20, 8, 2, 0, 0, 0)))
    out.write(chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
with open("bars.svg", "w") as out:
    out.write('<svg xmlns="http://www.w3.org/2000/svg" width="60" height="30"><rect width="20" height="30" fill="teal"/>')
    out.write('<script>top.document.title="owned"</script><image href="/favicon.svg"/></svg>')
print("drawn")`;

describe('what a program draws', () => {
  const stage = new Stage('--wheels-dir', wheels);

  /** Widths of the pictures that somebody sees, as their browser has decoded them. */
  function pictures(room: Room): Promise<string> {
    return room.page
      .frameLocator(`iframe[title="${TEXTS.run.preview}"]`)
      .frameLocator('iframe')
      .locator('img')
      .evaluateAll((all) =>
        (all as HTMLImageElement[]).map((one) => `${one.alt} ${one.naturalWidth}`).join(', '),
      );
  }

  test('is shown to both, and to who comes later', async () => {
    const [one, two] = await Promise.all([stage.visitor('Ada'), stage.visitor('Bob')]);
    const ada = await Room.create(one, 'Python');
    const bob = await Room.join(two, await ada.inviteLink('candidate'));
    await ada.run('Python', draw);
    await bob.outputHas('drawn', 60_000);
    const shown = (room: Room) =>
      until('the pictures to be shown', async () => (await pictures(room)) === 'bars.svg 60, plot.png 40');
    // What others drew is shown when one asks for it.
    const ask = () => bob.page.getByRole('button', { name: TEXTS.run.showPage }).click();
    await ask();
    await Promise.all([shown(ada), shown(bob)]);
    await ada.visitor.screenshot('pictures');
    await bob.page.reload();
    await bob.opened();
    await ask();
    await shown(bob);
  });

  test('packages of the operator can be imported', async () => {
    const room = await Room.create(await stage.visitor('Ada'), 'Python');
    await room.run('Python', 'import six\nprint("six is", six.__version__, six.ensure_str(b"here"))');
    await room.outputHas('six is 1.17.0 here', 60_000);
    await room.run('Python', 'import numpy');
    await room.outputHas("No module named 'numpy'", 60_000);
  });
});
