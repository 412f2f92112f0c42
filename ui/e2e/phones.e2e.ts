import { describe, expect, test } from 'vitest';
import { TEXTS } from '../src/lib/texts';
import { ended } from '../src/lib/texts/ended';
import { createSession } from './support/api';
import { person, picture } from './support/engine-stage';
import { chromiumEngine, PHONE, webkitEngine } from './support/engines';
import { Stage } from './support/stage';

const B = TEXTS.beside;

describe('a phone', () => {
  const stage = new Stage();

  for (const engine of [chromiumEngine, webkitEngine()]) {
    test(`${engine.name}: from the link to the end`, async () => {
      const session = await createSession(stage.server, { code: '-', creator: { name: 'Maker' } });
      const { room } = await person(engine, 'Ada', PHONE);
      await room.join(session.invites.interviewer);
      for (const part of [B.tabs.problem, B.tabs.people, B.tabs.code])
        await room.click({ role: 'button', name: part });
      await room.focus();
      await room.tab.press('Control', 'a');
      await room.tab.type('console.log(6 * 7)');
      await room.shows('console.log(6 * 7)');
      await room.run();
      await room.outputHas('42');
      await room.idle();
      const fits = '() => document.documentElement.scrollWidth <= window.innerWidth';
      expect(await room.tab.evaluate<boolean>(fits)).toBe(true);
      await picture(room, `phone-${engine.name.toLowerCase()}`);
      await room.click({ role: 'button', name: TEXTS.session.menu });
      await room.click({ role: 'menuitem', name: TEXTS.session.end });
      await room.confirm({ role: 'button', name: TEXTS.session.endConfirm, inDialog: true });
      await room.says(ended.status);
      expect(await room.trouble()).toEqual([]);
    });
  }
});
