import { Button, Menu } from '@mantine/core';
import { ChevronDown, LogOut, MonitorX } from 'lucide-react';
import { useState } from 'react';
import { Avatar } from '../../components/avatar';
import { signOut, type Me } from '../../lib/sign-in';
import { signIn } from '../../lib/texts/sign-in';
import classes from './home-page.module.css';

const AVATAR_COLOR = '#5c7cfa';

/** PersonMenu shows who is signed in, and signs them out. */
export function PersonMenu({ me, onSignedOut }: { me: Me; onSignedOut: () => void }) {
  const [failed, setFailed] = useState(false);
  const leave = (everywhere: boolean) => {
    setFailed(false);
    signOut(everywhere).then(onSignedOut, () => setFailed(true));
  };
  return (
    <div className={classes.person}>
      {failed && (
        <span role="alert" className={classes.failure}>
          {signIn.failed}
        </span>
      )}
      <Menu position="bottom-end" width={240} shadow="xl" withinPortal withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <Button
            variant="subtle"
            color="gray"
            aria-label={signIn.menu(me.name)}
            title={[me.email, me.admin && signIn.admin].filter(Boolean).join(' · ')}
            leftSection={<Avatar name={me.name} color={AVATAR_COLOR} />}
            rightSection={<ChevronDown size={15} />}
          >
            <span className={classes.personName}>{me.name}</span>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<LogOut size={15} />} onClick={() => leave(false)}>
            {signIn.signOut}
          </Menu.Item>
          <Menu.Item leftSection={<MonitorX size={15} />} onClick={() => leave(true)}>
            {signIn.signOutEverywhere}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
