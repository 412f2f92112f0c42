import { Button } from '@mantine/core';
import { LogIn, UserRoundCheck } from 'lucide-react';
import { MessagePage } from '../../components/message-page';
import { loginAddress } from '../../lib/sign-in';
import { signIn } from '../../lib/texts/sign-in';

/** SignInFirst is what an interviewer's link shows before the sign-in, which comes back to it. */
export function SignInFirst() {
  return (
    <MessagePage icon={<UserRoundCheck size={26} />} title={signIn.leadTitle} detail={signIn.leadDetail}>
      <Button component="a" href={loginAddress()} leftSection={<LogIn size={16} />}>
        {signIn.button}
      </Button>
    </MessagePage>
  );
}
