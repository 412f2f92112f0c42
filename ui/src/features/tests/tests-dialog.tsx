import { Button, Modal, SegmentedControl, Switch, TextInput, Textarea } from '@mantine/core';
import { Plus, Trash2 } from 'lucide-react';
import { TEXTS } from '../../lib/texts';
import { testsDialog as T } from '../../lib/texts/tests-dialog';
import { useReadable } from '../../lib/use-readable';
import type { Room } from '../../sync/room';
import { MAX_TESTS, putTest, removeTest, type TestCase } from '../../sync/tests';
import classes from './tests-dialog.module.css';

export interface TestsDialogProps {
  room: Room;
  leads: boolean;
  /** Tests that interviewers alone have. */
  hidden: number;
  opened: boolean;
  onClose: () => void;
  /** Runs them all; null where they cannot be run. */
  onRun: (() => void) | null;
}

/** TestsDialog is where the interviewer writes tests and everybody sees those that are shown. */
export function TestsDialog({ room, leads, hidden, opened, onClose, onRun }: TestsDialogProps) {
  const tests = useReadable(room.tests);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={TEXTS.tests.title}
      size="lg"
      closeButtonProps={{ 'aria-label': TEXTS.session.close }}
    >
      <div className={classes.body}>
        <p className={classes.note}>{T.aidLong}</p>
        {hidden > 0 && <p className={classes.note}>{T.secret(hidden)}</p>}
        {tests.length === 0 && <p className={classes.note}>{T.empty}</p>}
        {tests.map((test) =>
          leads ? (
            <TestForm key={test.id} test={test} room={room} />
          ) : (
            <ShownTest key={test.id} test={test} />
          ),
        )}
        <div className={classes.actions}>
          {leads && (
            <Button
              variant="default"
              leftSection={<Plus size={15} aria-hidden="true" />}
              disabled={tests.length >= MAX_TESTS}
              onClick={() => putTest(room.doc, newTest(tests.length + 1))}
            >
              {TEXTS.tests.add}
            </Button>
          )}
          <Button disabled={!onRun || tests.length + hidden === 0} onClick={onRun ?? undefined}>
            {TEXTS.tests.run}
          </Button>
        </div>
      </div>
    </Modal>
  );
}

function newTest(n: number): TestCase {
  const id = Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => b.toString(16).padStart(2, '0'));
  return {
    id: id.join(''),
    name: TEXTS.tests.newName(n),
    kind: 'io',
    input: '',
    expected: '',
    hidden: false,
  };
}

function TestForm({ test, room }: { test: TestCase; room: Room }) {
  const change = (part: Partial<TestCase>) => putTest(room.doc, { ...test, ...part });
  const code = test.kind === 'code';
  return (
    <fieldset className={classes.test}>
      <legend className={classes.legend}>{test.name || TEXTS.tests.title}</legend>
      <div className={classes.row}>
        <TextInput
          className={classes.grow}
          label={TEXTS.tests.name}
          value={test.name}
          maxLength={100}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        <Button
          variant="subtle"
          color="gray"
          aria-label={TEXTS.tests.remove(test.name)}
          onClick={() => removeTest(room.doc, test.id)}
        >
          <Trash2 size={15} aria-hidden="true" />
        </Button>
      </div>
      <div className={classes.row}>
        <SegmentedControl
          size="xs"
          aria-label={TEXTS.tests.kind}
          value={test.kind}
          data={(['io', 'code'] as const).map((value) => ({ value, label: TEXTS.tests.kinds[value] }))}
          onChange={(kind) => change({ kind: kind as TestCase['kind'] })}
        />
        <Switch
          label={TEXTS.tests.hidden}
          checked={test.hidden}
          onChange={(event) => change({ hidden: event.currentTarget.checked })}
        />
      </div>
      <div className={classes.row}>
        <TestText label={TEXTS.tests.input} value={test.input} onChange={(input) => change({ input })} />
        <TestText
          label={code ? TEXTS.tests.code : TEXTS.tests.expected}
          value={test.expected}
          onChange={(expected) => change({ expected })}
        />
      </div>
    </fieldset>
  );
}

function TestText(props: { label: string; value: string; onChange: (value: string) => void }) {
  const { label, value, onChange } = props;
  return (
    <Textarea
      className={classes.grow}
      classNames={{ input: classes.code }}
      label={label}
      value={value}
      autosize
      minRows={2}
      maxRows={8}
      maxLength={20_000}
      spellCheck={false}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function ShownTest({ test }: { test: TestCase }) {
  if (test.hidden) {
    return (
      <div className={classes.test}>
        <strong>{test.name}</strong> <span className={classes.note}>{TEXTS.tests.hiddenTest}</span>
      </div>
    );
  }
  return (
    <div className={classes.test}>
      <strong>{test.name}</strong>
      <div className={classes.row}>
        {test.input !== '' && <ShownText label={TEXTS.tests.input} text={test.input} />}
        <ShownText
          label={test.kind === 'code' ? TEXTS.tests.code : TEXTS.tests.expected}
          text={test.expected}
        />
      </div>
    </div>
  );
}

function ShownText({ label, text }: { label: string; text: string }) {
  return (
    <div className={classes.grow}>
      <div className={classes.note}>{label}</div>
      <pre className={classes.shown}>{text}</pre>
    </div>
  );
}
