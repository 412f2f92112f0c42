import type { CDPSession, Locator } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import type * as Y from 'yjs';
import { TEXTS } from '../src/lib/texts';
import { createSession, joinByLink } from './support/api';
import { Peer } from './support/peer';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until, untilEqual } from './support/until';

/** The word is replaced when it is taken. What stood inside of it is then before or after it. */
const INSIDE = 'types inside of it';

/** What somebody else does while a word is composed at the end of "ab". */
const CHANGES: [string, (text: Y.Text) => void, (word: string) => string][] = [
  ['nothing', () => undefined, (word) => `up\nab${word}\ndown`],
  ['types before the word', (text) => text.insert(3, 'Q'), (word) => `up\nQab${word}\ndown`],
  ['types at its start', (text) => text.insert(5, 'Q'), (word) => `up\nabQ${word}\ndown`],
  [INSIDE, (text) => text.insert(6, 'Q'), (word) => `up\nab${word}Q\ndown`],
  ['types in a line above', (text) => text.insert(0, 'Q\n'), (word) => `Q\nup\nab${word}\ndown`],
  ['types in a line below', (text) => text.insert(text.length, 'Q'), (word) => `up\nab${word}\ndownQ`],
  ['deletes what is before it', (text) => text.delete(3, 2), (word) => `up\n${word}\ndown`],
  ['deletes the lines around it', (text) => text.delete(0, 5), (word) => `${word}\ndown`],
];

/** The steps of an input method, and what is taken in the end. */
const METHODS: [string, string[], string][] = [
  ['Japanese', ['に', 'にほ', 'にほんご'], '日本語'],
  ['Korean', ['ㅎ', '하', '한'], '한'],
  ['a dead key', ['´'], 'é'],
];

async function compose(keys: CDPSession, text: string): Promise<void> {
  const { length } = text;
  await keys.send('Input.imeSetComposition', { text, selectionStart: length, selectionEnd: length });
}

describe('an input method', () => {
  const stage = new Stage();

  /** Composes a word by all methods while a peer makes each change. */
  async function tryAll(room: Room, text: Y.Text, place: () => Promise<void>, read: () => Promise<string>) {
    const keys = await room.visitor.context.newCDPSession(room.page);
    for (const [method, steps, word] of METHODS) {
      for (const [change, make, want] of CHANGES) {
        text.doc?.transact(() => {
          text.delete(0, text.length);
          text.insert(0, 'up\nab\ndown');
        });
        await untilEqual(`the text before ${method}, ${change}`, 'up\nab\ndown', read);
        await place();
        const [last = '', ...before] = [...steps].reverse();
        for (const step of before.reverse()) await compose(keys, step);
        await compose(keys, last);
        await untilEqual('the composed word', `up\nab${last}\ndown`, () => Promise.resolve(text.toString()));
        make(text);
        // The change has to reach the page while the word is open.
        await new Promise((resolve) => setTimeout(resolve, 150));
        await keys.send('Input.insertText', { text: word });
        const wanted = [want(word), ...(change === INSIDE ? [`up\nabQ${word}\ndown`] : [])];
        const written = await until(`${method}, somebody ${change}: the text, now ${text.toString()}`, () =>
          wanted.find((one) => one === text.toString()),
        );
        await untilEqual(`${method}, somebody ${change}: the page`, written, read);
      }
    }
  }

  async function meet() {
    const created = await createSession(stage.server, { code: '' });
    const ada = await Room.join(await stage.visitor('Ada'), created.invites.interviewer);
    const bob = await joinByLink(stage.server, created.invites.interviewer, 'Bob');
    const peer = await new Peer(stage.server, created.id, { token: bob.token }).synced();
    onTestFinished(() => peer.leave());
    return { ada, peer };
  }

  test('writes its word into the code, whatever others do meanwhile', async () => {
    const { ada, peer } = await meet();
    const toEnd = async () => {
      await ada.focus();
      await ada.press('ControlOrMeta+Home', 'ArrowDown', 'End');
    };
    await tryAll(ada, peer.main, toEnd, () => ada.text());
  });

  test('writes its word into the task, whatever others do meanwhile', async () => {
    const { ada, peer } = await meet();
    const B = TEXTS.beside;
    await ada.page.getByRole('tab', { name: B.tabs.problem }).click();
    await ada.page.getByRole('button', { name: B.problem.write }).click();
    const field: Locator = ada.page.getByRole('textbox', { name: B.problem.editor });
    const toEnd = () =>
      field.evaluate((node) => {
        (node as HTMLTextAreaElement).focus();
        (node as HTMLTextAreaElement).setSelectionRange(5, 5);
      });
    await tryAll(ada, peer.doc.getText('prompt'), toEnd, () => field.inputValue());
  });

  test('does not wait for ever: what others typed in the line is shown in the end', async () => {
    const { ada, peer } = await meet();
    peer.main.insert(0, 'ab');
    await ada.shows('ab');
    await ada.focus();
    await ada.press('End');
    const keys = await ada.visitor.context.newCDPSession(ada.page);
    await compose(keys, 'に');
    await untilEqual('the composed word', 'abに', () => Promise.resolve(peer.main.toString()));
    peer.main.insert(0, 'Q');
    await ada.shows('Qabに');
    expect(peer.main.toString()).toBe('Qabに');
  });
});
