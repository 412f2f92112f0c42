import { Button, Popover } from '@mantine/core';
import { UserPlus } from 'lucide-react';
import { useId, useState } from 'react';
import { CopyField } from '../../components/copy-field';
import type { Invites } from '../../lib/api';
import type { Role } from '../../lib/roles';
import { TEXTS } from '../../lib/texts';
import { RenewLink } from './renew-link';
import classes from './share-popover.module.css';

/** What can be shared: links per role, with the way to those that are not held, or the address of an open session. */
export type Shareable =
  | { kind: 'invites'; invites: Invites; renew?: (role: Role) => Promise<void> }
  | { kind: 'open'; url: string };

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
  if (shareable.kind === 'open') {
    return (
      <>
        <p className={classes.lead}>{TEXTS.share.openLead}</p>
        <CopyField label={TEXTS.share.openLink} value={shareable.url} />
      </>
    );
  }
  return <InviteLinks {...shareable} />;
}

function InviteLinks({ invites, renew }: Extract<Shareable, { kind: 'invites' }>) {
  const [made, setMade] = useState<Role | null>(null);
  const missing = renew && ORDER.some((role) => !invites[role]);
  return (
    <>
      <p className={classes.lead}>{TEXTS.share.lead}</p>
      {missing && <p className={classes.hint}>{TEXTS.share.renewLead}</p>}
      {ORDER.map((role) => {
        const value = invites[role];
        if (value)
          return (
            <CopyField key={role} {...TEXTS.share.roles[role]} value={value} autoFocus={role === made} />
          );
        if (!renew) return null;
        return (
          <RenewLink
            key={role}
            {...TEXTS.share.roles[role]}
            onRenew={() => renew(role).then(() => setMade(role))}
          />
        );
      })}
    </>
  );
}
