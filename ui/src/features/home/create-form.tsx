import { Button, NativeSelect, Switch, TextInput } from '@mantine/core';
import { ArrowRight } from 'lucide-react';
import { useCallback, useEffect, useId, useState, type ComponentType, type FormEvent } from 'react';
import type { Api, Created } from '../../lib/api';
import { pickedColor } from '../../lib/colors';
import { DEFAULT_LANGUAGE } from '../../lib/languages';
import { MAX_NAME_LENGTH, cleanName } from '../../lib/person-name';
import { problemOfError } from '../../lib/problem-kind';
import { rememberPerson, rememberedPerson } from '../../lib/saved-sessions';
import { asksForSignIn, loginAddress } from '../../lib/sign-in';
import { TEXTS } from '../../lib/texts';
import { home } from '../../lib/texts/home';
import { kept } from '../../lib/texts/kept';
import { signIn } from '../../lib/texts/sign-in';
import { invitation } from '../../lib/texts/invitation';
import { prefilled } from '../../lib/texts/prefilled';
import { isCallUrl, MAX_CALL_URL } from '../../lib/call-url';
import { MAX_TITLE, type Prefill } from './prefill';
import { bodyOf, type Draft, type Entry, type Kept } from './create-draft';
import { ENTRY_OPTIONS, RECORD_OPTIONS, languageOptions } from './create-options';
import { ProblemField, type ChooserProps } from './problem-field';
import classes from './home-page.module.css';

export interface CreateFormProps {
  api: Api;
  /** The name of the person who is signed in. One that this browser remembers comes first. */
  name?: string;
  /** What a link asks for. */
  prefill: Prefill | null;
  /** Where a question is chosen. */
  Chooser: ComponentType<ChooserProps>;
  onCreated: (created: Created) => void;
}

/** CreateForm makes a session; whoever makes it is in its room at once. */
export function CreateForm({ api, name, prefill, Chooser, onCreated }: CreateFormProps) {
  const heading = useId();
  const { draft, change, attempt, submit } = useCreate(api, name, prefill, onCreated);
  return (
    <form className={classes.card} aria-labelledby={heading} onSubmit={submit} noValidate>
      <h2 id={heading} className={classes.cardTitle}>
        {home.createHeading}
      </h2>
      {prefill && <Prefilled unknown={prefill.unknown} externalId={draft.externalId} />}
      <TextInput
        label={home.titleLabel}
        placeholder={home.titlePlaceholder}
        value={draft.title}
        maxLength={MAX_TITLE}
        autoComplete="off"
        onChange={(event) => change({ title: event.currentTarget.value })}
      />
      <div className={classes.pair}>
        <TextInput
          label={home.nameLabel}
          placeholder={TEXTS.lobby.namePlaceholder}
          value={draft.name}
          maxLength={MAX_NAME_LENGTH}
          autoComplete="name"
          error={attempt.nameMissing ? TEXTS.lobby.nameMissing : undefined}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        <NativeSelect
          label={home.languageLabel}
          value={draft.language}
          data={languageOptions(draft.problem)}
          onChange={(event) => change({ language: event.currentTarget.value })}
        />
      </div>
      <ProblemField {...{ draft, change, Chooser }} />
      <NativeSelect
        label={home.entryLabel}
        value={draft.entry}
        data={ENTRY_OPTIONS}
        description={home.entries[draft.entry].hint}
        inputWrapperOrder={['label', 'input', 'description']}
        onChange={(event) => change({ entry: event.currentTarget.value as Entry })}
      />
      <CallField draft={draft} change={change} invalid={attempt.callInvalid} />
      <KeptFields api={api} draft={draft} change={change} />
      <Button type="submit" size="md" loading={attempt.busy} rightSection={<ArrowRight size={17} />}>
        {home.create}
      </Button>
      {attempt.failure && (
        <p role="alert" className={classes.failure}>
          {attempt.failure}
        </p>
      )}
      {attempt.signedOut && <SignInAgain />}
    </form>
  );
}

/** SignInAgain opens the sign-in beside the form, so that the form keeps what was typed. */
function SignInAgain() {
  return (
    <p role="alert" className={classes.failure}>
      {signIn.again}{' '}
      <a href={loginAddress('/')} target="_blank" rel="noreferrer">
        {signIn.button}
      </a>
    </p>
  );
}

