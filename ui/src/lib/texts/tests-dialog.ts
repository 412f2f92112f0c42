/** What the dialog of the tests says at length. */
export const testsDialog = {
  aidLong:
    'Tests run in the browser of whoever presses Run: results are an aid, not proof. A test that is written here and hidden is hidden on the screen only: who looks into the data of the session finds it.',
  secret: (count: number) =>
    count === 1
      ? 'One hidden test of the question runs after these. Candidates have nothing of it; the guide shows how it went.'
      : `${count} hidden tests of the question run after these. Candidates have nothing of them; the guide shows how they went.`,
  empty: 'No tests yet. The interviewer can add some.',
} as const;
