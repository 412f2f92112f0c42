import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { TEXTS } from '../src/lib/texts';
import { createSession, joinByLink } from './support/api';
import { Peer } from './support/peer';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until } from './support/until';

/** A run as any client may write it. */
function forgedRun(fields: Record<string, unknown>): Y.Map<unknown> {
  const output = new Y.Text('All tests passed\n');
  const run = { id: 'forged', file: 'main', language: 'html', startedAt: 1, durationMs: 1, status: 'ok' };
  return new Y.Map<unknown>(Object.entries({ ...run, output, ...fields }));
}

describe('a candidate with a client of their own', () => {
  const stage = new Stage();

  async function meet() {
    const { id, invites } = await createSession(stage.server, { code: '' });
    const room = await Room.join(await stage.visitor('Ada'), invites.interviewer);
    const { participant, token } = await joinByLink(stage.server, invites.candidate, 'Mallory');
    const peer = await new Peer(stage.server, id, { token }).synced();
    const { awareness } = peer.provider;
    const ada = await until('the presence of Ada', () =>
      [...peer.others.values()].map(({ user }) => user as { id: string } | undefined).find(Boolean),
    );
    return { room, page: room.page, peer, awareness, participant, ada };
  }

  test('does not become somebody else', async () => {
    const { page, awareness, participant } = await meet();
    const user = { id: participant.id, name: 'Grace (lead)', role: 'interviewer', color: '#000000' };
    awareness.setLocalState({ user, file: 'main' });
    await page.getByLabel(TEXTS.people.describedAs('Mallory', 'candidate', 'active')).waitFor();
    expect(await page.getByText('Grace (lead)').count()).toBe(0);
  });

  test('runs nothing in the name of another, and takes no keyboard', async () => {
    const { room, page, peer, ada } = await meet();
    const steals = '<input id=i><script>setInterval(()=>{i.focus();window.focus()},20)</script>';
    peer.doc.getArray('runs').push([forgedRun({ by: ada.id, page: steals })]);
    await page.getByText(TEXTS.run.inNameOf('Ada')).waitFor();
    expect(await page.getByText(TEXTS.run.ranBy(TEXTS.run.you)).count()).toBe(0);
    const frame = page.locator(`iframe[title="${TEXTS.run.preview}"]`);
    expect(await frame.count()).toBe(0);
    await page.getByRole('button', { name: TEXTS.run.showPage }).click();
    await frame.waitFor();
    // The test does not look into the frame: for the browser that is as if somebody had pressed it.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await room.focus();
    await room.type('mine');
    await room.shows('mine');
    await page.getByRole('button', { name: TEXTS.run.removeRun }).click();
    await page.getByText(TEXTS.run.empty).waitFor();
  });

  test('fills no list past what is drawn, and what nobody sees goes', async () => {
    const { page, peer } = await meet();
    for (let round = 0; round < 5; round++) {
      peer.doc
        .getArray('runs')
        .push(Array.from({ length: 100 }, (_, i) => forgedRun({ id: `r${round}${i}` })));
    }
    await page.getByLabel(TEXTS.run.earlier).waitFor();
    expect(await page.getByLabel(TEXTS.run.earlier).locator('option').count()).toBeLessThanOrEqual(20);
    await until('the runs to be tidied up', () => peer.doc.getArray('runs').length <= 40);
  });
});