/** Prefilled says what a link has done to the form. */
function Prefilled({ unknown, externalId }: { unknown: readonly string[]; externalId: string }) {
  return (
    <div className={classes.prefilled} role="note">
      <p>{prefilled.lead}</p>
      {externalId && <p>{prefilled.externalId(externalId)}</p>}
      {unknown.map((line) => (
        <p key={line} data-tone="warn">
          {line}
        </p>
      ))}
    </div>
  );
}

interface KeptFieldsProps {
  api: Api;
  draft: Draft;
  change: (some: Partial<Draft>) => void;
}

/** CallField takes the link of the call. */
function CallField({ draft, change, invalid }: Omit<KeptFieldsProps, 'api'> & { invalid?: boolean }) {
  return (
    <TextInput
      label={invitation.callLabel}
      placeholder={invitation.callPlaceholder}
      type="url"
      value={draft.callUrl}
      maxLength={MAX_CALL_URL}
      autoComplete="off"
      error={invalid ? invitation.callInvalid : undefined}
      onChange={(event) => change({ callUrl: event.currentTarget.value })}
    />
  );
}

/** KeptFields decide what can be replayed afterwards, and by whom. */
function KeptFields({ api, draft, change }: KeptFieldsProps) {
  const lasting = useLasting(api);
  return (
    <>
      <NativeSelect
        label={kept.recordLabel}
        value={draft.record}
        data={RECORD_OPTIONS}
        description={`${kept.records[draft.record].hint} ${lasting}`}
        inputWrapperOrder={['label', 'input', 'description']}
        onChange={(event) => change({ record: event.currentTarget.value as Kept })}
      />
      {draft.record !== 'nothing' && (
        <Switch
          label={kept.replayLabel}
          description={kept.replayHint}
          checked={draft.replayForAll}
          onChange={(event) => change({ replayForAll: event.currentTarget.checked })}
        />
      )}
    </>
  );
}

/** useLasting says how long the server keeps an interview, once it is known. */
function useLasting(api: Api): string {
  const [text, setText] = useState('');
  useEffect(() => {
    let current = true;
    api.config().then(
      (config) => {
        if (current) setText(kept.home(config.archive, config.archive_seconds, config.session_seconds));
      },
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [api]);
  return text;
}

/** Attempt is what came of sending the form. */
interface Attempt {
  busy: boolean;
  failure?: string;
  nameMissing?: boolean;
  /** The sign-in has ended since the page was opened. */
  signedOut?: boolean;
  callInvalid?: boolean;
}

/** useCreate is the form's state and its way to the server. */
function useCreate(
  api: Api,
  signedInAs: string | undefined,
  prefill: Prefill | null,
  onCreated: (created: Created) => void,
) {
  const [person] = useState(rememberedPerson);
  const [draft, setDraft] = useState<Draft>({
    title: '',
    name: person.name || cleanName(signedInAs ?? ''),
    language: DEFAULT_LANGUAGE,
    problem: { kind: 'nothing' },
    entry: 'now',
    record: 'all',
    replayForAll: false,
    callUrl: '',
    externalId: '',
    ...prefill?.draft,
  });
  const [attempt, setAttempt] = useState<Attempt>({ busy: false });
  const create = async () => {
    const name = cleanName(draft.name);
    const callInvalid = draft.callUrl.trim() !== '' && !isCallUrl(draft.callUrl);
    if (!name || callInvalid) return setAttempt({ busy: false, nameMissing: !name, callInvalid });
    const color = pickedColor(person.color);
    setAttempt({ busy: true });
    try {
      const created = await api.createSession(bodyOf(draft, name, color));
      rememberPerson(name, color);
      onCreated(created);
    } catch (error) {
      if (asksForSignIn(error)) return setAttempt({ busy: false, signedOut: true });
      setAttempt({ busy: false, failure: TEXTS.problems[problemOfError(error, 'session')].title });
    }
  };
  return {
    draft,
    attempt,
    change: useCallback((some: Partial<Draft>) => setDraft((now) => ({ ...now, ...some })), []),
    submit: (event: FormEvent) => {
      event.preventDefault();
      void create();
    },
  };
}
