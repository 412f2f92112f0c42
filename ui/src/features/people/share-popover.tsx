import { Button, Popover } from '@mantine/core';
import { UserPlus } from 'lucide-react';
import { useId } from 'react';
import { CopyField } from '../../components/copy-field';
import type { Invites } from '../../lib/api';
import type { Role } from '../../lib/roles';
import { TEXTS } from '../../lib/texts';
import classes from './share-popover.module.css';

/** What can be shared: links per role, the one address of an open session, or nothing that we hold. */
export type Shareable =
  { kind: 'invites'; invites: Invites } | { kind: 'open'; url: string } | { kind: 'none' };

/** Most wanted first. */
const ORDER: readonly Role[] = ['candidate', 'interviewer', 'observer'];

/** SharePopover is the Share button and what it opens. */
export function SharePopover({ shareable }: { shareable: Shareable }) {
  const heading = useId();
  return (
    <Popover position="bottom-end" width={380} shadow="xl" trapFocus returnFocus withRoles={false}>
      <Popover.Target>
        <Button
          variant="default"
          size="xs"
          leftSection={<UserPlus size={15} />}
          className={classes.button}
          aria-label={TEXTS.room.share}
          aria-haspopup="dialog"
        >
          <span className={classes.buttonText}>{TEXTS.room.share}</span>
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={classes.dropdown} role="dialog" aria-labelledby={heading}>
        <h2 id={heading} className={classes.title}>
          {TEXTS.share.title}
        </h2>
        <ShareLinks shareable={shareable} />
      </Popover.Dropdown>
    </Popover>
  );
}

function ShareLinks({ shareable }: { shareable: Shareable }) {
  if (shareable.kind === 'none') return <p className={classes.lead}>{TEXTS.share.none}</p>;
  if (shareable.kind === 'open') {
    return (
      <>
        <p className={classes.lead}>{TEXTS.share.openLead}</p>
        <CopyField label={TEXTS.share.openLink} value={shareable.url} />
      </>
    );
  }
  return (
    <>
      <p className={classes.lead}>{TEXTS.share.lead}</p>
      {ORDER.map((role) => {
        const value = shareable.invites[role];
        return value && <CopyField key={role} {...TEXTS.share.roles[role]} value={value} />;
      })}
    </>
  );
}
