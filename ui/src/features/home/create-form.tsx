import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { ArrowRight } from 'lucide-react';
import { useId, useState, type FormEvent } from 'react';
import type { Api, Created } from '../../lib/api';
import { pickedColor } from '../../lib/colors';
import { DEFAULT_LANGUAGE, LANGUAGES } from '../../lib/languages';
import { MAX_NAME_LENGTH, cleanName } from '../../lib/person-name';
import { problemOfError } from '../../lib/problem-kind';
import { rememberPerson, rememberedPerson } from '../../lib/saved-sessions';
import { TEXTS } from '../../lib/texts';
import classes from './home-page.module.css';

/** Longest title that is sent, in UTF-16 units. */
const MAX_TITLE = 120;

/** CreateForm makes a session; whoever makes it is in its room at once. */
export function CreateForm({ api, onCreated }: { api: Api; onCreated: (created: Created) => void }) {
  const [person] = useState(rememberedPerson);
  const [title, setTitle] = useState('');
  const [language, setLanguage] = useState(DEFAULT_LANGUAGE);
  const [name, setName] = useState(person.name);
  const [attempt, setAttempt] = useState<{ busy: boolean; failure?: string; nameMissing?: boolean }>({
    busy: false,
  });
  const heading = useId();
  const languageLabel = useId();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const clean = cleanName(name);
    if (!clean) return setAttempt({ busy: false, nameMissing: true });
    const color = pickedColor(person.color);
    setAttempt({ busy: true });
    try {
      const created = await api.createSession({
        title: title.trim() || undefined,
        language,
        creator: { name: clean, color: color || undefined },
      });
      rememberPerson(clean, color);
      onCreated(created);
    } catch (error) {
      setAttempt({ busy: false, failure: TEXTS.problems[problemOfError(error, 'session')].title });
    }
  };

  return (
    <form
      className={classes.card}
      aria-labelledby={heading}
      onSubmit={(event) => void submit(event)}
      noValidate
    >
      <h2 id={heading} className={classes.cardTitle}>
        {TEXTS.home.createHeading}
      </h2>
      <TextInput
        label={TEXTS.home.titleLabel}
        placeholder={TEXTS.home.titlePlaceholder}
        value={title}
        maxLength={MAX_TITLE}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      <TextInput
        label={TEXTS.home.nameLabel}
        placeholder={TEXTS.lobby.namePlaceholder}
        value={name}
        maxLength={MAX_NAME_LENGTH}
        autoComplete="name"
        error={attempt.nameMissing ? TEXTS.lobby.nameMissing : undefined}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <div role="group" aria-labelledby={languageLabel}>
        <div id={languageLabel} className={classes.fieldLabel}>
          {TEXTS.home.languageLabel}
        </div>
        <SegmentedControl
          fullWidth
          value={language}
          onChange={setLanguage}
          data={LANGUAGES.map(({ id, label }) => ({ value: id, label }))}
        />
      </div>
      <Button type="submit" size="md" loading={attempt.busy} rightSection={<ArrowRight size={17} />}>
        {TEXTS.home.create}
      </Button>
      {attempt.failure && (
        <p role="alert" className={classes.failure}>
          {attempt.failure}
        </p>
      )}
    </form>
  );
}
