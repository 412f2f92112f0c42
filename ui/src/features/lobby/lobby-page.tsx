import { Button, TextInput } from '@mantine/core';
import { ArrowRight } from 'lucide-react';
import { useState, type FormEvent, type ReactNode } from 'react';
import { Avatar } from '../../components/avatar';
import { ColorChoice } from '../../components/color-choice';
import { Logo } from '../../components/logo';
import type { Invitation, Profile } from '../../lib/api';
import { pickedColor } from '../../lib/colors';
import { MAX_NAME_LENGTH, cleanName } from '../../lib/person-name';
import { rememberPerson, rememberedPerson } from '../../lib/saved-sessions';
import { TEXTS } from '../../lib/texts';
import { InvitationHead } from './invitation-head';
import { KeptLines } from './kept-lines';
import classes from './lobby-page.module.css';

export interface LobbyPageProps {
  /** What the invite leads to; null where there is none to look at. */
  invitation: Invitation | null;
  /** Joins. The caller shows what goes wrong. */
  onJoin: (person: Profile) => Promise<void>;
  /** Stands beside the form: the way to try one's set-up. */
  setup?: ReactNode;
}

/** Shown as long as the server has not chosen yet. */
const UNKNOWN_COLOR = '#858c9c';

/** LobbyPage asks who is coming in. */
export function LobbyPage({ invitation, onJoin, setup }: LobbyPageProps) {
  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <Logo />
      </header>
      <main className={classes.main} data-wide={setup ? true : undefined}>
        <JoinForm invitation={invitation} onJoin={onJoin} />
        {setup}
      </main>
    </div>
  );
}

function JoinForm({ invitation, onJoin }: Pick<LobbyPageProps, 'invitation' | 'onJoin'>) {
  const { name, color, setName, setColor, nameMissing, busy, shownName, submit } = useJoin(onJoin);
  return (
    <form className={classes.card} onSubmit={submit} noValidate>
      <InvitationHead invitation={invitation} />
      <TextInput
        label={TEXTS.lobby.nameLabel}
        placeholder={TEXTS.lobby.namePlaceholder}
        value={name}
        maxLength={MAX_NAME_LENGTH}
        autoComplete="name"
        autoFocus
        size="md"
        error={nameMissing ? TEXTS.lobby.nameMissing : undefined}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <ColorChoice value={color} onChange={setColor} />
      <div className={classes.preview}>
        <span className={classes.previewLabel}>{TEXTS.lobby.preview}</span>
        <span className={classes.previewPerson}>
          <Avatar name={shownName || '?'} color={color || UNKNOWN_COLOR} />
          <span className={classes.previewName}>{shownName || TEXTS.lobby.namePlaceholder}</span>
        </span>
      </div>
      <Button type="submit" size="md" loading={busy} rightSection={<ArrowRight size={17} />}>
        {TEXTS.lobby.join}
      </Button>
      {invitation && <KeptLines {...invitation} />}
    </form>
  );
}

/** useJoin is the form's state: who one is, remembered from the last time. */
function useJoin(onJoin: LobbyPageProps['onJoin']) {
  const [person] = useState(rememberedPerson);
  const [name, setName] = useState(person.name);
  const [color, setColor] = useState(() => pickedColor(person.color));
  const [nameMissing, setNameMissing] = useState(false);
  const [busy, setBusy] = useState(false);
  const shownName = cleanName(name);
  const join = async () => {
    setNameMissing(!shownName);
    if (!shownName) return;
    setBusy(true);
    rememberPerson(shownName, color);
    await onJoin({ name: shownName, color: color || undefined }).finally(() => setBusy(false));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void join();
  };
  return { name, color, setName, setColor, nameMissing, busy, shownName, submit };
}
