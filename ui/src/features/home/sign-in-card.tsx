import { Button } from '@mantine/core';
import { LogIn } from 'lucide-react';
import { useId } from 'react';
import { loginAddress } from '../../lib/sign-in';
import { signIn } from '../../lib/texts/sign-in';
import classes from './home-page.module.css';

/** SignInCard stands in place of the form for a new session until the interviewer has signed in. */
export function SignInCard({ asking }: { asking: boolean }) {
  const heading = useId();
  return (
    <section className={classes.card} aria-labelledby={heading} aria-busy={asking}>
      <h2 id={heading} className={classes.cardTitle}>
        {signIn.heading}
      </h2>
      <p className={classes.cardLead}>{signIn.lead}</p>
      <Button
        component="a"
        href={loginAddress()}
        size="md"
        leftSection={<LogIn size={17} />}
        style={asking ? { visibility: 'hidden' } : undefined}
      >
        {signIn.button}
      </Button>
    </section>
  );
}
