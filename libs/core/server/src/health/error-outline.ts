const frames = 5;

/** What is logged of an error whose message may quote personal data: its kind, its code, and where it was thrown. */
export function errorOutline(error: unknown): { kind: string; code: string | null; at: readonly string[] } {
  if (!(error instanceof Error)) return { kind: typeof error, code: null, at: [] };
  const { code } = error as { code?: unknown };
  const lines = error.stack?.replace(String(error.message), '').split('\n') ?? [];
  const at = lines.filter((line) => /^\s+at /.test(line)).map((line) => line.trim());
  return { kind: error.name, code: typeof code === 'string' ? code : null, at: at.slice(0, frames) };
}
