import { Button, Modal, NativeSelect, Switch } from '@mantine/core';
import { Share2 } from 'lucide-react';
import { useState } from 'react';
import { CopyField } from '../../components/copy-field';
import { problemOfError } from '../../lib/problem-kind';
import { TEXTS } from '../../lib/texts';
import { replayShare as T } from '../../lib/texts/replay-share';
import { whenText } from './when-text';
import classes from './ended-page.module.css';

/** ReplaySharing makes the link that others replay with, and takes it back. */
export interface ReplaySharing {
  make: (seconds: number | undefined, hidden: boolean) => Promise<{ url: string; expires_at: string }>;
  revoke: () => Promise<void>;
}

const DAY = 86_400;
const EXPIRIES = { week: 7 * DAY, day: DAY, month: 30 * DAY, session: undefined } as const;
type Expiry = keyof typeof EXPIRIES;

type Made = { url: string; expires_at: string } | 'revoked' | null;

/** ShareReplay is the button on the ended page and its dialog. */
export function ShareReplay({ sharing }: { sharing: ReplaySharing }) {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button
        variant="default"
        leftSection={<Share2 size={16} />}
        aria-haspopup="dialog"
        onClick={() => setOpened(true)}
      >
        {T.share}
      </Button>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title={T.title}
        size={460}
        closeButtonProps={{ 'aria-label': T.close }}
      >
        <ShareForm sharing={sharing} />
      </Modal>
    </>
  );
}

function ShareForm({ sharing }: { sharing: ReplaySharing }) {
  const [expiry, setExpiry] = useState<Expiry>('week');
  const [hidden, setHidden] = useState(false);
  const [made, setMade] = useState<Made>(null);
  const [attempt, setAttempt] = useState<{ busy: boolean; failure?: string }>({ busy: false });
  const act = async (work: () => Promise<Made>) => {
    setAttempt({ busy: true });
    try {
      setMade(await work());
      setAttempt({ busy: false });
    } catch (error) {
      const { title } = TEXTS.problems[problemOfError(error, 'session')];
      setAttempt({ busy: false, failure: TEXTS.session.failed(title) });
    }
  };
  const make = () => act(() => sharing.make(EXPIRIES[expiry], hidden));
  const revoke = () => act(async () => sharing.revoke().then(() => 'revoked' as const));
  return (
    <div className={classes.share}>
      <p className={classes.shareLead}>{T.lead}</p>
      <NativeSelect
        label={T.expiryLabel}
        value={expiry}
        data={(Object.keys(EXPIRIES) as Expiry[]).map((value) => ({ value, label: T.expiries[value] }))}
        onChange={(event) => setExpiry(event.currentTarget.value as Expiry)}
      />
      <Switch
        label={T.private}
        checked={hidden}
        onChange={(event) => setHidden(event.currentTarget.checked)}
      />
      <div className={classes.actions}>
        <Button loading={attempt.busy} onClick={() => void make()}>
          {T.make}
        </Button>
        <Button variant="default" disabled={attempt.busy} onClick={() => void revoke()}>
          {T.revoke}
        </Button>
      </div>
      {made !== null && made !== 'revoked' && (
        <CopyField
          key={made.url}
          label={T.link}
          hint={T.until(whenText(Date.parse(made.expires_at)))}
          value={made.url}
          autoFocus
        />
      )}
      {made === 'revoked' && <p role="status">{T.revoked}</p>}
      {attempt.failure && (
        <p role="alert" className={classes.failure}>
          {attempt.failure}
        </p>
      )}
    </div>
  );
}
