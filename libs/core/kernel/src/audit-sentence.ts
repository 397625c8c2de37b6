/**
 * The predicate of an audit sentence: `says` of an operation with the event's own values in its braces. `{a.b}` is a
 * path into the data, `{a.b|c}` the first of several that is there. What is not there leaves no gap.
 */
export const auditSentence = (says: string, data: unknown): string =>
  says
    .replace(/\{([^}]+)\}/g, (_, paths: string) => {
      for (const path of paths.split('|')) {
        const value = path
          .split('.')
          .reduce<unknown>((at, field) => (at as Record<string, unknown> | null)?.[field], data);
        if (typeof value === 'string' || typeof value === 'number') return String(value);
      }
      return '';
    })
    .replace(/\s+/g, ' ')
    .trim();
