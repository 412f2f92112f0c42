import { describe, expect, it } from 'vitest';
import { archived as T } from '../src/lib/texts/archived';
import { networkTrouble } from './support/browser';
import { look } from './support/look';
import { ReplayPage, endInterview } from './support/replay-page';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until, untilEqual } from './support/until';

const stage = new Stage();

describe('an interview whose session has expired', () => {
  it('opens from the archive at its old address, also after a restart, and nowhere for the candidate', async () => {
    const server = await stage.ownServer('--session-ttl', '60s');
    const ada = await Room.create(await stage.visitor('Ada', server), 'JavaScript', 'An archived interview');
    const bob = await Room.join(await stage.visitor('Bob', server), await ada.inviteLink('candidate'));
    await bob.replaceAll("console.log('archived');\n");
    await bob.saved();
    const text = await bob.text();
    await ada.shows(text);
    await endInterview(ada);
    const gone = async () => (await fetch(`${server.origin}/api/v1/sessions/${ada.id}`)).status === 410;
    await until('the session to have expired', gone, 120_000);
    await server.kill();
    await server.up();

    await ada.page.goto(`${server.origin}/s/${ada.id}`);
    const replay = await new ReplayPage(ada.visitor).opened();
    await replay.key('End');
    await untilEqual('the text of the end', text.trimEnd(), async () => (await replay.text()).trimEnd());
    await ada.page.getByText(T.badge).first().waitFor();
    const saved = ada.page.waitForEvent('download');
    await ada.page.getByRole('button', { name: T.download }).click();
    expect((await saved).suggestedFilename()).toBe(`parley-${ada.id}.zip`);
    await look(ada.visitor, 'archived-interview');

    await bob.page.goto(`${server.origin}/s/${ada.id}`);
    await bob.page.getByRole('heading', { name: /need an invite/ }).waitFor();
    // The server was away for a moment, and the session itself is gone.
    for (const { visitor } of [ada, bob]) {
      visitor.excuse(networkTrouble);
      visitor.excuse(/status of 410/);
    }
  }, 240_000);
});
