/** Questions that are answered with a list of marks. Monaco reads it without looking. */
const ASKS_FOR_MARKS = /Diagnostics$|^doValidation$/;

/** Asked by this page itself, which says why a program could not be translated. */
const ASKED_BY_US: readonly string[] = ['getEmitOutput'];

/**
 * tolerant makes a language service that never fails: a question it cannot answer has no marks and
 * no answer. A parser that overflows its stack on a hard text would otherwise surface in the page
 * as an error that nobody catches.
 *
 * The build puts it around each service of Monaco (vite/tolerant-services.ts).
 */
export function tolerant<T extends object>(service: T): T {
  return new Proxy(service, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function' || typeof name !== 'string' || ASKED_BY_US.includes(name))
        return member;
      return async (...args: unknown[]): Promise<unknown> => {
        try {
          return await (member.apply(target, args) as unknown);
        } catch {
          return ASKS_FOR_MARKS.test(name) ? [] : null;
        }
      };
    },
  });
}
