import { describe, expect, test } from 'vitest';
import { TEXTS } from '../src/lib/texts';
import { Room } from './support/room';
import { Stage } from './support/stage';

describe('the dialog with the links', () => {
  const stage = new Stage();

  for (const size of [
    { width: 1440, height: 900 },
    { width: 390, height: 844 },
  ]) {
    test(`shows its first line whole at ${size.width}×${size.height}`, async () => {
      const visitor = await stage.visitor('Ada');
      await visitor.page.setViewportSize(size);
      const { page } = await Room.create(visitor);
      await page.getByRole('button', { name: TEXTS.room.share }).click();
      const lead = page.getByRole('dialog', { name: TEXTS.share.title }).getByText(TEXTS.share.lead);
      await lead.waitFor();
      // The heading stays in its place when the rest is scrolled, and lies over what comes near it.
      const bare = await lead.evaluate((line) => {
        const { left, right, top, bottom } = line.getBoundingClientRect();
        const at = (y: number) => document.elementFromPoint((left + right) / 2, y);
        return [at(top + 1), at((top + bottom) / 2), at(bottom - 1)].map((found) => found === line);
      });
      expect(bare).toEqual([true, true, true]);
    });
  }
});
