import { Modal } from '@mantine/core';
import { useState } from 'react';
import { CopyField } from '../../components/copy-field';
import type { Role } from '../../lib/roles';
import { TEXTS } from '../../lib/texts';
import { InviteLink } from './invite-link';
import { RenewLink } from './renew-link';
import type { Shareable } from './shareable';
import classes from './share-dialog.module.css';

/** Most wanted first. */
const ORDER: readonly Role[] = ['candidate', 'interviewer', 'observer'];

export interface ShareDialogProps {
  shareable: Shareable;
  opened: boolean;
  onClose: () => void;
}

/** ShareDialog shows the links, as text to copy and as QR codes. */
export function ShareDialog({ shareable, opened, onClose }: ShareDialogProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={TEXTS.share.title}
      size={460}
      closeButtonProps={{ 'aria-label': TEXTS.session.close }}
    >
      {shareable.kind === 'open' ? (
        <div className={classes.links}>
          <p className={classes.lead}>{TEXTS.share.openLead}</p>
          <CopyField label={TEXTS.share.openLink} value={shareable.url} />
        </div>
      ) : (
        <InviteLinks {...shareable} />
      )}
    </Modal>
  );
}

function InviteLinks({ invites, renew, invitation }: Extract<Shareable, { kind: 'invites' }>) {
  const [made, setMade] = useState<Role | null>(null);
  const missing = renew && ORDER.some((role) => !invites[role]);
  const renewer = (role: Role) => renew && (() => renew(role).then(() => setMade(role)));
  return (
    <div className={classes.links}>
      <p className={classes.lead}>{TEXTS.share.lead}</p>
      {missing && <p className={classes.hint}>{TEXTS.share.renewLead}</p>}
      {ORDER.map((role) => {
        const value = invites[role];
        const texts = TEXTS.share.roles[role];
        const onRenew = renewer(role);
        if (value) {
          return (
            <InviteLink key={value} {...texts} value={value} autoFocus={role === made} onRenew={onRenew} />
          );
        }
        return onRenew && <RenewLink key={role} {...texts} onRenew={onRenew} />;
      })}
      {invitation}
    </div>
  );
}
